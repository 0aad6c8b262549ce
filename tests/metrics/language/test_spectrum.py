"""Rank and spectrum: known ranks, values a hair from the threshold, and LAPACK on the whole matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import hadamard
from scipy.special import log_softmax, logsumexp

from repro.metrics.language import spectrum
from repro.metrics.language.spectrum import (
    RESOLUTION,
    Precision,
    StreamedMatrix,
    normalised_spectrum,
    numerical_rank,
    numpy_threshold,
    press_threshold,
    singular_value_quantile,
)
from repro.metrics.score import FLOORS, is_bound

PRECISIONS: tuple[Precision, ...] = ("float32", "float64")


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small matrices take the way of large ones: Lanczos steps and inertia."""
    monkeypatch.setattr(spectrum, "DIRECT", 1)


def streamed(matrix: np.ndarray, precision: Precision, block: int = 37) -> StreamedMatrix:
    result = StreamedMatrix(matrix.shape[1], precision)
    for start in range(0, len(matrix), block):
        result.add(matrix[start : start + block])
    return result


def orthonormal(rows: int, columns: int, seed: int) -> np.ndarray:
    q: np.ndarray = np.linalg.qr(np.random.default_rng(seed).normal(size=(rows, columns)))[0]
    return q


def with_values(rows: int, columns: int, values: np.ndarray, seed: int) -> np.ndarray:
    """A matrix (rows, columns) with these singular values, dense, to float64's rounding."""
    left, right = orthonormal(rows, len(values), seed), orthonormal(columns, len(values), seed + 1)
    matrix: np.ndarray = (left * values) @ right.T
    return matrix


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("rows", "columns"), [(211, 53), (53, 211), (101, 101), (1, 7), (7, 1), (1, 1), (5000, 3)])
def test_any_split_into_blocks_gives_lapack_s_singular_values(precision: Precision, rows: int, columns: int) -> None:
    matrix = np.random.default_rng(0).normal(size=(rows, columns))
    expected = np.linalg.svd(matrix, compute_uv=False)
    for block in (1, 3, 59, rows):
        if rows // block < 500:
            found = streamed(matrix, precision, block).singular_values()
            # eigenvalues of the Gram matrix err by some eps s^2: values, by sqrt(eps) s at worst where they vanish
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-7 * expected[0])
            assert (np.diff(found) <= 0).all()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.usefixtures("counting")
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 40), st.integers(0, 2**31))
def test_the_rank_is_that_of_the_construction(
    precision: Precision, rows: int, columns: int, rank: int, seed: int
) -> None:
    rank = min(rank, rows, columns)
    values = np.geomspace(1, 1e-3, rank) * 7
    matrix = with_values(rows, columns, values, seed) if rank else np.zeros((rows, columns))
    assert numerical_rank(matrix, precision).value == rank


@pytest.mark.parametrize("direct", [1, 10_000])
@pytest.mark.parametrize(("rows", "columns"), [(900, 300), (300, 900), (2500, 700)])
@pytest.mark.parametrize("margin", [1e-2, 1e-3])
def test_values_a_thousandth_from_the_float32_threshold_are_counted_rightly(
    monkeypatch: pytest.MonkeyPatch, direct: int, rows: int, columns: int, margin: float
) -> None:
    """The error allowed by the module's argument is 1 / (T + M + 1) of the squared threshold: 4e-4 of it at 1,201."""
    monkeypatch.setattr(spectrum, "DIRECT", direct)
    threshold = press_threshold(rows, columns, 1.0)
    above, below, far = 40, 60, min(rows, columns) - 200
    values = np.concatenate(
        [
            np.geomspace(1, 1e-2, 100),
            np.full(above, threshold * (1 + margin)),
            np.full(below, threshold * (1 - margin)),
            np.geomspace(threshold / 2, threshold / 1e4, far),
        ]
    )
    matrix = with_values(rows, columns, values, seed=3)
    score = streamed(matrix, "float32", 500).rank()
    assert score.value == 100 + above
    assert score.details["sigma_max"] == pytest.approx(1, rel=1e-12)
    assert score.details["threshold"] == pytest.approx(threshold, rel=1e-12)


