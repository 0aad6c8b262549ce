"""Glow: determinants and inverses, the start by data, the published step in float64, the shifts of images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.flows.flow import TrainedFlow
from baselines.flows.glow import ActNorm, GlowFlow, Level, Step
from baselines.flows.glow_training import Glow, GlowRun
from baselines.flows.identities import determinant_error, inverse_error
from repro.data.kinds.images import Images, Split, digits
from tests.baselines.contract import Mortal, same
from tests.baselines.flows.jacobian import log_determinants
from tests.baselines.flows.published_glow import Adamax, bits

SMALL = Glow(
    levels=2, depth=2, hidden=7, epochs=1, batch_size=30, initial_images=50, warm_up_epochs=3, shift=0.0,
    learning_rate=0.01,
)  # fmt: skip


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def shaken(shape: tuple[int, ...], seed: int = 1) -> TrainedFlow:
    """Every parameter random."""
    return TrainedFlow(SMALL.small(16), lambda inputs: SMALL.flow(shape)).small(0, np.random.default_rng(seed))


def test_a_log_determinant_is_that_of_the_jacobian_by_autograd() -> None:
    """Images of 4 x 8 with two channels through two levels; float64, so that what is left is rounding."""
    trained = shaken((4, 8, 2))
    network = trained._exact
    points = torch.from_numpy(trained.sample(2, np.random.default_rng(2)))
    _, found = network.normalise(points)
    assert found.tolist() == pytest.approx(log_determinants(network, points), abs=1e-9)


def test_the_identities_hold() -> None:
    """Inverses to rounding through four mixings, and central differences to 1e-6."""
    assert inverse_error(shaken((4, 4, 3)), None, np.random.default_rng(3)) < 1e-8
    whole = TrainedFlow(SMALL.small(16), SMALL.small)
    assert determinant_error(whole.small(64, np.random.default_rng(5)), None, np.random.default_rng(4), 16) < 1e-6


@pytest.mark.parametrize(("inputs", "shape"), [(16, (4, 4, 1)), (8, (2, 2, 2)), (64, (4, 4, 4))])
def test_a_small_one_has_as_many_levels_as_its_inputs_allow(inputs: int, shape: tuple[int, ...]) -> None:
    assert SMALL.small(inputs).shape == shape


def test_what_cannot_be_halved_is_refused() -> None:
    with pytest.raises(ValueError, match="10 inputs are not four times any number"):
        SMALL.small(10)
    with pytest.raises(ValueError, match="3 levels halve the sides of images so often, which are 4 x 8"):
        GlowFlow((4, 8, 1), 3, 1, 4)


def test_a_start_gives_every_normalisation_mean_zero_and_deviation_one() -> None:
    """Seen by hooks on the same images; 1e-6 is added to deviations."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        flow = SMALL.flow((8, 8, 1)).double()
    points = torch.from_numpy(digits().splits["train"].images[:60].reshape(60, -1) / 256 - 0.5)
    points = points + torch.from_numpy(np.random.default_rng(0).random(points.shape)) / 256
    flow.start(points)
    seen: list[Tensor] = []
    norms = [module for module in flow.modules() if isinstance(module, ActNorm)]
    for norm in norms:
        norm.register_forward_hook(lambda module, inputs, output: seen.append(output))
    flow.normalise(points)
    assert len(seen) == len(norms) == 2 * 2 * 3
    for output in seen:
        torch.testing.assert_close(output.mean((0, 2, 3)), torch.zeros(output.shape[1]).double(), rtol=0, atol=1e-9)
        torch.testing.assert_close(output.std((0, 2, 3), correction=0), torch.ones(output.shape[1]).double(),
                                   rtol=0, atol=1e-3)  # fmt: skip


def test_an_untrained_level_mixes_without_change_of_volume() -> None:
    """Its mixing is orthogonal, to float32; its coupling of a network of zeros scales half of the numbers by s(2)."""
    with torch.random.fork_rng():
        step = Step(4, 5).double()
    with torch.no_grad():
        _, change = step(torch.zeros(1, 4, 3, 2, dtype=torch.float64))
    assert change.item() == pytest.approx(2 * 3 * 2 * -np.log1p(np.exp(-2)), rel=1e-5)


