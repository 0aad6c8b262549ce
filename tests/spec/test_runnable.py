"""What every table that runs has beyond a valid spec: each measured column is one that its task can measure."""

from __future__ import annotations

from functools import cache

import pytest

from repro.registry import TASKS
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import all_paths


@cache
def runnable() -> tuple[Table, ...]:
    tables = (load(path) for path in all_paths())
    return tuple(table for table in tables if any(row.kind == "method" for row in table.rows))


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
def test_every_measured_column_has_a_signature(table: Table) -> None:
    task = TASKS.load(table.task)()
    said = [task.signature(table.columns[name]) for name in table.measured]
    assert said
    assert all("|" in line and "\n" not in line for line in said)
