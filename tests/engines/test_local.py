from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from repro.engines import Event, loop
from repro.engines.drive import run
from repro.engines.environment import worker_environment
from repro.engines.local import LocalEngine
from repro.engines.log import CappedLog
from repro.engines.process import WorkerProcess
from repro.store.record import TrainingRecord
from repro.store.records import Store
from tests.worker.driver import lines, processes, start, wait_until, workers
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

Engines = Callable[..., LocalEngine]

WELL = ({"label": "before"}, {"label": "after"})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def run_beside_good_jobs(
    store: Store, engine: Engines, behaviour: str, *, limit_minutes: float = 1.0, **settings: Any
) -> TrainingRecord:
    """Runs a row whose training misbehaves between two that do not, which must be ok.

    Gives the record of that training. Where it has no model, the row's own record must say so in its words.
    """
    bad = {"label": "bad", "params": {"behaviour": behaviour}, "limit_minutes": limit_minutes}
    table = toy_table(WELL[0], bad, WELL[1])
    summary = run(table, "smoke", store=store, engine=engine(slots=2, **settings))
    records = {record.row: record for record in store.records()}
    assert records["before"].status == records["after"].status == "ok"
    assert [job.row for job in summary.failed] == (["bad"] if records["bad"].status != "ok" else [])
    job = next(job for job in summary.plan.jobs if job.row == "bad")
    training = store.get_training(job.training)
    assert training is not None
    assert records["bad"].status == training.status
    if training.status != "ok":
        said = f"the training that it rests on (walk on numbers, seed 0) ended as {training.status}: {training.message}"
        assert records["bad"].message == said
        assert not records["bad"].measured
        assert summary.log_key(job) == training.key
    return training


@pytest.mark.parametrize(
    ("behaviour", "status", "message"),
    [
        ("raises", "failed", "ValueError: the towel is missing"),
        ("diverges", "diverged", "loss is nan at step 3"),
        ("says no UTF-8", "failed", "ValueError: cannot read donn\\xe9es \\x1b[31m"),
        ("exits", "failed", "SystemExit: 0"),
        ("vanishes", "failed", "ended with exit code 0 and left no record"),
        ("aborts", "killed", "ended by signal SIGABRT"),
        ("is killed", "killed", "ended by signal SIGKILL"),
        ("has no memory", "out of memory", "MemoryError: "),
    ],
)
def test_a_job_that_goes_wrong_fails_alone_with_a_status_that_says_how(
    store: Store, engine: Engines, behaviour: str, status: str, message: str
) -> None:
    record = run_beside_good_jobs(store, engine, behaviour)
    assert (record.status, record.message) == (status, message)


