from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from repro.contracts import Measurement
from repro.engines.drive import run
from repro.evidence.folds import with_folds
from repro.evidence.gather import gather
from repro.plan.graph import Job
from repro.plan.jobs import plan
from repro.plan.key import configuration
from repro.spec.model import Table
from repro.store.accepted import accept, read_results
from repro.store.record import Record
from repro.store.records import Store
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

COLUMNS = {
    "share": {"label": "Above", "metric": "share-above", "args": {"score": "mean", "threshold": 2.0}, "unit": "%"},
    "best": {"label": "Best", "metric": "best", "args": {"score": "mean"}, "better": "higher"},
}
VALUES = {1: 1.0, 2: 3.0, 3: 2.0, 4: 5.0}


def table(*steps: int) -> Table:
    return toy_table({"label": "Grid", "grid": {"steps": list(steps or VALUES)}}, {"label": "A"}, columns=COLUMNS)


def record(job: Job, **more: Any) -> Record:
    value = VALUES.get(int(str(job.parts.point.get("steps", 0))), 0.0)
    measured = {name: Measurement(value=value, signature=way) for name, way in job.parts.signatures.items()}
    return Record(
        key=job.key, table=job.table, row=job.row, parts=job.parts, started="2026", seconds=1.0, redo=job.redo,
        **({"status": "ok", "measured": measured} | more),
    )  # fmt: skip


def jobs(*steps: int) -> list[Job]:
    made = plan(table(*steps), "smoke", checksum=lambda data: "c" * 64)
    return [job for job in made.jobs if job.row == "Grid"]


def test_every_point_of_a_grid_is_a_training_and_a_measurement_of_the_score() -> None:
    found = jobs()
    assert [job.parts.point for job in found] == [{"steps": steps} for steps in VALUES]
    assert len({job.training for job in found}) == 4
    assert {column.metric for job in found for column in job.columns.values()} == {"mean"}


def test_the_points_fold_into_one_record_whose_signature_says_over_how_many() -> None:
    (whole,) = with_folds(table(), "smoke", [record(job) for job in jobs()])
    assert whole.measured["share"].value == 50.0  # 3 and 5 of four are above 2, in percent
    assert whole.measured["best"].value == 5.0
    assert re.match(r"share-above\|points:4\|grid:[0-9a-f]{8}\|threshold:2.0\|of:", whole.measured["share"].signature)
    assert (whole.row, whole.seconds, whole.parts.point) == ("Grid", 4.0, {})


def test_another_point_in_the_place_of_one_is_another_signature_and_configuration() -> None:
    """So that what further seeds of the old grid showed is not taken for the spread of the new one."""
    one, other = (
        with_folds(table(*steps), "smoke", [record(job) for job in jobs(*steps)])[0] for steps in ((1, 2), (1, 3))
    )
    assert one.measured["share"].signature != other.measured["share"].signature
    assert configuration(one.parts) != configuration(other.parts)


def test_a_point_that_is_missing_leaves_no_number() -> None:
    assert with_folds(table(), "smoke", [record(job) for job in jobs()][:-1]) == []


def test_a_diverged_point_is_not_above_a_threshold_and_nobodys_best() -> None:
    *others, last = jobs()
    records = [record(job) for job in others] + [record(last, status="diverged", measured={})]
    (whole,) = with_folds(table(), "smoke", records)
    assert (whole.measured["share"].value, whole.measured["best"].value) == (25.0, 3.0)


def test_points_that_were_measured_for_other_columns_make_no_row() -> None:
    """As after a column more: they are not what the table asks for, and nothing breaks."""
    of_one = {"share": COLUMNS["share"]}
    now = toy_table({"label": "Grid", "grid": {"steps": list(VALUES)}}, {"label": "A"}, columns=of_one)
    assert with_folds(now, "smoke", [record(job) for job in jobs()]) == []


