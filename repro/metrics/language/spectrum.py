r"""Rank and singular values of a matrix that arrives in blocks of rows and is never held whole.

Paper:  Breaking the Softmax Bottleneck (Yang et al., 2018), dai2019 table A.6 (ranks) and figure A.1 (spectrum);
        the threshold is Press et al., Numerical Recipes (3rd edition), section 2.6.2.
Code:   not released. A float32 matrix, float32 singular values and the float32 eps together are what a later code base
        uses and what gives a softmax its d .. d + 2.
Shapes: T rows (contexts), M columns (words); memory is M * M doubles and a block of `BLOCK` rows, twice M * M while
        values are computed. T may be below M.

Which algorithm serves which threshold. Let s be the largest singular value and t(eps) = 0.5 sqrt(T + M + 1) s eps.
- float32: the Gram matrix G = A'A, summed in float64. What is asked is which eigenvalues of G exceed t(2^-23)^2 =
  3.6e-15 (T + M + 1) s^2. In units of 1.1e-16 |A|^2, summing errs by at most BLOCK + T / BLOCK and factorising by a
  small multiple of M: for 82,430 x 10,000 that is 1.3e-12 s^2 against 3.3e-10 s^2, so that even in the worst case only
  values within 0.2 % of the threshold could be counted wrongly. Errors met in practice are some tens of units.
- float64: t(2^-52)^2 = 1.2e-32 (T + M + 1) s^2 lies below the rounding of G, and the Gram matrix would count noise. The
  triangular factor R of A = QR is updated block by block instead (LAPACK tpqrt), at twice the arithmetic; its singular
  values err by a small multiple of 2^-53 s, against a threshold of 2^-53 sqrt(T + M + 1) s.
The spectrum itself, of which no threshold is asked, is of the second kind: all but the largest values of a softmax's
log-probabilities lie far below what a Gram matrix resolves.
"""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from scipy.linalg import blas, eigvalsh, lapack, svdvals
from scipy.sparse.linalg import LinearOperator, eigsh

from repro.metrics.score import Score, signature

Precision = Literal["float32", "float64"]
Threshold = Literal["press", "numpy"]

BLOCK = 2048
"""Rows that are collected before a product: enough for the products to run at the processor's full rate."""

PANEL = 64
"""Columns that tpqrt eliminates at a time."""

DIRECT = 512
"""Columns up to which all eigenvalues are computed, since counting them by inertia saves nothing."""

RANGE = (1e-100, 1e100)
"""Largest entries whose squares neither overflow nor vanish."""

RESOLUTION: dict[Precision, float] = {"float32": 2.0**-26, "float64": 2.0**-46}
"""The share of the largest singular value under which others carry no digit, by precision: sqrt(2^-52) from a Gram
matrix; from the triangular factor 64 units of 2^-52, where exact zeros of 2,000 columns are found below two."""


class _Factor(Protocol):
    """What is kept of the rows so far."""

    def add(self, block: np.ndarray) -> None:
        """Takes the rows of a block (n, M), which may be overwritten."""

    def largest(self) -> float:
        """The largest singular value."""

    def above(self, threshold: float) -> int:
        """How many singular values exceed a threshold > 0."""

    def values(self) -> np.ndarray:
        """All M singular values, descending; the surplus ones of fewer rows than columns are rounding."""


