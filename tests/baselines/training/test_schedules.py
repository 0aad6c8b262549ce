"""Schedules against torch's own schedulers and against the formulas of the papers that use them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    LRScheduler,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)

from baselines.training.schedules import constant, cosine, inverse_root, linear, set_rate, steps, warm_up

RATE = 0.37


def sgd() -> torch.optim.SGD:
    return torch.optim.SGD([nn.Parameter(torch.zeros(2, dtype=torch.float64))], lr=RATE)


def rates(scheduler: Callable[[torch.optim.Optimizer], LRScheduler], count: int) -> list[float]:
    """The rates of the first steps under a scheduler of torch's."""
    optimiser = sgd()
    made, found = scheduler(optimiser), []
    for _ in range(count):
        found.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        made.step()
    return found


@pytest.mark.parametrize(("schedule", "theirs"), [
    (constant, lambda optimiser: LambdaLR(optimiser, lambda _: 1.0)),
    (linear(13), lambda optimiser: PolynomialLR(optimiser, total_iters=13)),
    (linear(11, to=0.3), lambda optimiser: LinearLR(optimiser, 1.0, 0.3, total_iters=11)),
    (cosine(19, to=0.1), lambda optimiser: CosineAnnealingLR(optimiser, 19, eta_min=0.1 * RATE)),
    (steps(0.5, 3), lambda optimiser: StepLR(optimiser, 3, 0.5)),
    (steps(0.97, 1), lambda optimiser: ExponentialLR(optimiser, 0.97)),
    (steps(0.5, 3, begin=4), lambda optimiser: MultiStepLR(optimiser, [7, 10, 13, 16], 0.5)),
    (warm_up(7), lambda optimiser: LambdaLR(optimiser, lambda n: min(n / 7, 1.0))),
])  # fmt: skip
def test_a_schedule_is_that_of_torch(schedule: Callable[[int], float], theirs: Callable[..., LRScheduler]) -> None:
    """Over 19 steps: torch's cosine turns back after its period, where ours stays."""
    expected = rates(theirs, 19)
    assert [RATE * schedule(number) for number in range(19)] == pytest.approx(
        expected, rel=1e-12, abs=1e-15
    )  # rounding


def test_the_schedules_of_the_papers() -> None:
    """Factors by their own formulas, each as its code or its fact sheet has it, at every step to beyond the end."""
    formulas: dict[str, tuple[Callable[[int], float], Callable[[int], float]]] = {
        # constant for two thirds, then straight to zero
        "bad GAN": (linear(90, begin=60), lambda n: min(1.0, 3 * (1 - n / 90)) if n < 90 else 0.0),
        "improved GAN": (linear(90, begin=60), lambda n: min(3 - n / 30, 1.0) if n < 90 else 0.0),
        "ladder": (linear(120, begin=80), lambda n: 1.0 if n < 80 else max(0.0, (120 - n) / 40)),
        # a warm-up, then a cosine that began at step 0: the rate jumps onto it
        "Transformer-XL, PyTorch": (
            warm_up(8, cosine(100)),
            lambda n: n / 8 if n < 8 else (0.5 * (1 + math.cos(math.pi * n / 100)) if n < 100 else 0.0),
        ),
        # a warm-up, then a cosine over what is left, down to a share of the rate
        "Transformer-XL, TensorFlow": (
            warm_up(8, cosine(100, begin=8, to=0.004)),
            lambda n: n / 8
            if n < 8
            else 0.996 * 0.5 * (1 + math.cos(math.pi * min(n - 8, 92) / 92)) + 0.004,
        ),
        "XLNet": (warm_up(10, linear(100, begin=10)), lambda n: n / 10 if n < 10 else max(0.0, 1 - (n - 10) / 90)),
        "BERT": (warm_up(10, linear(100)), lambda n: n / 10 if n < 10 else max(0.0, 1 - n / 100)),
        # d^-0.5 min(n^-0.5, n w^-1.5), over its highest value, that at step w
        "Transformer": (
            warm_up(9, inverse_root(9)),
            lambda n: min(n**-0.5, n * 9**-1.5) * 9**0.5 if n else 0.0,
        ),
        "PixelCNN++": (steps(0.999995, 1), lambda n: 0.999995**n),
        "NIST, floor": (steps(0.8, 1, least=1e-3), lambda n: max(0.8**n, 1e-3)),
        "luong": (steps(0.5, 10, begin=60), lambda n: 0.5 ** math.floor(max(n - 60, 0) / 10)),
        "scheduled sampling": (linear(100), lambda n: max(0.0, 1.0 - n / 100)),
    }  # fmt: skip
    for name, (schedule, formula) in formulas.items():
        found, expected = ([each(n) for n in range(130)] for each in (schedule, formula))
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), name


def test_a_rate_that_is_set_is_the_one_that_torch_counts() -> None:
    """Two groups of other rates: the schedule's factor of each group's own."""
    schedule = warm_up(3, cosine(11, begin=3))

    def two() -> torch.optim.Adam:
        groups = [{"params": [nn.Parameter(torch.ones(2))], "lr": lr} for lr in (0.5, 0.1)]
        return torch.optim.Adam(groups)

    counted, ours = two(), two()
    scheduler = LambdaLR(counted, schedule)
    for number in range(13):
        set_rate(ours, schedule(number))
        assert [group["lr"] for group in ours.param_groups] == [group["lr"] for group in counted.param_groups]
        counted.step()
        scheduler.step()


def test_a_rate_survives_a_checkpoint_of_the_optimiser() -> None:
    first, second = sgd(), sgd()
    set_rate(first, 0.5)
    second.load_state_dict(first.state_dict())
    set_rate(second, 0.25)
    assert second.param_groups[0]["lr"] == 0.25 * RATE


@pytest.mark.parametrize("wrong", [
    lambda: linear(5, begin=5), lambda: cosine(3, begin=-1), lambda: inverse_root(0), lambda: steps(0.5, 0),
])  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"falls from one step|begins at step 1|falls every"):
        wrong()
