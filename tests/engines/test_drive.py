from __future__ import annotations

import os
from pathlib import Path

import pytest

from repro.engines import Event
from repro.engines.drive import Selection, run, visible_gpus
from repro.engines.local import LocalEngine
from repro.spec.model import Table
from repro.store.records import Store
from tests.worker.tables import endings, toy_table

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_run_leaves_an_ok_record_with_numbers_curves_and_arrays_for_every_row_and_seed(store: Store) -> None:
    events: list[Event] = []
    table = toy_table({"label": "A"}, {"label": "B", "params": {"scale": 2.0}}, seeds=2)
    summary = run(table, "smoke", store=store, engine=LocalEngine(slots=2), on_event=events.append)
    assert endings(summary) == ["ok"] * 4, [r.tail for r in store.records()]
    records = store.records("toy/walks")
    assert {(record.row, record.seed) for record in records} == {("A", 0), ("A", 1), ("B", 0), ("B", 1)}
    for record in records:
        assert record.curves["mean"].step == (0, 1, 2, 3, 4)
        assert store.artifacts(record)["weights"].shape == (5,)
        assert record.peak_memory_bytes
        assert record.peak_memory_bytes > 1 << 20
        assert record.environment
        assert record.environment.threads == 1
        (used,) = record.trainings
        training = store.get_training(used.key)
        assert training is not None
        assert (used.seed, used.seconds, record.curves) == (record.seed, training.seconds, training.curves)
    assert len({record.measured["mean"].value for record in records}) == 4
    assert len({record.trainings[0].key for record in records}) == 4
    for is_training in (True, False):
        mine = [event for event in events if event.is_training == is_training]
        assert [event.kind for event in mine].count("started") == 4
        assert [event.outcome for event in mine if event.kind == "ended"] == ["ok"] * 4


def test_a_second_run_trains_nothing(store: Store, tmp_path: Path) -> None:
    table = toy_table({"label": "A", "params": {"diary": str(tmp_path / "diary")}}, seeds=2)
    run(table, "smoke", store=store)
    again = run(table, "smoke", store=store)
    assert len(again.cached) == 2
    assert (tmp_path / "diary").read_text().count("begun") == 2


def test_seeds_fitted_together_leave_a_record_each_and_one_that_diverges_leaves_the_others_alone(
    store: Store, tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    table = toy_table({"label": "A", "params": {"behaviour": "one diverges", "diary": str(diary)}}, seeds=3)
    summary = run(table, "smoke", store=store, together=True)
    assert endings(summary) == ["ok", "diverged", "ok"]
    assert diary.read_text().startswith("together (0, 1, 2)")


def test_seeds_share_a_worker_on_request_and_have_the_numbers_that_they_have_alone(
    store: Store, tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    alone = Store(tmp_path / "alone")

    def walks(diary: str) -> Table:
        rows = ({"label": label, "method": "tests.worker.toy:Alone", "params": {"steps": steps, "diary": diary}}
                for label, steps in (("A", 2), ("B", 3)))  # fmt: skip
        return toy_table(*rows, seeds=3)

    run(walks(""), "smoke", store=alone)
    summary = run(walks(str(diary)), "smoke", store=store, one_worker=True)
    assert endings(summary) == ["ok"] * 6
    processes = {line.split()[-1] for line in diary.read_text().splitlines()}
    assert len(processes) == 2
    measured = [{(r.row, r.seed): r.measured["mean"].value for r in s.records()} for s in (alone, store)]
    assert measured[0] == measured[1]


def test_a_seed_that_fails_leaves_those_after_it_in_the_same_worker_alone(store: Store) -> None:
    table = toy_table({"label": "A", "method": "tests.worker.toy:Alone", "params": {"failing_seed": 1}}, seeds=3)
    summary = run(table, "smoke", store=store, one_worker=True)
    assert endings(summary) == ["ok", "failed", "ok"]


def test_only_the_seeds_and_rows_that_are_asked_for_run(store: Store) -> None:
    table = toy_table({"label": "A"}, {"label": "B"})
    run(table, "smoke", store=store, selection=Selection(rows=["B"], seeds=[4]))
    assert [(record.row, record.seed) for record in store.records()] == [("B", 4)]


def test_the_slices_of_a_gpu_are_no_further_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = "GPU 0: H200 (UUID: GPU-1)\n  MIG 1g.18gb Device 0: (UUID: MIG-1)\n  MIG 1g.18gb Device 1: (UUID: MIG-2)\n"
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'E'\n{listed}E\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert visible_gpus() == ("0",)
