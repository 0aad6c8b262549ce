"""Which rows and columns a comparison is over."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from repro.report.rows import heading_columns, is_heading
from repro.spec.model import Row, Table
from repro.spec.names import unknown


def columns_meant(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """Columns by key or label; by default the printed ones, without those of a group's heading."""
    if not names:
        heading = heading_columns(table)
        return tuple(key for key, column in table.measured.items() if not column.supplementary and key not in heading)
    by_name = {column.label: key for key, column in table.measured.items()} | {key: key for key in table.measured}
    for name in names:
        if name not in by_name:
            raise ValueError(f"{table.id}: {unknown('column', name, table.measured)}")
    return tuple(dict.fromkeys(by_name[name] for name in names))


def baselines(table: Table, group: str | None, patterns: Sequence[str]) -> tuple[str, ...]:
    """The names of the rows of a group that a new row is compared with.

    By default those in print, without a group's heading; else those that a pattern names, whatever they are.
    """
    mine = [row for row in table.rows if row.group == group]
    if not patterns:
        heading = heading_columns(table)
        return tuple(row.name for row in mine if row.printed and not is_heading(row, heading))
    for pattern in patterns:
        if not any(_is_called(row, pattern) for row in table.rows):
            raise ValueError(f"{table.id}: {unknown('row', pattern, [row.name for row in table.rows])}")
    return tuple(row.name for row in mine if any(_is_called(row, pattern) for pattern in patterns))


def _is_called(row: Row, pattern: str) -> bool:
    return pattern in (row.name, row.label) or fnmatchcase(row.name, pattern)
