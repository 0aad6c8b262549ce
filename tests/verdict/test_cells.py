"""The status of a cell: in which order the reasons count, and what the numbers then say."""

from __future__ import annotations

import math
from statistics import stdev
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from repro.spec.base import Profile
from repro.spec.model import Table
from repro.verdict.cells import judge_cells
from repro.verdict.model import CellVerdict
from repro.verdict.runs import Runs, runs_from_records
from tests.verdict.build import record_of, runs_of, table_of

FIVE = (0.31, 0.42, 0.29, 0.37, 0.33)  # mean 0.344, sd 0.0518


def judged(value: Any, numbers: Any, profile: Profile = "paper", **table: Any) -> CellVerdict:
    """The one cell of a one-cell table."""
    spec = table_of({"A": {"kl": value}}, **table)
    return judge_cells(spec, runs_of({"A": {"kl": numbers}}), profile)["A", "kl"]


def from_records(spec: Table, *records: Any, profile: Profile = "paper") -> CellVerdict:
    return judge_cells(spec, runs_from_records(spec, records, profile), profile)["A", "kl"]


def test_the_states_follow_from_interval_margin_and_prediction() -> None:
    """The 95 % interval of a difference goes 0.157 to either side: three margins of 0.1 hold it, three of 0.02 not."""
    assert judged("0.34", FIVE, margin=0.2).status == "reproduced"
    assert judged("0.42", FIVE, margin=0.1).status == "consistent"
    assert judged("0.40", FIVE, margin=0.02).status == "inconclusive"
    assert judged("0.494", FIVE, margin=0.101).status == "inconclusive"  # off by 0.150, which three margins do not hold
    assert judged("0.60", FIVE, margin=0.22).status == "tension"
    assert judged("0.90", FIVE, margin=0.1).status == "deviates better"
    assert judged("-0.50", FIVE, margin=0.1).status == "deviates worse"
    assert judged("0.90", FIVE, margin=0.1, columns={"kl": {"better": None}}).status == "deviates"


def test_the_numbers_of_a_verdict_are_in_the_unit_of_the_column() -> None:
    cell = judged("0.35", FIVE, margin=0.05)
    assert (cell.status, cell.target, cell.n, cell.scale) == ("inconclusive", 0.35, 5, "linear")
    assert (cell.mean, cell.std, cell.margin) == pytest.approx((0.344, 0.0517687, 0.055), rel=1e-5)  # by hand
    assert cell.difference is not None
    assert (cell.difference.low + cell.difference.high) / 2 == pytest.approx(0.344 - 0.35)
    assert cell.prediction is not None
    assert cell.prediction.low < 0.344 < cell.prediction.high
    assert cell.seeds_needed is not None
    assert 5 < cell.seeds_needed < 12  # margin 1.06 sd: power 0.29 at 5 seeds and 0.79 at 10 (ANCHORS 7.1)


def test_a_distance_beyond_the_margin_and_within_one_run_of_the_print_can_never_be_decided() -> None:
    cell = judged("0.40", FIVE, margin=0.02)
    assert cell.seeds_needed is None
    assert cell.detail == "no number of seeds would probably decide it: the print counts as one run"


def test_a_quoted_or_planned_row_is_not_run_whatever_lies_in_the_store() -> None:
    rows = [
        {"label": "A", "published": {"kl": "1.0"}, "quoted": "Another paper"},
        {"label": "B", "published": {"kl": "1.0"}, "planned": "a method to come"},
    ]
    cells = judge_cells(table_of(rows), runs_of({"A": {"kl": [1.0]}}), "paper")
    assert {cell.status for cell in cells.values()} == {"not run"}
    assert cells["A", "kl"].detail == "quoted: Another paper"


def test_a_cell_that_waits_is_not_run_at_that_scale() -> None:
    table = table_of({"A": {"kl": "1.0", "order-effect": "2"}})
    waiting = table.with_waiting({("A", "order-effect", "paper"): "planned: metric order-effect"})
    cells = judge_cells(waiting, runs_of({"A": {"kl": [1.0, 1.1]}}), "paper")
    assert cells["A", "kl"].status != "not run"
    assert (cells["A", "order-effect"].status, cells["A", "order-effect"].detail) == (
        "not run", "planned: metric order-effect"
    )  # fmt: skip
    smoke = judge_cells(waiting, runs_of({"A": {"kl": [1.0, 1.1]}}), "smoke")
    assert smoke["A", "order-effect"].status == "missing"


