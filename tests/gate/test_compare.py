"""Cell by cell: what counts as changed, what cannot be compared, and what the whole check then says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repro.evidence.joined import joined
from repro.gate.aa import rows_of, seeds_of, still_good
from repro.gate.calibration import Calibration, read_calibration, write_calibration
from repro.gate.compare import Side, compare
from repro.gate.model import Check, Outcome
from repro.plan.key import Fingerprint
from repro.spec.model import Table
from repro.store.record import Record
from tests.gate.build import records, table
from tests.verdict.build import record_of, table_of

OLD = [1.5, 2.25, 1.75, 2.0, 1.8]
FAR = [90.5, 91.5, 92.5, 90.25, 93.5]


def check(spec: Table, accepted: list[Record], new: list[Record]) -> Check:
    return compare([Side(spec, accepted, new)], "smoke")


def only(found: Check) -> Outcome:
    (outcome,) = found.outcomes
    return outcome


def test_identical_outputs_are_the_same_without_a_test_and_without_a_place_in_the_correction() -> None:
    spec = table("A", "B")
    found = check(spec, records({"A": OLD, "B": OLD}), records({"A": OLD, "B": FAR}))
    same, worse = found.outcomes
    assert (same.status, same.p, same.detail) == ("same", None, "bit by bit the accepted outputs")
    assert worse.status == "worse"
    assert worse.test.endswith(", 1 cells")
    assert found.verdict == "regressed"


def test_whole_numbers_alone_may_be_equal_by_chance_and_are_tested() -> None:
    ranks = [400.0, 401.0, 400.0]
    outcome = only(check(table("A"), records({"A": ranks}), records({"A": ranks})))
    assert outcome.status == "same"
    assert outcome.test.startswith("max-T, 20 divisions")
    curves = records({"A": ranks}, artifacts={"weights": "0"})
    assert not only(check(table("A"), curves, curves)).test


def test_seeds_that_were_not_accepted_are_not_taken_for_identical() -> None:
    outcome = only(check(table("A"), records({"A": OLD[:3]}), records({"A": OLD})))
    assert (outcome.status, outcome.detail) == ("same", "inside the noise")


@pytest.mark.parametrize(("better", "status"), [("lower", "worse"), ("higher", "better"), (None, "changed")])
def test_the_column_says_what_is_worse(better: str | None, status: str) -> None:
    found = check(table("A", column={"better": better}), records({"A": OLD}), records({"A": FAR}))
    assert only(found).status == status
    assert found.verdict == ("passed" if status == "better" else "regressed")


@pytest.mark.parametrize(
    ("now", "margin", "status"),
    [(0.0291, None, "same"), (0.0291 * (1 + 1e-7), None, "same"), (0.0292, None, "worse"), (0.0290, None, "better"),
     (0.02915, 1e-4, "same"), (0.0293, 1e-4, "worse")],
)  # fmt: skip
def test_a_deterministic_row_is_compared_within_what_rounding_moves(
    now: float, margin: float | None, status: str
) -> None:
    column = {"margin": {"absolute": margin, "why": "one point of the histogram"}} if margin else {}
    spec = table("A", deterministic=True, column=column)
    outcome = only(check(spec, records({"A": [0.0291]}), records({"A": [now]})))
    assert outcome.status == status
    assert outcome.status == "same" or outcome.test.startswith("exact, within ")


@pytest.mark.parametrize(("now", "status"), [(8.9e-16, "same"), (-3.6e-15, "same"), (1e-11, "worse")])
def test_a_deterministic_zero_may_be_off_by_the_rounding_of_terms_of_order_one(now: float, status: str) -> None:
    outcome = only(check(table("A", deterministic=True), records({"A": [0.0]}), records({"A": [now]})))
    assert outcome.status == status


def test_other_data_or_another_way_of_measuring_is_incomparable() -> None:
    accepted, new = records({"A": OLD}), records({"A": FAR})
    other = [r.model_copy(update={"parts": r.parts.model_copy(update={"data": r.parts.data.model_copy(
        update={"checksum": "1"})})}) for r in new]  # fmt: skip
    found = check(table("A"), accepted, other)
    assert (only(found).status, found.verdict) == ("incomparable", "incomplete")
    ways = [record_of("A", 0, "smoke", measured={"kl": (9.0, "kl v2")})]
    found = check(table("A"), accepted, ways)
    assert (only(found).status, found.verdict) == ("incomparable", "incomplete")


def test_a_time_is_not_judged_but_a_row_that_runs_no_more_is() -> None:
    spec = table("A", column={"timed": True})
    found = check(spec, records({"A": OLD}), records({"A": FAR}))
    assert (only(found).status, only(found).p, found.verdict) == ("unjudged", None, "nothing")
    failed = [record_of("A", 0, "smoke", status="failed", measured={})]
    assert check(spec, records({"A": OLD}), failed).verdict == "incomplete"


def test_records_of_another_profile_are_not_looked_at() -> None:
    new = [record_of("A", seed, "paper", measured={"kl": value}) for seed, value in enumerate(FAR)]
    found = check(table("A"), records({"A": OLD}), new)
    assert (only(found).status, found.verdict) == ("missing", "nothing")


def test_a_failed_seed_is_incomplete_and_the_others_are_compared() -> None:
    new = [*records({"A": OLD[:4]}), record_of("A", 4, "smoke", status="diverged", message="loss is nan")]
    found = check(table("A"), records({"A": OLD}), new)
    assert [(o.status, o.detail) for o in found.outcomes] == [
        ("failed", "seed 4: diverged: loss is nan"),
        ("same", "bit by bit the accepted outputs"),
    ]
    assert found.verdict == "incomplete"


def test_a_row_that_is_accepted_and_gone_is_missing_and_one_that_is_new_is_a_remark() -> None:
    found = check(table("A", "New"), records({"A": OLD, "Gone": OLD}), records({"A": OLD, "New": OLD}))
    assert {(o.row, o.status) for o in found.outcomes} == {("A", "same"), ("Gone", "missing")}
    assert found.notes == ("test/table: nothing is accepted of New: not looked at",)
    assert found.verdict == "incomplete"


def test_a_row_that_was_left_out_is_not_said_to_have_nothing_accepted() -> None:
    side = Side(table("A", "Out", "New"), records({"A": OLD}), records({"A": OLD}), None, ("Out",))
    assert compare([side], "smoke").notes == ("test/table: nothing is accepted of New: not looked at",)


@pytest.mark.parametrize("sizes", [(1, 1), (1, 5), (5, 1), (2, 2), (2, 4), (4, 2)])
@pytest.mark.parametrize("now", [OLD, FAR])
def test_too_few_seeds_are_undecided_and_no_pass_alone_or_beside_others(
    sizes: tuple[int, int], now: list[float]
) -> None:
    """Seeds that were not accepted, so that nothing is the same bit by bit."""
    new = [record_of("A", 10 + seed, "smoke", measured={"kl": value}) for seed, value in enumerate(now[: sizes[1]])]
    accepted = records({"A": OLD[: sizes[0]]})
    found = check(table("A"), accepted, new)
    assert (only(found).status, found.verdict) == ("undecided", "nothing")
    found = check(table("A", "B"), [*accepted, *records({"B": OLD})], [*new, *records({"B": OLD})])
    assert ([o.status for o in found.outcomes], found.verdict) == (["undecided", "same"], "incomplete")


def test_a_cell_that_another_hides_is_undecided() -> None:
    worse, better = [5.0, 5.5, 6.5], [1.0, 1.01, 1.02]
    accepted = records({"A": OLD[:3], "B": [900.0, 910.0, 920.0]})
    found = check(table("A", "B"), accepted, records({"A": worse, "B": better}))
    assert ([o.status for o in found.outcomes], found.verdict) == (["undecided", "better"], "incomplete")


def test_a_calibration_is_the_reference_of_a_row_of_its_configuration_only() -> None:
    spec, accepted, new = table("A"), records({"A": OLD[:1]}), records({"A": FAR[:1]})
    further = [record_of("A", 1000 + i, "smoke", measured={"kl": 1.5 + 0.01 * i}) for i in range(24)]
    calibration = Calibration(table=spec.id, profile="smoke", seeds=1, pairs=12, rows=dict(rows_of(further)))
    found = compare([Side(spec, accepted, new, calibration)], "smoke")
    assert (only(found).status, only(found).calibrated) == ("worse", 24)
    assert only(found).p == pytest.approx(1 / 26)
    edited = [
        r.model_copy(update={"parts": r.parts.model_copy(update={"fingerprint": Fingerprint(digest="1" * 32)})})
        for r in accepted
    ]
    found = compare([Side(spec, edited, new, calibration)], "smoke")
    assert only(found).status == "undecided"
    assert found.notes == ("test/table: the calibration is of other code or parameters than the accepted A",)


def test_a_calibration_with_the_rate_of_alarms_that_files_once_had_is_read_without_it(tmp_path: Path) -> None:
    further = [record_of("A", 1000 + i, "smoke", measured={"kl": 1.5 + 0.01 * i}) for i in range(24)]
    calibration = Calibration(table=table("A").id, profile="smoke", seeds=1, pairs=12, rows=dict(rows_of(further)))
    file = write_calibration(tmp_path, calibration)
    said = json.loads(file.read_text())
    assert "false_alarms" not in said
    file.write_text(json.dumps({**said, "false_alarms": {"comparisons": 24, "alarms": 1, "low": 0.0, "high": 0.2}}))
    assert read_calibration(tmp_path, "test/table", "smoke") == calibration


def test_a_row_keeps_its_calibration_while_configuration_columns_and_seeds_are_the_same() -> None:
    seeds = range(1000, 1004)
    further = [record_of("A", seed, "smoke", measured={"kl": 1.5 + 0.01 * seed}) for seed in seeds]
    found = Calibration(table="test/table", profile="smoke", seeds=1, pairs=2, rows=dict(rows_of(further)))
    accepted = record_of("A", 0, "smoke", measured={"kl": 2.0})
    assert still_good(found, [accepted], seeds) == found.rows
    assert still_good(None, [accepted], seeds) == {}
    assert still_good(found, [accepted], range(1000, 1006)) == {}
    assert still_good(found, [record_of("A", 0, "smoke", measured={"kl": 2.0, "tau": 1.0})], seeds) == {}
    assert still_good(found, [record_of("B", 0, "smoke", measured={"kl": 2.0})], seeds) == {}
    parts = accepted.parts.model_copy(update={"fingerprint": Fingerprint(digest="1" * 32)})
    assert still_good(found, [accepted.model_copy(update={"parts": parts})], seeds) == {}


def test_the_seeds_of_a_calibration_are_accepted_by_nobody() -> None:
    accepted = [record_of("A", seed, "smoke") for seed in (0, 1000, 1002)]
    assert seeds_of(accepted, 4) == [1001, 1003, 1004, 1005]


def test_all_tables_are_corrected_together() -> None:
    side = Side(table("A"), records({"A": OLD}), records({"A": [v + 0.3 for v in OLD]}))
    alone, both = compare([side], "smoke").outcomes[0], compare([side, side, side], "smoke").outcomes[0]
    assert alone.test.endswith("1 cells")
    assert both.test.endswith("3 cells")


def test_both_halves_of_a_row_with_two_trainings_are_judged() -> None:
    """The numbers on one data set are as they were, those on the other ten times as large."""
    spec = table_of([{"label": "A", "method": "m"}], columns={"kl": {"better": "lower"}, "nll": {"better": "lower"}})

    def side(factor: float) -> list[Record]:
        halves = (records({"A": OLD}), records({"A": [factor * value for value in OLD]}, column="nll"))
        return joined([record.model_copy(update={"key": f"{i}-{record.seed}"}) for i, half in enumerate(halves)
                       for record in half])  # fmt: skip

    found = compare([Side(spec, side(1.0), side(10.0))], "smoke")
    assert {outcome.column: outcome.status for outcome in found.outcomes} == {
        spec.columns["kl"].label: "same", spec.columns["nll"].label: "worse",
    }  # fmt: skip
