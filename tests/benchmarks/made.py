"""A step of MADE 784-500-784 with masks drawn anew for every batch, against the usual way of PyTorch ports: masks made
by numpy, kept as buffers and multiplied with the weights. Both have the same network and the same Adagrad.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.autoregressive.made import Made, adagrad_of, made_step
from tests.benchmarks.clock import compare, table
from tests.benchmarks.context import Quiet

INPUTS, HIDDEN, BATCH, MASKS = 784, 500, 100, 33
PORT = "masks by numpy, as buffers"


def main() -> str:
    """Milliseconds of processor time for a step on a batch of 100, on one thread."""
    torch.set_num_threads(1)
    bits = (np.random.default_rng(0).random((BATCH, INPUTS)) < 0.13).astype(np.uint8)
    works = {PORT: Port(bits).step, "this project": Ours(bits).step}
    seconds = compare(works, inner=10, clock=time.process_time)
    rows = {way: (taken * 1e3, "ms") for way, taken in seconds.items()}
    return table("A step of MADE 784-500-784, 100 digits, another mask", rows, PORT)


class Ours:
    """Steps under 33 masks in turn."""

    def __init__(self, bits: np.ndarray) -> None:
        method = Made(hidden_sizes=(HIDDEN,), masks=MASKS - 1, direct=False)
        self.bits, self.number = torch.from_numpy(bits), 0
        self.network = method.network(INPUTS, Quiet((0,)))
        self.adagrad = adagrad_of(self.network, method.learning_rate)

    def step(self) -> None:
        """The next one."""
        made_step(self.network, self.adagrad, self.bits, self.number)
        self.number += 1


class MaskedLinear(nn.Linear):
    """A linear layer with a mask (outputs, inputs) on its weights."""

    mask: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs)
        self.register_buffer("mask", torch.ones(outputs, inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Maps (N, inputs) to (N, outputs)."""
        return F.linear(x, self.mask * self.weight, self.bias)


class Port:
    """The same network as one writes it in PyTorch; the seed of the masks goes round, as in the ports."""

    def __init__(self, bits: np.ndarray) -> None:
        self.bits, self.number = torch.from_numpy(bits), 0
        self.first, self.second = MaskedLinear(INPUTS, HIDDEN), MaskedLinear(HIDDEN, INPUTS)
        self.network = nn.Sequential(self.first, nn.ReLU(), self.second)
        self.adagrad = adagrad_of(self.network, 0.01)

    def step(self) -> None:
        """The next one."""
        random = np.random.default_rng(self.number % MASKS)
        order = random.permutation(INPUTS)
        hidden = random.integers(0, INPUTS - 1, HIDDEN)
        self.first.mask.copy_(torch.from_numpy((order[:, None] <= hidden[None, :]).astype(np.uint8).T))
        self.second.mask.copy_(torch.from_numpy((hidden[:, None] < order[None, :]).astype(np.uint8).T))
        x = self.bits.float()
        loss = F.binary_cross_entropy_with_logits(self.network(x), x, reduction="sum") / BATCH
        self.adagrad.zero_grad()
        torch.autograd.backward(loss)
        self.adagrad.step()
        self.number += 1
