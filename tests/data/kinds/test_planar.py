"""The points follow the densities that are called true, and the labels are of the classes."""

import numpy as np
import pytest

from repro.data.kinds.planar import Circles, LabelledPoints, Spins, four_spins, two_circles
from repro.registry import DATASETS

MADE = {"four-spins": four_spins(), "two-circles": two_circles()}
EDGES = np.linspace(-3, 3, 61)


def cell_masses(data: LabelledPoints, per_cell: int) -> np.ndarray:
    """Mass of the true density per class and cell of EDGES, by the midpoint rule with per_cell² nodes a cell."""
    step = (EDGES[1] - EDGES[0]) / per_cell
    axis = EDGES[0] + step * (np.arange(60 * per_cell) + 0.5)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    densities = np.concatenate([data.truth.class_densities(part) for part in np.array_split(points, 20)])
    return np.asarray(densities.T.reshape(-1, 60, per_cell, 60, per_cell).sum(axis=(2, 4)) * step**2)


@pytest.mark.parametrize("name", list(MADE))
def test_points_fall_into_cells_as_often_as_the_true_density_says(name: str) -> None:
    """100,000 fresh points; per class every cell with at least 25 expected points, within five standard errors."""
    make = {"four-spins": four_spins, "two-circles": two_circles}[name]
    fresh = make(100_000, 1, seed=7)
    masses = cell_masses(fresh, 4)
    np.testing.assert_allclose(masses.sum(axis=(1, 2)), 1, atol=2e-3)  # of the midpoint rule
    checked = 0
    for kind, mass in enumerate(masses):
        points = fresh.points[fresh.classes == kind]
        counts = np.histogramdd(points, bins=(EDGES, EDGES))[0]
        expected = mass * len(points)
        large = expected > 25
        error = np.abs(counts - expected)[large]
        assert (error < 5 * np.sqrt(expected[large]) + 0.05 * expected[large]).all()  # 5 %: the rule, where it is steep
        checked += large.sum()
    assert checked > 200


def test_the_spins_are_those_of_the_code() -> None:
    """The code's loop, written out: the row (u, v) times the matrix of the angle, one point at a time."""
    random = np.random.RandomState(3)
    classes = np.array([0, 1, 2, 3, 1])
    raw = random.randn(5, 2) * np.array([0.22, 0.1]) + np.array([1, 0])
    angles = np.linspace(0, 2 * np.pi, 5)[classes] + 0.52 * np.exp(raw[:, 0])
    expected = [
        row.dot([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for row, angle in zip(raw, angles, strict=True)
    ]
    np.testing.assert_allclose(Spins().draw(classes, np.random.RandomState(3)), expected, rtol=1e-12)


def test_a_spin_has_its_density_at_its_own_points_and_next_to_none_at_those_of_others() -> None:
    data = MADE["four-spins"]
    densities = data.truth.class_densities(data.points)
    assert (densities.argmax(axis=1) == data.classes).mean() > 0.99
    own = densities[np.arange(len(data.points)), data.classes]
    assert own.min() > 0


def test_the_density_of_the_circles_is_that_of_the_radius_spread_over_the_circle() -> None:
    """By hand: on the inner circle, N(1; 1, 0.1) / (2 pi)."""
    expected = 1 / (0.1 * np.sqrt(2 * np.pi)) / (2 * np.pi)
    densities = Circles().class_densities(np.array([[0.6, 0.8], [0.0, -1.0]]))
    np.testing.assert_allclose(densities[:, 0], expected, rtol=1e-12)
    np.testing.assert_allclose(densities[:, 1], 0, atol=1e-20)


def test_noise_that_reaches_beyond_the_origin_comes_out_on_the_other_side() -> None:
    """Along a radius, density times circumference has mass one; the midpoint rule with 4,000 nodes."""
    radius = (np.arange(4_000) + 0.5) / 1_000
    densities = Circles(radii=(0.5,), noise=0.5).class_densities(np.stack([radius, 0 * radius], axis=1))
    assert (densities[:, 0] * 2 * np.pi * radius).sum() / 1_000 == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", list(MADE))
def test_every_class_has_its_points_and_ten_labelled_ones(name: str) -> None:
    data = MADE[name]
    kinds = len(np.unique(data.classes))
    np.testing.assert_array_equal(np.bincount(data.classes), 2000 // kinds)
    np.testing.assert_array_equal(np.bincount(data.classes[data.labelled]), 10)
    assert len(np.unique(data.labelled)) == 10 * kinds


@pytest.mark.parametrize("name", list(MADE))
def test_the_registry_has_it_with_the_same_checksum(name: str) -> None:
    loaded = DATASETS.load(name)()
    assert (loaded.name, loaded.checksum) == (name, MADE[name].checksum)
    assert loaded.checksum != DATASETS.load(name)(seed=2).checksum


def test_far_from_everything_the_log_density_is_minus_infinity() -> None:
    assert MADE["two-circles"].log_density(np.array([[90.0, 0.0]])) == -np.inf


def test_classes_that_cannot_be_equal_are_an_error() -> None:
    with pytest.raises(ValueError, match="four-spins: 10 points cannot be 4 equal classes of at least 1 points each"):
        four_spins(10, 1)
