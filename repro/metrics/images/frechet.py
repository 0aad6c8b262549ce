"""The Fréchet distance of two Gaussians fitted to features: what the Fréchet inception distance is of.

Paper:     Heusel et al. (2017), GANs Trained by a Two Time-Scale Update Rule, section 3; Dowson and Landau (1982).
Code:      torch-fidelity, metric_fid.py (eigenvalues of the product of the covariances, after bioinf-jku/TTUR).
Departure: the trace of the root is the sum of the singular values of A B^T, where A^T A and B^T B are the covariances,
           so that no product of covariances is formed and no rounding error is square-rooted. Where covariances are
           singular (fewer items than features) the reference is off by some 1e-8 of the trace, and below 0 for equal
           sets; this is off by 1e-14.
"""

from __future__ import annotations

import numpy as np

from repro.metrics.score import Score, signature


def frechet_distance(features: np.ndarray, reference: np.ndarray) -> Score:
    """|mean - mean'|^2 + tr(C + C' - 2 (C C')^(1/2)) of features (N, D) and (M, D), at least 0; lower is better.

    C are covariances with N - 1 below, in float64 whatever comes in, over all rows at once: the batches that features
    were computed in cannot matter (torchmetrics#1620). N and M must be at least 2; below D the covariances are
    singular, which is fine numerically, but the distance is biased upwards and comparable only at equal N and M.
    `details` has the terms `means` and `covariances`. Raises ValueError for features that are not finite.
    """
    a, b = _matrix(features, "features"), _matrix(reference, "reference")
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"features have {a.shape[1]} columns, the reference {b.shape[1]}: take both from one layer")
    said = signature("frechet-distance", "repro/1", n=len(a), reference=len(b), dimensions=a.shape[1], ddof=1)
    return _distance(a.mean(axis=0), _factor(a), b.mean(axis=0), _factor(b), said)


def frechet_distance_of_moments(
    mean: np.ndarray, covariance: np.ndarray, reference_mean: np.ndarray, reference_covariance: np.ndarray
) -> Score:
    """`frechet_distance` from means (D,) and covariances (D, D), such as published statistics of a data set.

    Their roots are taken by eigenvalues, so singular covariances cost about 1e-8 of the trace in accuracy. Raises
    ValueError for a covariance that is not symmetric, or has an eigenvalue below -1e-6 of its largest.
    """
    means = [np.asarray(value, dtype=np.float64) for value in (mean, reference_mean)]
    if means[0].ndim != 1 or means[0].shape != means[1].shape or not np.isfinite(means).all():
        raise ValueError(f"means must be finite and both (D,), they are {means[0].shape} and {means[1].shape}")
    factors = [_root(value, means[0].size) for value in (covariance, reference_covariance)]
    said = signature("frechet-distance", "repro/1", input="moments", dimensions=means[0].size)
    return _distance(means[0], factors[0], means[1], factors[1], said)


def _distance(mean: np.ndarray, factor: np.ndarray, mean_b: np.ndarray, factor_b: np.ndarray, said: str) -> Score:
    means = float(((mean - mean_b) ** 2).sum())
    shared = np.linalg.svd(factor @ factor_b.T, compute_uv=False).sum()
    covariances = max(0.0, float((factor**2).sum() + (factor_b**2).sum() - 2 * shared))  # below 0 only by rounding
    return Score(means + covariances, said, details={"means": means, "covariances": covariances})


def _factor(features: np.ndarray) -> np.ndarray:
    """A with A^T A the covariance of the rows, (min(N, D), D)."""
    centred = features - features.mean(axis=0)
    root = np.asarray(np.linalg.qr(centred, mode="r")) if len(centred) > centred.shape[1] else centred
    scaled: np.ndarray = root / np.sqrt(len(features) - 1)
    return scaled


def _root(covariance: np.ndarray, size: int) -> np.ndarray:
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.shape != (size, size) or not np.isfinite(matrix).all():
        raise ValueError(f"a covariance must be finite and ({size}, {size}), as the mean has it; it is {matrix.shape}")
    if not np.allclose(matrix, matrix.T, rtol=1e-6, atol=1e-6 * np.abs(matrix).max()):
        raise ValueError("a covariance must be symmetric")
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
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
    return values.astype(np.float64)
