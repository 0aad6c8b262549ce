"""Copies of states, and networks that are evaluated in the middle of a training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from baselines.training.parts import copied, evaluating, modules


def test_a_copy_is_of_everything_and_follows_nothing() -> None:
    state = {"a": [torch.ones(3), {"b": torch.arange(2)}], "n": 5, "word": "x", "none": None}
    copy = copied(state)
    state["a"][0].zero_()  # type: ignore[index]
    assert copy["a"][0].tolist() == [1.0, 1.0, 1.0]
    assert copy["a"][1]["b"].tolist() == [0, 1]
    assert (copy["n"], copy["word"], copy["none"]) == (5, "x", None)


def test_tied_weights_are_copied_once_and_views_of_one_storage_apart() -> None:
    embedding, decoder = nn.Embedding(5, 3), nn.Linear(3, 5)
    decoder.weight = embedding.weight
    copy = copied({"embedding": embedding.state_dict(), "decoder": decoder.state_dict()})
    assert copy["embedding"]["weight"] is copy["decoder"]["weight"]
    flat = torch.arange(6.0)
    views = copied([flat[:3], flat[3:], flat[:3].view(3, 1), flat])
    assert [view.tolist() for view in views] == [[0, 1, 2], [3, 4, 5], [[0], [1], [2]], [0, 1, 2, 3, 4, 5]]


def test_networks_are_in_their_own_modes_after_an_evaluation_also_one_that_raises() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.Dropout(0.5)).train()
    network[1].eval()  # frozen statistics

    def failing() -> None:
        with evaluating([network]):
            assert not any(module.training for module in network.modules())
            assert not network(torch.ones(3, 2)).requires_grad
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert [module.training for module in network] == [True, False, True]
    assert torch.is_grad_enabled()


def test_modules_are_the_parts_that_are_networks() -> None:
    network = nn.Linear(2, 1)
    assert modules([network, torch.optim.SGD(network.parameters(), lr=1.0)]) == [network]
