"""The Fréchet distance: torch-fidelity, scipy's matrix root, closed forms, and covariances without an inverse."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from repro.metrics.images import frechet
from repro.metrics.images.frechet import frechet_distance, frechet_distance_of_moments


def fidelity(a: np.ndarray, b: np.ndarray) -> float:
    """torch-fidelity's own distance."""
    moments = [fid_features_to_statistics(torch.from_numpy(side)) for side in (a, b)]
    return float(fid_statistics_to_metric(*moments, verbose=False)["frechet_inception_distance"])


def pair(random: np.random.Generator, n: int, m: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Two sets of correlated features, of unlike means and spreads, covariances of condition up to 1000."""
    left, right = (np.linalg.qr(random.normal(size=(d, d)))[0] for _ in range(2))
    mixing = left * random.uniform(0.1, 3, d) @ right * 10.0 ** random.uniform(-2, 2)
    return random.normal(size=(n, d)) @ mixing, (random.normal(size=(m, d)) + 0.3) @ mixing * random.uniform(0.5, 2)


def trace(a: np.ndarray, b: np.ndarray) -> float:
    return float(a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum())


def test_it_is_torch_fidelity_s_on_a_thousand_pairs_of_full_rank() -> None:
    random = np.random.default_rng(8)
    for _ in range(1000):
        d = int(random.integers(2, 17))
        a, b = pair(random, 2 * d + 5, 3 * d + 5, d)
        assert frechet_distance(a, b).value == pytest.approx(fidelity(a, b), rel=1e-9, abs=1e-9 * trace(a, b))


def test_one_feature_has_the_distance_of_two_normal_distributions() -> None:
    a, b = pair(np.random.default_rng(7), 30, 40, 1)  # numpy's covariance of one column is a number: no reference
    expected = (a.mean() - b.mean()) ** 2 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert frechet_distance(a, b).value == pytest.approx(expected, rel=1e-12)


def test_it_is_the_formula_with_scipy_s_matrix_root() -> None:
    random = np.random.default_rng(9)
    for _ in range(50):
        a, b = pair(random, 60, 80, 8)
        c, e = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
        expected = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c + e - 2 * sqrtm(c @ e).real)
        assert frechet_distance(a, b).value == pytest.approx(expected, rel=1e-9, abs=1e-9 * trace(a, b))


@pytest.mark.parametrize(("n", "m"), [(2, 2), (10, 10), (20, 30), (64, 64), (65, 200)])
def test_with_fewer_items_than_features_it_agrees_to_the_reference_s_own_error(n: int, m: int) -> None:
    """The reference takes roots of eigenvalues that are 0 but for rounding: 1e-16 becomes 1e-8, for each feature."""
    a, b = pair(np.random.default_rng(10), n, m, 64)
    assert frechet_distance(a, b).value == pytest.approx(fidelity(a, b), abs=64 * 2e-8 * trace(a, b))


def test_in_a_subspace_it_is_the_distance_in_the_subspace() -> None:
    """Exact where covariances are singular: a rotation into more dimensions changes nothing."""
    random = np.random.default_rng(11)
    a, b = pair(random, 40, 50, 5)
    rotation = np.linalg.qr(random.normal(size=(300, 300)))[0][:5]
    inside = frechet_distance(a, b).value
    assert frechet_distance(a @ rotation, b @ rotation).value == pytest.approx(inside, rel=1e-10)


@pytest.mark.parametrize(("n", "d"), [(2, 3), (20, 64), (64, 20)])
def test_a_set_has_no_distance_to_itself_however_singular(n: int, d: int) -> None:
    a, _ = pair(np.random.default_rng(12), n, n, d)
    again = a[::-1].copy()
    for other in (a, again):
        assert 0 <= frechet_distance(a, other).value <= 1e-12 * trace(a, other)


def test_all_equal_rows_leave_the_distance_of_the_means() -> None:
    a, b = np.full((5, 3), 1.0), np.full((7, 3), 3.0)
    assert frechet_distance(a, b).value == 12
    assert frechet_distance(a, b).details == {"means": 12, "covariances": 0}


def test_a_shift_adds_its_square_and_a_scale_the_difference_of_the_deviations() -> None:
    a, _ = pair(np.random.default_rng(13), 500, 2, 6)
    assert frechet_distance(a, a + 2).value == pytest.approx(6 * 4, rel=1e-9)
    about_zero = a - a.mean(axis=0)
    spread = a.var(axis=0, ddof=1).sum()
    assert frechet_distance(about_zero, 3 * about_zero).value == pytest.approx(4 * spread, rel=1e-9)  # (3 - 1)^2


def test_it_is_symmetric_and_knows_no_order() -> None:
    random = np.random.default_rng(14)
    a, b = pair(random, 100, 120, 10)
    forth = frechet_distance(a, b).value
    assert frechet_distance(b, a).value == pytest.approx(forth, rel=1e-10)
    assert frechet_distance(random.permutation(a), b).value == pytest.approx(forth, rel=1e-10)


def test_batches_of_float32_features_are_not_summed_in_float32() -> None:
    """torchmetrics#1620 and #1198: running float32 sums lose digits where means are large."""
    random = np.random.default_rng(15)
    a, b = (random.normal(1000, 1, size=(4000, 4)).astype(np.float32) for _ in range(2))
    expected = frechet_distance(a.astype(np.float64), b.astype(np.float64)).value
    assert frechet_distance(a, b).value == expected
    assert frechet_distance(np.concatenate(np.array_split(a, 97)), b).value == expected


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.uint8])
def test_features_stay_as_they_are(kind: type[np.generic]) -> None:
    random = np.random.default_rng(19)
    a, b = (random.integers(0, 9, size=(30, 4)).astype(kind) for _ in range(2))
    before = a.copy(), b.copy()
    frechet_distance(a, b)
    np.testing.assert_array_equal(a, before[0])
    np.testing.assert_array_equal(b, before[1])


