"""What the smoke scale of a table costs, from its records."""

from __future__ import annotations

import math

import pytest

from repro.commands.costs import costs, page
from repro.plan.jobs import plan
from repro.store.record import Record, TrainingUsed
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")


def test_a_training_that_rows_share_counts_once_in_its_table() -> None:
    """Two measurements of one CPU second rest on one training of ten: 12, 11 of them in the first row."""
    jobs = plan(toy_table({"label": "A"}, {"label": "B"}), "smoke", checksum=lambda data: "c" * 64).jobs
    used = TrainingUsed(
        key="t" * 32, method="walk", data="numbers", seed=0, started="2026", seconds=40.0, cpu_seconds=10.0
    )
    records = [
        Record(
            key=job.key, table=job.table, row=job.row, parts=job.parts, started="2026", redo=job.redo,
            seconds=3.0, cpu_seconds=1.0, status="ok", measured={}, trainings=(used,),
        )
        for job in jobs
    ]  # fmt: skip
    (found,) = costs(records)
    assert (found.rows, found.seconds, found.dearest, found.most_seconds) == (2, 12.0, "A", 11.0)


def test_a_row_whose_records_have_no_cpu_seconds_is_no_cheap_one() -> None:
    jobs = plan(toy_table({"label": "A"}, {"label": "B"}), "smoke", checksum=lambda data: "c" * 64).jobs
    records = [
        Record(
            key=job.key, table=job.table, row=job.row, parts=job.parts, started="2026", seconds=1.0, redo=job.redo,
            cpu_seconds=seconds, status="ok", measured={},
        )
        for job, seconds in zip(jobs, (9.0, None), strict=True)
    ]  # fmt: skip
    (found,) = costs(records)
    assert found.dearest == "B"
    assert math.isnan(found.most_seconds)
    assert "B: nan |" in page([found])
