"""Levels of pixels as real numbers and back: constants by hand, densities that carry over."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import expit, logit
from torch import Tensor

from baselines.flows.flow import Flow, TrainedFlow
from baselines.flows.pixels import Scale, TrainedPixels, levels_of

IMAGE = np.array([[0.0, 1.0, 128.0, 254.0, 255.0]])


class Fixed:
    """A generator whose every number is one half."""

    def random(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.full(shape, 0.5)


HALF: np.random.Generator = Fixed()  # type: ignore[assignment]


class Standard(Flow):
    """No layers: standard normal points."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.nothing = torch.nn.Parameter(torch.zeros(1))

    def normalise(self, points: Tensor) -> tuple[Tensor, Tensor]:
        return points, points.new_zeros(len(points))

    def generate(self, noise: Tensor) -> Tensor:
        return noise


@pytest.mark.parametrize("squeeze", [1e-6, 0.05])
def test_the_logit_of_one_image_by_hand(squeeze: float) -> None:
    """(k + u) / 256 with u = 1/2, squeezed, and scipy's logit; the slope is that of its derivative 1 / (s (1 - s))."""
    scale = Scale(squeeze)
    inside = squeeze + (1 - 2 * squeeze) * (IMAGE + 0.5) / 256
    points = scale.points(IMAGE, HALF)
    np.testing.assert_allclose(points, logit(inside), rtol=1e-12, atol=1e-14)
    slope = np.log((1 - 2 * squeeze) / 256 / (inside * (1 - inside))).sum()
    assert scale.log_slope(points)[0] == pytest.approx(slope, rel=1e-9)


def test_bits_are_those_of_the_published_formula() -> None:
    """-log p / (D ln 2) - log2(1 - 2 l) + 8 + the mean of log2 s(x) + log2(1 - s(x)), for one image."""
    trained = TrainedPixels(TrainedFlow(Standard(5), Standard), Scale(1e-6), (1, 5, 1))
    points = Scale(1e-6).points(IMAGE, HALF)
    log_p = float((-0.5 * points**2 - 0.5 * np.log(2 * np.pi)).sum())
    s = expit(points)
    bits = -log_p / (5 * math.log(2)) - math.log2(1 - 2e-6) + 8 + float((np.log2(s) + np.log2(1 - s)).mean())
    assert -trained.log_levels(IMAGE / 255, HALF)[0] / (5 * math.log(2)) == pytest.approx(bits, rel=1e-12)
    assert trained.log_likelihood(IMAGE / 255, HALF)[0] == pytest.approx(log_p, rel=1e-12)


def test_without_a_logit_pixels_are_centred_shares_and_a_level_is_a_256th() -> None:
    scale = Scale(0)
    points = scale.points(IMAGE, HALF)
    np.testing.assert_allclose(points, (IMAGE + 0.5) / 256 - 0.5, rtol=1e-12)
    assert scale.log_slope(points)[0] == pytest.approx(-5 * math.log(256), rel=1e-12)


@pytest.mark.parametrize("squeeze", [0.0, 1e-6, 0.05])
def test_levels_come_back_from_points_and_points_beyond_are_cut(squeeze: float) -> None:
    every = np.arange(256.0)[None]
    points = Scale(squeeze).points(every, np.random.default_rng(0))
    assert np.array_equal(Scale(squeeze).levels(points), every)
    assert Scale(squeeze).levels(np.array([[-1e3, 1e3]])).tolist() == [[0, 255]]


@pytest.mark.parametrize("squeeze", [0.0, 0.01])
def test_the_probability_of_all_levels_is_one(squeeze: float) -> None:
    """A density of points over levels in [0, 256]: its integral is the mass of a normal between the outer points."""
    scale, edges = Scale(squeeze), np.array([[0.0, 256.0]])
    low, high = (edges / 256 - 0.5)[0] if not squeeze else logit(squeeze + (1 - 2 * squeeze) * edges / 256)[0]
    trained = TrainedPixels(TrainedFlow(Standard(1), Standard), scale, (1, 1, 1))
    examples, random = np.repeat(np.arange(256.0) / 255, 400)[:, None], np.random.default_rng(0)
    mass = np.exp(trained.log_levels(examples, random)).reshape(256, 400).mean(axis=1).sum()
    expected = 0.5 * (math.erf(high / math.sqrt(2)) - math.erf(low / math.sqrt(2)))
    assert mass == pytest.approx(expected, rel=2e-3)  # 400 draws a level: 1e-3 of noise at most


def test_examples_over_255_are_levels_again() -> None:
    assert np.array_equal(levels_of(np.arange(256.0) / 255), np.arange(256.0))


def test_a_squeeze_of_a_half_leaves_nothing() -> None:
    with pytest.raises(ValueError, match=r"squeeze must be in \[0, 0.5\), it is 0.5"):
        Scale(0.5)
