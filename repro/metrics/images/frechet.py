"""The Fréchet distance of two Gaussians fitted to features: what the Fréchet inception distance is of.

Paper:     Heusel et al. (2017), GANs Trained by a Two Time-Scale Update Rule, section 3; Dowson and Landau (1982).
Code:      torch-fidelity, metric_fid.py (eigenvalues of the product of the covariances, after bioinf-jku/TTUR).
Departure: the trace of the root is the sum of the roots of the eigenvalues of C C', found as those of the symmetric
           L^T C' L with L L^T = C. A root makes 1e-8 of a rounding error of 1e-16 where an eigenvalue is 0. Where the
           error could pass 1e-9 of the trace (`ACCURACY`), as with fewer items than features, it is the sum of the
           singular values of A B^T instead, where A^T A = C and B^T B = C': off by 1e-14, and some three times as slow.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, eigvalsh

from repro.metrics.score import Score, signature

ACCURACY = 1e-9
"""The error, as a share of the trace of both covariances, up to which roots of eigenvalues are taken."""


def frechet_distance(features: np.ndarray, reference: np.ndarray) -> Score:
    """|mean - mean'|^2 + tr(C + C' - 2 (C C')^(1/2)) of features (N, D) and (M, D), at least 0; lower is better.

    C are covariances with N - 1 below, in float64 whatever comes in, over all rows at once: the batches that features
    were computed in cannot matter (torchmetrics#1620). N and M must be at least 2; below D the covariances are
    singular, which is fine numerically, but the distance is biased upwards and comparable only at equal N and M.
    `details` has the terms `means` and `covariances`. Time grows as (N + M) D^2 + D^3. Raises ValueError for features
    that are not finite.
    """
    a, b = _matrix(features, "features"), _matrix(reference, "reference")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"features have {a.shape[1]} columns, the reference {b.shape[1]}: take both from one layer")
    means = a.mean(axis=0), b.mean(axis=0)
    a -= means[0]
    b -= means[1]
    covariances = a.T @ a / (len(a) - 1), b.T @ b / (len(b) - 1)
    shared = _trace_of_root(*covariances)
    if shared is None:
        shared = _singular_values(_factor(a), _factor(b))
    said = signature("frechet-distance", "repro/2", n=len(a), reference=len(b), dimensions=a.shape[1], ddof=1)
    return _distance(*means, float(np.trace(covariances[0]) + np.trace(covariances[1])), shared, said)


def frechet_distance_of_moments(
    mean: np.ndarray, covariance: np.ndarray, reference_mean: np.ndarray, reference_covariance: np.ndarray
) -> Score:
    """`frechet_distance` from means (D,) and covariances (D, D), such as published statistics of a data set.

    Singular covariances cost about 1e-8 of the trace in accuracy: what they are roots of is not at hand. Raises
    ValueError for a covariance that is not symmetric, or has an eigenvalue below -1e-6 of its largest.
    """
    means = [np.asarray(value, dtype=np.float64) for value in (mean, reference_mean)]
    if means[0].ndim != 1 or means[0].shape != means[1].shape or not np.isfinite(means).all():
        raise ValueError(f"means must be finite and both (D,), they are {means[0].shape} and {means[1].shape}")
    given = [_checked(value, means[0].size) for value in (covariance, reference_covariance)]
    shared = _trace_of_root(*given)
    if shared is None:
        shared = _singular_values(*map(_root, given))
    said = signature("frechet-distance", "repro/2", input="moments", dimensions=means[0].size)
    return _distance(means[0], means[1], float(np.trace(given[0]) + np.trace(given[1])), shared, said)


def _distance(mean: np.ndarray, other: np.ndarray, traces: float, shared: float, said: str) -> Score:
    means = float(((mean - other) ** 2).sum())
    covariances = max(0.0, traces - 2 * shared)  # below 0 only by rounding
    return Score(means + covariances, said, details={"means": means, "covariances": covariances})


def _trace_of_root(covariance: np.ndarray, other: np.ndarray) -> float | None:
    """tr((C C')^(1/2)) by the eigenvalues of C C'; None where that is less accurate than `ACCURACY`."""
    try:
        # of LAPACK's drivers gv is the faster here: scipy gives gvd, its default, the least of workspaces
        values = eigvalsh(covariance, other, type=2, driver="gv", check_finite=False)  # type: ignore[arg-type]  # the stubs lack gv
    except LinAlgError:  # the other one is singular to rounding
        return None
    if values[0] <= 0:
        return None
    roots = np.sqrt(values)
    error = np.finfo(np.float64).eps * values[-1] * (0.5 / roots).sum()
    return float(roots.sum()) if error < ACCURACY * (np.trace(covariance) + np.trace(other)) else None


def _singular_values(factor: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.svd(factor @ other.T, compute_uv=False).sum())


def _factor(centred: np.ndarray) -> np.ndarray:
    """A with A^T A the covariance of the rows, (min(N, D), D)."""
    root = np.asarray(np.linalg.qr(centred, mode="r")) if len(centred) > centred.shape[1] else centred
    scaled: np.ndarray = root / np.sqrt(len(centred) - 1)
    return scaled


def _checked(covariance: np.ndarray, size: int) -> np.ndarray:
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.shape != (size, size) or not np.isfinite(matrix).all():
        raise ValueError(f"a covariance must be finite and ({size}, {size}), as the mean has it; it is {matrix.shape}")
    if not np.allclose(matrix, matrix.T, rtol=1e-6, atol=1e-6 * np.abs(matrix).max()):
        raise ValueError("a covariance must be symmetric")
    symmetric: np.ndarray = (matrix + matrix.T) / 2
    return symmetric


def _root(covariance: np.ndarray) -> np.ndarray:
    """A with A^T A the covariance, by eigenvalues."""
    values, vectors = np.linalg.eigh(covariance)
    if values[0] < -1e-6 * np.abs(values).max():
        raise ValueError(f"a covariance has no negative eigenvalue, this one has {values[0]:.6g}")
    root: np.ndarray = np.sqrt(values.clip(0))[:, None] * vectors.T
    return root


def _matrix(features: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(features)
    if values.ndim != 2 or len(values) < 2 or values.shape[1] == 0:
        raise ValueError(f"{name} must be (N, D) with N > 1, they are {values.shape}")
    if values.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, they are {values.dtype}")
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise ValueError(f"{int((~finite).sum())} of {len(values)} rows of {name} are not finite")
    return values.astype(np.float64)  # a copy, which may be written to
