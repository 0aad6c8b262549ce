"""Folds of grids: against numpy, and what diverged points count as."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.metrics import folds

SCORES = [2.5, 0.5, 1.0, 4.0, 1.5, 3.0, 0.25]  # seven, none equal
numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


def test_of_a_grid_without_diverged_points_they_are_numpy_s() -> None:
    assert folds.best(SCORES, 0, {"better": "higher"}) == np.max(SCORES)
    assert folds.best(SCORES, 0, {"better": "lower"}) == np.min(SCORES)
    assert folds.mean(SCORES, 0, {}) == pytest.approx(np.mean(SCORES), rel=1e-15)
    assert folds.median(SCORES, 0, {}) == np.median(SCORES) == 1.5
    assert folds.median(SCORES[1:], 0, {}) == np.median(SCORES[1:]) == 1.25
    assert folds.count_above(SCORES, 0, {"threshold": 1.0}) == 4
    assert folds.share_above(SCORES, 0, {"threshold": 1.0}) == 4 / 7
    assert folds.share_below(SCORES, 0, {"threshold": 1.0}) == 2 / 7
    assert folds.spread(SCORES, 0, {}) == np.ptp(SCORES) == 3.75


def test_a_score_at_the_threshold_is_on_neither_side() -> None:
    args = {"threshold": 1}
    assert folds.share_above([1.0, 1.0], 0, args) == folds.share_below([1.0, 1.0], 0, args) == 0


def test_a_diverged_point_is_a_point_and_on_neither_side() -> None:
    assert folds.count_above(SCORES, 3, {"threshold": 1.0}) == 4
    assert folds.share_above(SCORES, 3, {"threshold": 1.0}) == 0.4
    assert folds.share_below(SCORES, 3, {"threshold": 1.0}) == 0.2
    assert folds.share_above([], 3, {"threshold": 1.0}) == 0
    assert folds.points(SCORES, 3, {}) == 10
    assert folds.points([], 3, {}) == 3


def test_a_diverged_point_is_nobody_s_best() -> None:
    assert folds.best([-1.0], 9, {"better": "higher"}) == -1
    with pytest.raises(ValueError, match="there is no best score: all 4 points of the grid diverged"):
        folds.best([], 4, {"better": "higher"})


@pytest.mark.parametrize("name", ["mean", "median", "spread"])
def test_a_mean_of_which_a_diverged_point_is_a_part_does_not_exist(name: str) -> None:
    with pytest.raises(ValueError, match=f"there is no {name}: 1 of 8 points of the grid diverged and have no score"):
        getattr(folds, name)(SCORES, 1, {})


@pytest.mark.parametrize("fold", [metric.name for metric in folds.METRICS])
def test_a_grid_without_points_or_with_numbers_that_are_none_is_an_error(fold: str) -> None:
    function, args = getattr(folds, fold.replace("-", "_")), {"threshold": 1.0, "better": "lower"}
    with pytest.raises(ValueError, match="a grid has at least one point; this one has 0 scores and 0 diverged"):
        function([], 0, args)
    with pytest.raises(ValueError, match="not a finite number"):
        function([1.0, math.nan], 0, args)
    with pytest.raises(ValueError, match="a grid has at least one point"):
        function([1.0], -1, args)


@pytest.mark.parametrize("threshold", [None, "1", True, math.inf])
def test_a_threshold_is_a_finite_number(threshold: object) -> None:
    for fold in (folds.count_above, folds.share_above, folds.share_below):
        with pytest.raises(ValueError, match="needs a number as `threshold`"):
            fold([1.0], 0, {"threshold": threshold})


def test_the_best_needs_a_side() -> None:
    with pytest.raises(ValueError, match="needs `better: lower` or `better: higher`, not None"):
        folds.best([1.0], 0, {})


@given(numbers, st.integers(0, 9), st.floats(-1e6, 1e6))
def test_above_at_and_below_are_all_points_that_did_not_diverge(
    values: list[float], diverged: int, threshold: float
) -> None:
    args = {"threshold": threshold}
    above, below = folds.share_above(values, diverged, args), folds.share_below(values, diverged, args)
    at = sum(value == threshold for value in values)
    assert above + below + at / (len(values) + diverged) == pytest.approx(len(values) / (len(values) + diverged))


@given(numbers)
def test_the_order_of_points_does_not_matter(values: list[float]) -> None:
    turned = values[::-1]
    for fold, args in ((folds.mean, {}), (folds.median, {}), (folds.best, {"better": "lower"})):
        assert fold(values, 0, args) == fold(turned, 0, args)


def test_folds_import_no_numpy() -> None:
    code = "import sys, repro.metrics.folds; print([m for m in sys.modules if m.partition('.')[0] == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
