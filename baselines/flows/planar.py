"""Planar flows as a density of points: layers that push along one direction, evaluated at data by their inverse.

Paper:  Variational Inference with Normalizing Flows (Rezende and Mohamed, 2015), arXiv:1505.05770, equations 10 to 12
        and appendix A.1
Departures: the paper draws from the flow and needs no inverse; here it is fitted to data, as the slides' objective has
        it, so each layer is inverted by the root of a function of one number. Layers, steps, rate and batch are
        published nowhere. Noise passes to points of unit scale; the training points' means and deviations are a last,
        fixed layer.
Shapes: N points, D = 2 numbers of a point or any other, K layers
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from baselines.flows.flow import Flow, TrainedFlow
from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.seeding import seeded
from repro.compiled import compiled
from repro.contracts import Context
from repro.data.kinds.mixtures import Samples2D

DEVIATION = 0.1  # of initial pushes and places
IDENTITY = math.log(math.e - 1)  # the w'u of a layer that pushes nothing along w
ROUNDING = 4 * float(np.finfo(np.float64).eps)
MOST_STEPS = 200  # about 6 are taken


class Planar(Flow):
    """f(z) = z + û tanh(w'z + b), K times, and then the scale and the place of the data."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: int, layers: int) -> None:
        super().__init__()
        self.width = width
        self.w = nn.Parameter(torch.randn(layers, width) / width**0.5)
        along = IDENTITY / self.w.detach().square().sum(1, keepdim=True) * self.w.detach()
        self.u = nn.Parameter(along + DEVIATION * torch.randn(layers, width))
        self.b = nn.Parameter(DEVIATION * torch.randn(layers))
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("deviation", torch.ones(width))

    def pushes(self) -> tuple[Tensor, Tensor]:
        """û (K, D) = u + (m(w'u) - w'u) w / |w|² with m(a) = softplus(a) - 1, and w'û (K,), which is above -1."""
        inner = (self.w * self.u).sum(1)
        bounded = softplus(inner) - 1
        return self.u + ((bounded - inner) / self.w.square().sum(1))[:, None] * self.w, bounded

    def generate(self, noise: Tensor) -> Tensor:
        """Noise (N, D) -> points (N, D)."""
        z = noise
        for w, u, b in zip(self.w, self.pushes()[0], self.b, strict=True):
            z = z + torch.tanh(z @ w + b)[:, None] * u
        return z * self.deviation + self.mean

    def normalise(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> their noise (N, D), and log |det d noise / d point| (N,)."""
        z = (points - self.mean) / self.deviation
        log_determinant = -self.deviation.log().sum().expand(len(points))
        pushes, inner = self.pushes()
        for w, u, c, b in reversed([*zip(self.w, pushes, inner, self.b, strict=True)]):
            pushed = torch.tanh(before(z @ w, c, b) + b)
            z = z - pushed[:, None] * u
            log_determinant = log_determinant - torch.log1p(c * (1 - pushed.square()))
        return z, log_determinant


def before(after: Tensor, c: Tensor, b: Tensor) -> Tensor:
    """The a (N,) with a + c tanh(a + b) = after (N,), for scalars c > -1 and b; gradients pass to all three.

    The left side rises with a, so there is one. Gradients are those of the implicit function: of one Newton step from
    the root, where the root itself is a constant.
    """
    with torch.no_grad():
        found = roots(after.cpu().to(torch.float64).numpy(), float(c), float(b))
        a = torch.from_numpy(found).to(after)
        slope = 1 + c * (1 - torch.tanh(a + b).square())
    return a - (a + c * torch.tanh(a + b) - after) / slope


@compiled
def roots(after: np.ndarray, c: float, b: float) -> np.ndarray:
    """The a (N,) of `before`, each to a few roundings of its numbers.

    By Newton's method between bounds that close in; a step that would leave them halves them.
    """
    found = np.empty_like(after)
    for i in range(len(after)):
        y = a = after[i]
        low, high = y - abs(c), y + abs(c)
        enough = ROUNDING * (abs(y) + abs(c) + 1)
        for _ in range(MOST_STEPS):
            pushed = math.tanh(a + b)
            error = a + c * pushed - y
            if abs(error) <= enough:
                break
            if error < 0:
                low = a
            else:
                high = a
            a -= error / (1 + c * (1 - pushed * pushed))
            if not low < a < high:
                a = (low + high) / 2
        found[i] = a
    return found


@dataclass(frozen=True)
class PlanarFlow:
    """Maximum likelihood of points on a plane under planar layers.

    Attributes:
        layers: not published.
        steps: not published.
        batch_size: not published. Points a step.
        learning_rate: not published, of Adam.
        activation: g; of the paper's the one for which it shows how to keep a layer invertible.
    """

    layers: int = 16
    steps: int = 10_000
    batch_size: int = 200
    learning_rate: float = 0.001
    activation: Literal["tanh"] = "tanh"

    def __post_init__(self) -> None:
        for name in ("layers", "steps", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")

    def fit(self, data: Samples2D, context: Context) -> TrainedFlow:
        """Trains one seed. Raises Diverged, and ValueError for fewer points than a batch has."""
        return TrainedFlow(PlanarRun(self, data.samples, context).train(), self.flow)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedFlow:
        """The trained model whose `state()` this is."""
        with torch.random.fork_rng(devices=[]):
            network = self.flow(int(state["width"]))
        network.load_state_dict(state["weights"])
        return TrainedFlow(network.to(context.device), self.flow)

    def flow(self, width: int) -> Planar:
        """The untrained flow, in float64; its weights come from torch's current generator."""
        return Planar(width, self.layers).to(torch.float64)


class PlanarRun:
    """The training of one flow: what a step of the loop does."""

    def __init__(self, method: PlanarFlow, samples: np.ndarray, context: Context) -> None:
        self.context, self.steps = context, method.steps
        self.points = torch.from_numpy(samples.astype(np.float64)).to(context.device)
        self.batches = Batches(context, len(samples), method.batch_size)
        with seeded(context, "weights", 0):
            self.flow = method.flow(samples.shape[1]).to(context.device)
        self.flow.mean.copy_(self.points.mean(0))
        self.flow.deviation.copy_(self.points.std(0, correction=0))
        self.adam = torch.optim.Adam(self.flow.parameters(), lr=method.learning_rate)

    def train(self) -> Planar:
        """The flow after the last step. Raises Diverged."""
        Loop(self.context, {"flow": self.flow, "adam": self.adam}, self.step, self.steps).run()
        return self.flow

    def step(self, number: int) -> dict[str, Tensor]:
        """One update by the mean negative log-likelihood of a batch, in nats."""
        loss = -self.flow.log_density(self.points[self.batches[number]]).mean()
        self.adam.zero_grad()
        torch.autograd.backward(loss)
        self.adam.step()
        return {"loss": loss}