def test_a_printed_dash_of_a_row_that_does_not_measure_it_is_not_run() -> None:
    table = table_of({"A": {"kl": "1.0", "order-effect": "-"}})
    cells = judge_cells(table, runs_of({"A": {"kl": [1.0, 1.1]}}), "paper")
    assert (cells["A", "order-effect"].status, cells["A", "order-effect"].detail) == (
        "not run", "the row does not measure it"
    )  # fmt: skip
    assert judge_cells(table_of({"A": {"kl": "1.0"}}), runs_of({}), "paper")["A", "kl"].status == "missing"


def test_missing_failed_and_partial_are_statuses_and_no_numbers_are_judged() -> None:
    spec = table_of({"A": {"kl": "0.34"}}, seeds=3, margin=1.0)
    good = [record_of("A", seed, measured={"kl": 0.3 + seed / 100}) for seed in range(3)]
    bad = [record_of("A", seed, status="diverged") for seed in range(3)]
    assert from_records(spec).status == "missing"
    assert from_records(spec, *bad).status == "failed"
    assert from_records(spec, *bad).detail == "0 of 3 seeds have a number (diverged)"
    partial = from_records(spec, *good[:2], bad[2])
    assert (partial.status, partial.n) == ("partial", 2)
    assert partial.mean == pytest.approx(0.305)
    assert from_records(spec, *good[:2]).status == "partial"
    assert from_records(spec, *good).status == "reproduced"


def test_a_failed_extra_seed_makes_a_cell_partial_because_failures_are_not_random() -> None:
    spec = table_of({"A": {"kl": "0.34"}}, seeds=2, margin=1.0)
    good = [record_of("A", seed, measured={"kl": 0.3 + seed / 100}) for seed in range(2)]
    assert from_records(spec, *good, record_of("A", 2, status="killed")).status == "partial"


def test_what_is_not_printed_is_measured() -> None:
    assert judged("-", FIVE).status == "measured"
    assert judged("0.3", FIVE, columns={"kl": {"supplementary": True}}).status == "measured"


def test_below_paper_scale_nothing_is_judged_unless_the_profile_equals_it() -> None:
    assert judged("9.9", FIVE, "laptop", margin=0.1).status == "reduced"
    assert judged("9.9", FIVE, "laptop", margin=0.1, equal_to_paper=True).status == "deviates better"


def test_seeds_that_were_scored_in_two_ways_are_not_comparable() -> None:
    spec = table_of({"A": {"kl": "0.34"}}, seeds=2, margin=1.0)
    records = [record_of("A", seed, measured={"kl": (0.34, f"kl bins={seed}")}) for seed in (0, 1)]
    cell = from_records(spec, *records)
    assert (cell.status, cell.detail) == ("not comparable", "signatures differ: kl bins=0 | kl bins=1")


@given(st.floats(-5, 5), st.floats(0.05, 5))
def test_one_seed_is_within_or_outside_the_margin_and_never_more(value: float, margin: float) -> None:
    cell = judged("0.30", [value], margin=margin)
    inside = abs(value - 0.30) <= margin + 0.005
    if abs(abs(value - 0.30) - margin - 0.005) > 1e-9:
        assert cell.status == ("within the margin (1 seed)" if inside else "outside the margin (1 seed)")
    assert (cell.std, cell.p, cell.prediction) == (None, None, None)


def test_one_seed_plans_for_half_the_margin_or_the_printed_deviation() -> None:
    """TOST power at a margin of 2 sd passes 0.8 at 5 seeds (0.55 at 3, ANCHORS 7.1; the test of power has the rest)."""
    assert judged("1.000", [1.0], margin=0.2).seeds_needed in (4, 5)
    noisy = judged({"value": "1.000", "std": "0.5"}, [1.0], margin=0.2).seeds_needed
    assert noisy is not None
    assert noisy > 5


def test_cells_without_spread_are_compared_exactly() -> None:
    assert judged("400", [400.0, 400.0]).status == "reproduced"
    assert judged("400", [401.0, 401.0]).status == "deviates worse"
    assert judged("400", [401.0, 401.0], margin=1.0).p is None


