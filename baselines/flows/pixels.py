"""Images as real numbers: pixels of 256 levels spread evenly over their levels, and on the logistic scale.

Papers: RNADE (Uria et al., 2013), arXiv:1306.0186, section 4 (dequantisation)
        Masked Autoregressive Flow (Papamakarios et al., 2017), arXiv:1705.07057, appendices D and E.2
Code:   gpapamak/maf, datasets/mnist.py; read at db090d6: pixels are k / 256, and noise is drawn once
Shapes: N images, D pixels
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from baselines.flows.flow import TrainedFlow

LEVELS = 256


def levels_of(examples: np.ndarray) -> np.ndarray:
    """The levels 0 to 255 of examples (N, D) over 255, as float64."""
    return np.rint(np.asarray(examples, dtype=np.float64) * (LEVELS - 1))


@dataclass(frozen=True)
class Scale:
    """What a flow sees of a level v in [0, 256]: the logit of l + (1 - 2 l) v / 256, or for l = 0 v / 256 - 1/2.

    Attributes:
        squeeze: l; 1e-6 for MNIST and 0.05 for CIFAR-10 in MAF's code. 0: no logit, as in Glow.
    """

    squeeze: float = 1e-6

    def __post_init__(self) -> None:
        if not 0 <= self.squeeze < 0.5:
            raise ValueError(f"squeeze must be in [0, 0.5), it is {self.squeeze}")

    def points(self, levels: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Levels 0 to 255 (N, D), each with uniform noise in [0, 1), as points (N, D) float64."""
        shares = (levels + random.random(levels.shape)) / LEVELS
        if not self.squeeze:
            return np.asarray(shares - 0.5)
        inside = self.squeeze + (1 - 2 * self.squeeze) * shares
        return np.asarray(np.log(inside) - np.log1p(-inside))

    def log_slope(self, points: np.ndarray) -> np.ndarray:
        """log |det d point / d level| of points (N, D): (N,), by which a log-density of points becomes one of levels.

        In bits and over D it is -log2(1 - 2 l) + 8 + the mean of log2 s + log2(1 - s), with the sign turned: what MAF's
        appendix E.2 takes bits per pixel from. s is the logistic function of a point.
        """
        steps = points.shape[1] * math.log(LEVELS)
        if not self.squeeze:
            return np.full(len(points), -steps)
        squeezed = points.shape[1] * math.log1p(-2 * self.squeeze)
        log_s, log_rest = -np.logaddexp(0, -points), -np.logaddexp(0, points)
        return np.asarray(squeezed - steps - (log_s + log_rest).sum(axis=1))

    def levels(self, points: np.ndarray) -> np.ndarray:
        """The inverse of `points`, without noise: levels 0 to 255 (N, D) uint8, the nearest for points beyond."""
        shares = points + 0.5
        if self.squeeze:
            shares = (expit(points) - self.squeeze) / (1 - 2 * self.squeeze)
        return np.clip(np.floor(shares * LEVELS), 0, LEVELS - 1).astype(np.uint8)


class TrainedPixels:
    """A flow of images as it is measured: the flow of points, behind the scale on which it sees pixels."""

    def __init__(self, flow: TrainedFlow, scale: Scale, shape: tuple[int, ...]) -> None:
        """`shape` is that of an image (H, W, C)."""
        self.flow, self.scale, self.shape = flow, scale, shape

    @property
    def width(self) -> int:
        """How many numbers an image is."""
        return self.flow.width

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """log p of examples (N, D) over 255 with noise of their own, on the flow's scale, in nats: (N,)."""
        return self.flow.log_density(self.scale.points(levels_of(examples), random))

    def log_levels(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A lower bound, from one draw of noise, of log p of examples (N, D) as levels 0 to 255, in nats: (N,)."""
        points = self.scale.points(levels_of(examples), random)
        return np.asarray(self.flow.log_density(points) + self.scale.log_slope(points))

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Images (count, H, W, C) uint8."""
        images: np.ndarray = self.scale.levels(self.flow.sample(count, random)).reshape(count, *self.shape)
        return images

    def normalise(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """That of the flow."""
        return self.flow.normalise(points)

    def generate(self, noise: np.ndarray) -> np.ndarray:
        """That of the flow."""
        return self.flow.generate(noise)

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """That of the flow."""
        return self.flow.log_density(points)

    def small(self, inputs: int, random: np.random.Generator) -> TrainedFlow:
        """That of the flow."""
        return self.flow.small(inputs, random)

    def state(self) -> dict[str, object]:
        """That of the flow, and the shape of an image."""
        return {**self.flow.state(), "shape": list(self.shape)}
