"""A training under SIGKILL: workers are really killed, and the numbers are those of a run left alone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from repro.plan.checksums import Checksums
from repro.plan.graph import Plan
from repro.plan.jobs import plan
from repro.spec.model import Table
from repro.store.record import Record
from repro.store.records import Store

KILLS = 4


def expect_the_same_bits(folder: Path, table: Table, row: str, least: int = 2) -> None:
    """Trains a row at the scale smoke twice: left alone, and killed some time after each of its first checkpoints.

    At `least` so many kills must hit: a training that saves seldom may be over before.
    """
    alone, killed = Store(folder / "alone"), Store(folder / "killed")
    expected = _finished(alone, _frozen(alone, table, row))
    made = _frozen(killed, table, row)
    hits = _kill(killed, made, random.Random(row))
    assert hits >= least, "the training was over too soon for the kills to say anything"
    record = _finished(killed, made)
    assert record.measured == expected.measured
    assert record.curves == expected.curves
    assert record.artifacts == expected.artifacts


@dataclass(frozen=True)
class Frozen:
    """A plan of one measurement and the trainings that it rests on, and its file."""

    plan: Plan
    file: Path


def _frozen(store: Store, table: Table, row: str) -> Frozen:
    made = plan(table, "smoke", checksum=Checksums(store.checksums), rows=[row], seeds=1)
    needed = {training.key for training in made.trainings_of(made.jobs[0])}
    trainings = tuple(training for training in made.trainings if training.key in needed)
    made = Plan(table=made.table, profile=made.profile, trainings=trainings, jobs=made.jobs[:1])
    return Frozen(made, made.freeze(store.plans))


def _worker(made: Frozen, key: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "repro.worker.main", str(made.file), key, "--checkpoint-seconds", "0"]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stderr=subprocess.DEVNULL)


def _finished(store: Store, made: Frozen) -> Record:
    (job,) = made.plan.jobs
    for key in (*(training.key for training in made.plan.trainings), job.key):
        assert _worker(made, key).wait() == 0
    record = store.get(job.table, job.key)
    assert record is not None
    return record


def _kill(store: Store, made: Frozen, moments: random.Random) -> int:
    """How often the training's worker was killed before it was done, KILLS times at most."""
    *before_it, training = made.plan.trainings
    for other in before_it:
        assert _worker(made, other.key).wait() == 0
    for hits in range(KILLS):
        before, process = _checkpoints(store), _worker(made, training.key)
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