def test_one_value_of_a_deterministic_row_is_compared_exactly() -> None:
    rows = [{"label": "A", "published": {"kl": "0.016"}, "method": "m", "deterministic": True}]
    spec = table_of(rows, seeds=5)
    near, off = record_of("A", 0, measured={"kl": 0.01586}), record_of("A", 0, measured={"kl": 0.0169})
    assert from_records(spec, near).status == "reproduced"
    assert from_records(spec, off).status == "deviates worse"


def test_a_paper_that_prints_a_deviation_is_not_taken_for_deterministic() -> None:
    cell = judged({"value": "0.50", "std": "0.20", "runs": 4}, [0.4, 0.4, 0.4])
    assert cell.status == "inconclusive"
    assert cell.p is not None


@given(st.integers(2, 10), st.floats(-0.5, 0.5), st.floats(0, 0.01), st.floats(0.02, 3))
def test_a_mean_inside_the_rounding_never_deviates(n: int, offset: float, spread: float, margin: float) -> None:
    numbers = [2.5 + offset * 0.1 + spread * (-1) ** i * (i < n - n % 2) for i in range(n)]
    cell = judged("2.5", numbers, margin=margin)
    assert cell.status in ("reproduced", "consistent", "inconclusive")


@pytest.mark.parametrize("percent", [0.0, 100.0])
@given(target=st.integers(0, 1000), n=st.integers(2, 10), items=st.sampled_from([None, 100, 10_000]))
def test_a_share_at_the_end_of_the_scale_is_not_known_exactly(percent: float, target: int, n: int, items: Any) -> None:
    column = {"kl": {"unit": "%", "items": items, "better": "higher"}}
    cell = judged(f"{target / 10:.1f}", [percent] * n, columns=column)
    assert cell.difference is not None
    assert cell.difference.high - cell.difference.low > 0
    assert cell.prediction is not None
    assert cell.prediction.high - cell.prediction.low > 0
    if target / 10 == percent:
        assert cell.status == ("reproduced" if items == 10_000 and n > 5 else cell.status)
        assert not cell.status.startswith("deviates")


def test_a_share_at_the_end_of_the_scale_deviates_where_the_items_say_so() -> None:
    """100 % of 5 x 1000 against 90 %: far beyond any correction by the score test; unknown items leave it open."""
    known = {"kl": {"unit": "%", "items": 1000, "better": "higher"}}
    unknown = {"kl": {"unit": "%", "better": "higher"}}
    assert judged("90.0", [100.0] * 5, columns=known, margin=1.0).status == "deviates better"
    assert judged("90.0", [100.0] * 5, columns=unknown, margin=1.0).status == "inconclusive"


def test_a_correction_of_the_print_is_judged_and_named() -> None:
    slip = {"value": "5.9", "corrected": {"value": "0.34", "why": "the heading was exchanged"}}
    cell = judged(slip, FIVE, margin=0.2)
    assert (cell.status, cell.target) == ("reproduced", 0.34)
    assert cell.detail == "print corrected from 5.9 to 0.34: the heading was exchanged"


def test_a_best_of_m_print_is_expected_to_be_better_than_the_mean() -> None:
    """Lower is better: the best of 20 lies 1.87 sd (order statistics) below the mean, here at 0.247."""
    plain = judged("0.247", FIVE, margin=0.01)
    best = judged({"value": "0.247", "selection": "best of 20"}, FIVE, margin=0.01)
    assert plain.p is not None
    assert best.p is not None
    assert best.p > 0.8 > plain.p
    mirrored = judged({"value": "0.44", "selection": "best of 20"}, FIVE, margin=0.01)
    assert mirrored.p is not None
    assert mirrored.p < 0.05


def test_an_unstated_selection_is_never_shown_equal_nor_worse() -> None:
    chosen = {"value": "0.34", "selection": "selected on the test set"}
    cell = judged(chosen, FIVE, margin=0.2)
    assert (cell.status, cell.seeds_needed) == ("inconclusive", None)
    assert "cannot be modelled" in cell.detail
    assert judged({**chosen, "value": "-0.50"}, FIVE, margin=0.1).status == "tension"
    assert judged({**chosen, "value": "0.90"}, FIVE, margin=0.1).status == "deviates better"


