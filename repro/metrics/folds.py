"""One number of the many of a grid: what a column prints of all the trainings of a row.

A column names the fold as its metric and what is folded in its arguments: `args: {score: inception-score, threshold:
2.0}`. `values` are the scores of the points that ended with a number, in the score's own unit; `diverged` is how many
points left the finite numbers. A diverged point has no score: it is on neither side of a threshold, it is nobody's
best, and a mean or a median of which it is a part does not exist.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from repro.metrics.declaration import Metric

METRICS = (
    Metric("best", "folds:best", fold=True, no_files="it is of the trainings of a grid"),
    Metric("count-above", "folds:count_above", better="higher", unit="count", scale="log", fold=True,
           no_files="it is of the trainings of a grid"),
    Metric("mean", "folds:mean", fold=True, no_files="it is of the trainings of a grid"),
    Metric("median", "folds:median", fold=True, no_files="it is of the trainings of a grid"),
    Metric("points", "folds:points", unit="count", fold=True, no_files="it is of the trainings of a grid"),
    Metric("share-above", "folds:share_above", better="higher", unit="share", fold=True,
           no_files="it is of the trainings of a grid"),
    Metric("share-below", "folds:share_below", better="higher", unit="share", fold=True,
           no_files="it is of the trainings of a grid"),
    Metric("spread", "folds:spread", fold=True, no_files="it is of the trainings of a grid"),
)  # fmt: skip


def best(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:
    """The best score of all points, by the side that `better` names, `lower` or `higher`; diverged points have none.

    Raises ValueError where no point has a score, or no side is better.

    Example:
        >>> best([2.5, 1.5], 3, {"better": "lower"})
        1.5
    """
    _points(values, diverged)
    if args.get("better") not in ("lower", "higher"):
        raise ValueError(f"the best of a grid needs `better: lower` or `better: higher`, not {args.get('better')!r}")
    if not values:
        raise ValueError(f"there is no best score: all {diverged} points of the grid diverged")
    return min(values) if args["better"] == "lower" else max(values)


def mean(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:  # noqa: ARG001  (a fold's form)
    """The mean score of all points. Raises ValueError where a point diverged, or there is none."""
    _all_scored(values, diverged, "mean")
    return math.fsum(values) / len(values)


def median(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:  # noqa: ARG001  (a fold's form)
    """The median score of all points; of an even number the middle of both. Raises ValueError as `mean`."""
    _all_scored(values, diverged, "median")
    ranked, middle = sorted(values), len(values) // 2
    return ranked[middle] if len(values) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def spread(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:  # noqa: ARG001  (a fold's form)
    """The largest score of all points less the least: how much a parameter decides. Raises ValueError as `mean`.

    Noise makes it larger, never smaller: of two equal settings it is the difference of two runs, without its sign.

    Example:
        >>> spread([89.5, 88.25], 0, {})
        1.25
    """
    _all_scored(values, diverged, "spread")
    return max(values) - min(values)


def points(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:  # noqa: ARG001  (a fold's form)
    """How many points there are, diverged ones among them. Raises ValueError for none."""
    return float(_points(values, diverged))


def count_above(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:
    """How many points have a score above `threshold`; diverged ones have not. Raises ValueError for no points.

    Example:
        >>> count_above([0.5, 1.0, 1.5], 1, {"threshold": 1.0})
        1.0
    """
    _points(values, diverged)
    threshold = _threshold(args)
    return float(sum(value > threshold for value in values))


def share_above(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:
    """The share of all points, diverged ones among them, with a score above `threshold`: from 0 to 1.

    Raises ValueError for no points.

    Example:
        >>> share_above([0.5, 1.0, 1.5], 1, {"threshold": 1.0})
        0.25
    """
    return count_above(values, diverged, args) / _points(values, diverged)


def share_below(values: Sequence[float], diverged: int, args: Mapping[str, Any]) -> float:
    """The share of all points, diverged ones among them, with a score below `threshold`: as `share_above`."""
    points, threshold = _points(values, diverged), _threshold(args)
    return sum(value < threshold for value in values) / points


def _points(values: Sequence[float], diverged: int) -> int:
    if not all(map(math.isfinite, values)):
        raise ValueError("a score of a grid is not a finite number: such a point counts as diverged")
    if diverged < 0 or not len(values) + diverged:
        raise ValueError(f"a grid has at least one point; this one has {len(values)} scores and {diverged} diverged")
    return len(values) + diverged


def _all_scored(values: Sequence[float], diverged: int, what: str) -> None:
    points = _points(values, diverged)
    if diverged:
        raise ValueError(f"there is no {what}: {diverged} of {points} points of the grid diverged and have no score")


def _threshold(args: Mapping[str, Any]) -> float:
    threshold = args.get("threshold")
    if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not math.isfinite(threshold):
        raise ValueError(f"a share or count of a grid needs a number as `threshold`, not {threshold!r}")
    return float(threshold)
