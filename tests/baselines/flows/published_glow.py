"""The published step of Glow, plainly: every formula in the code's layout, images (N, H, W, C), weights (3, 3, I, O).

Paper: Glow: Generative Flow with Invertible 1x1 Convolutions (Kingma and Dhariwal, 2018)
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def conv(x: Tensor, w: Tensor) -> Tensor:
    """'VALID', as sums of shifted products."""
    size = w.shape[0]
    height, width = x.shape[1] - size + 1, x.shape[2] - size + 1
    parts = [x[:, i : i + height, j : j + width] @ w[i, j] for i in range(size) for j in range(size)]
    return torch.stack(parts).sum(0)


def with_edge(x: Tensor) -> Tensor:
    """One more place on each side, and a channel that is one there."""
    n, height, width, channels = x.shape
    framed = x.new_zeros(n, height + 2, width + 2, channels + 1)
    framed[..., -1] = 1.0
    framed[:, 1:-1, 1:-1] = torch.cat([x, x.new_zeros(n, height, width, 1)], dim=-1)
    return framed


def actnorm(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    return (x + p["bias"]) * torch.exp(p["logs"] * 3)


def conv_zeros(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    return (conv(with_edge(x), p["w"]) + p["bias"]) * torch.exp(p["logs"] * 3)


def squeeze(x: Tensor) -> Tensor:
    n, height, width, channels = x.shape
    x = x.reshape(n, height // 2, 2, width // 2, 2, channels).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(n, height // 2, width // 2, channels * 4)


def log_normal(x: Tensor, mean: Tensor, logs: Tensor) -> Tensor:
    found = -0.5 * (math.log(2 * math.pi) + 2 * logs + (x - mean) ** 2 / torch.exp(2 * logs))
    return found.sum(dim=(1, 2, 3))


def step(z: Tensor, p: dict[str, dict[str, Tensor]]) -> tuple[Tensor, Tensor]:
    places, half = z.shape[1] * z.shape[2], z.shape[3] // 2
    z = actnorm(z, p["norm"]) @ p["mixing"]["w"]
    change = places * 3 * p["norm"]["logs"].sum() + places * torch.log(abs(torch.linalg.det(p["mixing"]["w"])))
    z1, z2 = z[..., :half], z[..., half:]
    h = torch.clamp(actnorm(conv(with_edge(z1), p["first"]["w"]), p["first norm"]), min=0)
    h = torch.clamp(actnorm(h @ p["second"]["w"], p["second norm"]), min=0)
    h = conv_zeros(h, p["last"])
    scale = 1 / (1 + torch.exp(-(h[..., 1::2] + 2)))
    z2 = (z2 + h[..., 0::2]) * scale
    return torch.cat([z1, z2], dim=-1), change + torch.log(scale).sum(dim=(1, 2, 3))


def bits(x: Tensor, levels: list[list[dict[str, dict[str, Tensor]]]], priors: list[dict[str, Tensor]]) -> Tensor:
    """Bits per dimension of images (N, H, W, C) in [-1/2, 1/2), with their noise."""
    dimensions = x[0].numel()
    objective = -math.log(256) * dimensions + x.new_zeros(len(x))
    z = x
    for number, (steps, prior) in enumerate(zip(levels, priors, strict=True)):
        z = squeeze(z)
        for each in steps:
            z, change = step(z, each)
            objective = objective + change
        half = z.shape[3] // 2
        if number < len(levels) - 1:
            h = conv_zeros(z[..., :half], prior)
            objective = objective + log_normal(z[..., half:], h[..., 0::2], h[..., 1::2])
            z = z[..., :half]
        else:
            h = conv_zeros(torch.zeros_like(z), prior)
            objective = objective + log_normal(z, h[..., 0::2], h[..., 1::2])
    return -objective / (math.log(2) * dimensions)


class Adamax:
    """As in optim.py of the code."""

    def __init__(self, parameters: list[Tensor], beta2: float) -> None:
        self.parameters, self.beta2, self.t = parameters, beta2, 1
        self.m1 = [torch.zeros_like(p) for p in parameters]
        self.m2 = [torch.zeros_like(p) for p in parameters]

    def update(self, gradients: list[Tensor], alpha: float) -> None:
        alpha_t = alpha * math.sqrt(1 - self.beta2**self.t) / (1 - 0.9**self.t)
        self.t += 1
        for i, (p, g) in enumerate(zip(self.parameters, gradients, strict=True)):
            self.m1[i] = 0.9 * self.m1[i] + (1 - 0.9) * g
            self.m2[i] = torch.maximum(self.beta2 * self.m2[i], abs(g))
            p.data -= alpha_t * self.m1[i] / (self.m2[i] + 1e-8)
