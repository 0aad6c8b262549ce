"""Metrics that fold the points of a grid into one number: a share of them, or the best of them.

A column of such a metric names what is measured at each point in its `args`: `{score: METRIC}`. The arguments that are
the fold's own are not the score's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from repro.spec.model import Column

SCORE = "score"


@dataclass(frozen=True)
class Fold:
    """What a fold is called with beside the score, and whether its number is in the score's unit."""

    args: tuple[str, ...] = ()
    keeps_unit: bool = True


FOLDS: Mapping[str, Fold] = {
    "best": Fold(),
    "share-above": Fold(args=("threshold",), keeps_unit=False),
}


def fold_of(metric: str) -> Fold | None:
    """The declaration of a metric that folds; None of one that measures."""
    return FOLDS.get(metric)


def at_a_point(column: Column) -> Column:
    """The column as it is measured at one point of a grid: its score in place of a fold, any other as it is."""
    fold = fold_of(column.metric)
    if fold is None:
        return column
    own = {SCORE, *fold.args}
    return column.model_copy(
        update={
            "metric": column.args[SCORE],
            "args": {name: value for name, value in column.args.items() if name not in own},
            "unit": column.unit if fold.keeps_unit else None,
        }
    )
