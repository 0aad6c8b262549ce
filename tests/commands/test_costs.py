"""What the smoke scale of a table costs, from its records."""

from __future__ import annotations

import pytest

from repro.commands.costs import costs
from repro.plan.jobs import plan
from repro.store.record import Record, TrainingUsed
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")


def test_a_training_that_rows_share_counts_once_in_its_table() -> None:
    """Two measurements of one second rest on one training of ten: 12 seconds, 11 of them in the first row."""
    jobs = plan(toy_table({"label": "A"}, {"label": "B"}), "smoke", checksum=lambda data: "c" * 64).jobs
    used = TrainingUsed(key="t" * 32, method="walk", data="numbers", seed=0, started="2026", seconds=10.0)
    records = [
        Record(
            key=job.key, table=job.table, row=job.row, parts=job.parts, started="2026", seconds=1.0, redo=job.redo,
            status="ok", measured={}, trainings=(used,),
        )
        for job in jobs
    ]  # fmt: skip
    (found,) = costs(records)
    assert (found.rows, found.seconds, found.dearest, found.most_seconds) == (2, 12.0, "A", 11.0)
