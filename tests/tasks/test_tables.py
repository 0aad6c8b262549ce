"""The protocols of all tables that run: each column is one that its task measures, and all that is said is done."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from repro.contracts import Task
from repro.objects import build
from repro.registry import TASKS
from repro.spec.base import PROFILES
from repro.spec.configuration import Configuration, configurations
from repro.spec.load import load
from repro.spec.model import Row, Table
from repro.spec.resolve import protocol_layers
from repro.spec.tables import all_paths
from repro.tasks.protocol import asked, signatures, unread


@cache
def runnable() -> tuple[Table, ...]:
    tables = (load(path) for path in all_paths())
    return tuple(table for table in tables if any(row.kind == "method" for row in table.rows))


def measurements(table: Table) -> Iterator[tuple[Row, Configuration, Task]]:
    """Every configuration of a table, at all scales, with its task."""
    for row in table.rows:
        for profile in PROFILES:
            for found in configurations(table, row, profile):
                yield row, found, build(TASKS.entries[found.task], found.protocol)


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
def test_every_measured_column_has_a_signature_under_its_protocol(table: Table) -> None:
    for _, found, task in measurements(table):
        said = signatures(task, found.columns, found.column_protocols)
        assert list(said) == list(found.columns)
        assert all("|" in line and "\n" not in line for line in said.values())


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
def test_what_a_protocol_says_is_read_by_a_column_that_it_reaches(table: Table) -> None:
    """A row's and a group's by the row itself, the table's by any of its rows."""
    of_table = {name for _, layer in protocol_layers(table, table.rows[0], "smoke")[:1] for name in layer}
    for row, found, task in measurements(table):
        columns = [column for name, column in found.columns.items() if name not in found.column_protocols]
        tasks = [asked(task, found.columns[name], own) for name, own in found.column_protocols.items()]
        read = {name for each in tasks for column in found.columns.values() for name in each.reads(column)}
        layers = protocol_layers(table, row, found.profile, ("rows",))
        own = {name for path, layer in layers if path[0] != "protocol" for name in layer}
        assert not set(unread(task, columns, sorted(own))) - read, f"{row.name}: said, and not done"
        of_table = set(unread(task, columns, sorted(of_table))) - read
    assert not of_table, "said for the whole table, and not done in any row"
