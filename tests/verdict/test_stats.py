"""Every interval and p-value against scipy.stats and statsmodels, which are independent code.

Tolerance 1e-9, relative: both sides compute in float64 with algorithms good to about 1e-13; a wrong degree of freedom
or tail is wrong in the first digits.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from repro.verdict.power import (
    chi_nodes,
    order_power,
    seeds_for_deviation,
    seeds_for_equivalence,
    seeds_for_order,
    state_probabilities,
    tost_power,
)
from repro.verdict.prediction import Print, best_of, expected_extreme, predict, predict_share
from repro.verdict.stats import (
    Sample,
    benjamini_hochberg,
    contrast,
    difference_interval,
    holm,
    kendall_tau,
    mean_interval,
    one_sample,
    partial_conjunction,
    tost_p,
    welch,
    wilson,
)

NEAR = 1e-9
FIRST, SECOND = (0.31, 0.42, 0.29, 0.37, 0.33), (0.52, 0.41, 0.47, 0.58, 0.44)
P_VALUES = [0.04, 0.001, 0.3, 0.02, 0.9, 0.012, 0.5]


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_interval_of_a_mean_is_the_t_interval(level: float) -> None:
    ours = mean_interval(Sample(FIRST), level)
    theirs = stats.t.interval(level, 4, np.mean(FIRST), stats.sem(FIRST))
    assert (ours.low, ours.high) == pytest.approx(theirs, rel=NEAR)


@pytest.mark.parametrize("target", [0.3, 0.35, 0.5])
def test_equivalence_is_the_two_one_sided_tests_of_statsmodels(target: float) -> None:
    theirs = DescrStatsW(np.array(FIRST)).ttost_mean(target - 0.06, target + 0.06)[0]
    assert tost_p(Sample(FIRST), target, 0.06) == pytest.approx(theirs, rel=NEAR)


@given(st.lists(st.floats(-9, 9), min_size=2, max_size=9), st.floats(-9, 9), st.floats(0.01, 9))
def test_equivalence_is_shown_exactly_where_the_90_percent_interval_is_inside(
    values: list[float], target: float, margin: float
) -> None:
    sample = Sample(tuple(values))
    difference = difference_interval(sample, target)
    edge = min(abs(difference.low + margin), abs(difference.high - margin))
    if sample.sd > 1e-3 and edge > 1e-9:
        assert (tost_p(sample, target, margin) < 0.05) == (-margin < difference.low and difference.high < margin)


def test_paired_and_welch_tests_are_those_of_scipy_on_both_sides() -> None:
    paired = one_sample([a - b for a, b in zip(FIRST, SECOND, strict=True)])
    free = welch(Sample(FIRST), Sample(SECOND[:4]))
    for ours, theirs in (
        (paired.p_greater, stats.ttest_rel(FIRST, SECOND, alternative="greater").pvalue),
        (paired.p_less, stats.ttest_rel(FIRST, SECOND, alternative="less").pvalue),
        (free.p_greater, stats.ttest_ind(FIRST, SECOND[:4], equal_var=False, alternative="greater").pvalue),
        (free.p_less, stats.ttest_ind(FIRST, SECOND[:4], equal_var=False, alternative="less").pvalue),
    ):
        assert ours == pytest.approx(theirs, rel=NEAR)


def test_a_constant_sample_adds_no_variance_to_a_welch_test() -> None:
    ours = welch(Sample(FIRST), Sample((0.3,), exact=True))
    assert ours.p_greater == pytest.approx(stats.ttest_1samp(FIRST, 0.3, alternative="greater").pvalue, rel=NEAR)


def test_a_contrast_of_paired_sums_equals_one_of_their_means() -> None:
    assert contrast([Sample(FIRST), Sample(SECOND)], (1.0, -1.0), 0.25).estimate == pytest.approx(
        np.mean(FIRST) - np.mean(SECOND) + 0.25, rel=NEAR
    )


def test_corrections_are_those_of_statsmodels() -> None:
    assert benjamini_hochberg(P_VALUES) == pytest.approx(list(multipletests(P_VALUES, method="fdr_bh")[1]), rel=NEAR)
    assert holm(P_VALUES) == pytest.approx(list(multipletests(P_VALUES, method="holm")[1]), rel=NEAR)
    padded = multipletests([*P_VALUES, 1.0, 1.0, 1.0], method="fdr_bh")[1][: len(P_VALUES)]
    assert benjamini_hochberg(P_VALUES, at_least=10) == pytest.approx(list(padded), rel=NEAR)


def test_a_partial_conjunction_is_bonferroni_for_one_and_the_largest_for_all() -> None:
    assert partial_conjunction(P_VALUES, 1) == pytest.approx(min(P_VALUES) * len(P_VALUES), rel=NEAR)
    assert partial_conjunction(P_VALUES, len(P_VALUES)) == max(P_VALUES)
    assert (partial_conjunction(P_VALUES, 0), partial_conjunction(P_VALUES, 8)) == (0.0, 1.0)


def test_kendalls_tau_and_wilsons_interval_are_the_libraries() -> None:
    values = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6]
    assert kendall_tau(values) == pytest.approx(stats.kendalltau(range(6), values).statistic, rel=NEAR)
    for successes, trials in ((0, 7), (7, 7), (3, 11)):
        ours = wilson(successes, trials)
        theirs = proportion_confint(successes, trials, method="wilson")
        assert (ours.low, ours.high) == pytest.approx(theirs, rel=NEAR, abs=1e-15)


@pytest.mark.parametrize("k", [1, 3])
def test_the_prediction_interval_is_the_two_sample_one_of_the_textbook(k: int) -> None:
    """Mean of n against mean of k draws of the same law, deviation from the n alone."""
    error = np.std(FIRST, ddof=1) * math.sqrt(1 / 5 + 1 / k)
    ours = predict(Sample(FIRST), Print(0.5, runs=k))
    assert (ours.interval.low, ours.interval.high) == pytest.approx(stats.t.interval(0.95, 4, 0.5, error), rel=NEAR)
    assert ours.p == pytest.approx(2 * stats.t.sf(abs(np.mean(FIRST) - 0.5) / error, 4), rel=NEAR)


def test_a_printed_deviation_over_stated_runs_makes_it_welchs_test() -> None:
    theirs = stats.ttest_ind_from_stats(np.mean(FIRST), np.std(FIRST, ddof=1), 5, 0.5, 0.07, 4, equal_var=False)
    assert predict(Sample(FIRST), Print(0.5, runs=4, std=0.07)).p == pytest.approx(theirs.pvalue, rel=NEAR)


def test_a_printed_deviation_of_0_or_of_one_run_is_not_used() -> None:
    plain = predict(Sample(FIRST), Print(0.5, runs=4))
    assert predict(Sample(FIRST), Print(0.5, runs=4, std=0.0)) == plain
    assert predict(Sample(FIRST), Print(0.5, std=0.07)) == predict(Sample(FIRST), Print(0.5))


def test_rounding_widens_the_prediction_by_half_a_unit_of_the_last_place() -> None:
    plain, rounded = predict(Sample(FIRST), Print(0.5)), predict(Sample(FIRST), Print(0.5, half_width=0.05))
    assert plain.interval.low - rounded.interval.low == pytest.approx(0.05, rel=NEAR)
    assert rounded.p == pytest.approx(predict(Sample(FIRST), Print(0.45)).p, rel=NEAR)


@pytest.mark.parametrize("sign", [1, -1])
def test_rounding_widens_the_prediction_of_a_best_run_too(sign: int) -> None:
    plain = predict(Sample(FIRST), Print(0.5, best_of=5, sign=sign)).interval
    rounded = predict(Sample(FIRST), Print(0.5, half_width=0.05, best_of=5, sign=sign)).interval
    assert (plain.low - rounded.low, rounded.high - plain.high) == pytest.approx((0.05, 0.05), rel=NEAR)


def test_order_statistics_are_those_of_an_adaptive_quadrature() -> None:
    for m in (1, 2, 5, 20):
        mean, _ = integrate.quad(lambda x, m=m: x * m * stats.norm.pdf(x) * stats.norm.cdf(x) ** (m - 1), -12, 12)
        square, _ = integrate.quad(lambda x, m=m: x * x * m * stats.norm.pdf(x) * stats.norm.cdf(x) ** (m - 1), -12, 12)
        assert expected_extreme(m) == pytest.approx((mean, math.sqrt(square - mean**2)), rel=1e-7, abs=1e-7)  # quad's


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_best_of_one_is_predicted_like_one_run(n: int) -> None:
    """The general law at m = 1 is Student's t; 1e-7 is the accuracy of the two trapezoid rules in it."""
    from repro.verdict.prediction import _extreme_cdf

    for x in (-3.0, -0.4, 0.0, 1.7):
        assert _extreme_cdf(n, 1, x) == pytest.approx(stats.t.cdf(x / math.sqrt(1 + 1 / n), n - 1), rel=1e-7)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", [3, 5])
