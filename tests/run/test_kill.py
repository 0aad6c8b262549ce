"""Workers and drivers that are really killed, again and again: nothing is lost, counted twice or changed by it."""

from __future__ import annotations

import contextlib
import random
import subprocess
import time
from functools import partial
from pathlib import Path

import psutil
import pytest

from repro.engines.local import LocalEngine
from repro.plan.checksums import Checksums
from repro.plan.jobs import plan
from repro.record import Record
from repro.run.run import run
from repro.store import Store
from tests.run.driver import start, wait_until, workers
from tests.run.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

ROW = {"label": "A", "params": {"steps": 300, "step_seconds": 0.02}}
KILLS = 12


def undisturbed(folder: Path) -> Record:
    store = Store(folder)
    run(toy_table(ROW), "smoke", store=store, engine=LocalEngine(checkpoint_seconds=1000.0))
    (record,) = store.records()
    assert record.status == "ok"
    return record


def same_numbers(one: Record, other: Record) -> bool:
    """Bit for bit: values, curves and arrays."""
    return (one.key, one.measured, one.curves, one.artifacts) == (
        other.key, other.measured, other.curves, other.artifacts,
    )  # fmt: skip


def checkpoint(store: Store) -> str:
    """The name of the newest checkpoint; names grow."""
    return max((file.name for file in store.root.glob("checkpoints/*/*.pt")), default="")


def is_under_way(store: Store, driver: subprocess.Popen[str], beyond: str | None) -> bool:
    """Whether a worker has started, and has come beyond a checkpoint where one is given; or the run is over."""
    if driver.poll() is not None:
        return True
    return bool(workers(store)) and (beyond is None or checkpoint(store) > beyond)


def was_killed(worker: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        worker.kill()
        return True
    return False


@pytest.mark.long
def test_a_worker_killed_at_random_moments_ends_with_the_same_bits_as_one_left_alone(tmp_path: Path) -> None:
    alone = undisturbed(tmp_path / "alone")
    store = Store(tmp_path / "killed")
    moments = random.Random(7)
    kills: list[str] = []
    while not store.is_done("toy/walks", alone.key):
        driver = start(store, ROW, slots=1, checkpoint_seconds=0.0)
        if len(kills) < KILLS:
            early = len(kills) % 3 == 2  # while it starts or restores; else while it trains and saves
            wait_until(partial(is_under_way, store, driver, None if early else checkpoint(store)))
            time.sleep(moments.uniform(0.0, 2.0 if early else 0.3))
            kills += [checkpoint(store) for worker in workers(store) if was_killed(worker)]
        driver.communicate(timeout=120)
        assert all(record.status in ("ok", "killed") for record in store.records())
    assert len(kills) == KILLS
    assert len(set(kills)) > KILLS / 2, "most kills must hit a worker that had come further"
    (record,) = store.records()
    assert same_numbers(record, alone)
    assert record.curves["mean"].step == tuple(range(300))


@pytest.mark.long
def test_a_driver_killed_at_random_moments_leaves_no_worker_and_no_half_record(tmp_path: Path) -> None:
    alone = undisturbed(tmp_path / "alone")
    store = Store(tmp_path / "killed")
    moments = random.Random(11)
    for _ in range(5):
        driver = start(store, ROW, seeds=2, slots=2, checkpoint_seconds=0.0)
        time.sleep(moments.uniform(0.5, 4.0))
        driver.kill()
        driver.communicate()
        end = time.monotonic() + 5
        while workers(store) and time.monotonic() < end:
            time.sleep(0.01)
        assert not workers(store)
    driver = start(store, ROW, seeds=2, slots=2)
    assert driver.communicate(timeout=120)[0].splitlines()[-1] == '["ok", "ok"]'
    assert same_numbers(next(record for record in store.records() if record.seed == 0), alone)
    assert not list(store.root.glob("records/*/corrupt/*"))


def test_a_job_whose_code_has_changed_since_the_plan_fails_with_the_name_of_the_definition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store")
    method = tmp_path / "mine.py"
    method.write_text("from tests.run.toy import Walk\nclass Mine(Walk):\n    pass\n")
    table = toy_table({"label": "A", "method": f"{method}:Mine"})
    made = plan(table, "smoke", checksum=Checksums(store.checksums))
    method.write_text("from tests.run.toy import Walk\nclass Mine(Walk):\n    steps = 3\n")
    monkeypatch.setattr("repro.run.run.survey", lambda _, records: [_new(job) for job in made.jobs])
    run(table, "smoke", store=store)
    (record,) = store.records()
    assert record.status == "failed"
    assert record.message == "RuntimeError: code of Mine changed since the plan was made: run again to make a new plan"
    monkeypatch.undo()
    assert list(run(table, "smoke", store=store).outcomes.values()) == ["ok"]


def _new(job: object) -> object:
    from repro.plan.state import Planned

    return Planned(job, "new")  # type: ignore[arg-type]