def test_what_a_row_shows_changes_with_any_of_its_points() -> None:
    """So that the gate sees a point that has moved, and knows a row whose points are bit by bit the accepted ones."""
    *others, last = jobs()
    before = [record(job) for job in (*others, last)]
    moved = {name: each.model_copy(update={"value": 6.0}) for name, each in before[-1].measured.items()}
    after = [*before[:-1], record(last, measured=moved)]
    (one,), (same,), (other,) = (with_folds(table(), "smoke", found) for found in (before, before[::-1], after))
    assert one.measured["share"] == other.measured["share"]
    assert one.artifacts == same.artifacts
    assert one.artifacts != other.artifacts


def test_any_other_failure_of_a_point_is_one_of_the_row() -> None:
    *others, last = jobs()
    broken = record(last, status="failed", measured={}, message="it broke")
    (whole,) = with_folds(table(), "smoke", [*(record(job) for job in others), broken])
    assert (whole.status, whole.measured) == ("failed", {})
    assert whole.message == "1 of 4 points have no number, the first: it broke"


def test_other_rows_are_left_as_they_are() -> None:
    made = plan(table(), "smoke", checksum=lambda data: "c" * 64)
    alone = [record(job) for job in made.jobs if job.row == "A"]
    assert with_folds(table(), "smoke", alone) == alone


def test_points_that_a_grid_has_no_more_are_no_part_of_its_row(tmp_path: Path) -> None:
    """They neither count nor make the row stale."""
    store = Store(tmp_path / "store")
    for job in jobs():
        store.put(record(job))
    found = gather(table(1, 2), store, tmp_path / "results", "smoke")
    (whole,) = found.records
    assert whole.measured["share"].value == 50.0
    assert found.stale == frozenset()
    (whole,) = gather(table(), store, tmp_path / "results", "smoke").records
    assert whole.measured["share"].signature.startswith("share-above|points:4|grid:")


def test_a_grid_with_a_diverged_point_is_accepted_whole(tmp_path: Path) -> None:
    """A point that diverges is a result of the grid; a row without a grid that diverges has none."""
    store, results = Store(tmp_path / "store"), tmp_path / "results"
    grid = {"label": "Grid", "grid": {"behaviour": ["", "diverges"]}, "columns": ["share"]}
    alone = {"label": "A", "params": {"behaviour": "diverges", "steps": 6}, "columns": ["share"]}
    for rows in ((grid,), (alone,)):
        ended = run(toy_table(*rows, columns=COLUMNS), "smoke", store=store)
        assert len(ended.failed) == (0 if rows == (grid,) else 1)
    done = toy_table(grid, columns=COLUMNS)
    accept(store, results, done, "smoke")
    kept = read_results(results, done.id)
    assert sorted(record.status for record in kept) == ["diverged", "ok"]
    assert {record.row for record in kept} == {"Grid"}
    (whole,) = with_folds(done, "smoke", kept)
    assert whole.status == "ok"
    assert "points:2" in whole.measured["share"].signature


def test_a_point_that_diverged_is_not_tried_again(tmp_path: Path) -> None:
    """It would diverge again, to the last bit. A row without a grid has no result then, and may be tried."""
    store = Store(tmp_path)
    grid = {"label": "Grid", "grid": {"behaviour": ["", "diverges"]}, "columns": ["share"]}
    alone = {"label": "A", "params": {"behaviour": "diverges", "steps": 6}, "columns": ["share"]}
    both = toy_table(grid, alone, columns=COLUMNS)
    run(both, "smoke", store=store)
    again = run(both, "smoke", store=store)
    assert {job.row for job in again.plan.jobs if job.key not in again.cached} == {"A"}
    assert [job.row for job in again.failed] == ["A"]


def test_a_grid_of_which_every_point_diverged_has_no_number_and_says_so() -> None:
    lost = [record(job, status="diverged", message="nan", measured={}) for job in jobs()]
    (whole,) = with_folds(table(), "smoke", lost)
    assert (whole.status, whole.measured) == ("diverged", {})
    assert "all 4 points" in whole.message
