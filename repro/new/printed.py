"""A table as somebody printed it: what is read from a LaTeX, CSV or Markdown file, before it is a spec."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PrintedRow:
    """One row: its heading within the table, its name, and its cells as texts; what is empty is not printed."""

    group: str
    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class PrintedTable:
    """Columns and rows as texts, and the caption where the file has one."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[PrintedRow, ...]


def arranged(title: str, heads: Sequence[Sequence[str]], lines: Sequence[Sequence[str]]) -> PrintedTable:
    """The table of lines of cells of equal number, head lines first.

    The first column has the rows' names. A line with nothing else is the heading of those after it; where the first
    column is empty beside cells, it has headings too, which hold on, and the second has the names. Raises ValueError
    where there are no columns or no rows.
    """
    width = max((len(line) for line in (*heads, *lines)), default=0)
    heads, lines = _filled(heads, width), _filled(lines, width)
    merged = any(not line[0] and any(line[1:]) for line in lines) and width > 2
    first = 2 if merged else 1
    group, rows = "", []
    for line in lines:
        if line[0] and not any(line[1:]):
            group = line[0]
            continue
        if merged and line[0]:
            group = line[0]
        if any(line):
            rows.append(PrintedRow(group, line[first - 1] or "(no name)", tuple(line[first:])))
    columns = tuple(_joined([head[i] for head in heads]) or f"column {i}" for i in range(first, width))
    if not columns or not rows:
        raise ValueError("no table is found: expected a line of heads, and lines of a name and cells below it")
    return PrintedTable(title, columns, tuple(rows))


def _filled(lines: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    return [[*line, *[""] * (width - len(line))] for line in lines]


def _joined(parts: Sequence[str]) -> str:
    """The heads above one column, from the top; what is said twice is said once."""
    return " ".join(dict.fromkeys(part for part in parts if part))
