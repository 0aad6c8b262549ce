r"""Layers of binary units, each connected with the next: with one hidden layer a restricted Boltzmann machine.

Paper:  salakhutdinov, lines 184 (RBM) and 265 (DBM); Deep Boltzmann Machines (Salakhutdinov and Hinton, 2009)
Shapes: x_0 visible (N, D), x_l hidden (N, F_l), W_l (F_l, F_l+1) between two layers, b_l (F_l,)

    log p*(x_0, .., x_L) = sum_l x_l W_l x_{l+1} + sum_l b_l x_l

Given every second layer, the units of the others are independent, so that all odd or all even ones are drawn at once.
The slide's deep machine has no biases; here they are, as in the paper's code, and zero they are the slide's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class Machine(nn.Module):
    """The parameters, in torch's default precision, zero at first. They are learned without autograd.

    `upward` and `downward` multiply the weights on the way to the layer above and below: with 2 a layer is learned as
    if its neighbour there were twice, as it has two of them in a deep machine. Other than 1 there is no joint
    distribution, but two conditional ones.
    """

    def __init__(self, sizes: Sequence[int], upward: float = 1.0, downward: float = 1.0) -> None:
        super().__init__()
        self.sizes, self.upward, self.downward = tuple(sizes), upward, downward
        shapes = pairwise(self.sizes)
        self.weights = nn.ParameterList(nn.Parameter(torch.zeros(shape), requires_grad=False) for shape in shapes)
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(size), requires_grad=False) for size in self.sizes)

    @property
    def top(self) -> int:
        """The number of the highest layer, which is that of hidden layers."""
        return len(self.sizes) - 1

    def scatter(self, deviation: float) -> Machine:
        """Weights from a normal distribution, by torch's current generator."""
        for weight in self.weights:
            weight.normal_(std=deviation)
        return self

    def total_input(self, layer: int, states: Sequence[Tensor], out: Tensor | None = None) -> Tensor:
        """The log odds (N, F) of a layer's units, given the layers next to it."""
        found: Tensor = self.biases[layer]
        if layer > 0:
            found = torch.addmm(found, states[layer - 1], self.weights[layer - 1], alpha=self.upward, out=out)
        if layer < self.top:
            found = torch.addmm(found, states[layer + 1], self.weights[layer].T, alpha=self.downward, out=out)
        return found

    def log_joint(self, states: Sequence[Tensor]) -> Tensor:
        """log p* (N,) of the states of all layers. Of means in [0, 1] it is its mean under independent units."""
        total = sum((state @ bias for state, bias in zip(states, self.biases, strict=True)), torch.zeros(()))
        for layer, weight in enumerate(self.weights):
            total = total + ((states[layer] @ weight) * states[layer + 1]).sum(dim=1)
        return total


def alternate(layers: int, first: int) -> range:
    """The numbers of every second layer, from `first`, 0 or 1, on."""
    return range(first, layers, 2)
