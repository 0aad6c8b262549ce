"""Averages against sums over all iterates, in float64, and NT-ASGD's trigger against its rule."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from baselines.training.averages import Average, NonMonotone, Weight, exponential, mean

EXACT: dict[str, Any] = {"rtol": 1e-13, "atol": 1e-13}  # rounding of float64


def trained(average: Average, parameter: nn.Parameter, count: int) -> list[Tensor]:
    """The iterates of a walk, each taken in."""
    source, iterates = torch.Generator().manual_seed(0), []
    for _ in range(count):
        with torch.no_grad():
            parameter.add_(torch.randn(3, dtype=torch.float64, generator=source))
        iterates.append(parameter.detach().clone())
        average.update()
    return iterates


def start(weight: Weight, *, zeros: bool = False) -> tuple[nn.Parameter, Average, Tensor]:
    parameter = nn.Parameter(torch.tensor([3.0, -4.0, 0.5], dtype=torch.float64))
    average = Average([parameter], weight, zeros=zeros)
    average.start()
    return parameter, average, parameter.detach().clone()


@pytest.mark.parametrize("before", [0, 5])
def test_the_mean_is_of_all_iterates_since_the_start(before: int) -> None:
    parameter = nn.Parameter(torch.zeros(3, dtype=torch.float64))
    average = Average([parameter])
    trained(average, parameter, before)
    average.start()
    iterates = trained(average, parameter, 7)
    torch.testing.assert_close(average.values[0], torch.stack(iterates).mean(0), **EXACT)


def test_an_exponential_average_is_the_sum_of_its_powers() -> None:
    """d^t x_0 + (1 - d) sum_i d^(t - i) x_i."""
    parameter, average, first = start(exponential(0.9))
    iterates = trained(average, parameter, 11)
    expected = 0.9**11 * first + sum(0.1 * 0.9 ** (11 - i) * x for i, x in enumerate(iterates, start=1))
    torch.testing.assert_close(average.values[0], expected, **EXACT)


def test_one_from_zero_without_its_bias_is_adams_moment() -> None:
    parameter, average, _ = start(exponential(0.9, debias=True))
    iterates = trained(average, parameter, 11)
    moment = sum(0.1 * 0.9 ** (11 - i) * x for i, x in enumerate(iterates, start=1))
    torch.testing.assert_close(average.values[0], moment / (1 - 0.9**11), **EXACT)


def test_one_from_zero_keeps_its_bias_where_that_is_asked_for() -> None:
    parameter, average, _ = start(exponential(0.9), zeros=True)
    iterates = trained(average, parameter, 4)
    moment = sum(0.1 * 0.9 ** (4 - i) * x for i, x in enumerate(iterates, start=1))
    torch.testing.assert_close(average.values[0], moment, **EXACT)


def test_a_warm_up_has_lower_decays_at_first() -> None:
    """min(d, (1 + t) / (10 + t)): 2/11, 3/12, ... until 0.5 is lower, from t = 8 on."""
    parameter, average, expected = start(exponential(0.5, warm_up=True))
    for t, x in enumerate(trained(average, parameter, 12), start=1):
        decay = (1 + t) / (10 + t) if t < 8 else 0.5
        expected = decay * expected + (1 - decay) * x
    torch.testing.assert_close(average.values[0], expected, **EXACT)


@pytest.mark.parametrize("ours", [mean, exponential(0.7)])
def test_an_average_from_the_first_iterate_on_is_that_of_torch(ours: Weight) -> None:
    network = nn.Linear(3, 2).double()
    theirs = AveragedModel(network, multi_avg_fn=None if ours is mean else get_ema_multi_avg_fn(0.7))  # type: ignore[no-untyped-call]
    average = Average(network.parameters(), ours)
    for number in range(9):
        with torch.no_grad():
            network.weight.copy_(torch.full((2, 3), number**1.5))
        theirs.update_parameters(network)
        average.update()
        if number == 0:  # torch takes the first iterate whatever the rule
            average.start()
            average.count = 1 if ours is mean else 0
    for value, parameter in zip(average.values, theirs.module.parameters(), strict=True):
        torch.testing.assert_close(value, parameter.detach(), **EXACT)


def test_the_average_is_in_place_inside_the_block_alone_also_when_it_raises() -> None:
    parameter, average, _ = start(mean)
    trained(average, parameter, 5)
    own = parameter.detach().clone()

    def failing() -> None:
        with average.in_place():
            assert torch.equal(parameter, average.values[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert torch.equal(parameter, own)
    average.settle()
    assert torch.equal(parameter, average.values[0])


def test_without_an_average_the_parameters_are_their_own() -> None:
    parameter = nn.Parameter(torch.ones(3, dtype=torch.float64))
    average = Average([parameter])
    trained(average, parameter, 2)
    own = parameter.detach().clone()
    with average.in_place():
        assert torch.equal(parameter, own)
    average.settle()
    assert torch.equal(parameter, own)
    assert not average.is_running


@pytest.mark.parametrize("running", [True, False])
def test_a_restored_average_goes_on_as_the_saved_one(running: bool) -> None:
    parameter, average, _ = start(mean)
    if running:
        trained(average, parameter, 3)
    else:
        average.values = []
    saved, other = deepcopy(average.state_dict()), nn.Parameter(parameter.detach().clone())
    again = Average([other])
    again.load_state_dict(saved)
    assert torch.equal(trained(average, parameter, 4)[-1], trained(again, other, 4)[-1])
    assert all(map(torch.equal, again.values, average.values))
    assert again.count == average.count
    assert not any(value is stored for value, stored in zip(again.values, saved["values"], strict=True))


@pytest.mark.parametrize("decay", [1.0, -0.1])
def test_a_decay_that_cannot_be_is_refused(decay: float) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 1\)"):
        exponential(decay)
    with pytest.raises(ValueError, match="twice"):
        exponential(0.5, warm_up=True, debias=True)


@pytest.mark.parametrize(("before", "loss", "fires"), [
    ([], 9.0, False),
    ([1.0, 2.0, 3.0, 4.0, 5.0], 9.0, False),  # five earlier epochs are not more than five
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 9.0, True),
    ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.9, False),
    ([7.0, 1.0, 1.0, 1.0, 1.0, 1.0], 6.9, False),  # better than the best of all but the last five
    ([7.0, 1.0, 1.0, 1.0, 1.0, 1.0], 7.1, True),
    ([7.0, 1.0, 1.0, 1.0, 1.0, 1.0], 7.0, False),  # as good as the best is not above it
])  # fmt: skip
def test_the_trigger_looks_at_all_evaluations_but_the_last_five(before: list[float], loss: float, fires: bool) -> None:
    """Cases by hand, from salesforce/awd-lstm-lm, main.py."""
    trigger = NonMonotone(5)
    trigger.load_state_dict({"losses": before})
    assert trigger.fires(loss) is fires
    assert trigger.state_dict() == {"losses": [*before, loss]}


def test_the_trigger_is_the_rule_of_the_paper_on_a_whole_training() -> None:
    """Algorithm 1: t > n and v_t > min over l in 0 .. t - n - 1 of v_l, evaluations counted from 0."""
    losses = [5.0, 4.0, 4.5, 3.9, 4.1, 4.05, 3.8, 4.2, 3.7, 3.75, 3.9, 3.6]
    for n in (1, 2, 3):
        trigger = NonMonotone(n)
        expected = [t > n and losses[t] > min(losses[: t - n]) for t in range(len(losses))]
        assert [trigger.fires(loss) for loss in losses] == expected
        assert True in expected
