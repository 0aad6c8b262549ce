from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from repro.engines.drive import Selection, run
from repro.spec.model import Table
from repro.store.accepted import accept, read_results, result_artifacts
from repro.store.records import Store
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

TABLE = toy_table({"label": "A"}, {"label": "B", "params": {"scale": 3.0}}, seeds=2)
CHANGED = toy_table({"label": "A"}, {"label": "B", "params": {"scale": 4.0}}, seeds=2)


@pytest.fixture(scope="module")
def store(toys: None, tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("results") / "store")
    run(TABLE, "smoke", store=store)
    return store


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


def names(results: Path) -> list[str]:
    return sorted(file.relative_to(results).as_posix() for file in results.rglob("*") if file.is_file())


def key(store: Store, row: str, seed: int) -> str:
    (found,) = {record.key[:8] for record in store.records() if (record.row, record.seed) == (row, seed)}
    return found


def test_accepting_copies_every_record_and_the_arrays_of_the_lowest_seed(store: Store, results: Path) -> None:
    done = accept(store, results, TABLE, "smoke")
    assert len(done.promoted) == 4
    assert not done.refused
    assert names(results) == sorted(
        [
            *(f"toy/walks/records/{r.lower()}--seed-{s}--{key(store, r, s)}.json" for r in "AB" for s in (0, 1)),
            *(f"toy/walks/artifacts/{r.lower()}--seed-0--{key(store, r, 0)}.npz" for r in "AB"),
        ]
    )
    accepted = read_results(results, "toy/walks")
    assert {record.key: record for record in accepted} == {record.key: record for record in store.records()}
    with_arrays = [record for record in accepted if result_artifacts(results, record)]
    assert [(record.row, record.seed) for record in with_arrays] == [("A", 0), ("B", 0)]
    assert np.array_equal(
        result_artifacts(results, with_arrays[0])["weights"], store.artifacts(with_arrays[0])["weights"]
    )


def test_accepting_twice_changes_no_byte(store: Store, results: Path) -> None:
    accept(store, results, TABLE, "smoke")
    before = {name: ((results / name).read_bytes(), (results / name).stat().st_mtime_ns) for name in names(results)}
    done = accept(store, results, TABLE, "smoke")
    assert (len(done.promoted), len(done.unchanged)) == (0, 4)
    after = {name: ((results / name).read_bytes(), (results / name).stat().st_mtime_ns) for name in names(results)}
    assert after == before


def test_a_record_that_the_table_would_not_make_now_is_refused_with_the_reason_unless_told(
    store: Store, results: Path
) -> None:
    done = accept(store, results, CHANGED, "smoke")
    reason = ("parameter scale: 3.0 -> 4.0",)
    assert done.refused == {"B, seed 0": reason, "B, seed 1": reason}
    assert {record.row for record in read_results(results, "toy/walks")} == {"A"}
    told = accept(store, results, CHANGED, "smoke", allow_stale=True)
    assert {record.row for record in told.promoted} == {"B"}
    assert len(read_results(results, "toy/walks")) == 4


def test_a_new_record_replaces_the_old_one_of_its_row_and_seed(store: Store, results: Path, tmp_path: Path) -> None:
    accept(store, results, TABLE, "smoke")
    other = Store(tmp_path / "other")
    run(CHANGED, "smoke", store=other, selection=Selection(rows=["B"], seeds=[0]))
    accept(other, results, CHANGED, "smoke")
    records = [record for record in read_results(results, "toy/walks") if record.row == "B"]
    assert [(record.seed, record.parts.params["scale"]) for record in records] == [(0, 4.0), (1, 3.0)]
    assert len(names(results)) == 6
    accept(store, results, TABLE, "smoke")
    back = [record for record in read_results(results, "toy/walks") if record.row == "B"]
    assert [record.parts.params["scale"] for record in back] == [3.0, 3.0]


def test_a_crash_while_accepting_leaves_each_row_and_seed_once(
    store: Store, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the new files and the removal of the old ones, at every write."""
    accept(store, results, TABLE, "smoke")
    table = Table.model_validate({**CHANGED.model_dump(), "rows": CHANGED.rows})
    run(table, "smoke", store=store)
    monkeypatch.setattr("repro.store.accepted._tidy", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        accept(store, results, table, "smoke")
    monkeypatch.undo()
    read = read_results(results, "toy/walks")
    assert [(record.row, record.seed) for record in read] == [("A", 0), ("A", 1), ("B", 0), ("B", 1)]
    accept(store, results, table, "smoke")
    assert len(names(results)) == 6


def test_a_failed_job_is_not_accepted(results: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "failing")
    table = toy_table({"label": "A", "params": {"behaviour": "raises"}})
    run(table, "smoke", store=store)
    done = accept(store, results, table, "smoke")
    assert not done.promoted
    assert not names(results)


def test_a_damaged_accepted_record_is_left_where_it_is_and_not_read(
    store: Store, results: Path, caplog: pytest.LogCaptureFixture
) -> None:
    accept(store, results, TABLE, "smoke")
    file = results / names(results)[-1]
    file.write_bytes(file.read_bytes()[:-30])
    assert len(read_results(results, "toy/walks")) == 3
    assert file.exists()
    assert "is no valid record" in caplog.text