def test_a_deviation_needs_more_than_a_p_of_5_percent_beyond_the_margin() -> None:
    """p = 0.03 by the t distribution, of a lone cell: outside its prediction interval, and no more is said."""
    middling = judged("0.533", FIVE, margin=0.001)
    assert middling.p is not None
    assert 0.002 < middling.p < 0.05
    assert middling.p_adjusted is not None
    assert middling.p_adjusted < 0.05
    assert middling.status == "tension"


def test_a_correction_for_many_cells_is_never_read_as_agreement() -> None:
    """The same cell beside 59 that agree: nothing more can be said for it, and nothing better either."""
    values = {f"R{i}": {"kl": "0.344"} for i in range(59)} | {"A": {"kl": "0.533"}}
    spec = table_of(values, margin=0.001)
    cell = judge_cells(spec, runs_of({name: {"kl": FIVE} for name in values}), "paper")["A", "kl"]
    assert cell.status == "tension"
    assert cell.p_adjusted is not None
    assert cell.p_adjusted > 0.05


def test_what_deviates_alone_may_not_among_many_that_agree() -> None:
    """p = 0.0013 beyond the margin alone, 0.08 beside 59: the family is the table, whatever the columns."""
    assert judged("0.90", FIVE, margin=0.1).status == "deviates better"
    columns = {f"c{i}": {"better": "lower"} for i in range(60)}
    spec = table_of(
        {"A": {name: "0.900" if name == "c0" else "0.344" for name in columns}}, columns=columns, margin=0.1
    )
    cell = judge_cells(spec, runs_of({"A": dict.fromkeys(columns, FIVE)}), "paper")["A", "c0"]
    assert cell.status == "tension"


LOG = {"kl": {"scale": "log"}}


def relative(part: float) -> dict[str, Any]:
    return {"relative": part, "why": "a quarter of the print"}


def test_on_a_log_scale_twice_the_print_and_half_of_it_are_equally_far_off() -> None:
    """Numbers and print turned upside down: the same status, with better and worse exchanged, at every factor."""
    seen = set()
    for factor in (1.0, 1.1, 1.3, 1.5, 2.0, 3.0, 4.5, 20.0):
        columns = {"kl": {"scale": "log", "margin": relative(0.25)}}
        numbers = [factor * x for x in (0.8, 1.0, 1.25, 0.9, 1.1)]
        worse = judged("1.00000", numbers, columns=columns)
        better = judged("1.00000", [1 / x for x in numbers], columns=columns)
        assert better.status == MIRROR.get(worse.status, worse.status)
        assert better.p == pytest.approx(worse.p, rel=1e-9)
        seen.add(worse.status)
    assert seen == {"reproduced", "consistent", "inconclusive", "tension", "deviates worse"}


def test_on_a_log_scale_a_number_and_its_multiple_have_one_verdict() -> None:
    """Numbers, print and rounding in another unit."""
    columns = {"kl": {"scale": "log", "margin": relative(0.25)}}
    for target in (0.2, 0.31, 0.45, 0.7, 2.0):
        first = judged(f"{target:.3f}", FIVE, columns=columns)
        other = judged(f"{1000 * target:.0f}", [1000 * x for x in FIVE], columns=columns)
        assert first.status == other.status
        assert first.p == pytest.approx(other.p)


def test_intervals_and_margin_of_a_log_scale_are_said_as_ratios() -> None:
    cell = judged("0.2000000", FIVE, columns={"kl": {"scale": "log", "margin": relative(0.25)}})
    assert cell.scale == "log"
    assert cell.mean == pytest.approx(0.344)
    assert cell.margin == pytest.approx(1.25, rel=1e-6)
    assert cell.difference is not None
    logs = [math.log(x) for x in FIVE]
    centre, deviation = sum(logs) / 5, stdev(logs)
    half = 2.131846786 * deviation / math.sqrt(5)  # 95 % of t with 4 degrees of freedom, from a table
    assert math.log(cell.difference.low) == pytest.approx(centre - half - math.log(0.2), rel=1e-6)
    assert math.log(cell.difference.high) == pytest.approx(centre + half - math.log(0.2), rel=1e-6)
    assert cell.prediction is not None
    assert cell.prediction.low * cell.prediction.high == pytest.approx(0.2**2, rel=1e-5)  # symmetric in logarithms


