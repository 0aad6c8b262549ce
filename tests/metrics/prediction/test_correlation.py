"""Correlations: scipy on generated pairs with ties, plain formulas, and pairs that have none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from repro.metrics.prediction.correlation import Numbers, pearson, pearson_spearman, spearman
from repro.metrics.score import Score


def cases(number: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of 2 to 60 scores, half of them rounded so that there are ties, none of them constant."""
    random = np.random.default_rng(3)
    found: list[tuple[np.ndarray, np.ndarray]] = []
    while len(found) < number:
        size, decimals = int(random.integers(2, 61)), int(random.choice([0, 1, 15]))
        x = random.normal(size=size).round(decimals) * 10.0 ** random.integers(-3, 4)
        y = (0.5 * x + random.normal(size=size)).round(decimals)
        if np.ptp(x) > 0 and np.ptp(y) > 0:
            found.append((x, y))
    return found


def test_pearson_is_the_covariance_of_the_standardised_scores() -> None:
    for x, y in cases(2000):
        a, b = x - x.mean(), y - y.mean()
        assert pearson(x, y).value == pytest.approx(a @ b / np.sqrt((a @ a) * (b @ b)), abs=1e-12)


def test_spearman_is_pearson_of_ranks_that_ties_share() -> None:
    for x, y in cases(2000):
        ranks = [
            np.array([(side < value).sum() + ((side == value).sum() + 1) / 2 for value in side]) for side in (x, y)
        ]
        assert spearman(x, y).value == pytest.approx(stats.pearsonr(*ranks).statistic, abs=1e-12)


def test_the_mean_of_both_is_glue_s() -> None:
    x, y = cases(1)[0]
    score = pearson_spearman(x, y)
    r, rho = pearson(x, y).value, spearman(x, y).value
    assert score.value == (r + rho) / 2
    assert score.details == {"pearson": r, "spearman": rho}


def test_a_monotone_relation_is_1_by_ranks_and_less_by_values() -> None:
    x = np.arange(10.0)
    assert spearman(x, np.exp(x)).value == pytest.approx(1, abs=1e-15)
    assert pearson(x, np.exp(x)).value < 0.8


@pytest.mark.parametrize("metric", [pearson, spearman, pearson_spearman])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([], [], r"predictions must be \(N,\) with N > 0, they are \(0,\)"),
        ([1.0], [1.0], "a correlation needs at least two pairs, there is one"),
        ([1, 2, 3], [1, 2], "3 predictions for 2 scores: each item needs one of both"),
        ([2, 2, 2], [1, 2, 3], "all predictions are 2: the correlation with a constant is not defined"),
        ([1, 2, 3], [0, 0, 0], "all scores are 0: the correlation with a constant is not defined"),
        ([0.1 + 0.2, 0.3, 0.3], [1, 2, 3], "all predictions are 0.3: the correlation with a constant is not defined"),
        ([1, np.nan, 3], [1, 2, 3], "predictions must be finite, item 1 is nan"),
        ([1, 2, 3], [1, 2, np.inf], "scores must be finite, item 2 is inf"),
        (["a", "b"], [1, 2], "predictions must be numbers, they are <U1"),
    ],
)
def test_a_correlation_that_is_not_defined_is_an_error(
    metric: Callable[[Numbers, Numbers], Score], x: Numbers, y: Numbers, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        metric(x, y)
