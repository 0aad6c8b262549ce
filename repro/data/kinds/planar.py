"""Two-dimensional points with classes, a few of them labelled: four spins and two circles, with their true densities.

Paper: Good Semi-supervised Learning that Requires a Bad GAN (Dai et al., 2017), arXiv:1705.09783
       dai2019, section C.3 (figures C.1 to C.4)
Code:  zihangdai/cegan_iclr2017, synthetic/synthetic_data.py, fourspins: the construction and its constants. That code
       sets no seed, and that of the circles is not released.
Ours:  the seeds, 2,000 points (the code's default), 10 labelled points a class; radii 1 and 2 and radial noise 0.1 of
       the circles. The figures print no numbers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.stats import norm

SPINS = 4
QUARTER = 2 * np.pi / SPINS
SPIN_NODES = 1_441  # angles at which the roots of the spins' density are looked for, half a degree apart


class ClassDensities(Protocol):
    """The distribution of points with classes, all classes equally probable."""

    def class_densities(self, points: np.ndarray) -> np.ndarray:
        """p(point | class) at points (N, 2): (N, K)."""


@dataclass(frozen=True)
class Spins:
    """Four arms: (u, v) with u ~ N(1, 0.22) and v ~ N(0, 0.1), turned clockwise by class * 90° + 0.52 e^u radians."""

    length: float = 0.22
    width: float = 0.1
    rate: float = 0.52

    def draw(self, classes: np.ndarray, random: np.random.RandomState) -> np.ndarray:
        """One point (2,) for every class of classes (N,): (N, 2)."""
        u, v = (random.randn(len(classes), 2) * [self.length, self.width] + [1, 0]).T
        angle = classes * QUARTER + self.rate * np.exp(u)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.stack([u * cos + v * sin, v * cos - u * sin], axis=1)

    def class_densities(self, points: np.ndarray) -> np.ndarray:
        """p(point | class) at points (N, 2): (N, 4).

        A point at radius r and angle a comes from (u, v) = r (cos b, sin b) for every root b of
        b - 0.52 exp(r cos b) = a + class * 90°, modulo 360°, each with the density of (u, v) over the Jacobian.
        Takes 50 kB a point: pass large grids in parts.
        """
        points = np.asarray(points, dtype=np.float64)
        radius, angle = np.hypot(*points.T), np.arctan2(points[:, 1], points[:, 0])
        nodes = np.linspace(-np.pi, np.pi, SPIN_NODES)

        def excess(b: np.ndarray, r: np.ndarray, a: np.ndarray) -> np.ndarray:
            value: np.ndarray = (b - self.rate * np.exp(r * np.cos(b)) - a) / QUARTER
            return value

        quarters = np.floor(excess(nodes, radius[:, None], angle[:, None]))
        point, node = np.nonzero(np.diff(quarters))
        level = np.maximum(quarters[point, node], quarters[point, node + 1])  # the whole number that is crossed
        r, a = radius[point], angle[point]
        low, high = nodes[node], nodes[node + 1]
        rising = quarters[point, node + 1] > quarters[point, node]
        for _ in range(40):  # bisection: half a degree down to the last bit
            middle = (low + high) / 2
            above = (excess(middle, r, a) >= level) == rising
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        u, v = r * np.cos(low), r * np.sin(low)
        jacobian = np.abs(1 + self.rate * np.exp(u) * v)
        densities = np.zeros((len(points), SPINS))
        terms = norm.pdf(u, 1, self.length) * norm.pdf(v, 0, self.width) / jacobian
        np.add.at(densities, (point, level.astype(np.int64) % SPINS), terms)
        return densities


@dataclass(frozen=True)
class Circles:
    """Circles about the origin, one a class: uniform angle, normal noise on the radius."""

    radii: tuple[float, ...] = (1.0, 2.0)
    noise: float = 0.1

    def draw(self, classes: np.ndarray, random: np.random.RandomState) -> np.ndarray:
        """One point (2,) for every class of classes (N,): (N, 2)."""
        angle = random.rand(len(classes)) * 2 * np.pi
        radius = np.array(self.radii)[classes] + random.randn(len(classes)) * self.noise
        return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)

    def class_densities(self, points: np.ndarray) -> np.ndarray:
        """p(point | class) at points (N, 2): (N, K). Infinite at the origin itself, as it is with normal noise."""
        radius = np.hypot(*np.asarray(points, dtype=np.float64).T)[:, None]
        either = norm.pdf(radius, self.radii, self.noise) + norm.pdf(-radius, self.radii, self.noise)
        return np.asarray(either / (2 * np.pi * radius))


@dataclass(frozen=True)
class LabelledPoints:
    """Points with classes. `points` (N, 2) float32, `classes` (N,) int64, `labelled` (L,) indices of the labelled."""

    name: str
    points: np.ndarray
    classes: np.ndarray
    labelled: np.ndarray
    truth: ClassDensities

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """The true log p at points (N, 2), in nats: (N,); minus infinity where the density is below the floats."""
        with np.errstate(divide="ignore"):
            log_p: np.ndarray = np.log(self.truth.class_densities(points).mean(axis=1))
        return log_p

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over points, classes and labelled indices."""
        digest = hashlib.sha256(self.points.astype("<f4").tobytes())
        digest.update(self.classes.astype("<i8").tobytes() + self.labelled.astype("<i8").tobytes())
        return digest.hexdigest()


def _points(name: str, truth: Spins | Circles, kinds: int, points: int, labelled: int, seed: int) -> LabelledPoints:
    if points < labelled * kinds or points % kinds:
        raise ValueError(f"{name}: {points} points cannot be {kinds} equal classes of at least {labelled} points each")
    random = np.random.RandomState(seed)
    classes = np.repeat(np.arange(kinds), points // kinds)
    drawn = truth.draw(classes, random).astype(np.float32)
    chosen = [random.permutation(np.flatnonzero(classes == kind))[:labelled] for kind in range(kinds)]
    indices = np.sort(np.concatenate(chosen))
    for array in (drawn, classes, indices):
        array.setflags(write=False)
    return LabelledPoints(name, drawn, classes, indices, truth)


def four_spins(points: int = 2_000, labelled: int = 10, seed: int = 1) -> LabelledPoints:
    """Four spins, a class each; `labelled` points of every class are labelled."""
    return _points("four-spins", Spins(), SPINS, points, labelled, seed)


def two_circles(points: int = 2_000, labelled: int = 10, seed: int = 1) -> LabelledPoints:
    """Two circles about the origin, a class each; `labelled` points of every class are labelled."""
    return _points("two-circles", Circles(), 2, points, labelled, seed)
