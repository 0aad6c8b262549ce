"""The columns, groups and rows of a table as a reader sees them, what is printed beside what was measured."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from repro.report import escape, numbers
from repro.report.measured import Judge
from repro.report.model import CellView, ColumnView, PublishedNumber, RowView
from repro.report.records import curves, record_view
from repro.spec.cell import PublishedCell
from repro.spec.model import Row, Table


class Footnotes:
    """Collects footnotes; the same words have one number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, texts: Iterable[str]) -> tuple[int, ...]:
        """The numbers of some footnotes, new ones counted on."""
        return tuple(self._numbers.setdefault(text, len(self._numbers) + 1) for text in texts)

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them, in the order of their numbers."""
        return tuple(self._numbers)


def heading_columns(table: Table) -> frozenset[str]:
    """Columns that are printed in heading rows only; empty where every row of the table would be a heading."""
    printed = [row for row in table.rows if row.printed and row.published]

    def alone(row: Row) -> bool:
        others = [other for other in printed if other is not row and other.group == row.group]
        shared = any(row.published.keys() & other.published.keys() for other in others)
        return row.group is not None and bool(others) and not shared

    headings = [row for row in printed if alone(row)]
    body = {column for row in printed if row not in headings for column in row.published}
    return frozenset({column for row in headings for column in row.published} - body) if body else frozenset()


def is_heading(row: Row, heading: frozenset[str]) -> bool:
    """Whether a row prints nothing but heading columns."""
    return bool(row.published) and row.printed and row.published.keys() <= heading


def groups(table: Table) -> tuple[str | None, ...]:
    """The labels of the groups in the order of the rows; None for rows without one."""
    return tuple(dict.fromkeys(_group(table, row) for row in table.rows))


def columns(table: Table, heading: frozenset[str]) -> tuple[ColumnView, ...]:
    """All columns; `heading` are those that only heading rows print."""
    views = [
        ColumnView(
            id=name,
            label=column.label,
            metric=column.metric,
            unit=column.unit,
            better=column.better,
            supplementary=column.supplementary,
            heading=name in heading,
            margin=margin.why if (margin := table.margin_of(name)) is not None and not column.is_words else "",
            words=column.is_words,
        )
        for name, column in table.columns.items()
    ]
    return tuple(views)


def row_view(table: Table, row: Row, notes: Footnotes, heading: frozenset[str], judge: Judge | None = None) -> RowView:
    """One row with its cells, its footnotes added to `notes`; measured where there is a judge."""
    alone = is_heading(row, heading)
    cells = {}
    row_notes = notes.add(_row_notes(row))
    for name, column in table.columns.items():
        printed = _printed(row, name)
        measured = judge.cell(row, name) if judge else None
        extra = (column.supplementary or not row.printed) and measured is not None
        if not row.published and not row.texts:  # a figure's row: there is nothing but what was measured, or failed
            extra = measured is not None and (measured.n > 0 or measured.status == "failed")
        if name in heading or (alone and measured is not None and measured.n == 0):
            extra = False
        if printed is None and not extra:
            continue
        cells[name] = CellView(
            column=name,
            anchor=f"cell-{_position(table, row)}-{list(table.columns).index(name) + 1}-{escape.slug(name)}",
            published=printed,
            measured=measured,
            footnotes=notes.add(_cell_notes(row.published[name])) if name in row.published else (),
        )
    records, origins = (judge.records(row), judge.origins) if judge else ([], {})
    return RowView(
        name=row.name,
        label=row.label,
        anchor=f"row-{_position(table, row)}-{escape.slug(row.name)}",
        group=_group(table, row),
        kind=row.kind,
        heading=alone,
        role=row.role,
        cells=cells,
        footnotes=row_notes,
        redo=redo_command(table, row, judge.verdict.profile) if judge and row.kind == "method" else "",
        records=tuple(record_view(record, table, origins.get(record.key)) for record in records),
        curves=curves(records),
    )


def _group(table: Table, row: Row) -> str | None:
    if row.group is None:
        return None
    return table.groups[row.group].label if row.group in table.groups else row.group


def _position(table: Table, row: Row) -> int:
    return next(i for i, other in enumerate(table.rows, start=1) if other is row)


def _printed(row: Row, column: str) -> PublishedNumber | None:
    if column in row.texts:
        return PublishedNumber(None, None, row.texts[column], words=True)
    cell = row.published.get(column)
    if cell is None:
        return None
    return PublishedNumber(cell.printed.value, numbers.published_std(cell), numbers.published_text(cell))


def _row_notes(row: Row) -> list[str]:
    said = [f"quoted from {row.quoted}" if row.quoted else "", f"planned: {row.planned}" if row.planned else ""]
    return [text for text in (*said, row.note or "") if text]


def _cell_notes(cell: PublishedCell) -> list[str]:
    found = []
    if cell.corrected:
        found.append(f"printed {cell.value}, read as {cell.corrected.value}: {cell.corrected.why}")
    if cell.selection:
        found.append(f"selection: {cell.selection}")
    if cell.runs is not None and cell.runs > 1:
        found.append(f"the print's number rests on {cell.runs} runs")
    return [*found, *([cell.note] if cell.note else [])]


def redo_command(table: Table, row: Row, profile: str) -> str:
    """The command that runs one row, and so every cell of it, at a profile."""
    target = f"{table.source.document}/{table.source.table}"
    return shlex.join(["repro", "run", target, "--profile", profile, "--rows", row.name])