def test_a_worker_that_is_done_before_the_engine_looks_again_has_its_own_outcome(
    store: Store, engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files() -> list[Path]:
        return [*store.root.glob("trainings/*.json"), *store.root.glob("records/*/*.json")]

    def slow(*arguments: Any) -> WorkerProcess:
        before, worker = len(files()), WorkerProcess(*arguments)
        wait_until(lambda: len(files()) > before)
        return worker

    monkeypatch.setattr(loop, "WorkerProcess", slow)
    summary = run(toy_table({"label": "A"}), "smoke", store=store, engine=engine())
    assert set(summary.outcomes.values()) == {"ok"}
    assert [record.status for record in store.records()] == ["ok"]


def test_an_abort_leaves_the_place_in_the_code_in_the_last_lines(store: Store, engine: Engines) -> None:
    assert "in misbehave" in run_beside_good_jobs(store, engine, "aborts").tail


def test_a_job_that_hangs_and_ignores_sigterm_is_ended_at_its_limit(store: Store, engine: Engines) -> None:
    record = run_beside_good_jobs(store, engine, "hangs", limit_minutes=4 / 60, grace_seconds=0.3)
    assert record.status == "timeout"
    assert record.message == "did not end within its limit of 4 seconds"
    assert not workers(store)


def test_a_job_that_exceeds_its_memory_limit_is_ended(store: Store, engine: Engines) -> None:
    record = run_beside_good_jobs(store, engine, "eats memory", memory_limit_bytes=1_500_000_000)
    assert record.status == "out of memory"
    assert record.message == "held more than its limit of 1500000000 bytes (`--memory` sets it)"
    assert record.peak_memory_bytes
    assert record.peak_memory_bytes > 1_500_000_000


def test_megabytes_of_output_fail_nothing_and_leave_a_short_log(store: Store, engine: Engines) -> None:
    record = run_beside_good_jobs(store, engine, "prints")
    assert record.status == "ok"
    log = store.log_file(record.key)
    assert log.stat().st_size < 2_000_000
    assert b"bytes left out" in log.read_bytes()


def test_a_capped_log_keeps_the_beginning_and_the_end(tmp_path: Path) -> None:
    log = CappedLog(tmp_path / "log", head_bytes=11, tail_bytes=7)
    for number in range(1000):
        log.write(f"{number}\n".encode())
    log.close()
    assert (tmp_path / "log").read_text().startswith("0\n1\n2\n3\n4\n5\n")
    assert (tmp_path / "log").read_text().endswith(" bytes left out ...\n998\n999\n")
    assert log.last_lines(2) == "998\n999"


def test_what_a_job_started_ends_with_it(
    store: Store, engine: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_TEST_CHILD", str(tmp_path / "child"))
    run_beside_good_jobs(store, engine, "forks")
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_missing_data_is_a_status_with_the_way_to_get_it(store: Store, engine: Engines) -> None:
    table = toy_table({"label": "A"}, data="absent")
    run(table, "smoke", store=store, engine=engine())
    (record,) = store.records()
    assert record.status == "missing data"
    assert record.message.endswith("data set absent is not here: `repro data get absent` fetches it")


def test_a_failed_job_is_tried_again_by_the_next_run(store: Store, engine: Engines, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    table = toy_table({"label": "A", "params": {"behaviour": "raises", "diary": str(diary)}})
    run(table, "smoke", store=store, engine=engine())
    run(table, "smoke", store=store, engine=engine())
    assert len(lines(diary)) == 2


@pytest.mark.long
def test_no_gpu_is_lent_to_two_workers_at_once(store: Store, engine: Engines, monkeypatch: pytest.MonkeyPatch) -> None:
    lent: list[str] = []
    environment = worker_environment

    def note(device: str, threads: int, gpu: str | None) -> dict[str, str]:
        if gpu is not None:  # a warm parent is lent none
            lent.append(gpu)
        return environment(device, threads, gpu)

    monkeypatch.setattr(loop, "worker_environment", note)
    busy: set[tuple[bool, tuple[int, ...]]] = set()
    most = 0

    def watch(event: Event) -> None:
        nonlocal most
        if event.kind == "started":
            busy.add((event.is_training, event.seeds))
        if event.kind == "ended":
            busy.discard((event.is_training, event.seeds))
        most = max(most, len(busy))

    run(
        toy_table({"label": "A"}, seeds=5),
        "smoke",
        store=store,
        engine=engine(slots=8, gpus=("3", "5"), device="cpu"),
        on_event=watch,
    )
    assert most == 2
    assert set(lent) == {"3", "5"}
    assert len(lent) == 10


FAULTS_OF_THE_SECOND_USE = """
import resource

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    b"1" * 2**24
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the settings are those of the GNU C library")
def test_a_worker_keeps_the_freed_memory_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def second_use() -> int:
        environment = worker_environment("cpu", 1, None)
        command = [sys.executable, "-c", FAULTS_OF_THE_SECOND_USE]
        return int(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    pages = 2**24 // os.sysconf("SC_PAGE_SIZE")
    assert second_use() < pages / 10
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "131072")
    assert second_use() >= pages


@pytest.mark.long
def test_two_runs_on_one_store_train_each_job_once(store: Store, way: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    row = {"label": "A", "params": {"diary": str(diary), "steps": 3, "step_seconds": 0.1}}
    drivers = [start(store, row, seeds=3, slots=2, fresh=way == "fresh") for _ in range(2)]
    said = [driver.communicate(timeout=120)[0].splitlines()[-1] for driver in drivers]
    assert said == ['["ok", "ok", "ok"]'] * 2
    assert sorted(line.split()[1] for line in lines(diary) if "begun" in line) == ["0", "1", "2"]


@pytest.mark.long
def test_workers_die_with_a_killed_driver_and_the_next_run_continues(store: Store, way: str, tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    row = {"label": "A", "params": {"diary": str(diary), "steps": 40, "step_seconds": 0.05}}
    first = start(store, row, seeds=2, slots=2, checkpoint_seconds=0.0, fresh=way == "fresh")
    wait_until(lambda: len(list(store.root.glob("checkpoints/*/*.pt"))) >= 4)
    first.kill()
    first.wait()
    assert first.stdout
    first.stdout.close()
    wait_until(lambda: not processes(store))
    assert not store.records()
    second = start(store, row, seeds=2, slots=2, fresh=way == "fresh")
    assert second.communicate(timeout=120)[0].splitlines()[-1] == '["ok", "ok"]'
    assert [len(record.curves["mean"].step) for record in store.records()] == [40, 40]


@pytest.mark.long
def test_ctrl_c_writes_checkpoints_and_leaves_a_store_from_which_the_next_run_continues(
    store: Store, way: str, tmp_path: Path
) -> None:
    diary = tmp_path / "diary"
    row = {"label": "A", "params": {"diary": str(diary), "steps": 40, "step_seconds": 0.05}}
    first = start(store, row, seeds=3, slots=2, checkpoint_seconds=1000.0, fresh=way == "fresh")
    wait_until(lambda: len(lines(diary)) == 2)
    os.kill(first.pid, signal.SIGINT)
    assert first.communicate(timeout=60)[0].splitlines()[-1] == '["interrupted", "interrupted", "interrupted"]'
    assert not processes(store)
    assert not store.records()
    assert len(list(store.root.glob("checkpoints/*/*.pt"))) == 2
    second = start(store, row, seeds=3, slots=2, fresh=way == "fresh")
    assert second.communicate(timeout=120)[0].splitlines()[-1] == '["ok", "ok", "ok"]'
    assert [record.curves["mean"].step for record in store.records()] == [tuple(range(40))] * 3
