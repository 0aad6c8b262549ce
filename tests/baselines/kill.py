"""A training under SIGKILL: workers are really killed, and the numbers are those of a run left alone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from repro.plan.checksums import Checksums
from repro.plan.jobs import Job, plan
from repro.spec.model import Table
from repro.store.record import Record
from repro.store.records import Store

KILLS = 4


def expect_the_same_bits(folder: Path, table: Table, row: str, least: int = 2) -> None:
    """Trains a row at the scale smoke twice: left alone, and killed some time after each of its first checkpoints.

    At `least` so many kills must hit: a training that saves seldom may be over before.
    """
    alone, killed = Store(folder / "alone"), Store(folder / "killed")
    expected = _finished(alone, *_frozen(alone, table, row))
    plan_file, job = _frozen(killed, table, row)
    hits = _kill(killed, plan_file, job, random.Random(row))
    assert hits >= least, "the training was over too soon for the kills to say anything"
    record = _finished(killed, plan_file, job)
    assert record.measured == expected.measured
    assert record.curves == expected.curves
    assert record.artifacts == expected.artifacts


def _frozen(store: Store, table: Table, row: str) -> tuple[Path, Job]:
    made = plan(table, "smoke", checksum=Checksums(store.checksums), rows=[row])
    return made.freeze(store.plans), made.jobs[0]


def _worker(plan_file: Path, job: Job) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "repro.worker.main", str(plan_file), job.key, "--checkpoint-seconds", "0"]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)


def _finished(store: Store, plan_file: Path, job: Job) -> Record:
    process = _worker(plan_file, job)
    assert process.wait() == 0
    record = store.get(job.table, job.key)
    assert record is not None
    return record


def _kill(store: Store, plan_file: Path, job: Job, moments: random.Random) -> int:
    """How often a worker was killed before it was done, KILLS times at most."""
    for hits in range(KILLS):
        before, process = _checkpoints(store), _worker(plan_file, job)
        while not _checkpoints(store) - before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
        if process.poll() is not None:
            return hits
        process.kill()
        process.wait()
    return KILLS


def _checkpoints(store: Store) -> set[str]:
    return {file.name for file in store.root.glob("checkpoints/*/*.pt")}
