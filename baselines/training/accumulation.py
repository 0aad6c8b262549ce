"""Gradients of a batch that is too large for the memory, from micro-batches one after another."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def accumulate(loss: Callable[[slice], Tensor], examples: int, at_once: int) -> Tensor:
    """Adds to the gradients those of the mean loss of a batch, and gives that loss, without history.

    `loss(micro)` is the mean over the examples of a slice of the batch. Each micro-batch, of `at_once` examples or what
    is left, counts by its share, so that the gradients are those of the whole batch. They are not where the loss is no
    mean over examples: batch normalisation has the statistics of a micro-batch, and dropout other masks.
    """
    if examples < 1 or at_once < 1:
        raise ValueError(f"a batch has 1 example or more, and as many at once; they are {examples} and {at_once}")
    total: Tensor | None = None
    for start in range(0, examples, at_once):
        micro = slice(start, min(start + at_once, examples))
        share = loss(micro) * ((micro.stop - micro.start) / examples)
        torch.autograd.backward(share)
        total = share.detach() if total is None else total + share.detach()
    assert total is not None
    return total
