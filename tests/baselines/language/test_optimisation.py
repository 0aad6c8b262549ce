"""Steps of the optimiser, averages, and the trigger of averaging."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from baselines.language.optimisation import Descent, Optimiser, is_stuck
from torch import nn


def descent(optimiser: Optimiser = "sgd", weight_decay: float = 0.0) -> tuple[nn.Parameter, Descent]:
    weight = nn.Parameter(torch.tensor([3.0, -4.0], dtype=torch.float64))
    return weight, Descent([weight], optimiser, weight_decay)


def step(weight: nn.Parameter, taken: Descent, rate: float = 0.1, clip: float = 100.0) -> None:
    weight.grad = 2 * weight.detach()  # of the squared norm
    taken.step(rate, clip)


def test_a_step_of_sgd_follows_the_gradient_and_the_weight_decay() -> None:
    weight, taken = descent(weight_decay=0.5)
    step(weight, taken)
    assert weight.tolist() == pytest.approx([3 - 0.1 * (6 + 1.5), -4 + 0.1 * (8 + 2)])  # by hand


def test_a_gradient_is_scaled_to_the_largest_norm() -> None:
    weight, taken = descent()
    step(weight, taken, rate=1.0, clip=0.5)
    # (6, -8) has norm 10; clip_grad_norm_ divides by the norm + 1e-6
    assert weight.tolist() == pytest.approx([3 - 0.3, -4 + 0.4], abs=1e-6)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_the_average_is_the_mean_of_the_iterates_since_the_switch(optimiser: Optimiser) -> None:
    weight, taken = descent(optimiser)
    step(weight, taken)
    taken.average()
    iterates = []
    for _ in range(7):
        step(weight, taken)
        iterates.append(weight.detach().clone())
    own = weight.detach().clone()
    with taken.means_in_place():
        assert weight.tolist() == pytest.approx(torch.stack(iterates).mean(0).tolist(), rel=1e-12)  # rounding
    assert torch.equal(weight, own)
    taken.settle()
    assert weight.tolist() == pytest.approx(torch.stack(iterates).mean(0).tolist(), rel=1e-12)


def test_without_averaging_the_parameters_are_their_own() -> None:
    weight, taken = descent()
    step(weight, taken)
    own = weight.detach().clone()
    with taken.means_in_place():
        assert torch.equal(weight, own)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_a_restored_descent_goes_on_with_the_same_bits(optimiser: Optimiser) -> None:
    weight, taken = descent(optimiser, weight_decay=0.1)
    taken.average()
    for _ in range(3):
        step(weight, taken)
    other, fresh = descent(optimiser, weight_decay=0.1)
    other.data.copy_(weight.data)
    fresh.restore(deepcopy(taken.state()))
    for _ in range(3):
        step(weight, taken)
        step(other, fresh)
    assert torch.equal(weight, other)
    assert torch.equal(taken.means[0], fresh.means[0])


@pytest.mark.parametrize(
    ("history", "loss", "stuck"),
    [
        ([], 9.0, False),
        ([1.0, 2.0, 3.0, 4.0, 5.0], 9.0, False),  # five earlier epochs are not more than five
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 9.0, True),
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.9, False),
        ([7.0, 1.0, 1.0, 1.0, 1.0, 1.0], 6.9, False),  # better than the best of all but the last five
        ([7.0, 1.0, 1.0, 1.0, 1.0, 1.0], 7.1, True),
    ],
)
def test_the_trigger_looks_at_all_epochs_but_the_last_five(history: list[float], loss: float, stuck: bool) -> None:
    """Cases by hand, from salesforce/awd-lstm-lm, main.py."""
    assert is_stuck(history, loss, 5) is stuck
