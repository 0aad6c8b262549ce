"""The published step of MAF, plainly: masks multiplied in, statistics of the batch, every update by its formula.

Weights are (inputs, outputs), as in the code.
Paper: Masked Autoregressive Flow for Density Estimation (Papamakarios et al., 2017)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass
class Made:
    """A MADE of Gaussian conditionals, and the batch normalisation behind it."""

    degrees: list[np.ndarray]
    weights: list[Tensor]
    biases: list[Tensor]
    of_mean: tuple[Tensor, Tensor]
    of_log_precision: tuple[Tensor, Tensor]
    log_gamma: Tensor
    beta: Tensor

    @property
    def parameters(self) -> list[Tensor]:
        return [*self.weights, *self.biases, *self.of_mean, *self.of_log_precision, self.log_gamma, self.beta]

    def apply(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The normalised noise, and the log-determinant of each point."""
        h = x
        for below, above, w, b in zip(self.degrees, self.degrees[1:], self.weights, self.biases, strict=False):
            h = torch.clamp(h @ (torch.tensor(below[:, None] <= above) * w) + b, min=0)
        last = torch.tensor(self.degrees[-1][:, None] < self.degrees[0])
        m = h @ (last * self.of_mean[0]) + self.of_mean[1]
        logp = h @ (last * self.of_log_precision[0]) + self.of_log_precision[1]
        u = torch.exp(0.5 * logp) * (x - m)
        centre = u.mean(dim=0)
        v = ((u - centre) ** 2).mean(dim=0) + 1e-5
        y = torch.exp(self.log_gamma) * (u - centre) / torch.sqrt(v) + self.beta
        return y, 0.5 * logp.sum(dim=1) + self.log_gamma.sum() - 0.5 * torch.log(v).sum()


def degrees(inputs: np.ndarray, hidden: Sequence[int]) -> list[np.ndarray]:
    """Sequential ones of hidden units."""
    top = len(inputs)
    return [inputs, *(np.arange(units) % max(1, top - 1) + min(1, top - 1) for units in hidden)]


class Published:
    """MADEs one on another, and Adam as the code has it."""

    def __init__(self, mades: list[Made], rate: float, decay: float) -> None:
        self.mades, self.rate, self.decay = mades, rate, decay
        self.parameters = [parameter.requires_grad_() for made in mades for parameter in made.parameters]
        self.first = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.second = [torch.zeros_like(parameter) for parameter in self.parameters]
        self.time = 0

    def step(self, x: Tensor) -> tuple[float, list[Tensor]]:
        """The loss without weight decay, and the gradients with it; then all parameters move."""
        u, logdet = x, torch.zeros(len(x), dtype=x.dtype)
        for made in self.mades:
            u, change = made.apply(u)
            logdet = logdet + change
        log_p = -0.5 * x.shape[1] * np.log(2 * np.pi) - 0.5 * (u**2).sum(dim=1) + logdet
        loss = -log_p.mean()
        regulariser = (self.decay / 2) * sum((parameter**2).sum() for parameter in self.parameters)
        gradients = list(torch.autograd.grad(loss + regulariser, self.parameters))
        self.time += 1
        power, square = 0.9**self.time, 0.999**self.time
        for i, (parameter, g) in enumerate(zip(self.parameters, gradients, strict=True)):
            self.first[i] = 0.9 * self.first[i] + (1 - 0.9) * g
            self.second[i] = 0.999 * self.second[i] + (1 - 0.999) * g**2
            step = self.rate * np.sqrt(1 - square) / (1 - power)
            parameter.data -= step * self.first[i] / torch.sqrt(self.second[i] + 1e-8 * (1 - square))
        return loss.item(), gradients
