"""Standardised differences against closed forms, scipy, and simulated coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import nct

from repro.compare.effect import LARGEST, correction, noncentrality, paired, unpaired
from repro.verdict.stats import Sample, one_sample


@pytest.mark.parametrize(("t", "df"), [(0.0, 4), (3.0, 4), (10.0, 2), (10.0, 9), (-7.0, 3), (200.0, 4)])
def test_the_ends_of_the_interval_leave_a_tail_of_a_fortieth_each(t: float, df: int) -> None:
    found = noncentrality(abs(t), df)
    assert nct.cdf(abs(t), df, found.low) == pytest.approx(0.975, abs=1e-6)  # brentq's tolerance times the slope
    assert nct.cdf(abs(t), df, found.high) == pytest.approx(0.025, abs=1e-6)
    mirrored = noncentrality(-abs(t), df)
    assert (mirrored.low, mirrored.high) == pytest.approx((-found.high, -found.low))


def test_the_interval_is_continuous_where_the_limit_for_large_t_begins() -> None:
    below, above = noncentrality(LARGEST * 0.9999, 4), noncentrality(LARGEST * 1.0001, 4)
    assert above.low == pytest.approx(below.low, rel=3e-4)  # 2e-4 is the step in t itself
    assert above.high == pytest.approx(below.high, rel=3e-4)


def test_the_correction_is_the_one_of_hedges() -> None:
    assert correction(2) == pytest.approx(1 / math.sqrt(math.pi))  # its gamma functions by hand
    assert correction(4) == pytest.approx(math.sqrt(2 / math.pi))
    assert correction(1000) == pytest.approx(1 - 3 / (4 * 1000 - 1), abs=1e-6)  # his approximation


def test_a_paired_effect_by_hand() -> None:
    effect = paired(one_sample([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert effect is not None
    assert effect.value == pytest.approx(3.0 / math.sqrt(2.5) * correction(4))
    assert effect.interval.low < effect.value < effect.interval.high


def test_rows_without_any_spread_have_no_effect_size() -> None:
    assert paired(one_sample([1.0, 1.0])) is None
    assert unpaired(Sample((1.0, 1.0)), Sample((2.0,), exact=True)) is None


def test_a_constant_row_adds_no_noise() -> None:
    new = (3.0, 4.0, 5.0)
    effect, one = unpaired(Sample(new), Sample((1.0,), exact=True)), paired(one_sample([2.0, 3.0, 4.0]))
    assert effect is not None
    assert one is not None
    assert effect.value == pytest.approx(one.value)
    assert effect.interval.low == pytest.approx(one.interval.low)


def test_the_unpaired_interval_covers_the_truth_in_nineteen_of_twenty_samples() -> None:
    random, truth, covered, total = np.random.default_rng(7), 1.5, 0, 300
    for _ in range(total):
        new, old = random.normal(truth, 1.0, 5), random.normal(0.0, 1.0, 7)
        effect = unpaired(Sample(tuple(new.tolist())), Sample(tuple(old.tolist())))
        assert effect is not None
        # the interval of the corrected effect is that of the effect, shrunk with it
        covered += effect.interval.low <= truth * correction(10) <= effect.interval.high
    assert 0.91 <= covered / total <= 0.99  # three standard errors of 0.95 over 300 samples: 0.038