class StreamedMatrix:
    """A (T, M) matrix of real numbers, added in blocks of rows: its rank and its singular values.

    `precision` is that of the matrix whose rank is asked for: it names the eps of the threshold, and with it the
    algorithm (see the module). Rows may be float32 or float64 and are used as they are given. Give log-probabilities
    as log-softmax or logsumexp leaves them: log(p + 1e-8) has full rank for every model.

    Example:
        >>> matrix = StreamedMatrix(columns=3)
        >>> matrix.add(np.array([[1.0, 0, 1], [0, 1, 1]]))
        >>> matrix.add(np.array([[1.0, 1, 2]]))
        >>> matrix.rank().value
        2.0
    """

    def __init__(self, columns: int, precision: Precision = "float32") -> None:
        if columns < 1:
            raise ValueError(f"a matrix has at least 1 column, not {columns}")
        if precision not in ("float32", "float64"):
            raise ValueError(f"precision must be float32 or float64, it is {precision!r}")
        self.columns = columns
        self.precision = precision
        self.rows = 0
        self._peak = 0.0
        self._factor: _Factor = _Gram(columns) if precision == "float32" else _Triangle(columns)
        self._block = np.empty((BLOCK, columns), order="C" if precision == "float32" else "F")
        self._filled = 0

    def add(self, rows: np.ndarray) -> None:
        """Appends rows (n, M), n >= 0. Raises ValueError for another shape, or for entries that are not finite."""
        rows = np.asarray(rows)
        if rows.ndim != 2 or rows.shape[1] != self.columns:
            raise ValueError(f"rows must be (n, {self.columns}), they are {rows.shape}")
        if not len(rows):
            return
        peak = float(max(rows.max(), -rows.min()))  # NaN if any entry is
        if not np.isfinite(peak):
            bad = (~np.isfinite(rows)).any(axis=1).sum()
            raise ValueError(
                f"{bad} of {len(rows)} rows have entries that are not finite: take log-softmax, not log(p)"
            )
        self._peak = max(self._peak, peak)
        self.rows += len(rows)
        while len(rows):
            taken = rows[: BLOCK - self._filled]
            self._block[self._filled : self._filled + len(taken)] = taken
            self._filled += len(taken)
            rows = rows[len(taken) :]
            if self._filled == BLOCK:
                self._flush()

    def singular_values(self) -> np.ndarray:
        """All min(T, M) singular values, descending, in float64.

        Each errs by at most some 1e-16 s^2 / value for precision float32, and by some 1e-16 s for float64, where s is
        the largest: none under `RESOLUTION` s has a digit. Raises ValueError before there are rows.
        """
        self._finish()
        return self._factor.values()[: min(self.rows, self.columns)]

    def rank(self, threshold: Threshold = "press") -> Score:
        """The number of singular values above the threshold: 0 (only zeros) to min(T, M), a whole number.

        A softmax over d-dimensional contexts has d, and up to d + 2 with a decoder bias: d products, the bias, and the
        log-normaliser. Details: threshold, sigma_max, rows, columns. Raises ValueError before there are rows.
        """
        self._finish()
        largest = self._factor.largest() if self._peak else 0.0
        least = THRESHOLDS[threshold](self.rows, self.columns, largest, self.precision)
        # rounding leaves the surplus values of fewer rows than columns below any threshold, but only the shape says so
        count = min(self._factor.above(least), self.rows) if largest else 0
        route = "gram" if self.precision == "float32" else "qr"
        return Score(
            float(count),
            signature("rank", "repro/1", threshold=threshold, eps=self.precision, route=route),
            details={"threshold": least, "sigma_max": largest, "rows": self.rows, "columns": self.columns},
        )

    def _finish(self) -> None:
        if not self.rows:
            raise ValueError("no rows were added: a matrix without rows has no singular values")
        if self._peak and not RANGE[0] < self._peak < RANGE[1]:
            raise ValueError(
                f"the largest entry is {self._peak:.3g}: scale the matrix, its squares leave float64's range"
            )
        self._flush()

    def _flush(self) -> None:
        if self._filled:
            self._factor.add(self._block[: self._filled])
            self._filled = 0


class _Gram:
    """A'A in float64, in the lower triangle."""

    def __init__(self, columns: int) -> None:
        self._sum = np.zeros((columns, columns), order="F")
        self._values: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        self._values = None
        blas.dsyrk(1.0, block.T, beta=1.0, c=self._sum, lower=1, overwrite_c=1)

    def values(self) -> np.ndarray:
        if self._values is None:
            squares = eigvalsh(self._sum, lower=True, check_finite=False)
            self._values = np.sqrt(squares[::-1].clip(min=0))
        return self._values

    def largest(self) -> float:
        columns = len(self._sum)
        if columns <= DIRECT or self._values is not None:
            return float(self.values()[0])
        product = LinearOperator((columns, columns), matvec=self._times, dtype=np.float64)
        start = np.random.default_rng(0).normal(size=columns)  # overlaps with every eigenvector
        square = eigsh(product, k=1, which="LA", v0=start, tol=1e-10, return_eigenvectors=False)
        return float(np.sqrt(square[0]))

    def above(self, threshold: float) -> int:
        if len(self._sum) <= DIRECT or self._values is not None:
            return int((self.values() > threshold).sum())
        return _positive(self._sum, threshold**2)

    def _times(self, vector: np.ndarray) -> np.ndarray:
        product: np.ndarray = blas.dsymv(1.0, self._sum, vector, lower=1)
        return product


