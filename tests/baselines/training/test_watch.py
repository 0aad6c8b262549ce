"""What a training is watched by: means as points, the sums across a checkpoint, and numbers that are none."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch

from baselines.training.watch import Watch
from repro.contracts import Diverged
from tests.baselines.contract import Mortal


def test_a_point_is_the_mean_of_the_steps_since_the_last_one(tmp_path: Path) -> None:
    """By hand; a number that is not shown at every step counts only where it is."""
    context = Mortal(tmp_path)
    watch = Watch(context, every=3)
    for done, loss in enumerate([1.0, 2.0, 6.0, 4.0, 4.0, 7.0, 9.0], start=1):
        watch.add(done, {"loss": torch.tensor(loss, requires_grad=True), **({"gap": 0.5} if done in (2, 6) else {})})
    curves = context.curves(3)
    assert (curves["loss"].step, curves["loss"].value) == ((3, 6), (3.0, 5.0))
    assert (curves["gap"].step, curves["gap"].value) == ((3, 6), (0.5, 0.5))
    assert watch.shown == {"loss": 9.0, "gap": 0.5}


def test_sums_go_on_across_a_checkpoint(tmp_path: Path) -> None:
    whole, parts = Mortal(tmp_path / "a"), Mortal(tmp_path / "b")
    values = [0.1 * number**2 for number in range(10)]
    watch = Watch(whole, 5)
    for done, value in enumerate(values, start=1):
        watch.add(done, {"loss": value})
    halves = Watch(parts, 5)
    for done, value in enumerate(values, start=1):
        halves.add(done, {"loss": value})
        again = Watch(parts, 5)
        again.load_state_dict(halves.state_dict())
        halves = again
    assert whole.curves(3) == parts.curves(3)


@pytest.mark.parametrize("value", [math.nan, math.inf, torch.tensor(-math.inf)])
def test_a_number_that_is_none_ends_the_training_at_its_step(tmp_path: Path, value: float | torch.Tensor) -> None:
    watch = Watch(Mortal(tmp_path), 100)
    watch.add(6, {"loss": 1.0})
    with pytest.raises(Diverged, match=f"^energy is {float(value)} at step 7$"):
        watch.add(7, {"loss": 1.0, "energy": value})


class Elsewhere(torch.Tensor):
    """A number that says it is on another device."""

    is_cpu = False


def test_numbers_on_a_device_are_read_late_and_are_those_of_their_steps(tmp_path: Path) -> None:
    """A step writes its loss to the same place every time, and nothing is read before a point is due."""
    context, place = Mortal(tmp_path), torch.zeros(()).as_subclass(Elsewhere)
    watch = Watch(context, 4)
    for done in range(1, 5):
        assert not watch.shown
        place.fill_(done)
        watch.add(done, {"loss": place})
    assert context.curves(3)["loss"].value == (2.5,)
    watch.add(5, {"loss": torch.tensor(math.nan).as_subclass(Elsewhere)})
    watch.add(6, {"loss": place})
    with pytest.raises(Diverged, match="loss is nan at step 5"):
        watch.state_dict()


def test_a_curve_needs_steps(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 or more, not 0"):
        Watch(Mortal(tmp_path), 0)
