"""Deviations moderated over the cells of a column: against the published estimator, and by what it must not do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.verdict.moderation import LEAST_CELLS, moderated, prior_of
from repro.verdict.stats import Sample

SEED = 5


def samples(sigmas: np.ndarray, n: int, seed: int = SEED) -> list[Sample]:
    random = np.random.default_rng(seed)
    return [Sample(tuple(sigma * random.normal(size=n))) for sigma in sigmas]


@pytest.mark.parametrize(("prior_df", "variance"), [(4.0, 0.3), (20.0, 2.0)])
def test_the_prior_that_the_variances_were_drawn_from_is_found(prior_df: float, variance: float) -> None:
    """Of 60,000 cells the variance of log variances is known to 1 %, of which 20 degrees of freedom are a seventh."""
    random = np.random.default_rng(SEED)
    true = prior_df * variance / random.chisquare(prior_df, size=60_000)
    found = true * random.chisquare(4, size=60_000) / 4
    prior = prior_of(found.tolist(), [4] * 60_000)
    assert prior.variance == pytest.approx(variance, rel=0.03)
    assert prior.df == pytest.approx(prior_df, rel=0.15)


def test_variances_that_differ_no_more_than_chance_have_them_are_taken_for_one() -> None:
    column = [Sample(tuple(factor * x for x in (-1, -0.5, 0.1, 0.4, 1))) for factor in (1.0, 1.2, 0.9, 1.1, 0.95, 1.0)]
    assert math.isinf(prior_of([sample.sd**2 for sample in column], [4] * 6).df)
    spreads = moderated(column)
    assert len({spread.sd for spread in spreads}) == 1
    assert {spread.df for spread in spreads} == {24}  # six times four, and no more, though the prior has no end


def test_deviations_of_other_orders_of_magnitude_stay_of_theirs() -> None:
    """A factor of 100 from one to the next: none is moved by more than 2.5, and none counts for another seed."""
    column = samples(np.array([1e-4, 1e-2, 1.0, 100.0]), 5)
    for sample, spread in zip(column, moderated(column), strict=True):
        assert 0.9 < spread.sd / sample.sd < 2.5
        assert 4 < spread.df < 5


@given(st.lists(st.floats(0.01, 10), min_size=LEAST_CELLS, max_size=12), st.floats(0.001, 1000), st.integers(2, 9))
def test_another_unit_of_the_column_changes_the_unit_alone(sigmas: list[float], factor: float, n: int) -> None:
    column = samples(np.array(sigmas), n)
    scaled = [Sample(tuple(factor * value for value in sample.values)) for sample in column]
    for first, second in zip(moderated(column), moderated(scaled), strict=True):
        assert second.sd == pytest.approx(factor * first.sd, rel=1e-6)
        assert second.df == pytest.approx(first.df, rel=1e-6)


@given(st.lists(st.floats(0.01, 10), min_size=LEAST_CELLS, max_size=12))
def test_a_moderated_deviation_lies_between_its_own_and_the_common_one(sigmas: list[float]) -> None:
    column = samples(np.array(sigmas), 4)
    prior = prior_of([sample.sd**2 for sample in column], [3] * len(column))
    for sample, spread in zip(column, moderated(column), strict=True):
        low, high = sorted((sample.sd, math.sqrt(prior.variance)))
        assert low * (1 - 1e-9) <= spread.sd <= high * (1 + 1e-9)
        assert spread.df >= 3


def test_no_deviation_counts_for_more_seeds_than_its_column_has() -> None:
    """From deviations that are nearly alike, whose prior has any number of degrees of freedom, to far ones."""
    base, seen = (-1.0, -0.5, 0.1, 0.4, 1.0), []
    for factor in np.linspace(1.0, 6.0, 101):
        column = [Sample(tuple(factor**i * x for x in base)) for i in range(3)]
        seen += [spread.df for spread in moderated(column)]
    assert max(seen) == 12
    assert min(seen) < 8


def test_two_cells_say_nothing_of_each_other() -> None:
    column = samples(np.array([1.0, 1.0]), 5)
    assert moderated(column) == [sample.spread for sample in column]


def test_seeds_of_a_cell_count_for_what_they_are() -> None:
    """More seeds, more degrees of freedom, and nearer to its own deviation."""
    random = np.random.default_rng(2)
    column = [Sample(tuple(random.normal(size=n) * (1 + n / 4))) for n in (3, 3, 3, 3, 30)]
    spreads = moderated(column)
    assert spreads[-1].df - spreads[0].df == pytest.approx(27)
    assert spreads[-1].sd == pytest.approx(column[-1].sd, rel=0.2)