def test_a_faithful_best_of_5_is_outside_its_prediction_in_5_percent(n: int, sign: int) -> None:
    """ANCHORS 7.1 has 8-11 % where it is taken for one run. 4,000 draws: 5 % +- 4 standard errors of 0.35 %."""
    draws = np.random.default_rng(7).normal(size=(4000, n + 5))
    best = sign * (sign * draws[:, n:]).max(axis=1)
    first = predict(Sample(tuple(draws[0, :n])), Print(float(best[0]), best_of=5, sign=sign))
    sd, mean = draws[:, :n].std(axis=1, ddof=1), draws[:, :n].mean(axis=1)
    s0, m0 = sd[0], mean[0]
    low, high = (first.interval.low - best[0]) / s0, (first.interval.high - best[0]) / s0
    outside = ((mean < best + low * sd) | (mean > best + high * sd)).mean()
    assert outside == pytest.approx(0.05, abs=0.014)
    assert (first.p < 0.05) == (m0 < first.interval.low or m0 > first.interval.high)


def test_how_a_print_was_selected_is_read_from_its_text() -> None:
    said = ["best of 5", "Best out of 10 seeds", "best run", "selected on the test set", "mean of 3", None]
    assert [best_of(text) for text in said] == [5, 10, None, None, 1, 1]


