"""A step of NADE 784-500: the kernel that takes the hidden layer behind ones alone, against torch that takes it behind
every input, in chunks that fit the memory. Values and gradients are compared before anything is timed.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from baselines.autoregressive.nade import NadeNetwork
from tests.benchmarks.clock import compare, table

INPUTS, HIDDEN, BATCH, CHUNK = 784, 500, 100, 56
SHARE_OF_ONES = 0.1306  # of binarised MNIST's training pixels


def main() -> str:
    """Milliseconds of processor time for loss and gradients of a batch of 100, on one thread."""
    torch.set_num_threads(1)
    network, random = NadeNetwork(INPUTS, HIDDEN), np.random.default_rng(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.from_numpy(0.1 * random.standard_normal(tuple(parameter.shape))))
    bits = (random.random((BATCH, INPUTS)) < SHARE_OF_ONES).astype(np.uint8)
    inputs = torch.from_numpy(bits).float()
    _expect_equal(network, bits, inputs)
    works = {
        "torch, cumulative sums in chunks": lambda: chunked(network, inputs),
        "this project": lambda: network.backward(bits),
    }
    seconds = compare(works, clock=time.process_time)
    rows = {way: (taken * 1e3, "ms") for way, taken in seconds.items()}
    return table("Loss and gradients of NADE 784-500, 100 digits", rows, "torch, cumulative sums in chunks")


def chunked(network: NadeNetwork, inputs: Tensor) -> Tensor:
    """The mean loss of inputs (N, D) in their order, the gradients of which the parameters get."""
    network.zero_grad()
    before, total = network.hidden_bias.expand(len(inputs), -1), inputs.new_zeros(())
    for start in range(0, INPUTS, CHUNK):
        place = slice(start, start + CHUNK)
        added = inputs[:, place, None] * network.encoder[place]  # (N, chunk, H)
        sums = before[:, None] + added.cumsum(dim=1)
        hidden = torch.sigmoid(torch.cat([before[:, None], sums[:, :-1]], dim=1))
        logits = (hidden * network.decoder[place]).sum(dim=2) + network.output_bias[place]
        total = total + F.binary_cross_entropy_with_logits(logits, inputs[:, place], reduction="sum")
        before = sums[:, -1]
    loss = total / len(inputs)
    torch.autograd.backward(loss)
    return loss


def _expect_equal(network: NadeNetwork, bits: np.ndarray, inputs: Tensor) -> None:
    """In float32, of sums of 784 and 500 terms."""
    loss = chunked(network, inputs).item()
    expected = [parameter.grad.clone() for parameter in network.parameters() if parameter.grad is not None]
    np.testing.assert_allclose(network.backward(bits), loss, rtol=1e-5)
    for parameter, gradient in zip(network.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-5)
