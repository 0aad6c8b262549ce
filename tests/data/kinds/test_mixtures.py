"""The published samples come out of the seeds, and densities, canvas and checksum are what they say."""

import numpy as np
import pytest
from scipy import stats

from repro.data.kinds.mixtures import Grid, Mixture, Samples2D, biased_gaussians, four_gaussians, two_spirals

MADE = {"four-gaussians": four_gaussians(), "biased-gaussians": biased_gaussians(), "two-spirals": two_spirals()}


def assert_components_are_drawn_in_order(data: Samples2D, counts: list[int]) -> None:
    """Each run of `counts[k]` samples has component k's mean; counts wrong by 200 move it out of five errors."""
    start = 0
    for count, mean, variance in zip(counts, data.truth.means, data.truth.variances, strict=True):
        error = data.samples[start : start + count].mean(axis=0) - mean
        assert (np.abs(error) < 5 * np.sqrt(variance / count)).all()
        start += count
    assert start == len(data.samples)


def test_the_four_gaussians_are_those_of_the_code_s_seed_5() -> None:
    """Fact sheet (recomputed from the code): offset, covariances; counts 24829, 24876, 25157, 25138."""
    truth = MADE["four-gaussians"].truth
    np.testing.assert_allclose(np.abs(truth.means), 7.65907856, atol=5e-9)
    expected = [(5.18417988, 2.96800502), (5.55575011, 9.22566943), (9.47124071, 4.60648601), (7.42414687, 3.66272908)]
    np.testing.assert_allclose(truth.variances, expected, atol=5e-9)
    assert_components_are_drawn_in_order(MADE["four-gaussians"], [24829, 24876, 25157, 25138])


def test_the_biased_gaussians_are_those_of_the_code_s_seed_2() -> None:
    data = MADE["biased-gaussians"]
    np.testing.assert_allclose(np.abs(data.truth.means), 3.48795922, atol=5e-9)
    assert_components_are_drawn_in_order(data, [9895, 90105])


def test_the_spirals_have_two_arms_of_fifty_centres_and_noise_0_45() -> None:
    data = MADE["two-spirals"]
    assert data.truth.means.shape == (100, 2)
    centres = np.repeat(data.truth.means, 1000, axis=0)
    residual = data.samples - centres
    np.testing.assert_allclose(residual.std(axis=0), 0.45, atol=0.45 * 4 / np.sqrt(2 * 100_000))  # four standard errors
    np.testing.assert_allclose(np.hypot(*data.truth.means[0]), np.deg2rad(120), rtol=1e-12)
    np.testing.assert_allclose(np.hypot(*data.truth.means[-1]), np.deg2rad(480), rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [
        ("four-gaussians", (-28.0847, 29.4585), (-25.6729, 29.7145)),
        ("biased-gaussians", (-18.8386, 18.2077), (-19.6461, 17.9375)),
        ("two-spirals", (-12.1841, 11.9792), (-14.0759, 14.0331)),
    ],
)
def test_the_canvas_is_that_of_the_code(name: str, x: tuple[float, float], y: tuple[float, float]) -> None:
    grid = MADE[name].grid
    np.testing.assert_allclose((grid.x[0], grid.x[-1]), x, atol=5e-5)
    np.testing.assert_allclose((grid.y[0], grid.y[-1]), y, atol=5e-5)
    assert grid.shape == (100, 100)


@pytest.mark.parametrize("name", list(MADE))
def test_the_truth_is_a_density_whose_mass_lies_on_the_canvas(name: str) -> None:
    grid = MADE[name].grid
    mass = np.exp(MADE[name].truth.log_density(grid.points)).sum() * (grid.x[1] - grid.x[0]) * (grid.y[1] - grid.y[0])
    assert mass == pytest.approx(1, abs=1e-6)  # the sum over nodes of a smooth density that vanishes at the border


def test_the_log_density_is_scipy_s() -> None:
    random = np.random.default_rng(0)
    mixture = Mixture(np.array([0.2, 0.8]), random.normal(size=(2, 2)), random.uniform(0.5, 2, size=(2, 2)))
    points = random.normal(size=(7, 2))
    expected = sum(w * stats.multivariate_normal(m, np.diag(v)).pdf(points)
                   for w, m, v in zip(mixture.weights, mixture.means, mixture.variances, strict=True))  # fmt: skip
    np.testing.assert_allclose(mixture.log_density(points), np.log(expected), rtol=1e-12)


def test_grid_points_run_over_y_first() -> None:
    grid = Grid.over(np.array([[0.0, 0.0], [2.0, 4.0]]), nodes=3, stretch=1.0)
    np.testing.assert_array_equal(grid.points[:4], [[0, 0], [0, 2], [0, 4], [1, 0]])


def test_the_checksum_follows_the_contents() -> None:
    assert four_gaussians(500).checksum == four_gaussians(500).checksum
    assert len({data.checksum for data in MADE.values()} | {four_gaussians(500).checksum}) == 4


def test_samples_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        MADE["two-spirals"].samples[0, 0] = 1