def test_power_is_the_one_of_noncentral_t_and_of_the_note() -> None:
    """ANCHORS 7.1: margin 1 / 2 / 3 sd; n = 3 .13/.55/.88, 5 .29/.95/1.0, 10 .79/1.0/1.0 to its two digits; orders."""
    for n in (3, 5, 10):
        for effect in (0.5, 1.0, 2.0):
            theirs = stats.nct.sf(stats.t.ppf(0.95, n - 1), n - 1, effect * math.sqrt(n))
            assert order_power(n, effect) == pytest.approx(theirs, abs=1e-8)  # the accuracy of normal_cdfs
    note = {3: (0.13, 0.55, 0.88), 5: (0.29, 0.95, 1.0), 10: (0.79, 1.0, 1.0)}
    for n, powers in note.items():
        assert [tost_power(n, 0.0, m) for m in (1, 2, 3)] == pytest.approx(powers, abs=0.011)
    orders = {1.0: (0.33, 0.58, 0.90), 2.0: (0.71, 0.98, 1.00)}
    for effect, powers in orders.items():
        assert [order_power(n, effect) for n in (3, 5, 10)] == pytest.approx(powers, abs=0.011)


def test_the_seeds_needed_are_the_fewest_with_power_of_80_percent() -> None:
    seeds = seeds_for_equivalence(0.5, 2.0)
    assert seeds is not None
    assert tost_power(seeds - 1, 0.5, 2.0) < 0.8 <= tost_power(seeds, 0.5, 2.0)
    orders = seeds_for_order(-0.7)
    assert orders is not None
    assert order_power(orders - 1, 0.7) < 0.8 <= order_power(orders, 0.7)
    assert seeds_for_equivalence(2.0, 2.0) is None
    assert seeds_for_order(0.0) is None


