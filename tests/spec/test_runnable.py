"""What every table that runs has beyond a valid spec: what its rows come to, which its task can measure."""

from __future__ import annotations

from functools import cache

import pytest

from repro.registry import TASKS
from repro.spec.base import PROFILES, Profile
from repro.spec.configuration import configurations
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.row import ALL
from repro.spec.signature import signature
from repro.spec.tables import all_paths


@pytest.fixture(autouse=True)
def fake_methods() -> None:
    """The methods here are the project's own."""


@cache
def runnable() -> tuple[Table, ...]:
    tables = (load(path) for path in all_paths())
    return tuple(table for table in tables if any(row.kind == "method" for row in table.rows))


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
def test_every_measured_column_has_a_signature(table: Table) -> None:
    task = TASKS.load(table.task)()
    asked = {name for row in table.rows for each in configurations(table, row, "paper") for name in each.columns}
    said = [task.signature(table.columns[name]) for name in asked]
    assert said
    assert all("|" in line and "\n" not in line for line in said)


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_configurations_of_a_row_measure_each_of_its_columns_once(table: Table, profile: Profile) -> None:
    for row in table.rows:
        found = configurations(table, row, profile)
        assert (row.kind == "method") == bool(found)
        columns = [name for each in found for name in each.columns]
        assert len(columns) == len(set(columns))
        if found:
            printed = {key for key in row.published if row.published[key].printed.value is not None}
            named = set(row.columns or ()) - {ALL}
            assert (named or printed) <= set(columns)


@pytest.mark.parametrize("table", runnable(), ids=lambda table: table.id)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_training_has_all_parameters_of_its_method_and_none_that_is_wrong(table: Table, profile: Profile) -> None:
    for row in table.rows:
        for found in configurations(table, row, profile):
            known = signature(found.training.method)
            assert known.problems(found.training.params) == []
            assert known.missing(found.training.params) == []
            assert known.structure.defaults.keys() <= found.training.params.keys()
