"""Real NVP as MAF's paper has it beside MAF: couplings of fully connected networks, with batch normalisation.

Papers: Density estimation using Real NVP (Dinh et al., 2017), arXiv:1605.08803
        Masked Autoregressive Flow for Density Estimation (Papamakarios et al., 2017), arXiv:1705.07057, section 4.1
Code:   gpapamak/maf, ml/models/nvps.py; read at db090d6
Shapes: N points, D numbers of a point
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from baselines.flows.stack import Layer, Stack


class Coupling(Layer):
    """u = x where `kept`, else (x - t) exp(-s), where s and t are functions of what is kept."""

    kept: Tensor

    def __init__(self, kept: Tensor, hidden: Sequence[int]) -> None:
        """`kept` (D,) are ones and zeros."""
        super().__init__()
        self.register_buffer("kept", kept, persistent=False)
        self.log_scale = network((len(kept), *hidden, len(kept)), nn.Tanh)
        self.translation = network((len(kept), *hidden, len(kept)), nn.ReLU)

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> (N, D), and the log-determinant (N,)."""
        log_scale, translation = self._of_kept(points)
        return self.kept * points + (1 - self.kept) * (points - translation) * torch.exp(-log_scale), -log_scale.sum(1)

    def inverse(self, noise: Tensor) -> Tensor:
        """Noise (N, D) -> points (N, D)."""
        log_scale, translation = self._of_kept(noise)
        return self.kept * noise + (1 - self.kept) * (noise * torch.exp(log_scale) + translation)

    def _of_kept(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """s and t (N, D), s as 0 where it is not used."""
        kept = self.kept * points
        return (1 - self.kept) * self.log_scale(kept), self.translation(kept)


def network(widths: Sequence[int], activation: type[nn.Module]) -> nn.Sequential:
    """Layers with weights of variance 1 / (inputs + 1) and biases 0, an activation behind all but the last."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layer = nn.Linear(inputs, outputs)
        nn.init.normal_(layer.weight, std=(inputs + 1) ** -0.5)
        nn.init.zeros_(layer.bias)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])


def real_nvp(width: int, layers: int, hidden: Sequence[int]) -> Stack:
    """So many couplings over points (N, D), which keep the odd places and the even ones by turns."""
    odd = (torch.arange(width) % 2).to(torch.get_default_dtype())
    kept = [odd if number % 2 == 0 else 1 - odd for number in range(layers)]
    return Stack(width, [Coupling(each, hidden) for each in kept])