@pytest.mark.parametrize(("rows", "columns"), [(900, 300), (300, 900)])
def test_values_about_the_float64_threshold_are_counted_rightly(rows: int, columns: int) -> None:
    """The threshold is 17 eps here; constructing and decomposing each err by a few eps, so half and twice."""
    threshold = press_threshold(rows, columns, 1.0, "float64")
    values = np.concatenate([np.geomspace(1, 1e-12, 90), np.full(30, 2 * threshold), np.full(50, threshold / 2)])
    matrix = with_values(rows, columns, values, seed=4)
    assert streamed(matrix, "float64").rank().value == 120


def test_values_at_the_float64_threshold_are_counted_exactly_where_they_are_exact() -> None:
    """Columns of a Hadamard matrix times powers of two: every product and every singular value is exact."""
    signs = hadamard(1024, dtype=float)[:, :100]
    scales = 2.0 ** -np.arange(100)
    threshold = press_threshold(1024, 100, 1.0, "float64")
    assert streamed(signs * scales, "float64").rank().value == (scales > threshold).sum()
    assert streamed(signs * scales, "float32").rank().value == (scales > press_threshold(1024, 100, 1.0)).sum()


def test_the_gram_matrix_does_not_serve_a_float64_threshold() -> None:
    """Why precision chooses the algorithm: the squares of rank 120 drown in rounding at this threshold."""
    threshold = press_threshold(900, 300, 1.0, "float64")
    matrix = with_values(900, 300, np.geomspace(1, 1e-12, 120), seed=5)
    squares = np.linalg.eigvalsh(matrix.T @ matrix)
    assert (np.sqrt(squares.clip(min=0)) > threshold).sum() > 130
    assert streamed(matrix, "float64").rank().value == 120


@pytest.mark.usefixtures("counting")
@given(st.integers(2, 60), st.integers(2, 30), st.integers(0, 2**31))
def test_counting_by_inertia_is_counting_eigenvalues(rows: int, columns: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    values = 10.0 ** -random.uniform(0, 10, size=min(rows, columns))  # through the threshold at about 5e-7
    matrix = with_values(rows, columns, values, seed % 1000)
    by_inertia = numerical_rank(matrix)
    listed = streamed(matrix, "float32")
    values = listed.singular_values()
    assert listed.rank().details["sigma_max"] == pytest.approx(by_inertia.details["sigma_max"], rel=1e-12)
    # a value within 1 % of the threshold may fall on either side in a matrix as small as this
    clear = (abs(values / by_inertia.details["threshold"] - 1) > 0.01).all()
    assert not clear or by_inertia.value == listed.rank().value == (values > by_inertia.details["threshold"]).sum()


@pytest.mark.usefixtures("counting")
def test_a_cluster_of_largest_values_does_not_mislead_the_lanczos_steps() -> None:
    score = numerical_rank(orthonormal(400, 200, 1))
    assert score.value == 200
    assert score.details["sigma_max"] == pytest.approx(1, rel=1e-9)


def log_probabilities(kind: str, bias: bool, dtype: type, d: int = 20, T: int = 1500, M: int = 300) -> np.ndarray:
    random = np.random.default_rng(7)
    hidden: np.ndarray = random.normal(size=(T, d)).astype(dtype)
    decoder: np.ndarray = random.normal(size=(M, d)).astype(dtype)
    offset: np.ndarray = random.normal(size=M).astype(dtype) * bias
    if kind == "logits":
        logits: np.ndarray = hidden @ decoder.T + offset
        return logits
    if kind == "softmax":
        one: np.ndarray = log_softmax(hidden @ decoder.T + offset, axis=1)
        return one
    parts = [np.tanh(hidden @ random.normal(size=(d, d)).astype(dtype)) for _ in range(3)]
    each = np.stack([log_softmax(part @ decoder.T + offset, axis=1) for part in parts])
    mixture: np.ndarray = logsumexp(each, axis=0) - np.log(dtype(3))
    return mixture


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("kind", "bias", "expected"),
    # d = 20: the products, the bias and the log-normaliser (fact sheet language_models, section 5.6)
    [
        ("logits", False, 20),
        ("logits", True, 21),
        ("softmax", False, 21),
        ("softmax", True, 22),
        ("mixture", True, 300),
    ],
)
def test_a_softmax_with_bias_has_rank_d_plus_2_and_a_mixture_is_not_bound(
    kind: str, bias: bool, expected: int, dtype: type
) -> None:
    assert numerical_rank(log_probabilities(kind, bias, dtype)).value == expected


