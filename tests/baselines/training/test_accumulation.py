"""Gradients from micro-batches are those of the whole batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from baselines.training.accumulation import accumulate


@pytest.mark.parametrize("at_once", [1, 3, 5, 7, 13, 20])
def test_the_gradients_of_micro_batches_are_those_of_the_batch(at_once: int) -> None:
    """13 examples: the last micro-batch is smaller, and counts for less. In float64, to rounding."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).double()
    x, y = torch.randn(13, 5, dtype=torch.float64), torch.randint(3, (13,))

    def loss(micro: slice) -> Tensor:
        return nn.functional.cross_entropy(network(x[micro]), y[micro])

    whole = loss(slice(None))
    expected = torch.autograd.grad(whole, list(network.parameters()))
    total = accumulate(loss, 13, at_once)
    assert not total.requires_grad
    torch.testing.assert_close(total, whole.detach(), rtol=1e-14, atol=1e-14)
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-13, atol=1e-14)


def test_gradients_are_added_to_those_that_are_there() -> None:
    weight = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    weight.grad = torch.tensor([5.0], dtype=torch.float64)
    accumulate(lambda micro: weight.square().sum(), 4, 2)
    assert weight.grad.tolist() == [9.0]


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="they are 0 and 2"):
        accumulate(lambda micro: torch.zeros(()), 0, 2)
