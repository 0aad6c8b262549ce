"""Fully-connected networks of many seeds at once, with their derivatives written out.

Paper:      Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, section B.8.1
Code:       zihangdai/cegan_iclr2017, synthetic/network.py and nn/module.py (Linear, BatchNorm)
Departures: the generator's hidden layers have no bias: batch normalisation subtracts it again (no effect)
Shapes:     S seeds, B batch, I inputs, O outputs of a layer; parameters of one network lie in one flat tensor (S, P)

The nets are so small that autograd's bookkeeping and a call per parameter cost as much as the arithmetic. Here a step
is a few batched matrix products on preallocated views; the tests hold every derivative against autograd in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

BATCH_NORM_EPSILON = 1e-6
RUNNING_DECAY = 0.9


class FlatParameters:
    """Named parameters of S networks in one tensor (S, P), their gradients in another; `value[name]` are views."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], seeds: int, device: str, dtype: torch.dtype) -> None:
        self.size = sum(_count(shape) for shape in shapes.values())
        self.flat = torch.zeros(seeds, self.size, device=device, dtype=dtype)
        self.grad = torch.zeros_like(self.flat)
        self.value = self._views(self.flat, shapes)
        self.slope = self._views(self.grad, shapes)

    @staticmethod
    def _views(flat: Tensor, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
        views, start = {}, 0
        for name, shape in shapes.items():
            views[name] = flat[:, start : start + _count(shape)].view(len(flat), *shape)
            start += _count(shape)
        return views


def _count(shape: tuple[int, ...]) -> int:
    return int(torch.Size(shape).numel())


def _relu_backward(delta: Tensor, activation: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward(delta, activation, 0)  # type: ignore[no-any-return]


class ReluNet:
    """x (S, B, I) -> FC-ReLU-FC-ReLU-FC -> (S, B, O): the discriminator (O = 1) and the inference net (O = 2 Z)."""

    def __init__(
        self, sizes: tuple[int, int, int], seeds: int, device: str, dtype: torch.dtype = torch.float32
    ) -> None:
        inputs, hidden, outputs = sizes
        self.parameters = FlatParameters(
            {"W1": (inputs, hidden), "b1": (1, hidden), "W2": (hidden, hidden), "b2": (1, hidden)}
            | {"W3": (hidden, outputs), "b3": (1, outputs)},
            seeds, device, dtype,
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """The outputs (S, B, O); keeps the activations for `backward`."""
        p = self.parameters.value
        self.x = x
        self.h1 = torch.baddbmm(p["b1"], x, p["W1"]).relu_()
        self.h2 = torch.baddbmm(p["b2"], self.h1, p["W2"]).relu_()
        return torch.baddbmm(p["b3"], self.h2, p["W3"])

    def backward(self, slope: Tensor, more: Tensor | None = None) -> Tensor:
        """Writes the parameters' gradients for d loss / d output (S, B, O); returns d loss / d x (S, B, I).

        `more` (S, B', H) is what a second head adds to d loss / d h2 of the last B' examples.
        """
        p, g = self.parameters.value, self.parameters.slope
        torch.bmm(self.h2.mT, slope, out=g["W3"])
        torch.sum(slope, dim=1, keepdim=True, out=g["b3"])
        d2 = torch.bmm(slope, p["W3"].mT)
        if more is not None:
            d2[:, -more.shape[1] :] += more
        d2 = _relu_backward(d2, self.h2)
        torch.bmm(self.h1.mT, d2, out=g["W2"])
        torch.sum(d2, dim=1, keepdim=True, out=g["b2"])
        d1 = _relu_backward(torch.bmm(d2, p["W2"].mT), self.h1)
        torch.bmm(self.x.mT, d1, out=g["W1"])
        torch.sum(d1, dim=1, keepdim=True, out=g["b1"])
        return torch.bmm(d1, p["W1"].mT)

    def input_slope(self, start: int, more: Tensor | float = 0.0) -> Tensor:
        """d output / d x for the examples from `start` on, (S, B - start, I), for O = 1; the parameters are left alone.

        `more` (S, B - start, H) is what a second head adds to the derivative by h2.
        """
        p = self.parameters.value
        d2 = self.h2[:, start:].sign().mul_(p["W3"].mT + more)
        d1 = _relu_backward(torch.bmm(d2, p["W2"].mT), self.h1[:, start:])
        return torch.bmm(d1, p["W1"].mT)

    def two_backwards(self, slope: Tensor, start: int) -> Tensor:
        """`backward(slope)` and `input_slope(start)` for O = 1 in the time of one.

        The output of an example is one number, so every derivative with respect to it is its slope times a vector that
        does not depend on the loss: that vector is computed once, scaled for the parameters, unscaled for the input.
        """
        p, g = self.parameters.value, self.parameters.slope
        torch.bmm(self.h2.mT, slope, out=g["W3"])
        torch.sum(slope, dim=1, keepdim=True, out=g["b3"])
        d2 = self.h2.sign().mul_(p["W3"].mT)  # the derivative of ReLU is the sign of what came out of it
        d1 = _relu_backward(torch.bmm(d2, p["W2"].mT), self.h1)
        to_input = torch.bmm(d1[:, start:], p["W1"].mT)
        d2 *= slope
        d1 *= slope
        torch.bmm(self.h1.mT, d2, out=g["W2"])
        torch.sum(d2, dim=1, keepdim=True, out=g["b2"])
        torch.bmm(self.x.mT, d1, out=g["W1"])
        torch.sum(d1, dim=1, keepdim=True, out=g["b1"])
        return to_input

    def evaluate(self, x: Tensor) -> Tensor:
        """The outputs (S, B, O) without keeping anything."""
        p = self.parameters.value
        h1 = torch.baddbmm(p["b1"], x, p["W1"]).relu_()
        h2 = torch.baddbmm(p["b2"], h1, p["W2"]).relu_()
        return torch.baddbmm(p["b3"], h2, p["W3"])


class Head:
    """h (S, B, H) -> FC -> (S, B, O): a second head on another network's hidden layer."""

    def __init__(self, sizes: tuple[int, int], seeds: int, device: str, dtype: torch.dtype = torch.float32) -> None:
        hidden, outputs = sizes
        self.parameters = FlatParameters({"W": (hidden, outputs), "b": (1, outputs)}, seeds, device, dtype)

    def forward(self, h: Tensor) -> Tensor:
        """The outputs (S, B, O); keeps h for `backward`."""
        self.h = h
        return torch.baddbmm(self.parameters.value["b"], h, self.parameters.value["W"])

    def backward(self, slope: Tensor) -> Tensor:
        """Writes the parameters' gradients for d loss / d output; returns d loss / d h (S, B, H)."""
        torch.bmm(self.h.mT, slope, out=self.parameters.slope["W"])
        torch.sum(slope, dim=1, keepdim=True, out=self.parameters.slope["b"])
        return torch.bmm(slope, self.parameters.value["W"].mT)


class Generator:
    """z (S, B, Z) -> FC-BN-ReLU-FC-BN-ReLU-FC -> (S, B, 2)."""

    def __init__(
        self, sizes: tuple[int, int, int], seeds: int, device: str, dtype: torch.dtype = torch.float32
    ) -> None:
        inputs, hidden, outputs = sizes
        self.parameters = FlatParameters(
            {"W1": (inputs, hidden), "scale1": (1, hidden), "shift1": (1, hidden)}
            | {"W2": (hidden, hidden), "scale2": (1, hidden), "shift2": (1, hidden)}
            | {"W3": (hidden, outputs), "b3": (1, outputs)},
            seeds, device, dtype,
        )  # fmt: skip
        for name in ("scale1", "scale2"):
            self.parameters.value[name].fill_(1)
        # running mean and variance of both layers: (S, 2, hidden) each
        self.running_mean = torch.zeros(seeds, 2, hidden, device=device, dtype=dtype)
        self.running_variance = torch.ones(seeds, 2, hidden, device=device, dtype=dtype)

    def forward(self, z: Tensor) -> Tensor:
        """Samples (S, B, O) with the statistics of the batch; keeps what `backward` and `track` need."""
        p = self.parameters.value
        self.z = z
        self.n1, self.inverse1, self.moments1 = _normalise(torch.bmm(z, p["W1"]))
        self.h1 = torch.addcmul(p["shift1"], self.n1, p["scale1"]).relu_()
        self.n2, self.inverse2, self.moments2 = _normalise(torch.bmm(self.h1, p["W2"]))
        self.h2 = torch.addcmul(p["shift2"], self.n2, p["scale2"]).relu_()
        return torch.baddbmm(p["b3"], self.h2, p["W3"])

    def backward(self, slope: Tensor) -> None:
        """Writes the parameters' gradients for d loss / d samples (S, B, O)."""
        p, g = self.parameters.value, self.parameters.slope
        torch.bmm(self.h2.mT, slope, out=g["W3"])
        torch.sum(slope, dim=1, keepdim=True, out=g["b3"])
        d2 = _relu_backward(torch.bmm(slope, p["W3"].mT), self.h2)
        d2 = _normalise_backward(d2, self.n2, self.inverse2, p["scale2"], g["scale2"], g["shift2"])
        torch.bmm(self.h1.mT, d2, out=g["W2"])
        d1 = _relu_backward(torch.bmm(d2, p["W2"].mT), self.h1)
        d1 = _normalise_backward(d1, self.n1, self.inverse1, p["scale1"], g["scale1"], g["shift1"])
        torch.bmm(self.z.mT, d1, out=g["W1"])

    def track(self, active: Tensor | None = None) -> None:
        """Moves the running statistics by the last batch, for all seeds or where `active` (S, 1) is true.

        Decay 0.9; the variance that enters is the unbiased one, while the batch itself is normalised by the biased one.
        """
        batch = self.z.shape[1]
        mean = torch.cat([self.moments1[0], self.moments2[0]], dim=1)
        variance = torch.cat([self.moments1[1], self.moments2[1]], dim=1) * (batch / (batch - 1))
        weight: Tensor | float = 1 - RUNNING_DECAY
        if active is not None:
            weight = (active * (1 - RUNNING_DECAY)).unsqueeze(-1).to(mean.dtype)
        self.running_mean += weight * (mean - self.running_mean)
        self.running_variance += weight * (variance - self.running_variance)

    def evaluate(self, z: Tensor) -> Tensor:
        """Samples (S, B, O) with the running statistics."""
        p = self.parameters.value
        h = z
        for layer, name in enumerate("12"):
            deviation = (self.running_variance[:, layer : layer + 1] + BATCH_NORM_EPSILON).sqrt()
            h = (torch.bmm(h, p["W" + name]) - self.running_mean[:, layer : layer + 1]) / deviation
            h = (h * p["scale" + name] + p["shift" + name]).relu_()
        return torch.baddbmm(p["b3"], h, p["W3"])


def _normalise(a: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Normalised activations (S, B, O), one over their deviation, and the batch's mean and variance (S, 1, O)."""
    mean = a.mean(dim=1, keepdim=True)
    centred = a - mean
    variance = (centred * centred).mean(dim=1, keepdim=True)  # torch.var_mean takes 50 times as long over this axis
    inverse = (variance + BATCH_NORM_EPSILON).rsqrt_()
    return centred.mul_(inverse), inverse, (mean, variance)


def _normalise_backward(
    slope: Tensor, normal: Tensor, inverse: Tensor, scale: Tensor, to_scale: Tensor, to_shift: Tensor
) -> Tensor:
    """d loss / d a for d loss / d (scale * normal + shift); writes the gradients of scale and shift."""
    torch.sum(slope, dim=1, keepdim=True, out=to_shift)
    torch.sum(slope * normal, dim=1, keepdim=True, out=to_scale)
    batch = slope.shape[1]
    inner = torch.addcmul(to_shift / batch, normal, to_scale / batch)
    return (slope - inner).mul_(scale * inverse)


def initialise(
    parameters: FlatParameters, normals: Sequence[Callable[[tuple[int, ...]], Tensor]], deviation: float
) -> None:
    """Draws every weight matrix from N(0, deviation^2); `normals[s](shape)` gives seed s's standard normals."""
    for name, view in parameters.value.items():
        if name.startswith("W"):
            for seed, normal in enumerate(normals):
                view[seed].copy_(normal(tuple(view.shape[1:])) * deviation)
