"""Histograms and their divergences: the printed headings, closed forms, and inputs that must be refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.special import rel_entr, softmax

from repro.data.kinds.mixtures import Samples2D, biased_gaussians, four_gaussians, two_spirals
from repro.metrics.density.histogram import histogram_kl, nearest_node_histogram, temperature, tempered_kl

X, Y = np.linspace(-1, 1, 5), np.linspace(0, 3, 7)


def truth_and_empirical(data: Samples2D) -> tuple[np.ndarray, np.ndarray]:
    truth = softmax(data.truth.log_density(data.grid.points))
    return truth, nearest_node_histogram(data.samples, data.grid.x, data.grid.y)


@pytest.mark.parametrize(
    ("data", "to_empirical", "to_truth"),
    # dai2019, table B.2, headings; those of the spirals stand exchanged in print
    [(four_gaussians, 0.0291, 0.0159), (biased_gaussians, 0.0273, 0.0144), (two_spirals, 1.2349, 0.3892)],
)
def test_the_headings_of_table_b2_come_out_of_the_data(data: type, to_empirical: float, to_truth: float) -> None:
    truth, empirical = truth_and_empirical(data())
    # half a unit of the fourth place, and 5e-5 for single points on a cell border: the library behind the float32
    # products of the original search decides where those go
    assert histogram_kl(truth, empirical) == pytest.approx(to_empirical, abs=1e-4)
    assert histogram_kl(empirical, truth) == pytest.approx(to_truth, abs=1e-4)


@pytest.mark.parametrize("empty", [1e-7, 1e-10])
def test_another_constant_for_empty_cells_does_not_give_the_headings(empty: float) -> None:
    truth, empirical = truth_and_empirical(four_gaussians())
    assert abs(histogram_kl(truth, empirical, empty) - 0.0291) > 5e-3


def test_a_flat_energy_scores_what_the_fact_sheet_computed() -> None:
    truth, empirical = truth_and_empirical(four_gaussians())
    flat = np.full(10_000, 1e-4)
    assert histogram_kl(flat, empirical) == pytest.approx(6.8239, abs=2e-3)
    assert histogram_kl(truth, flat) == pytest.approx(2.1520, abs=1e-4)


def test_each_point_counts_for_the_node_that_a_full_search_finds() -> None:
    random = np.random.default_rng(0)
    points = random.normal(0, 2, size=(3000, 2))
    nodes = np.stack(np.meshgrid(X, Y, indexing="ij"), -1).reshape(-1, 2)
    nearest = ((points[:, None] - nodes[None]) ** 2).sum(-1).argmin(1)
    expected = np.bincount(nearest, minlength=35) / 3000
    np.testing.assert_array_equal(nearest_node_histogram(points, X, Y, exact=True), expected)


def test_the_float32_search_is_the_full_float32_search() -> None:
    data = two_spirals()
    points, grid = data.samples[::50], data.grid
    nodes = grid.points.astype(np.float32)
    squares = (nodes[:, 0] * nodes[:, 0] + nodes[:, 1] * nodes[:, 1])[:, None] + (points * points).sum(1)[None]
    distance = squares - 2 * (nodes[:, :1] * points[None, :, 0] + nodes[:, 1:] * points[None, :, 1])
    expected = np.bincount(distance.argmin(0), minlength=10_000) / len(points)
    np.testing.assert_array_equal(nearest_node_histogram(points, grid.x, grid.y), expected)


def test_points_off_the_canvas_count_for_the_border() -> None:
    histogram = nearest_node_histogram(np.array([[-9.0, 99.0]]), X, Y).reshape(5, 7)
    assert histogram[0, -1] == 1


@settings(deadline=None)
@given(arrays(np.float64, 12, elements=st.floats(0.01, 1)), arrays(np.float64, 12, elements=st.floats(0.01, 1)))
def test_the_divergence_is_scipy_s_where_no_cell_is_empty(p: np.ndarray, q: np.ndarray) -> None:
    p, q = p / p.sum(), q / q.sum()
    assert histogram_kl(p, q, empty=0.0) == pytest.approx(rel_entr(p, q).sum(), abs=1e-12)
    assert histogram_kl(p, q) >= -12e-8


def test_empty_cells_of_p_count_nothing_and_empty_cells_of_q_the_constant() -> None:
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.5, 0.0, 0.5])
    expected = 0.5 * np.log(0.5 / (0.5 + 1e-8)) + 0.5 * np.log(0.5 / 1e-8)
    assert histogram_kl(p, q) == pytest.approx(expected, rel=1e-12)
    with pytest.raises(ValueError, match="KL is infinite: q is 0 in a cell where p is not"):
        histogram_kl(p, q, empty=0.0)


@pytest.mark.parametrize("true_temperature", [0.2, 1.0, 5.0])
def test_an_energy_that_is_right_up_to_a_factor_has_no_tempered_divergence(true_temperature: float) -> None:
    energy = np.random.default_rng(1).normal(size=50) * 3
    p = softmax(-energy)
    least, found = tempered_kl(p, true_temperature * energy)
    assert least == pytest.approx(0, abs=1e-9)
    assert found == pytest.approx(true_temperature, rel=1e-5)
    assert temperature(p, true_temperature * energy) == found


def test_the_tempered_divergence_is_the_least_of_a_fine_search() -> None:
    random = np.random.default_rng(2)
    p, energy = random.dirichlet(np.ones(30)), random.normal(size=30)
    least, _ = tempered_kl(p, energy)
    searched = min(rel_entr(p, softmax(-energy / t)).sum() for t in np.geomspace(0.01, 900, 3000))
    assert least <= searched + 1e-9
    assert least == pytest.approx(searched, abs=1e-4)  # the search steps T by 0.4 %


def test_an_energy_of_the_wrong_sign_is_best_flattened() -> None:
    energy = np.linspace(-3, 3, 40)
    least, found = tempered_kl(softmax(energy), energy)
    assert found > 100
    assert least == pytest.approx(stats.entropy(softmax(energy), np.full(40, 1 / 40)), rel=1e-2)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.empty((0, 2)), r"points must be \(N, 2\) with N > 0, they are \(0, 2\)"),
        (np.zeros((3, 3)), r"points must be \(N, 2\) with N > 0, they are \(3, 3\)"),
        (np.array([[0.0, np.nan], [0, 0]]), "1 of 2 points are not finite"),
        (np.array([[np.inf, 0.0]]), "1 of 1 points are not finite"),
    ],
)
def test_points_that_cannot_be_counted_are_refused(points: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nearest_node_histogram(points, X, Y)


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.5, 0.6], [0.5, 0.5], "p sums to 1.1, not to 1"),
        ([0.5, 0.5], [1.5, -0.5], "q must be finite and non-negative"),
        ([0.5, np.nan], [0.5, 0.5], "p must be finite and non-negative"),
        ([0.5, 0.5], [1.0], "p has 2 cells and q 1: both must lie on the same grid"),
    ],
)
def test_what_is_not_a_pair_of_distributions_is_refused(p: list[float], q: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        histogram_kl(np.array(p), np.array(q))


def test_an_energy_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="energy must be finite and have one entry for each cell of p"):
        tempered_kl(np.array([0.5, 0.5]), np.array([0.0, np.inf]))
