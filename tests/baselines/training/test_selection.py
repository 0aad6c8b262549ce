"""Which model is the best, and when there is no use in waiting for another."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn

from baselines.training.selection import Best


def weighed(network: nn.Linear, value: float) -> None:
    with torch.no_grad():
        network.weight.fill_(value)


@pytest.fixture
def network() -> nn.Linear:
    return nn.Linear(2, 1, bias=False)


@pytest.mark.parametrize(("higher", "best"), [(False, 2.0), (True, 3.0)])
def test_the_first_of_equally_good_models_is_kept(network: nn.Linear, higher: bool, best: float) -> None:
    """Losses 5, 1, 5, 1, 7 at weights 1 to 5 (accuracies, where higher is better: 5, 1, 6, 1, 6)."""
    kept = Best({"network": network}, "score", higher=higher)
    scores = [5.0, 1.0, 6.0, 1.0, 6.0] if higher else [5.0, 1.0, 5.0, 1.0, 7.0]
    offers = []
    for weight, score in enumerate(scores, start=1):
        weighed(network, weight)
        offers.append(kept.offer({"score": score, "other": -weight}))
    assert offers == ([True, False, True, False, False] if higher else [True, True, False, False, False])
    assert kept.value == (6.0 if higher else 1.0)
    assert kept.waited == (2 if higher else 3)
    kept.settle()
    assert network.weight.tolist() == [[best, best]]


def test_the_best_sum_is_not_the_best_of_either_number(network: nn.Linear) -> None:
    numbers = [{"oracle": 1.0, "test": 9.0}, {"oracle": 4.0, "test": 4.0}, {"oracle": 9.0, "test": 1.0}]
    total, oracle = Best({"n": network}, ("oracle", "test")), Best({"n": network}, "oracle")
    for weight, found in enumerate(numbers):
        weighed(network, weight)
        total.offer(found)
        oracle.offer(found)
    assert total.value == 8.0
    assert total.weights["n"]["weight"].tolist() == [[1.0, 1.0]]
    assert oracle.weights["n"]["weight"].tolist() == [[0.0, 0.0]]


def test_patience_is_for_so_many_evaluations_in_a_row(network: nn.Linear) -> None:
    best = Best({"network": network}, "loss", patience=2)
    exhausted = []
    for loss in (3.0, 4.0, 2.0, 2.0, 2.5):
        best.offer({"loss": loss})
        exhausted.append(best.is_exhausted)
    assert exhausted == [False, False, False, False, True]


def test_a_copy_does_not_follow_the_model_and_is_whole(network: nn.Linear) -> None:
    norm = nn.BatchNorm1d(2)
    best = Best({"network": network, "norm": norm}, "loss")
    weighed(network, 1.0)
    best.offer({"loss": 1.0})
    weighed(network, 2.0)
    norm(torch.randn(5, 2))
    assert best.weights["network"]["weight"].tolist() == [[1.0, 1.0]]
    best.settle()
    assert network.weight.tolist() == [[1.0, 1.0]]
    assert norm.state_dict()["num_batches_tracked"] == 0
    assert norm.running_mean is not None
    assert norm.running_mean.tolist() == [0.0, 0.0]


def test_before_the_first_evaluation_the_model_stays_as_it_is(network: nn.Linear) -> None:
    weighed(network, 7.0)
    Best({"network": network}, "loss").settle()
    assert network.weight.tolist() == [[7.0, 7.0]]


def test_a_restored_selection_goes_on_as_the_saved_one(network: nn.Linear) -> None:
    first, second = (Best({"network": network}, "loss", patience=3) for _ in range(2))
    weighed(network, 1.0)
    for loss in (2.0, 3.0):
        first.offer({"loss": loss})
    second.load_state_dict(deepcopy(first.state_dict()))
    assert (second.value, second.waited) == (2.0, 1)
    weighed(network, 2.0)
    assert not second.offer({"loss": 2.0})
    second.settle()
    assert network.weight.tolist() == [[1.0, 1.0]]


def test_a_number_that_was_not_measured_is_named(network: nn.Linear) -> None:
    with pytest.raises(ValueError, match="one by 'error', which is no number of the evaluation: loss"):
        Best({"network": network}, ("loss", "error")).offer({"loss": 1.0})
    with pytest.raises(ValueError, match="1 evaluation or more, not for 0"):
        Best({"network": network}, "loss", patience=0)
