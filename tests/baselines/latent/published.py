"""The published step of importance weighted autoencoders, plainly: every image repeated k times, densities in full.

Weights are (inputs, outputs), as in the code. What is drawn (binary pixels, noise) is given.
Paper: Importance Weighted Autoencoders (Burda et al., 2015)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

Layer = tuple[Tensor, Tensor]


@dataclass
class Published:
    """Hidden layers, mean layer and deviation layer of the encoder, all layers of the decoder, moments of Adam."""

    hidden: Sequence[Layer]
    mean: Layer
    deviation: Layer
    decoder: Sequence[Layer]
    time: int = 1
    first: list[Tensor] = field(default_factory=list)
    second: list[Tensor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.ones_like(p) for p in self.parameters]
        for parameter in self.parameters:
            parameter.requires_grad_()

    @property
    def parameters(self) -> list[Tensor]:
        """Weight and bias of each layer."""
        return [p for layer in (*self.hidden, self.mean, self.deviation, *self.decoder) for p in layer]

    def q(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and deviation."""
        h = x
        for weight, bias in self.hidden:
            h = torch.tanh(h @ weight + bias)
        return h @ self.mean[0] + self.mean[1], torch.exp(h @ self.deviation[0] + self.deviation[1])

    def log_p_x(self, x: Tensor, z: Tensor) -> Tensor:
        h = z
        for weight, bias in self.decoder[:-1]:
            h = torch.tanh(h @ weight + bias)
        weight, bias = self.decoder[-1]
        means = 1 / (1 + torch.exp(-(h @ weight + bias)))
        return (x * torch.log(means) + (1 - x) * torch.log(1 - means)).sum(dim=1)

    def log_weights(self, x: Tensor, noise: Tensor, *, still: bool = False) -> Tensor:
        """(B, k) for x (B, D) and noise (B, k, L); `still`: z is a constant."""
        images, k, latents = noise.shape
        repeated = x.repeat_interleave(k, dim=0)
        mean, deviation = self.q(repeated)
        z = deviation * noise.reshape(-1, latents) + mean
        if still:
            z = z.detach()
        log_2pi = math.log(2 * math.pi)
        log_q = -log_2pi * latents / 2 - (((z - mean) / deviation) ** 2 + 2 * torch.log(deviation)).sum(dim=1) / 2
        log_prior = -log_2pi * latents / 2 - (z**2).sum(dim=1) / 2
        self.log_q = log_q.reshape(images, k)
        return (self.log_p_x(repeated, z) - log_q + log_prior).reshape(images, k)

    def gradients(self, kind: str, x: Tensor, noise: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The bounds (B,), and the gradients of the objective's sum over images, to go up."""
        k = noise.shape[1]
        log_w = self.log_weights(x, noise, still=kind == "score-function")
        if kind == "importance-weighted":
            largest = log_w.max(dim=1, keepdim=True).values
            w = torch.exp(log_w - largest)
            factors = (w / w.sum(dim=1, keepdim=True)).detach()
            objective = (factors * log_w).sum()
            bounds = (largest + torch.log(torch.exp(log_w - largest).mean(dim=1, keepdim=True)))[:, 0]
        elif kind == "reparameterization":
            objective, bounds = log_w.sum() / k, log_w.mean(dim=1)
        else:  # grad log p(x, z) for the decoder, log w grad log q for the encoder
            log_p = log_w + self.log_q  # in which nothing depends on the encoder but for z, which is constant
            objective = (log_p.sum() + (log_w.detach() * self.log_q).sum()) / k - self.log_q.detach().sum() * 0
            bounds = log_w.mean(dim=1)
        return bounds.detach(), list(torch.autograd.grad(objective, self.parameters))

    def update(self, gradients: Sequence[Tensor], rate: float) -> None:
        """Theano's: all right-hand sides are those of before the step."""
        alpha = rate * math.sqrt(1 - 0.999**self.time) / (1 - 0.99**self.time)
        for i, (parameter, gradient) in enumerate(zip(self.parameters, gradients, strict=True)):
            parameter.data = parameter.data + alpha * self.first[i] / (torch.sqrt(self.second[i]) + 1e-4)
            self.first[i] = 0.99 * self.first[i] + (1 - 0.99) * gradient
            self.second[i] = 0.999 * self.second[i] + (1 - 0.999) * gradient**2
        self.time += 1
