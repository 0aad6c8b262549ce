"""Columns of grids: a metric that folds, and the one that it folds, which is measured at each point.

A column of such a metric names what is measured at each point in its `args`: `{score: METRIC}`. The arguments that are
the fold's own are not the score's.
"""

from __future__ import annotations

from repro.registry import METRICS
from repro.spec.model import Column

SCORE = "score"
OF_FOLDS = frozenset({SCORE, "threshold"})
"""The arguments that folds read: see `repro.metrics.folds`."""


def folds(metric: str) -> bool:
    """Whether a metric makes one number of those of the points of a grid; no, of one that is not there."""
    return METRICS.is_fold(metric)


def at_a_point(column: Column) -> Column:
    """The column as it is measured at one point of a grid: its score, in the score's unit; any other as it is."""
    if not folds(column.metric):
        return column
    args = {name: value for name, value in column.args.items() if name not in OF_FOLDS}
    return column.model_copy(update={"metric": str(column.args[SCORE]), "args": args, "unit": None})
