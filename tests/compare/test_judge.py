"""Comparisons against scipy and statsmodels, and what is not compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from repro.compare.judge import Wanted, compare
from repro.compare.model import Comparison, Standing, Versus
from repro.spec.model import Table
from repro.verdict.runs import Runs
from tests.verdict.build import runs_of, table_of

Values = Mapping[str, Mapping[str, Sequence[float]]]
RANDOM = np.random.default_rng(11)
NEW, OLD, OTHER = (RANDOM.normal(mean, 1.0, 5).tolist() for mean in (0.0, 3.0, -0.2))


def table(*rows: str, columns: Mapping[str, dict[str, Any]] | None = None, **more: Any) -> Table:
    made = [{"label": name, "method": "m", **more.get(name, {})} for name in rows]
    return table_of(made, columns=columns or {"loss": {}})


def compared(
    spec: Table, values: Values, *, runs: Runs | None = None, lacking: Mapping[str, str] | None = None
) -> Comparison:
    others = [row.name for row in spec.rows if row.name != "New"]
    wanted = Wanted({"New": others}, list(spec.columns), "New", lacking or {})
    return compare(spec, wanted, runs or runs_of(values), "paper")


def only(comparison: Comparison) -> Versus:
    ((versus,),) = [standing.against for standing in comparison.standings]
    return versus


def standing(comparison: Comparison) -> Standing:
    (found,) = comparison.standings
    return found


def test_shared_seeds_are_paired_as_scipy_pairs_them() -> None:
    found = only(compared(table("New", "Old"), {"New": {"loss": NEW}, "Old": {"loss": OLD}}))
    reference = stats.ttest_rel(NEW, OLD)
    interval = reference.confidence_interval(0.95)
    assert found.test == "paired t, 5 seeds"
    assert found.p == pytest.approx(reference.pvalue, rel=1e-10)
    assert found.interval is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high), rel=1e-10)
    assert found.difference == pytest.approx(np.mean(NEW) - np.mean(OLD))
    assert found.finding == "better"


def test_seeds_that_are_not_shared_are_tested_after_welch() -> None:
    runs = runs_of({"New": {"loss": NEW}, "Old": {"loss": OLD}})
    moved = {seed + 5: values for seed, values in runs.values["Old"].items()}
    runs = replace(runs, values={**runs.values, "Old": moved})
    found = only(compared(table("New", "Old"), {}, runs=runs))
    reference = stats.ttest_ind(NEW, OLD, equal_var=False)
    assert found.test == "Welch's t, 5 and 5 seeds"
    assert found.p == pytest.approx(reference.pvalue, rel=1e-10)


def test_a_deterministic_row_is_a_constant() -> None:
    spec = table("New", "Old", Old={"deterministic": True})
    runs = runs_of({"New": {"loss": NEW}, "Old": {"loss": [3.0]}}, exact=frozenset({"Old"}))
    found = only(compared(spec, {}, runs=runs))
    assert found.test == "t against a constant, 5 seeds"
    assert found.p == pytest.approx(stats.ttest_1samp(NEW, 3.0).pvalue, rel=1e-10)


def test_two_rows_without_spread_are_compared_exactly_and_take_no_place_in_the_correction() -> None:
    spec = table("New", "Old", "Other")
    values = {"New": {"loss": [1.0, 1.0]}, "Old": {"loss": [2.0, 2.0]}, "Other": {"loss": [1.0, 1.0]}}
    comparison = compared(spec, values)
    old, other = comparison.against
    assert (old.finding, old.test, old.p, old.effect) == ("better", "exact", None, None)
    assert (other.finding, other.test) == ("no difference shown", "equal to rounding")
    assert comparison.tests == 0


def test_a_difference_of_the_size_of_rounding_is_none() -> None:
    shifted = [value * (1 + 1e-9) for value in OLD]
    found = only(compared(table("New", "Old"), {"New": {"loss": shifted}, "Old": {"loss": OLD}}))
    assert (found.finding, found.test, found.p) == ("no difference shown", "equal to rounding", None)


def test_all_tests_of_a_comparison_are_corrected_together() -> None:
    spec = table("New", "Old", "Other", columns={"loss": {}, "error": {}})
    values = {"New": {"loss": NEW, "error": OTHER}, "Old": {"loss": OLD, "error": OLD},
              "Other": {"loss": OTHER, "error": NEW}}  # fmt: skip
    comparison = compared(spec, values)
    found = list(comparison.against)
    reference = multipletests([v.p for v in found], method="holm")[1]
    assert comparison.tests == len(found) == 4
    assert [v.p_adjusted for v in found] == pytest.approx(reference.tolist(), rel=1e-12)


@pytest.mark.parametrize(
    ("better", "finding", "place"), [("lower", "better", 1), ("higher", "worse", 2), (None, "differs", None)]
)
def test_words_and_ranks_follow_the_better_side(better: str | None, finding: str, place: int | None) -> None:
    spec = table("New", "Old", columns={"loss": {"better": better}})
    comparison = compared(spec, {"New": {"loss": NEW}, "Old": {"loss": OLD}})
    assert only(comparison).finding == finding
    rank = standing(comparison).rank
    assert (rank.place if rank else None) == place


def test_a_rank_is_as_open_as_the_tests_leave_it() -> None:
    spec = table("New", "Worse", "Alike", "Better")
    values = {"New": NEW, "Worse": [v + 9 for v in OLD], "Alike": OTHER, "Better": [v - 9 for v in OTHER]}
    rank = standing(compared(spec, {row: {"loss": numbers} for row, numbers in values.items()})).rank
    assert rank is not None
    ahead = 2 + (np.mean(OTHER) < np.mean(NEW))
    assert (rank.place, rank.best, rank.worst, rank.of) == (ahead, 2, 3, 4)


def test_one_seed_says_that_nothing_is_tested() -> None:
    comparison = compared(table("New", "Old"), {"New": {"loss": NEW[:1]}, "Old": {"loss": OLD}})
    found = only(comparison)
    assert (found.finding, found.detail) == ("one seed", "New has one seed: nothing is tested")
    assert found.p is None
    assert found.difference == pytest.approx(NEW[0] - np.mean(OLD))
    rank = standing(comparison).rank
    assert rank is not None
    assert (rank.best, rank.worst) == (1, 2)


def test_numbers_measured_in_other_ways_are_never_compared() -> None:
    ways = {row: {seed: {"loss": way} for seed in range(5)} for row, way in (("New", "v1"), ("Old", "v2"))}
    runs = runs_of({"New": {"loss": NEW}, "Old": {"loss": OLD}}, signatures=ways)
    comparison = compared(table("New", "Old"), {}, runs=runs)
    found = only(comparison)
    assert (found.finding, found.detail) == ("not comparable", "signatures differ: v1 | v2")
    assert found.difference is None
    assert not comparison.compared
    assert standing(comparison).rank is None


def test_numbers_of_other_things_that_are_measured_alike_are_compared() -> None:
    ways = {row: {seed: {"loss": f"loss|of:{row}"} for seed in range(5)} for row in ("New", "Old")}
    runs = runs_of({"New": {"loss": NEW}, "Old": {"loss": OLD}}, signatures=ways)
    assert only(compared(table("New", "Old"), {}, runs=runs)).difference is not None


def test_seeds_that_diverged_leave_no_fair_sample() -> None:
    runs = runs_of({"New": {"loss": NEW}, "Old": {"loss": OLD}})
    ended = {**runs.statuses["Old"]["loss"], 5: "diverged"}
    runs = replace(runs, statuses={**runs.statuses, "Old": {"loss": ended}})
    found = only(compared(table("New", "Old"), {}, runs=runs))
    assert (found.finding, found.detail) == ("incomplete", "Old: 5 of 6 seeds (diverged)")
    assert found.difference is None


def test_rows_without_records_stand_beside_with_their_print() -> None:
    spec = table_of([
        {"label": "New", "method": "m"},
        {"label": "Quoted", "quoted": "another paper", "published": {"loss": "3.1 ± 0.2"}},
        {"label": "Old", "method": "m", "published": {"loss": 2}},
    ])  # fmt: skip
    quoted, old = compared(spec, {"New": {"loss": NEW}}).against
    assert (quoted.finding, quoted.published, quoted.p) == ("no records", "3.1 ± 0.2", None)
    assert (old.finding, old.published, old.difference) == ("no records", "2", None)


def test_a_column_that_a_file_does_not_fill_says_why() -> None:
    comparison = compared(table("New", "Old"), {"Old": {"loss": OLD}}, lacking={"loss": "the file has no samples"})
    assert standing(comparison).lacking == "the file has no samples"
    assert not comparison.compared


@pytest.mark.long
def test_of_twenty_comparisons_of_a_row_with_its_equals_at_most_one_finds_anything() -> None:
    random, spec, alarms, total = np.random.default_rng(3), table("New", "A", "B", "C"), 0, 400
    for _ in range(total):
        values = {row: {"loss": random.normal(0, 1, 5).tolist()} for row in ("New", "A", "B", "C")}
        findings = {versus.finding for versus in compared(spec, values).against}
        alarms += findings != {"no difference shown"}
    assert alarms / total <= 0.05 + 3 * (0.05 * 0.95 / total) ** 0.5
