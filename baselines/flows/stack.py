"""Layers of a flow one on another, with batch normalisation as a layer of the flow behind each.

Papers: Masked Autoregressive Flow for Density Estimation (Papamakarios et al., 2017), arXiv:1705.07057, appendix B
        Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803, section 3.7
Code:   gpapamak/maf, ml/models/layers.py, ml/trainers.py; read at db090d6
Shapes: N points, D numbers of a point
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from baselines.flows.flow import Flow

EPSILON = 1e-5  # added to variances
ROWS = 5_000  # at a time, where statistics are taken


class Layer(nn.Module, ABC):
    """An invertible layer."""

    @abstractmethod
    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> what is nearer to noise (N, D), and the log-determinant (N,), or () where all have one."""

    @abstractmethod
    def inverse(self, noise: Tensor) -> Tensor:
        """The inverse: (N, D) -> (N, D)."""

    def constrain(self) -> None:
        """As of the flow."""


class Normalisation(Layer):
    """y = exp(g) (x - m) / sqrt(v) + b, with log-determinant sum(g) - sum(log v) / 2.

    While it is trained m and v are those of the batch, and gradients pass through them; else those that were taken.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.zeros(width))
        self.shift = nn.Parameter(torch.zeros(width))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("variance", torch.ones(width))

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> (N, D), and the log-determinant ()."""
        mean, variance = statistics(points) if self.training else (self.mean, self.variance)
        y = (points - mean) * (torch.exp(self.log_scale) * variance.rsqrt()) + self.shift
        return y, self.log_scale.sum() - 0.5 * variance.log().sum()

    def inverse(self, noise: Tensor) -> Tensor:
        """By the statistics that were taken."""
        return (noise - self.shift) * torch.exp(-self.log_scale) * self.variance.sqrt() + self.mean

    def take(self, points: Tensor) -> None:
        """The statistics become those of points (N, D)."""
        self.mean, self.variance = statistics(points)


def statistics(points: Tensor) -> tuple[Tensor, Tensor]:
    """The mean (D,) and the variance (D,) of points (N, D), of which 1e-5 is part."""
    variance, mean = torch.var_mean(points, dim=0, correction=0)
    return mean, variance + EPSILON


class Stack(Flow):
    """Layers, each with batch normalisation behind it, the last too, or without any."""

    def __init__(self, width: int, layers: Sequence[Layer], *, normalised: bool = True) -> None:
        super().__init__()
        self.width = width
        pairs = ((layer, Normalisation(width)) if normalised else (layer,) for layer in layers)
        self.layers = nn.ModuleList(layer for pair in pairs for layer in pair)

    def normalise(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> their noise (N, D), and log |det d noise / d point| (N,)."""
        log_determinant = points.new_zeros(len(points))
        for layer in self.layers:
            points, change = layer(points)
            log_determinant = log_determinant + change
        return points, log_determinant

    def generate(self, noise: Tensor) -> Tensor:
        """Noise (N, D) -> points (N, D)."""
        for layer in reversed(self.layers):
            assert isinstance(layer, Layer)
            noise = layer.inverse(noise)
        return noise

    def constrain(self) -> None:
        """That of all layers."""
        for layer in self.layers:
            assert isinstance(layer, Layer)
            layer.constrain()

    def take_statistics(self, points: Tensor) -> None:
        """All normalisations get the statistics of points (N, D), from below, as at validation and test."""
        points = points.clone()
        for layer in self.layers:
            if isinstance(layer, Normalisation):
                layer.take(points)
            for block in torch.split(points, ROWS):
                block.copy_(layer(block)[0])