class _Triangle:
    """The triangular factor R of A = QR."""

    def __init__(self, columns: int) -> None:
        self._r = np.zeros((columns, columns), order="F")
        self._values: np.ndarray | None = None

    def add(self, block: np.ndarray) -> None:
        self._values = None
        panel = min(PANEL, self._r.shape[1])
        lapack.dtpqrt(0, panel, self._r, np.asfortranarray(block), overwrite_a=1, overwrite_b=1)

    def values(self) -> np.ndarray:
        if self._values is None:
            self._values = svdvals(self._r, check_finite=False)
        return self._values

    def largest(self) -> float:
        return float(self.values()[0])

    def above(self, threshold: float) -> int:
        return int((self.values() > threshold).sum())


def _positive(symmetric: np.ndarray, shift: float) -> int:
    """How many eigenvalues of a matrix, given by its lower triangle, exceed `shift`, by Sylvester's law of inertia.

    Of LDL' = symmetric - shift * 1 as many eigenvalues are positive as of D, whose blocks of order 2 have one of each
    sign (Bunch and Kaufman take a block of order 2 only where its determinant is negative).
    """
    shifted = symmetric.copy(order="F")
    np.einsum("ii->i", shifted)[:] -= shift
    work, _ = lapack.dsytrf_lwork(len(shifted), lower=1)
    factor, pivots, _ = lapack.dsytrf(shifted, lower=1, lwork=int(work), overwrite_a=1)
    single = pivots > 0
    return int((np.diagonal(factor)[single] > 0).sum() + (~single).sum() // 2)


def numerical_rank(matrix: np.ndarray, precision: Precision = "float32", threshold: Threshold = "press") -> Score:
    """The rank of a matrix (T, M) at hand, as `StreamedMatrix.rank` gives it."""
    matrix = np.asarray(matrix)
    if matrix.ndim != 2 or not matrix.size:
        raise ValueError(f"a matrix must be (T, M) with T, M > 0, it is {matrix.shape}")
    streamed = StreamedMatrix(matrix.shape[1], precision)
    streamed.add(matrix)
    return streamed.rank(threshold)


def press_threshold(rows: int, columns: int, largest: float, precision: Precision = "float32") -> float:
    """0.5 sqrt(T + M + 1) s eps, for the largest singular value s: the threshold of the paper's ranks."""
    return float(0.5 * np.sqrt(rows + columns + 1) * largest * np.finfo(precision).eps)


def numpy_threshold(rows: int, columns: int, largest: float, precision: Precision = "float32") -> float:
    """max(T, M) s eps, the default of `numpy.linalg.matrix_rank`; 542 times that of Press et al. for the paper's test
    matrix, so that it counts fewer."""
    return float(max(rows, columns) * largest * np.finfo(precision).eps)


THRESHOLDS = {"press": press_threshold, "numpy": numpy_threshold}


def normalised_spectrum(values: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """The share of singular values that, divided by the largest, are at most each threshold: figure A.1's curves.

    values (K,) in any order, thresholds (N,) of [0, 1], shares (N,) of [0, 1]. Raises ValueError as
    `singular_value_quantile` does.
    """
    normalised = _normalised(values)
    share: np.ndarray = np.searchsorted(normalised, thresholds, side="right") / len(normalised)
    return share


def singular_value_quantile(values: np.ndarray, quantile: float, floor: float = RESOLUTION["float64"]) -> Score:
    """The least threshold of (0, 1] at which the curve of `normalised_spectrum` reaches `quantile`.

    values (K,) are singular values in any order, `quantile` of (0, 1]. A result below `floor` is rounding of how the
    values were computed and is given as `floor`, an upper bound. Raises ValueError for values that are empty, negative,
    not finite or all zero.
    """
    if not 0 < quantile <= 1:
        raise ValueError(f"quantile must lie in (0, 1], it is {quantile}")
    reached = np.quantile(_normalised(values), quantile, method="inverted_cdf")
    protocol = signature("singular-value-quantile", "repro/1", quantile=quantile, floor=f"{floor:.3g}")
    return Score(max(float(reached), floor), protocol)


def _normalised(values: np.ndarray) -> np.ndarray:
    values = np.sort(np.asarray(values, dtype=np.float64).ravel())
    if not values.size or not np.isfinite(values).all() or values[0] < 0 or values[-1] == 0:
        raise ValueError("singular values must be finite, non-negative, at least one of them, and not all zero")
    normalised: np.ndarray = values / values[-1]
    return normalised
