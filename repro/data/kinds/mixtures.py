"""The three synthetic 2-D distributions of calibrated energy-based GANs, with their samples and their true densities.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017), arXiv:1702.01691
       dai2019, section B.5.1
Code:  zihangdai/cegan_iclr2017, synthetic/synthetic_data.py and vis_utils.py. Seeds, order of the draws and the float32
       cast are the code's, so the samples are the published ones and the headings of table B.2 follow from them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import logsumexp

GRID_NODES = 100
CANVAS_STRETCH = 1.5
SPIRAL_NOISE = 0.45


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians with diagonal covariances. Shapes: K components, D = 2 dimensions.

    weights (K,), means (K, D), variances (K, D).
    """

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """log p at points (N, D), in nats: (N,). Evaluated one component at a time, in float64."""
        points = np.asarray(points, dtype=np.float64)
        terms = np.empty((len(self.weights), len(points)))
        for k, (weight, mean, variance) in enumerate(zip(self.weights, self.means, self.variances, strict=True)):
            quadratic = ((points - mean) ** 2 / variance).sum(axis=1)
            terms[k] = np.log(weight) - 0.5 * (quadratic + np.log(2 * np.pi * variance).sum())
        result: np.ndarray = logsumexp(terms, axis=0)
        return result


@dataclass(frozen=True)
class Grid:
    """The canvas of the histograms: per axis the data's range stretched about its middle, both ends included."""

    x: np.ndarray
    y: np.ndarray

    @classmethod
    def over(cls, samples: np.ndarray, nodes: int = GRID_NODES, stretch: float = CANVAS_STRETCH) -> Grid:
        """The grid over samples (N, 2); per axis `nodes` equally spaced nodes over `stretch` times the range."""
        low, high = samples.min(axis=0).astype(np.float64), samples.max(axis=0).astype(np.float64)
        middle, half = (low + high) / 2, (high - low) / 2 * stretch
        axes = [np.linspace(middle[d] - half[d], middle[d] + half[d], nodes) for d in range(2)]
        return cls(*axes)

    @cached_property
    def points(self) -> np.ndarray:
        """All nodes (X * Y, 2) in float64; node (i, j) is row i * Y + j."""
        return np.stack(np.meshgrid(self.x, self.y, indexing="ij"), axis=-1).reshape(-1, 2)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of nodes per axis (X, Y)."""
        return len(self.x), len(self.y)


@dataclass(frozen=True)
class Samples2D:
    """A data set of task density-2d: `samples` (N, 2) float32, the `truth` they are compared with, the canvas.

    `drawn_from` is the distribution of the samples; it differs from `truth` for the spirals only, see `two_spirals`.
    """

    name: str
    samples: np.ndarray
    truth: Mixture
    drawn_from: Mixture
    grid: Grid

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over samples, truth and canvas. The mixture parameters are rounded to 12 digits first, since the last
        bits of sine and cosine differ between C libraries."""
        digest = hashlib.sha256(np.ascontiguousarray(self.samples, dtype="<f4").tobytes())
        for part in (self.truth.weights, self.truth.means, self.truth.variances, self.grid.x, self.grid.y):
            digest.update(np.ascontiguousarray(np.round(part, 12) + 0.0, dtype="<f8").tobytes())
        return digest.hexdigest()


def _dataset(name: str, samples: np.ndarray, truth: Mixture, drawn_from: Mixture | None = None) -> Samples2D:
    samples = samples.astype(np.float32)
    samples.setflags(write=False)
    return Samples2D(name, samples, truth, drawn_from or truth, Grid.over(samples))


def four_gaussians(points: int = 100_000) -> Samples2D:
    """Four Gaussians of equal weight and unequal diagonal covariances (dai2019, section B.5.1, (i); code seed 5)."""
    random = np.random.RandomState(5)
    weights = np.full(4, 0.25)
    counts = random.multinomial(points, weights)
    offset = random.rand() * 10
    means = np.array([[offset, offset], [-offset, offset], [offset, -offset], [-offset, -offset]])
    variances, parts = np.empty((4, 2)), []
    for k in range(4):
        variances[k] = random.rand(2) * 10
        parts.append(random.multivariate_normal(means[k], np.diag(variances[k]), size=counts[k]))
    return _dataset("four-gaussians", np.concatenate(parts), Mixture(weights, means, variances))


def biased_gaussians(points: int = 100_000) -> Samples2D:
    """Two Gaussians of weights 0.1 and 0.9 (dai2019, section B.5.1, (iii); code seed 2)."""
    random = np.random.RandomState(2)
    offset = random.rand() * 8
    weights = np.array([0.1, 0.9])
    means = np.array([[offset, offset], [-offset, -offset]])
    counts = random.multinomial(points, weights)
    parts = [random.multivariate_normal(means[k], np.eye(2) * 5, size=counts[k]) for k in range(2)]
    return _dataset("biased-gaussians", np.concatenate(parts), Mixture(weights, means, np.full((2, 2), 5.0)))


def two_spirals(points: int = 100_000) -> Samples2D:
    """Two arms of 50 Gaussians each (dai2019, section B.5.1, (ii); code seed 12345).

    Departures of the text from the code, kept as in the code because the printed numbers come from it: the text says
    200 components, the code has 100; the samples have standard deviation 0.45 about each centre, while the "true"
    density that table B.2 compares with has 1.0 (`truth`; `drawn_from` has 0.45). The mismatch alone is worth
    KL(drawn_from || truth) = 0.38 nats: a perfect learner of the samples does not score zero against the truth.
    """
    random = np.random.RandomState(12345)
    arm = 50
    angles = (120 + np.linspace(0.0, 1.0, arm) * 360) * (2 * np.pi / 360)
    each = (points + 2 * arm - 1) // (2 * arm)
    repeated = np.repeat(angles, each)
    arms, centres = [], []
    for sign in (1.0, -1.0):
        x = -sign * np.cos(repeated) * repeated + random.randn(arm * each) * SPIRAL_NOISE
        y = sign * np.sin(repeated) * repeated + random.randn(arm * each) * SPIRAL_NOISE
        arms.append(np.stack([x, y], axis=1))
        centres.append(np.stack([-sign * np.cos(angles) * angles, sign * np.sin(angles) * angles], axis=1))
    samples = np.concatenate(arms)[:points]
    means = np.concatenate(centres)
    weights = np.full(2 * arm, 1 / (2 * arm))
    truth = Mixture(weights, means, np.ones((2 * arm, 2)))
    drawn_from = Mixture(weights, means, np.full((2 * arm, 2), SPIRAL_NOISE**2))
    return _dataset("two-spirals", samples, truth, drawn_from)