def test_a_factor_of_two_is_too_far_off_whatever_the_margin() -> None:
    """Three margins of 50 % are 3.4 times the print; the 95 % interval of the difference ends at 2.95 times it."""
    numbers = [1.284 * x for x in (0.7, 1.0, 1.4, 0.85, 1.2)]
    assert (
        judged("1.00000", numbers, columns={"kl": {"scale": "log", "margin": relative(0.5)}}).status == "inconclusive"
    )
    near = [1.284 * x for x in (0.88, 1.0, 1.14, 0.87, 1.13)]
    assert judged("1.00000", near, columns={"kl": {"scale": "log", "margin": relative(0.3)}}).status == "consistent"


@pytest.mark.parametrize("number", [0.051, 0.08, 0.13, 0.149])
def test_the_rounding_of_the_print_is_given_to_it_on_a_log_scale_too(number: float) -> None:
    """0.1 is anything from 0.05 to 0.15."""
    numbers = [number * x for x in (1.0, 1.001, 0.999, 1.002, 0.998)]
    assert judged("0.1", numbers, columns=LOG).status == "reproduced"


def test_a_printed_deviation_is_that_of_a_lognormal_on_a_log_scale() -> None:
    """1.0 with deviation 0.5: the logarithm of such a lognormal has sqrt(log 1.25); Welch's test by scipy."""
    cell = judged({"value": "1.00000000", "std": "0.5", "runs": 4}, FIVE, columns=LOG)
    logs = [math.log(x) for x in FIVE]
    theirs = stats.ttest_ind_from_stats(
        sum(logs) / 5, stdev(logs), 5, 0.0, math.sqrt(math.log(1.25)), 4, equal_var=False
    ).pvalue  # fmt: skip
    assert cell.p == pytest.approx(theirs, rel=1e-6)


@pytest.mark.parametrize(("target", "numbers"), [("0.0", FIVE), ("-0.1", FIVE), ("0.3", (*FIVE[:4], 0.0))])
def test_numbers_without_a_logarithm_are_compared_by_their_difference_and_it_says_so(target: str, numbers: Any) -> None:
    cell = judged(target, numbers, columns=LOG, margin=0.1)
    assert cell.scale == "linear"
    assert "not positive" in cell.detail
    assert judged("0.3", FIVE, columns=LOG, margin=0.1).detail == ""


def test_the_scale_of_a_column_is_the_metric_s_unless_it_says_so() -> None:
    def scale(**column: Any) -> str:
        return table_of({"A": {"c": "1.0"}}, columns={"c": column}).columns["c"].scale

    assert scale(metric="histogram-kl") == scale(metric="perplexity") == "log"
    assert scale(metric="accuracy") == scale(metric="no-such-metric-yet") == "linear"
    assert scale(metric="perplexity", scale="linear") == "linear"


def test_an_interval_that_lies_beyond_the_margin_is_no_agreement() -> None:
    """Ten seeds of deviation 0.06, margin 0.1, off by 0.138: inside the prediction interval (0.142), and with 0.280 in
    three margins, but its 90 % interval (0.035) lies beyond one. Off by 0.130 it does not."""
    numbers = [0.06 * sign / math.sqrt(10 / 9) for sign in (-1, 1) * 5]
    assert stdev(numbers) == pytest.approx(0.06)
    assert judged("0.13800", numbers, margin=0.1).status == "inconclusive"
    assert judged("0.13000", numbers, margin=0.1).status == "consistent"


def test_a_wide_prediction_interval_is_no_agreement() -> None:
    """Three numbers a factor of three apart, around the print: nothing is known. Ten near it: it agrees."""
    columns = {"kl": {"scale": "log", "margin": relative(0.25)}}
    assert judged("1.00", (0.5, 1.0, 2.0), columns=columns).status == "inconclusive"
    assert judged("1.00", (0.98, 1.3, 1.1, 1.45, 1.2), columns=columns).status == "consistent"


