"""A language model under SIGKILL: workers are really killed, and the numbers are those of a run left alone."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from repro.plan.checksums import Checksums
from repro.plan.jobs import Job, plan
from repro.record import Record
from repro.spec.load import load
from repro.spec.tables import find
from repro.store import Store

KILLS = 4


def frozen(store: Store, table: str, row: str) -> tuple[Path, Job]:
    """The plan of one row at a scale of a few seconds."""
    made = plan(load(find(table)), "smoke", checksum=Checksums(store.checksums), rows=[row])
    return made.freeze(store.plans), made.jobs[0]


def worker(plan_file: Path, job: Job) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "repro.run.worker", str(plan_file), job.key, "--checkpoint-seconds", "0"]
    return subprocess.Popen(command, cwd=Path(__file__).parents[3], stderr=subprocess.DEVNULL)


def finished(store: Store, plan_file: Path, job: Job) -> Record:
    process = worker(plan_file, job)
    assert process.wait() == 0
    record = store.get(job.table, job.key)
    assert record is not None
    return record


def checkpoints(store: Store) -> set[str]:
    return {file.name for file in store.root.glob("checkpoints/*/*.pt")}


@pytest.mark.long
@pytest.mark.parametrize(
    ("table", "row"), [("mos/rank-ptb", "Softmax"), ("mos/rank-ptb", "MoS"), ("mos/one-billion-word", "MoS")]
)
def test_a_language_model_whose_training_is_killed_ends_with_the_same_bits(
    tmp_path: Path, table: str, row: str
) -> None:
    alone, killed = Store(tmp_path / "alone"), Store(tmp_path / "killed")
    expected = finished(alone, *frozen(alone, table, row))
    plan_file, job = frozen(killed, table, row)
    moments = random.Random(row)
    hits = 0
    while hits < KILLS:
        before, process = checkpoints(killed), worker(plan_file, job)
        while not checkpoints(killed) - before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0, 0.3))
        if process.poll() is not None:
            break  # it was done before it could be killed
        process.kill()
        process.wait()
        hits += 1
    assert hits >= 2, "the training was over too soon for the kills to say anything"
    record = finished(killed, plan_file, job)
    assert record.measured == expected.measured
    assert record.curves == expected.curves
    assert record.artifacts == expected.artifacts
