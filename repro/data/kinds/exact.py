"""Distributions small enough to sum or integrate exactly: what tables without training data are computed on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True)
class CategoricalPairs:
    """Pairs of distributions over the same categories, by name: each is P (V,) and Q (V,), summing to one.

    `humps` is a P that no single hump fits, over ordered categories, with categories of no mass between its two humps;
    its Q is the hump of the same mean and variance, most of it where P has nothing.
    """

    name: str
    pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the names and the distributions, rounded to 12 digits."""
        return _checksum({name: np.stack(pair) for name, pair in self.pairs.items()})


@dataclass(frozen=True)
class LengthTwoJoints:
    """Joint distributions of two symbols, by name: P (V, V), rows the first symbol, columns the second."""

    name: str
    joints: Mapping[str, np.ndarray]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the names and the distributions, rounded to 12 digits."""
        return _checksum(self.joints)


@dataclass(frozen=True)
class SequencePairs:
    """Data and a generator of sequences of T words, by name: both are joints (V,) * T, all of them positive."""

    name: str
    pairs: Mapping[str, tuple[np.ndarray, np.ndarray]]

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the names and the distributions, rounded to 12 digits."""
        return _checksum({name: np.stack(pair) for name, pair in self.pairs.items()})


@dataclass(frozen=True)
class GaussianLatent:
    """One latent z ~ N(0, 1), one observation x | z ~ N(z, 1): all of it in closed form. `points` (N,) are observed."""

    name: str
    points: np.ndarray

    def log_prior(self, z: np.ndarray) -> np.ndarray:
        """log p(z), in nats, of any shape."""
        return np.asarray(norm.logpdf(z))

    def log_likelihood(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """log p(x | z), in nats, of any shape."""
        return np.asarray(norm.logpdf(x, loc=z))

    def posterior(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        """Mean, of the shape of x, and variance of p(z | x), which is N(x / 2, 1 / 2)."""
        return np.asarray(x) / 2, 0.5

    def log_evidence(self, x: np.ndarray) -> np.ndarray:
        """log p(x), in nats: x ~ N(0, 2)."""
        return np.asarray(norm.logpdf(x, scale=np.sqrt(2)))

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the observed points."""
        return _checksum({"points": self.points})


def _checksum(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name, array in arrays.items():
        digest.update(name.encode() + np.ascontiguousarray(np.round(array, 12) + 0.0, dtype="<f8").tobytes())
    return digest.hexdigest()


def categorical_pairs() -> CategoricalPairs:
    """A pair with full support, an equal pair, a disjoint pair, and two humps; the slides print no distribution."""
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    humps = np.array([1, 4, 6, 4, 1, 0, 0, 0, 0, 0, 0, 0, 1, 4, 6, 4, 1]) / 32
    places = np.arange(len(humps))
    mean = humps @ places
    hump = np.exp(-((places - mean) ** 2) / (2 * humps @ (places - mean) ** 2))
    pairs = {
        "generic": (p, q),
        "equal": (p, p),
        "disjoint": (np.array([0.4, 0.6, 0.0, 0.0]), np.array([0.0, 0.0, 0.7, 0.3])),
        "humps": (humps, hump / hump.sum()),
    }
    return CategoricalPairs("categorical-pairs", pairs)


def length_two_joints() -> LengthTwoJoints:
    """Joints of two symbols that depend on each other: two of binary ones, one of them symmetric, and one of three.

    The slides print no distribution.
    """
    joints = {
        "symmetric": np.array([[0.4, 0.1], [0.1, 0.4]]),
        "skewed": np.array([[0.45, 0.05], [0.2, 0.3]]),
        "three-symbols": np.array([[0.30, 0.01, 0.01], [0.02, 0.28, 0.02], [0.12, 0.12, 0.12]]),
    }
    return LengthTwoJoints("length-two-joints", joints)


def short_sequences() -> SequencePairs:
    """Three words at three positions, and two at four; probabilities in proportion to whole numbers in mixed order."""
    pairs = {
        "three-words": (_mixed(3, 3, 7, 3), _mixed(3, 3, 11, 5)),
        "two-words": (_mixed(2, 4, 5, 3), _mixed(2, 4, 11, 5)),
    }
    return SequencePairs("short-sequences", pairs)


def _mixed(words: int, length: int, factor: int, shift: int) -> np.ndarray:
    """A joint (V,) * T over N sequences with weights 1 .. N, of which the factor has no divisor in common with N."""
    weights = (np.arange(words**length) * factor + shift) % words**length + 1
    return np.reshape(weights / weights.sum(), (words,) * length)


def gaussian_latent() -> GaussianLatent:
    """The model of one Gaussian latent, observed at x = 0."""
    return GaussianLatent("gaussian-latent", np.zeros(1))