def test_seeds_for_a_deviation_take_the_print_as_drawn() -> None:
    """The print is given: with ever more seeds 5 sd are decided for sure, 4 sd never (3.09 sd beyond the margin)."""
    seeds = seeds_for_deviation(5.0, 1.0, k=1)
    assert seeds is not None
    assert state_probabilities(seeds, 1, 5.0, 1.0, 3.0, drawn=True).deviates >= 0.8
    assert state_probabilities(seeds - 1, 1, 5.0, 1.0, 3.0, drawn=True).deviates < 0.8
    assert state_probabilities(1000, 1, 5.0, 1.0, 3.0, drawn=True).deviates == pytest.approx(1.0, abs=1e-6)
    assert state_probabilities(1000, 1, 5.0, 1.0, 3.0).deviates < 0.9  # not drawn: a fresh print is nearer at times
    assert seeds_for_deviation(4.0, 1.0, k=1) is None


@pytest.mark.parametrize("df", [1, 2, 9, 400])
def test_the_nodes_of_the_estimated_deviation_have_its_moments(df: int) -> None:
    u, weight = chi_nodes(df)
    assert float(weight @ u**2) == pytest.approx(1.0, rel=1e-9)
    assert float(weight @ u) == pytest.approx(stats.chi.mean(df) / math.sqrt(df), rel=1e-9)


@given(st.sampled_from([0.0, 100.0]), st.integers(2, 10), st.one_of(st.none(), st.integers(1, 10_000)))
def test_a_share_at_the_end_of_the_scale_never_predicts_itself_with_certainty(
    percent: float, n: int, items: int | None
) -> None:
    widths = []
    for target in (percent, 50.0, 100.0 - percent):
        prediction = predict_share(percent, Print(target, 0.05), n, items)
        assert 0.0 <= prediction.interval.low < prediction.interval.high <= 100.0
        widths.append(prediction.p)
    assert widths[0] == 1.0
    assert all(later <= earlier for earlier, later in pairwise(widths))


@given(st.floats(0, 100), st.integers(2, 10), st.integers(1, 1000))
def test_the_p_value_and_the_interval_of_a_share_agree(target: float, n: int, items: int) -> None:
    prediction = predict_share(100.0, Print(target), n, items)
    if abs(prediction.p - 0.05) > 1e-6:
        assert (prediction.p < 0.05) == (prediction.interval.high < 100.0)


def test_a_sample_needs_a_value_and_a_proportion_a_trial() -> None:
    with pytest.raises(ValueError, match="a sample has at least one value"):
        Sample(())
    with pytest.raises(ValueError, match="it is 1 of 0"):
        wilson(1, 0)
    with pytest.raises(ValueError, match="a ranking needs two values"):
        kendall_tau([1.0])


@pytest.mark.parametrize("best_of", [1, 20])
@pytest.mark.parametrize("target", [0.2, 0.3, 0.5])
def test_a_difference_reaches_from_the_mean_to_the_far_end_of_the_prediction(best_of: int, target: float) -> None:
    """What is within 95 % of the print is what the print may be off by; its rounding is given to it on both counts."""
    h, sample = 0.005, Sample(FIRST)
    found = predict(sample, Print(target, h, best_of=best_of, sign=-1))
    far = max(abs(sample.mean - (found.interval.low + h)), abs(sample.mean - (found.interval.high - h)))
    assert found.reach == pytest.approx(far - h)