@pytest.mark.parametrize("condition", [1.0, 1e3, 1e6, 1e14])
def test_eigenvalues_and_singular_values_agree_whatever_the_condition(condition: float) -> None:
    """The eigenvalues are taken up to an error of 1e-9 of the trace by their own bound, and left beyond it."""
    random = np.random.default_rng(18)
    mixing = np.linalg.qr(random.normal(size=(24, 24)))[0] * np.geomspace(1, condition**-0.5, 24)
    a, b = (random.normal(size=(200, 24)) @ mixing @ np.linalg.qr(random.normal(size=(24, 24)))[0] for _ in range(2))
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    shared = frechet._trace_of_root(a.T @ a / 199, b.T @ b / 199)
    exact = frechet._singular_values(frechet._factor(a), frechet._factor(b))
    assert (shared is None) == (condition == 1e14)
    if shared is not None:
        assert shared == pytest.approx(exact, abs=1e-9 * trace(a, b))
    assert frechet_distance(a, b).details["covariances"] == pytest.approx(
        trace(a, b) - 2 * exact, abs=1e-9 * trace(a, b)
    )


def test_from_moments_it_is_the_same() -> None:
    random = np.random.default_rng(16)
    for n, d in ((50, 8), (5, 8)):
        a, b = pair(random, n, 2 * n, d)
        moments = [moment for side in (a, b) for moment in (side.mean(axis=0), np.cov(side, rowvar=False))]
        found = frechet_distance_of_moments(*moments).value
        assert found == pytest.approx(frechet_distance(a, b).value, abs=1e-7 * trace(a, b))  # its docstring's accuracy


def test_two_gaussians_in_closed_form() -> None:
    c, e = np.diag([1.0, 4.0]), np.diag([9.0, 0.0])
    score = frechet_distance_of_moments(np.zeros(2), c, np.array([3.0, 4.0]), e)
    assert score.value == pytest.approx(25 + (1 - 3) ** 2 + (2 - 0) ** 2, abs=1e-12)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.ones((1, 3)), np.ones((5, 3)), r"features must be \(N, D\) with N > 1, they are \(1, 3\)"),
        (np.ones((5, 3)), np.ones((0, 3)), r"reference must be \(N, D\) with N > 1, they are \(0, 3\)"),
        (np.ones(5), np.ones((5, 3)), r"features must be \(N, D\) with N > 1, they are \(5,\)"),
        (np.ones((5, 3)), np.ones((5, 4)), "features have 3 columns, the reference 4: take both from one layer"),
        (np.array([[1.0, np.nan], [1, 2]]), np.ones((5, 2)), "1 of 2 rows of features are not finite"),
        (np.ones((5, 2)), np.full((4, 2), np.inf), "4 of 4 rows of reference are not finite"),
        (np.full((5, 2), "a"), np.ones((5, 2)), "features must be numbers, they are <U1"),
    ],
)
def test_features_without_a_covariance_are_refused(a: np.ndarray, b: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frechet_distance(a, b)


@pytest.mark.parametrize(
    ("mean", "covariance", "message"),
    [
        (np.zeros(3), np.eye(2), r"means must be finite and both \(D,\), they are \(3,\) and \(2,\)"),
        (np.full(2, np.nan), np.eye(2), r"means must be finite and both \(D,\)"),
        (np.zeros(2), np.eye(3), r"a covariance must be finite and \(2, 2\), as the mean has it; it is \(3, 3\)"),
        (np.zeros(2), np.array([[1.0, 0.5], [0, 1]]), "a covariance must be symmetric"),
        (np.zeros(2), np.diag([1.0, -0.5]), "a covariance has no negative eigenvalue, this one has -0.5"),
    ],
)
def test_moments_that_are_none_are_refused(mean: np.ndarray, covariance: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frechet_distance_of_moments(mean, covariance, np.zeros(2), np.eye(2))