def as_published(run: GlowRun) -> tuple[list[Any], list[Any], list[Tensor]]:
    """Copies of our weights in the code's layout: levels of steps, priors, and all of them in our parameters' order."""
    copies: list[Tensor] = []

    def copy(parameter: nn.Parameter, *axes: int) -> Tensor:
        value = parameter.detach().permute(*axes) if axes else parameter.detach().reshape(-1)
        copies.append(value.clone().requires_grad_())
        return copies[-1]

    def norm(each: ActNorm) -> dict[str, Tensor]:
        return {"bias": copy(each.bias), "logs": copy(each.log_scale)}

    def zeros(each: Any) -> dict[str, Tensor]:
        return {"w": copy(each.conv.weight, 2, 3, 1, 0), "bias": copy(each.bias), "logs": copy(each.log_scale)}

    levels, priors = [], []
    for level in run.flow.levels:
        assert isinstance(level, Level)
        steps: list[Any] = [*level.steps]
        levels.append([
            {
                "norm": norm(each.norm), "mixing": {"w": copy(each.mixing, 1, 0)},
                "first": {"w": copy(each.first.weight, 2, 3, 1, 0)}, "first norm": norm(each.first_norm),
                "second": {"w": copy(each.second.weight, 2, 3, 1, 0)[0, 0]}, "second norm": norm(each.second_norm),
                "last": zeros(each.last),
            }
            for each in steps
        ])  # fmt: skip
        priors.append(zeros(level.prior))
    return levels, priors, copies


def ours(run: GlowRun) -> list[Tensor]:
    return as_published(run)[2]


@pytest.mark.usefixtures("double")
def test_steps_are_the_published_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loss and weights over a border of epochs, with a rising rate, in float64; what is left is the order of sums."""
    images, context = digits().splits["train"].images[:70], Mortal(tmp_path)
    run = GlowRun(SMALL, images, context)
    with torch.no_grad():
        for parameter in run.flow.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    levels, priors, parameters = as_published(run)
    adamax = Adamax(parameters, 1 - 1 / 2)
    drawn: list[Tensor] = []
    uniform = torch.rand_like

    def rand_like(x: Tensor) -> Tensor:
        drawn.append(uniform(x))
        return drawn[-1]

    monkeypatch.setattr(torch, "rand_like", rand_like)
    for number in range(4):
        order = context.generator(3, "batches", number // 2).permutation(70)[number % 2 * 30 :][:30]
        found = run.step(number)["bits-per-dimension"]
        x = torch.from_numpy(images[order] / 256 - 0.5) + drawn[-1].reshape(30, 8, 8, 1) / 256
        loss = bits(x, levels, priors).mean()
        assert found.item() == pytest.approx(loss.item(), rel=1e-10)
        adamax.update(list(torch.autograd.grad(loss, parameters)), 0.01 * min(1, number / 6))
        for mine, other in zip(ours(run), parameters, strict=True):
            torch.testing.assert_close(mine, other, rtol=1e-6, atol=1e-8)


def test_images_are_moved_by_whole_pixels_and_the_edge_fills_what_is_bare(tmp_path: Path) -> None:
    """Every result is a window of the framed image; all windows of 3 x 3 appear in 200 draws."""
    image = np.arange(100, dtype=np.uint8).reshape(1, 10, 10, 1)
    method = Glow(levels=1, depth=1, hidden=2, batch_size=1, initial_images=1, shift=0.1)
    run = GlowRun(method, np.repeat(image, 200, axis=0), Mortal(tmp_path))
    framed = np.pad(image[0, :, :, 0], 1, mode="edge")
    windows = {framed[i : i + 10, j : j + 10].tobytes() for i in range(3) for j in range(3)}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        moved = run._shifted(run.images)
    assert {each.numpy().tobytes() for each in moved[..., 0]} == windows


def test_a_trained_flow_is_the_same_from_its_state_and_draws_images(tmp_path: Path) -> None:
    context = Mortal(tmp_path)
    few = Images("few", {"train": Split(digits().splits["train"].images[:60])})
    trained = SMALL.fit(few, context)
    again = SMALL.restore(trained.state(), context)
    assert same(trained.state(), again.state())
    examples = few.splits["train"].images[:5].reshape(5, -1) / 255
    np.testing.assert_array_equal(
        trained.log_levels(examples, np.random.default_rng(0)), again.log_levels(examples, np.random.default_rng(0))
    )
    drawn = again.sample(3, np.random.default_rng(0))
    assert drawn.shape == (3, 8, 8, 1)
    assert drawn.dtype == np.uint8


@pytest.mark.parametrize("name", ["levels", "depth", "hidden", "epochs", "batch_size", "initial_images"])
def test_what_is_counted_is_one_or_more(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, it is 0"):
        replace(Glow(), **{name: 0})