def test_without_a_stated_margin_only_ratios_can_be_consistent() -> None:
    """A factor of two is far off in any column of ratios; how far is far in another one, nobody said."""
    assert judged("1.00", (1.05, 1.06, 1.07, 1.06, 1.05), columns=LOG).status == "tension"
    near = (0.97, 1.01, 1.03, 1.02, 0.99)
    assert judged("1.000", near, columns=LOG).status == "consistent"
    assert judged("1.000", near).status == "inconclusive"


def test_the_other_cells_of_a_column_say_how_much_a_deviation_is_worth() -> None:
    """Five seeds that happen to agree, in a column whose other rows scatter: its own deviation is not believed."""
    quiet = (0.97, 1.0, 1.03, 0.98, 1.02)
    others = [tuple(x + i / 50 for x in (0.8, 1.0, 1.25, 0.9, 1.1)) for i in range(4)]
    columns = {"kl": {"scale": "log", "margin": relative(0.05)}}
    alone = judged("1.40000", quiet, columns=columns)
    assert alone.status == "deviates better"
    rows = {"A": {"kl": "1.40000"}} | {f"R{i}": {"kl": "1.00000"} for i in range(4)}
    measured = {"A": {"kl": quiet}} | {f"R{i}": {"kl": each} for i, each in enumerate(others)}
    beside = judge_cells(table_of(rows, columns=columns), runs_of(measured), "paper")["A", "kl"]
    assert beside.status == "tension"
    assert alone.p is not None
    assert beside.p is not None
    assert beside.p > 5 * alone.p
    assert beside.std == alone.std  # what is shown is what was measured


def test_columns_do_not_say_anything_of_each_other() -> None:
    columns = {"a": {"scale": "log"}, "b": {"scale": "log"}}
    rows = {f"R{i}": {"a": "1.000", "b": "1.000"} for i in range(4)}
    wide = [(0.5 + i / 10, 1.0, 2.0 + i / 10) for i in range(4)]
    narrow = [(0.99 - i / 1000, 1.0, 1.02) for i in range(4)]
    both = runs_of({f"R{i}": {"a": narrow[i], "b": wide[i]} for i in range(4)})
    one = runs_of({f"R{i}": {"a": narrow[i], "b": narrow[i]} for i in range(4)})
    first, second = (judge_cells(table_of(rows, columns=columns, seeds=3), runs, "paper") for runs in (both, one))
    assert [first[f"R{i}", "a"].p for i in range(4)] == [second[f"R{i}", "a"].p for i in range(4)]


@given(st.lists(st.floats(0, 2).map(lambda x: round(x, 3)), min_size=3, max_size=3), st.randoms())
def test_verdicts_do_not_depend_on_the_order_of_rows_or_seeds(targets: list[float], random: Any) -> None:
    names = ["A", "B", "C"]
    spec = {name: {"kl": f"{target:.3f}"} for name, target in zip(names, targets, strict=True)}
    runs = runs_of({"A": {"kl": FIVE}, "B": {"kl": FIVE[::-1]}, "C": {"kl": [x * 2 for x in FIVE]}})
    shuffled = dict(random.sample(sorted(spec.items()), 3))
    backwards = Runs(
        values={row: dict(reversed(list(seeds.items()))) for row, seeds in runs.values.items()},
        statuses=runs.statuses,
        expected=runs.expected,
    )
    first = judge_cells(table_of(spec, margin=0.1), runs, "paper")
    second = judge_cells(table_of(shuffled, margin=0.1), backwards, "paper")
    assert first == second


MIRROR = {"deviates better": "deviates worse", "deviates worse": "deviates better"}


@given(st.floats(-2, 2).map(lambda x: round(x, 3)), st.sampled_from([None, "best of 5"]))
def test_turning_the_scale_round_exchanges_better_and_worse_only(target: float, selection: str | None) -> None:
    """Numbers and direction mirrored: the same status. Direction alone, without selection: better and worse change."""
    here = {"value": f"{target:.3f}", "selection": selection}
    there = {"value": f"{-target:.3f}", "selection": selection}
    low, high = {"kl": {"better": "lower"}}, {"kl": {"better": "higher"}}
    first = judged(here, FIVE, margin=0.1, columns=low)
    mirrored = judged(there, [-x for x in FIVE], margin=0.1, columns=high)
    assert mirrored.status == first.status
    assert mirrored.p == pytest.approx(first.p, rel=1e-9)
    if selection is None:
        turned = judged(here, FIVE, margin=0.1, columns=high)
        assert turned.status == MIRROR.get(first.status, first.status)


