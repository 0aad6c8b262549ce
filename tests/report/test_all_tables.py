"""Every table that comes with the project, in every format that shows it."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from repro.report.build import published
from repro.report.render import FORMATS, render
from repro.spec.load import load
from repro.spec.tables import all_paths, id_of

each_table = pytest.mark.parametrize("path", all_paths(), ids=lambda path: str(id_of(path)))


@each_table
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_printed_number_is_shown(path: Path, fmt: str) -> None:
    """Digit for digit. Signs and marks are written as the format has them, so numbers are compared without those."""
    table = load(path)
    shown = render(published(table), fmt)
    numbers = {
        number
        for row in table.rows
        for cell in row.published.values()
        for number in re.findall(r"\d+(?:\.\d+)?|\.\d+", cell.value)
    }
    assert not {number for number in numbers if number not in shown}


@each_table
def test_the_json_has_each_row_and_cell_as_the_spec_has_it(path: Path) -> None:
    table = load(path)
    shown = json.loads(render(published(table), "json"))
    rows = [row for row in table.rows if row.printed]
    assert shown["id"] == table.id
    assert (shown["source"]["document"], shown["source"]["table"]) == (table.source.document, table.source.table)
    assert [(row["label"], row["kind"]) for row in shown["rows"]] == [(row.label, row.kind) for row in rows]
    for given, row in zip(shown["rows"], rows, strict=True):
        for column, cell in row.published.items():
            found = given["cells"][table.columns[column].label]
            assert found["text"].startswith(cell.value)
            assert found["value"] == cell.printed.value


@each_table
def test_the_csv_has_one_line_a_cell(path: Path) -> None:
    table = load(path)
    cells = sum(len(row.published) + len(row.texts) for row in table.rows if row.printed)
    lines = list(csv.reader(render(published(table), "csv").splitlines()))
    assert len(lines) >= 1 + cells