def test_float32_log_probabilities_have_full_rank_at_a_float64_threshold() -> None:
    """The pitfall of mixed precisions: the rounding of float32 entries is far above the float64 threshold."""
    matrix = log_probabilities("softmax", True, np.float32)
    assert numerical_rank(matrix, "float64").value == 300
    assert numerical_rank(log_probabilities("softmax", True, np.float64), "float64").value == 22


def test_a_constant_added_to_probabilities_gives_full_rank() -> None:
    matrix = log_probabilities("softmax", True, np.float32)
    assert numerical_rank(np.log(np.exp(matrix) + np.float32(1e-8))).value == 300


def test_the_rank_of_the_float32_decomposition_is_the_streamed_one() -> None:
    """The reference: float32 singular values by LAPACK and numpy's float32 eps, on the matrix held whole."""
    for kind, bias in (("logits", False), ("softmax", True), ("mixture", True)):
        matrix = log_probabilities(kind, bias, np.float32)
        values = np.linalg.svd(matrix, compute_uv=False)
        threshold = 0.5 * np.sqrt(matrix.shape[0] + matrix.shape[1] + 1) * values[0] * np.finfo(np.float32).eps
        assert numerical_rank(matrix).value == (values > threshold).sum()
        assert numerical_rank(matrix, threshold="numpy").value == np.linalg.matrix_rank(matrix)


def test_the_thresholds_are_those_of_the_fact_sheet() -> None:
    # 0.5 sqrt(82429 + 10000 + 1) = 0.5 * 304.0; numpy's is 542 times larger
    press, numpy = press_threshold(82_429, 10_000, 1.0), numpy_threshold(82_429, 10_000, 1.0)
    assert press / 2**-23 == pytest.approx(0.5 * 304.0, abs=0.05)
    assert numpy / press == pytest.approx(542, abs=0.5)
    assert press_threshold(82_429, 10_000, 1.0, "float64") == press * 2**-29


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(
    ("matrix", "rank"),
    [
        (np.zeros((9, 4)), 0),
        (np.ones((9, 4)), 1),
        (np.full((1, 4), -3.5), 1),
        (np.eye(4, 9), 4),
        (np.eye(9, 4) * 1e60, 4),
    ],
)
def test_hard_inputs_have_their_rank(precision: Precision, matrix: np.ndarray, rank: int) -> None:
    assert numerical_rank(matrix, precision).value == rank


@pytest.mark.parametrize("precision", PRECISIONS)
def test_rows_may_follow_a_rank(precision: Precision) -> None:
    matrix = StreamedMatrix(5, precision)
    for size in range(1, 6):
        matrix.add(np.eye(5)[size - 1 : size])
        assert (matrix.rank().value, len(matrix.singular_values()), matrix.rows) == (size, size, size)
        assert matrix.rank().value == size


