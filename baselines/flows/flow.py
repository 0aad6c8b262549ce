"""What all flows are: a mapping between points and standard normal noise, with the log-determinant of its Jacobian.

Paper:  Variational Inference with Normalizing Flows (Rezende and Mohamed, 2015), arXiv:1505.05770
Shapes: N points, D numbers of a point
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.training.parts import copied, evaluating

LOG_ROOT = 0.5 * math.log(2 * math.pi)
BLOCK = 1_000  # points at a time


class Flow(nn.Module, ABC):
    """A density of points (N, D) by a change of variables. `width` is D."""

    width: int

    @abstractmethod
    def normalise(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> their noise (N, D), and log |det d noise / d point| (N,)."""

    @abstractmethod
    def generate(self, noise: Tensor) -> Tensor:
        """The inverse: noise (N, D) -> points (N, D)."""

    def constrain(self) -> None:
        """Puts parameters that were set from outside back to what they must be; nothing, unless a class says more."""

    def log_density(self, points: Tensor) -> Tensor:
        """log p of points (N, D) in nats: (N,). p(x) = N(z; 0, I) |det dz/dx|."""
        noise, log_determinant = self.normalise(points)
        return standard_normal(noise) + log_determinant


def standard_normal(noise: Tensor) -> Tensor:
    """log N(z; 0, I) of noise (N, D) in nats: (N,)."""
    return -0.5 * noise.square().sum(1) - LOG_ROOT * noise.shape[1]


class TrainedFlow:
    """A flow of points as it is measured: arrays in and out, all arithmetic in float64 whatever it was trained in."""

    def __init__(self, network: Flow, relative: Callable[[int], Flow]) -> None:
        """`relative` makes an untrained flow of this class over so many inputs, by torch's current generator."""
        self.network, self.relative = network, relative

    @property
    def width(self) -> int:
        """How many numbers a point is."""
        return self.network.width

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """log p of points (N, D), in nats: (N,). Exact; nothing is drawn."""
        return self.log_density(examples)

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """log p of points (N, D), in nats: (N,)."""
        (found,) = self._in_blocks(lambda block: (self._exact.log_density(block),), points)
        return found

    def normalise(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, D) -> their noise (N, D) and log |det d noise / d point| (N,)."""
        noise, log_determinant = self._in_blocks(self._exact.normalise, points)
        return noise, log_determinant

    def generate(self, noise: np.ndarray) -> np.ndarray:
        """Noise (N, D) -> points (N, D)."""
        (points,) = self._in_blocks(lambda block: (self._exact.generate(block),), noise)
        return points

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Points (count, D)."""
        return self.generate(random.standard_normal((count, self.width)))

    def small(self, inputs: int, random: np.random.Generator) -> TrainedFlow:
        """A flow of this class over so many inputs, untrained, every parameter and statistic of it drawn at random."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(random.integers(2**31)))
            flow = self.relative(inputs)
            shaken(flow)
        return TrainedFlow(flow, self.relative)

    def state(self) -> Mapping[str, Any]:
        """The width and the weights."""
        return {"width": self.width, "weights": copied(self.network.state_dict())}

    @cached_property
    def _exact(self) -> Flow:
        return deepcopy(self.network).to(torch.float64).eval()

    def _in_blocks(self, function: Callable[[Tensor], tuple[Tensor, ...]], array: np.ndarray) -> list[np.ndarray]:
        device = next(self.network.parameters()).device
        rows = torch.from_numpy(np.array(array, dtype=np.float64)).to(device)
        with evaluating([self._exact]):
            blocks = [function(block) for block in torch.split(rows, BLOCK)]
        return [torch.cat(part).cpu().numpy() for part in zip(*blocks, strict=True)]


def shaken(flow: Flow) -> None:
    """Makes all parameters random, and the statistics among the buffers, so that no term of a formula is 0 or 1.

    Initial weights are halved and their noise is over the root of their inputs: layers of exponentials one on another
    would else give densities too wide and too narrow for any grid.
    """
    with torch.no_grad():
        for parameter in flow.parameters():
            inputs = parameter[0].numel() if parameter.ndim > 1 else 1
            parameter.mul_(0.5).add_(0.1 * inputs**-0.5 * torch.randn_like(parameter))
        for name, buffer in flow.named_buffers():
            if name.endswith(("mean", "variance", "deviation")):
                buffer.mul_(torch.empty_like(buffer).uniform_(0.5, 2)).add_(0.1 * torch.rand_like(buffer))
        flow.constrain()
