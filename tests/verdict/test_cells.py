"""The status of a cell: in which order the reasons count, and what the numbers then say."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_the_four_states_follow_from_interval_margin_and_prediction() -> None:
    assert judged("0.34", FIVE, margin=0.2).status == "reproduced"
    assert judged("0.40", FIVE, margin=0.02).status == "consistent"
    assert judged("0.60", FIVE, margin=0.22).status == "tension"
    assert judged("0.90", FIVE, margin=0.1).status == "deviates better"
    assert judged("-0.50", FIVE, margin=0.1).status == "deviates worse"
    assert judged("0.90", FIVE, margin=0.1, columns={"kl": {"better": None}}).status == "deviates"


def test_the_numbers_of_a_verdict_are_in_the_unit_of_the_column() -> None:
    cell = judged("0.35", FIVE, margin=0.05)
    assert (cell.status, cell.target, cell.n) == ("consistent", 0.35, 5)
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
    assert cell.status == "consistent"
    assert cell.p is not None


@given(st.integers(2, 10), st.floats(-0.5, 0.5), st.floats(0, 0.01), st.floats(0.02, 3))
def test_a_mean_inside_the_rounding_never_deviates(n: int, offset: float, spread: float, margin: float) -> None:
    numbers = [2.5 + offset * 0.1 + spread * (-1) ** i * (i < n - n % 2) for i in range(n)]
    cell = judged("2.5", numbers, margin=margin)
    assert cell.status in ("reproduced", "consistent")


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
    assert judged("90.0", [100.0] * 5, columns=unknown, margin=1.0).status == "consistent"


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
    assert (cell.status, cell.seeds_needed) == ("consistent", None)
    assert "cannot be modelled" in cell.detail
    assert judged({**chosen, "value": "-0.50"}, FIVE, margin=0.1).status == "tension"
    assert judged({**chosen, "value": "0.90"}, FIVE, margin=0.1).status == "deviates better"


def test_a_lone_cell_deviates_only_where_one_of_six_would() -> None:
    """p = 0.02 (by the t distribution): tension alone, and with the same margin a deviation at p < 0.05 / 6."""
    middling = judged("0.533", FIVE, margin=0.001)
    assert middling.p is not None
    assert 0.05 / 6 < middling.p < 0.05
    assert middling.status == "tension"
    assert middling.detail.endswith("with 1 tested cells a deviation is said below p = 0.0083")


def test_one_odd_cell_of_many_stays_consistent() -> None:
    """The same cell beside 59 that agree: p is adjusted to 0.02 x 60, and nothing is said."""
    values = {f"R{i}": {"kl": "0.344"} for i in range(59)} | {"A": {"kl": "0.533"}}
    spec = table_of(values, margin=0.001)
    cell = judge_cells(spec, runs_of({name: {"kl": FIVE} for name in values}), "paper")["A", "kl"]
    assert cell.status == "consistent"
    assert "not after the correction for 60 cells" in cell.detail
    assert cell.p_adjusted is not None
    assert cell.p_adjusted > 0.05


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
