"""What is measured of bounds: by models whose bounds, gradients and latents are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.latent.measures import (
    active_units,
    bound_gap,
    gradient_variance,
    importance_weighted_bound,
    variational_bound_error,
)
from baselines.latent.toy import GaussianBounds
from repro.data.kinds.exact import GaussianLatent, gaussian_latent
from repro.data.kinds.images import digits
from repro.tasks.examples import examples_of


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_gap_and_the_bound_are_those_of_the_models_own_k() -> None:
    """log p = -1.265512 and L_1 = -1.418939, in closed form; L_2 by the double integral of its own test."""
    data = gaussian_latent()
    for k, bound in ((1, -1.4189385332), (2, -1.3173038882)):
        model = GaussianBounds("prior", k)
        assert importance_weighted_bound(model, data, random(), "as-is", 0) == pytest.approx(bound, abs=1e-9)
        assert bound_gap(model, data, random(), "as-is", 0) == pytest.approx(-1.2655121235 - bound, abs=1e-9)
    assert bound_gap(GaussianBounds("exact", 1), data, random(), "as-is", 0) == pytest.approx(0, abs=1e-11)


class Loose(GaussianBounds):
    """Its bound is lower than it is by a hundredth."""

    def log_bound(self, points: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:
        return super().log_bound(points, samples, random) - 0.01


class Narrow(GaussianBounds):
    """It says of its q that it is narrower than it is."""

    def proposal(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean, deviation = super().proposal(points)
        return mean, deviation * 0.9


def test_the_bound_is_log_p_less_the_divergence_and_a_bound_that_is_not_is_found() -> None:
    """At three points; 1e-9 is rounding. The narrow q has another bound, of which the identity holds as well."""
    data = GaussianLatent("three", np.array([0.0, 1.3, -2.0]))
    for kind in (GaussianBounds, Narrow):
        for posterior in ("prior", "exact"):
            assert variational_bound_error(kind(posterior, 1), data, random()) < 1e-9
    assert variational_bound_error(Loose("prior", 1), data, random()) == pytest.approx(0.01, abs=1e-9)


class Noisy:
    """Gradients of three parameters whose noise is independent between images, with deviations 1, 2 and 0; five
    latents, one of which is constant and one almost."""

    def recognition_gradient(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        self.seen = examples
        noise = random.normal(size=(len(examples), 3)) * [1.0, 2.0, 0.0]
        return np.asarray(1e3 + noise.sum(axis=0))

    def posterior_means(self, examples: np.ndarray) -> np.ndarray:
        column = np.linspace(0, 1, len(examples))[:, None]
        return np.concatenate([column, column * 0.36, column * 0.33, 0 * column, 7 + column], axis=1)


@pytest.mark.parametrize(("examples", "seen"), [(0, 100), (1000, 100), (20, 20)])
def test_the_variance_of_a_gradient_is_the_trace_of_its_covariance_per_image(examples: int, seen: int) -> None:
    """1 + 4; its estimate from 100 draws has a standard error of sqrt(2 (1 + 16) / 99) = 0.59, and is within three."""
    model = Noisy()
    assert gradient_variance(model, digits(), random(), "sampled", examples) == pytest.approx(5, abs=1.8)
    assert np.array_equal(model.seen, examples_of(digits(), "test", seen, "sampled"))


def test_the_variance_is_that_of_numpy() -> None:
    """The same draws kept and reduced at once; sums of 100 terms about 1e3 in float64."""
    model, data, same = Noisy(), digits(), random()
    found = gradient_variance(model, data, random(), "as-is", 20)
    draws = [model.recognition_gradient(examples_of(data, "test", 20), same) for _ in range(100)]
    assert found == pytest.approx(np.var(draws, axis=0, ddof=1).sum() / 20, rel=1e-9)


def test_a_latent_is_active_where_its_mean_varies_by_more_than_a_hundredth() -> None:
    """Of even steps from 0 to c the variance is nearly c^2 / 12: 0.0108 for 0.36, 0.0091 for 0.33."""
    model: Any = Noisy()
    assert active_units(model, digits(), random(), "sampled", 0) == 3
