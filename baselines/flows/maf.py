"""Masked autoregressive flow: MADEs one on another, each turning a number into noise given those before it.

Papers: Masked Autoregressive Flow for Density Estimation (Papamakarios et al., 2017), arXiv:1705.07057
        MADE (Germain et al., 2015), arXiv:1502.03509, section 3 (masks)
Code:   gpapamak/maf, ml/models/mafs.py, mades.py; read at db090d6
Departures: the outputs for means and for log-precisions are one matrix. Masked weights are zero and stay so, since
            their gradients are zeroed, where the code multiplies by masks and lets weight decay shrink what they hide.
Shapes: N points, D numbers of a point, H units of a hidden layer
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, relu

from baselines.flows.stack import Layer, Stack


class MaskedLinear(nn.Module):
    """x (N, I) -> x W' + b (N, O), where the output of degree d has inputs of degrees up to d, or below d if `strict`.

    Weights are drawn with variance 1 / (I + 1), biases are 0.
    """

    mask: Tensor

    def __init__(self, inputs: Tensor, outputs: Tensor, *, strict: bool = False) -> None:
        """Degrees (I,) and (O,)."""
        super().__init__()
        mask = inputs < outputs[:, None] if strict else inputs <= outputs[:, None]
        self.register_buffer("mask", mask, persistent=False)
        self.weight = nn.Parameter(torch.randn(mask.shape) / (len(inputs) + 1) ** 0.5 * mask)
        self.bias = nn.Parameter(torch.zeros(len(outputs)))
        self.weight.register_post_accumulate_grad_hook(self._mask_gradient)  # type: ignore[no-untyped-call]

    def forward(self, x: Tensor) -> Tensor:
        """The outputs (N, O)."""
        return linear(x, self.weight, self.bias)

    def constrain(self) -> None:
        """Masked weights are zero."""
        with torch.no_grad():
            self.weight.mul_(self.mask)

    def _mask_gradient(self, weight: Tensor) -> None:
        assert weight.grad is not None
        weight.grad.mul_(self.mask)


class GaussianMade(Layer):
    """u = (x - m) exp(p / 2), where m and p of a number are functions of those before it: its mean and log-precision.

    Hidden units have the degrees 1, ..., D - 1, 1, ... in turn.
    """

    def __init__(self, order: Sequence[int], hidden: Sequence[int]) -> None:
        """`order` are the degrees of the inputs: a permutation of 1, ..., D."""
        super().__init__()
        degrees = [torch.tensor(order), *(torch.arange(units) % max(1, len(order) - 1) + 1 for units in hidden)]
        self.hidden = nn.ModuleList(MaskedLinear(below, above) for below, above in pairwise(degrees))
        self.output = MaskedLinear(degrees[-1], degrees[0].repeat(2), strict=True)
        self.places = torch.argsort(degrees[0]).tolist()

    def constrain(self) -> None:
        """Masked weights are zero."""
        for layer in (*self.hidden, self.output):
            assert isinstance(layer, MaskedLinear)
            layer.constrain()

    def conditionals(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The means (N, D) and the log-precisions (N, D) of points (N, D)."""
        for layer in self.hidden:
            x = relu(layer(x))
        mean, log_precision = self.output(x).chunk(2, dim=1)
        return mean, log_precision

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> their noise (N, D), and the log-determinant (N,): half the sum of log-precisions."""
        mean, log_precision = self.conditionals(points)
        return (points - mean) * torch.exp(0.5 * log_precision), 0.5 * log_precision.sum(1)

    def inverse(self, noise: Tensor) -> Tensor:
        """Noise (N, D) -> points (N, D), one number after another in D passes."""
        points = torch.zeros_like(noise)
        for place in self.places:
            mean, log_precision = self.conditionals(points)
            points[:, place] = noise[:, place] * torch.exp(-0.5 * log_precision[:, place]) + mean[:, place]
        return points


def maf(width: int, layers: int, hidden: Sequence[int], *, normalised: bool = True) -> Stack:
    """So many MADEs over points (N, D), the inputs in their order and in reverse by turns."""
    order = list(range(1, width + 1))
    orders = [order if number % 2 == 0 else order[::-1] for number in range(layers)]
    return Stack(width, [GaussianMade(each, hidden) for each in orders], normalised=normalised)
