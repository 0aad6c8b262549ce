"""The Gaussian toy: its bounds are the printed ones, rise with k to log p, and are log p where q is the posterior."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from scipy.special import logsumexp

from baselines.latent.toy import GaussianBounds

ORIGIN, POINTS = np.zeros(1), np.array([0.0, 1.3, -2.0])
LOG_P = -1.2655121234846454  # log N(0; 0, 2) = -log(4 pi) / 2
ROUNDING = 1e-11  # of sums over a thousand steps


def bound(k: int, posterior: str = "prior", points: np.ndarray = ORIGIN) -> np.ndarray:
    model = GaussianBounds(posterior, 1)  # type: ignore[arg-type]
    return model.log_bound(points, k, np.random.default_rng(0))


def test_log_p_is_that_of_the_sum_of_two_normal_numbers() -> None:
    model = GaussianBounds("prior", 1)
    assert model.log_likelihood(ORIGIN, np.random.default_rng(0)) == pytest.approx(LOG_P, abs=1e-15)
    points = model.log_likelihood(POINTS, np.random.default_rng(0))
    np.testing.assert_allclose(points, LOG_P - POINTS**2 / 4, rtol=1e-14)


@pytest.mark.parametrize(("k", "printed"), [(1, -1.418939), (2, -1.3171), (5, -1.2824), (50, -1.2669)])
def test_bounds_with_the_prior_are_those_of_a_simulation(k: int, printed: float) -> None:
    """The fact sheet's, whose Monte Carlo error is 4e-4."""
    assert bound(k)[0] == pytest.approx(printed, abs=8e-4)


def test_the_variational_bound_is_the_closed_form() -> None:
    """E log N(x; z, 1) of a normal z is -(log(2 pi) + x^2 + 1) / 2."""
    np.testing.assert_allclose(bound(1, points=POINTS), -(np.log(2 * np.pi) + POINTS**2 + 1) / 2, atol=ROUNDING)


def test_the_bound_of_two_samples_is_the_double_integral() -> None:
    """By Gauss-Hermite quadrature over both latents, whose 120 nodes each are exact to ten digits here."""
    nodes, chances = hermegauss(120)
    chances /= chances.sum()
    log_w = GaussianBounds("prior", 1).log_weight(ORIGIN, nodes[None])[0]
    both = np.logaddexp(log_w[:, None], log_w) - np.log(2)
    assert bound(2)[0] == pytest.approx(chances @ both @ chances, abs=1e-9)


def test_bounds_rise_with_k_to_log_p() -> None:
    found = [bound(k)[0] for k in (1, 2, 3, 5, 10, 50, 500, 5000)]
    assert all(below < above for below, above in pairwise(found))
    assert 0 < LOG_P - found[-1] < 2e-5  # (E w^2 / (E w)^2 - 1) / 2k = 1.55e-5: the variance of the weights over 2 k


def test_with_the_posterior_as_q_every_weight_is_p_of_x_and_every_bound_log_p() -> None:
    model = GaussianBounds("exact", 1)
    mean, deviation = (each[:, None] for each in model.proposal(POINTS))
    z = mean + deviation * np.random.default_rng(0).normal(size=(3, 1000))
    log_p = model.log_likelihood(POINTS, np.random.default_rng(0))
    np.testing.assert_allclose(model.log_weight(POINTS, z), np.broadcast_to(log_p[:, None], z.shape), atol=1e-13)
    for k in (1, 2, 50):
        np.testing.assert_allclose(bound(k, "exact", POINTS), log_p, atol=ROUNDING)


def test_bounds_are_the_means_of_sampled_ones() -> None:
    """L_5 of three points by 40,000 draws each; within four of their standard errors."""
    model, random = GaussianBounds("prior", 1), np.random.default_rng(0)
    log_w = model.log_weight(POINTS, random.normal(size=(3, 200_000))).reshape(3, -1, 5)
    drawn = logsumexp(log_w, axis=2) - np.log(5)
    errors = drawn.std(axis=1) / np.sqrt(drawn.shape[1])
    assert (abs(drawn.mean(axis=1) - bound(5, points=POINTS)) < 4 * errors).all()