def test_the_newest_record_of_todays_code_counts_and_a_stale_one_is_marked() -> None:
    spec = table_of({"A": {"kl": "0.34"}}, margin=1.0)
    old = record_of("A", 0, key="old", started="2026-01-01T00:00:00Z", measured={"kl": 0.3})
    new = record_of("A", 0, key="new", started="2026-01-02T00:00:00Z", measured={"kl": 0.4})
    crash = record_of("A", 0, key="crash", started="2026-01-03T00:00:00Z", status="failed")

    def cell(*records: Any, stale: frozenset[str] = frozenset()) -> CellVerdict:
        return judge_cells(spec, runs_from_records(spec, records, "paper", stale=stale), "paper")["A", "kl"]

    assert cell(new, old).mean == 0.4
    assert cell(new, old, stale=frozenset({"new"})).mean == 0.3
    assert cell(new, old, crash).status == "failed"
    assert cell(old, stale=frozenset({"old"})).stale
    assert not cell(new, stale=frozenset({"old"})).stale


def test_records_of_other_tables_profiles_and_rows_are_not_looked_at() -> None:
    spec = table_of({"A": {"kl": "0.34"}})
    others = [
        record_of("A", 0, "laptop", measured={"kl": 1.0}),
        record_of("A", 0, table="test/other", measured={"kl": 1.0}),
        record_of("Z", 0, measured={"kl": 1.0}),
    ]
    assert from_records(spec, *others).status == "missing"


def test_every_number_of_a_judged_table_is_finite() -> None:
    for target in ("0.34", "900", "-900"):
        cell = judged(target, FIVE, margin=0.1)
        assert all(math.isfinite(x) for x in (cell.mean, cell.std, cell.p, cell.p_adjusted) if x is not None)


def at_floor(numbers: Any, target: str, **column: Any) -> CellVerdict:
    """A cell whose numbers of 1.0 are at the floor of its metric."""
    spec = table_of({"A": {"kl": target}}, columns={"kl": {"scale": "log", **column}})
    ways = {"A": {seed: {"kl": "kl|floor:1"} for seed in range(len(numbers))}}
    return judge_cells(spec, runs_of({"A": {"kl": numbers}}, signatures=ways), "paper")["A", "kl"]


@pytest.mark.parametrize("numbers", [(1.0,), (1.0, 1.0, 1.0), (1.0, 1.1, 1.2, 1.05, 1.15)])
def test_an_upper_bound_never_agrees_with_the_print_nor_lies_above_it(numbers: Any) -> None:
    """One seed, all at the floor, and one of them: the true number may be the print, or anything below."""
    for target in ("0.01000", "0.30000", "1.00000", "1.10000"):
        cell = at_floor(numbers, target, margin=relative(0.25))
        assert cell.status == "inconclusive"
        assert cell.detail.endswith("at the floor of the metric, an upper bound")
        assert cell.seeds_needed is None


def test_an_upper_bound_may_be_shown_to_lie_below_the_print() -> None:
    """Lower is better: the print is 50, every number is at most 1.2."""
    assert at_floor((1.0, 1.0, 1.0), "50.000").status == "deviates better"
    assert at_floor((1.0, 1.1, 1.2, 1.05, 1.15), "50.000").status == "deviates better"
    assert at_floor((1.0,), "50.000").status == "outside the margin (1 seed)"


def test_numbers_above_the_floor_are_numbers() -> None:
    assert at_floor((1.1, 1.1, 1.1), "1.100").status == "reproduced"


def test_an_upper_bound_below_paper_scale_stays_reduced() -> None:
    spec = table_of({"A": {"kl": "0.01"}}, seeds=3)
    ways = {"A": {seed: {"kl": "kl|floor:1"} for seed in range(3)}}
    cell = judge_cells(spec, runs_of({"A": {"kl": [1.0] * 3}}, signatures=ways), "laptop")["A", "kl"]
    assert (cell.status, cell.detail) == ("reduced", "")
