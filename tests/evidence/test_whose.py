"""Whose the records of a report are: run here, imported, accepted in the project, or shipped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repro.contracts import Measurement
from repro.evidence.gather import Evidence, Whose, gather
from repro.files import readable_json, write_atomic
from repro.places import is_shipped, results_directory
from repro.plan.graph import Job
from repro.plan.jobs import plan
from repro.plan.key import key_of
from repro.spec.model import Table
from repro.store import origin
from repro.store.record import Record
from repro.store.records import Store
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")
TABLE = toy_table({"label": "A"}, {"label": "B", "params": {"steps": 2}})
GRID = toy_table({"label": "G", "grid": {"steps": [1, 2]}}, columns={
    "best": {"label": "Best", "metric": "best", "args": {"score": "mean"}, "better": "higher"}})  # fmt: skip


def records(table: Table = TABLE, **more: Any) -> list[Record]:
    return [record(job, **more) for job in plan(table, "smoke", checksum=lambda data: "c" * 64).jobs]


def record(job: Job, **more: Any) -> Record:
    measured = {name: Measurement(value=1.0, signature=way) for name, way in job.parts.signatures.items()}
    return Record(
        key=job.key, table=job.table, row=job.row, parts=job.parts, started="2026", seconds=1.0, redo=job.redo,
        **({"status": "ok", "measured": measured} | more),
    )  # fmt: skip


def accepted(folder: Path, found: list[Record]) -> Path:
    """A results folder with these records."""
    for number, each in enumerate(found):
        file = folder / "results" / each.table / "records" / f"{number}.json"
        write_atomic(file, readable_json(each.model_dump(mode="json")))
    return folder / "results"


def store(folder: Path, found: list[Record]) -> Store:
    here = Store(folder / "store")
    for each in found:
        here.put(each)
    return here


def whose(found: Evidence) -> dict[str, str]:
    return {each.row: found.origins[each.key] for each in found.records}


def test_what_is_in_the_store_is_ones_own_unless_a_bundle_brought_it(tmp_path: Path) -> None:
    mine, theirs = records()
    here = store(tmp_path, [mine, theirs.model_copy(update={"imported": "walks.zip"})])
    assert whose(gather(TABLE, here, tmp_path)) == {"A": "own", "B": "imported"}


def test_what_is_accepted_and_in_the_store_too_is_ones_own(tmp_path: Path) -> None:
    mine, other = records()
    found = gather(TABLE, store(tmp_path, [mine]), accepted(tmp_path, [mine, other]))
    assert whose(found) == {"A": "own", "B": "accepted"}


@pytest.mark.parametrize(("asked", "rows"), [("all", {"A", "B"}), ("own", {"A"}), ("accepted", {"B"})])
def test_one_may_ask_for_ones_own_and_for_accepted_ones_alone(tmp_path: Path, asked: Whose, rows: set[str]) -> None:
    mine, other = records()
    found = gather(TABLE, store(tmp_path, [mine]), accepted(tmp_path, [other]), whose=asked)
    assert {each.row for each in found.records} == rows


def test_ones_own_runs_are_without_imported_ones(tmp_path: Path) -> None:
    found = [each.model_copy(update={"imported": "walks.zip"}) for each in records()]
    assert not gather(TABLE, store(tmp_path, found), tmp_path, whose="own").records


def test_a_row_whose_data_are_missing_here_has_no_number_of_elsewhere(tmp_path: Path) -> None:
    """Two seeds are accepted, one was tried here: the other is no number of this machine."""
    two = toy_table({"label": "A"}, {"label": "B"}, seeds=2)
    done = [record(job) for job in plan(two, "smoke", checksum=lambda data: "c" * 64).jobs]
    parts = done[0].parts.model_copy(update={"data": done[0].parts.data.model_copy(update={"checksum": "missing"})})
    tried = done[0].model_copy(
        update={"key": key_of(parts), "parts": parts, "status": "missing data", "measured": {}, "started": "2027"}
    )
    found = gather(two, store(tmp_path, [tried]), accepted(tmp_path, done))
    assert [each.status for each in found.records if each.row == "A"] == ["missing data"]
    assert [each.status for each in found.records if each.row == "B"] == ["ok", "ok"]


def test_a_failure_of_another_kind_leaves_the_other_seeds(tmp_path: Path) -> None:
    two = toy_table({"label": "A"}, seeds=2)
    done = [record(job) for job in plan(two, "smoke", checksum=lambda data: "c" * 64).jobs]
    tried = done[0].model_copy(update={"status": "failed", "measured": {}, "started": "2027"})
    found = gather(two, store(tmp_path, [tried]), accepted(tmp_path, done))
    assert [each.status for each in found.records] == ["failed", "ok"]


def test_a_row_of_which_one_point_is_from_elsewhere_is_from_elsewhere(tmp_path: Path) -> None:
    mine, other = records(GRID)
    assert whose(gather(GRID, store(tmp_path, [mine, other]), tmp_path)) == {"G": "own"}
    found = gather(GRID, store(tmp_path / "b", [mine]), accepted(tmp_path, [other]))
    assert whose(found) == {"G": "accepted"}


def test_results_are_shipped_where_they_came_with_the_sources_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPRO_RESULTS", raising=False)
    assert is_shipped(results_directory())  # the tests run in a checkout
    assert origin.in_results(results_directory()) == "shipped"
    assert origin.in_results(tmp_path / "results") == "accepted"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], ""),
        (["own"], "all numbers are of your own runs"),
        (["imported"], "all numbers are imported from a bundle: none was measured here"),
        (
            ["imported", "shipped"],
            "numbers are imported from a bundle, shipped with repro, as marked: none was measured here",
        ),
    ],
)
def test_the_sentence_says_whose_and_whether_any_is_of_here(found: list[origin.Origin], said: str) -> None:
    assert origin.sentence(found) == said
