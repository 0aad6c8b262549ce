"""Pearson's and Spearman's correlation of predicted and given scores, as GLUE's STS-B is scored.

Reference: scipy.stats `pearsonr` and `spearmanr`; the mean of both is GLUE's (glue_eval, `pearson_and_spearman`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from scipy import stats

from repro.metrics.score import Score, signature

IMPLEMENTATION = f"scipy/{scipy.__version__}"

Numbers = np.ndarray | Sequence[float]


def pearson(predictions: Numbers, scores: Numbers) -> Score:
    """Pearson's r of N pairs, in [-1, 1]; higher is better. XLNet's code reports this alone for STS-B.

    Raises ValueError where it is not defined: fewer than two pairs, a constant side, a number that is not finite. A
    side counts as constant where its spread is lost in rounding (below 1e-13 of its largest magnitude).
    """
    predicted, given = _pair(predictions, scores)
    value = float(stats.pearsonr(predicted, given).statistic)
    return Score(value, signature("pearson", IMPLEMENTATION, n=given.size))


def spearman(predictions: Numbers, scores: Numbers) -> Score:
    """Spearman's rho of N pairs, in [-1, 1]; higher is better. Ties share the mean of their ranks.

    Refuses what `pearson` refuses.
    """
    predicted, given = _pair(predictions, scores)
    value = float(stats.spearmanr(predicted, given).statistic)
    return Score(value, signature("spearman", IMPLEMENTATION, n=given.size, ties="mean"))


def pearson_spearman(predictions: Numbers, scores: Numbers) -> Score:
    """The mean of Pearson's r and Spearman's rho, in [-1, 1]; higher is better; `details` has both.

    What GLUE's leaderboard averages over tasks for STS-B. XLNet's dev column is Pearson alone: `pearson`.
    Refuses what `pearson` refuses.
    """
    r, rho = pearson(predictions, scores).value, spearman(predictions, scores).value
    said = signature("pearson-spearman", IMPLEMENTATION, n=len(np.asarray(scores)), ties="mean")
    return Score((r + rho) / 2, said, details={"pearson": r, "spearman": rho})


def _pair(predictions: Numbers, scores: Numbers) -> tuple[np.ndarray, np.ndarray]:
    predicted, given = _numbers(predictions, "predictions"), _numbers(scores, "scores")
    if predicted.size != given.size:
        raise ValueError(f"{predicted.size} predictions for {given.size} scores: each item needs one of both")
    if given.size < 2:
        raise ValueError("a correlation needs at least two pairs, there is one")
    for name, side in (("predictions", predicted), ("scores", given)):
        if np.ptp(side) <= 1e-13 * np.abs(side).max():
            raise ValueError(f"all {name} are {side[0]:.6g}: the correlation with a constant is not defined")
    return predicted, given


def _numbers(values: Numbers, name: str) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be (N,) with N > 0, they are {array.shape}")
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, they are {array.dtype}")
    finite = np.isfinite(array)
    if not finite.all():
        raise ValueError(f"{name} must be finite, item {int(np.argmin(finite))} is {array[~finite][0]}")
    return array.astype(np.float64)