@pytest.mark.parametrize("precision", PRECISIONS)
def test_rows_that_were_added_are_not_written_into(precision: Precision) -> None:
    rows = np.random.default_rng(2).normal(size=(5000, 3))
    kept = rows.copy()
    streamed(rows, precision, 5000).rank()
    np.testing.assert_array_equal(rows, kept)


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: StreamedMatrix(0), "a matrix has at least 1 column, not 0"),
        (lambda: StreamedMatrix(3, cast(Any, "float16")), "precision must be float32 or float64, it is 'float16'"),
        (lambda: StreamedMatrix(3).rank(), "no rows were added"),
        (lambda: StreamedMatrix(3).singular_values(), "no rows were added"),
        (lambda: StreamedMatrix(3).add(np.zeros((2, 4))), r"rows must be \(n, 3\), they are \(2, 4\)"),
        (lambda: StreamedMatrix(3).add(np.zeros(3)), r"rows must be \(n, 3\), they are \(3,\)"),
        (lambda: numerical_rank(np.array([[0, np.nan], [1, 2]])), "1 of 2 rows have entries that are not finite"),
        (lambda: numerical_rank(np.array([[0, -np.inf], [np.inf, 2]])), "2 of 2 rows have entries that are not finite"),
        (lambda: numerical_rank(np.eye(3) * 1e200), r"the largest entry is 1e\+200: scale the matrix"),
        (lambda: numerical_rank(np.eye(3) * 1e-200), "the largest entry is 1e-200: scale the matrix"),
        (lambda: numerical_rank(np.empty((0, 3))), r"a matrix must be \(T, M\) with T, M > 0, it is \(0, 3\)"),
        (lambda: normalised_spectrum(np.zeros(3), np.ones(1)), "singular values must be finite, non-negative"),
        (lambda: singular_value_quantile(np.array([1, np.nan]), 0.5), "singular values must be finite, non-negative"),
        (lambda: singular_value_quantile(np.ones(2), 0.0), r"quantile must lie in \(0, 1\], it is 0.0"),
    ],
)
def test_what_has_no_rank_or_spectrum_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()


def test_the_curve_is_the_share_at_most_each_threshold() -> None:
    values = np.array([8.0, 1, 2, 4])
    shares = normalised_spectrum(values, np.array([0, 0.125, 0.2, 0.5, 0.99, 1]))
    np.testing.assert_array_equal(shares, [0, 0.25, 0.25, 0.75, 0.75, 1])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50).filter(any), st.floats(0.01, 1))
def test_a_quantile_is_where_the_curve_reaches_it(values: list[float], quantile: float) -> None:
    found = singular_value_quantile(np.array(values), quantile, floor=0.0).value
    before = np.nextafter(found, -1)
    low, high = normalised_spectrum(np.array(values), np.array([before, found]))
    assert low < quantile <= high


def test_a_quantile_below_the_resolution_is_given_as_the_resolution() -> None:
    score = singular_value_quantile(np.array([1.0, 1e-15, 0.0]), 0.5)
    assert score.value == RESOLUTION["float64"]
    assert "floor:1.42e-14" in score.signature


@pytest.mark.parametrize("precision", PRECISIONS)
def test_values_are_exact_down_to_the_resolution_and_zeros_below_it(precision: Precision) -> None:
    """Values 1, 3e-7, a tenth of them per power of ten, and exact zeros, between rotations in float64."""
    random, least = np.random.default_rng(5), RESOLUTION[precision]
    left, right = (np.linalg.qr(random.normal(size=(size, 60)))[0] for size in (400, 90))
    values = np.logspace(0, np.log10(least) + 1, 60)
    found = streamed(left * values @ right.T, precision).singular_values()
    np.testing.assert_allclose(found[:60] / found[0], values, rtol=0.05)
    assert (found[60:] / found[0] < least).all()


def test_the_floors_of_signatures_are_the_resolutions_of_the_routes() -> None:
    """Claims take a quantile at the floor for an upper bound; they know it by the route in its signature."""
    assert {"route:gram": RESOLUTION["float32"], "route:qr": RESOLUTION["float64"]} == FLOORS
    assert is_bound(RESOLUTION["float32"], "singular-value-quantile|route:gram|quantile:0.5")
    assert not is_bound(RESOLUTION["float32"], "singular-value-quantile|route:qr|quantile:0.5")
