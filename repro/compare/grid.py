"""The one table of a comparison: the new row among the others, each with its printed and its measured number.

The best number of a column is marked within each group. What stands for a row is what was measured, where it was
measured as the new row was; of a row without such a number what is printed stands for it at paper scale, and nothing at
a smaller one, where print and measurement are of different experiments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from repro.compare.model import TESTED, Comparison, Finding, Standing, Versus
from repro.report.numbers import DASH, Style, styles
from repro.spec.model import Table
from repro.verdict.stats import Sample

COMPARABLE: frozenset[Finding] = TESTED | {"one seed"}


@dataclass(frozen=True)
class GridCell:
    """One cell. `printed` and `measured` are texts, `sample` the numbers; `note` says whose they are, and stale."""

    printed: str = ""
    measured: str = ""
    sample: Sample | None = None
    note: str = ""
    best: bool = False

    @property
    def shown(self) -> str:
        """What was measured, as one reads it."""
        return f"{self.measured}{f' {self.note}' if self.note else ''}"


@dataclass(frozen=True)
class GridRow:
    """One row; cells by column."""

    label: str
    kind: str
    is_new: bool
    cells: Mapping[str, GridCell]


@dataclass(frozen=True)
class GridGroup:
    """The rows of a group, in the order of the table, the new one at the end."""

    label: str | None
    rows: tuple[GridRow, ...]


@dataclass(frozen=True)
class Grid:
    """Columns by key with their labels, and the groups."""

    columns: Mapping[str, str]
    groups: tuple[GridGroup, ...]

    @property
    def rows(self) -> Iterator[tuple[str | None, GridRow]]:
        """All rows with the label of their group."""
        return ((group.label, row) for group in self.groups for row in group.rows)


def grid(comparison: Comparison, table: Table) -> Grid:
    """The table of a comparison."""
    groups: dict[str, list[Standing]] = {}
    for standing in comparison.standings:
        groups.setdefault(standing.row, []).append(standing)
    columns = dict.fromkeys(standing.column for standing in comparison.standings)
    return Grid(
        {name: table.columns[name].label for name in columns},
        tuple(_group(comparison, table, standings) for standings in groups.values()),
    )


def _group(comparison: Comparison, table: Table, standings: Sequence[Standing]) -> GridGroup:
    looks = styles(table)
    others = dict.fromkeys(versus.row for standing in standings for versus in standing.against)
    cells: dict[str, dict[str, GridCell]] = {name: {} for name in (*others, "")}  # the new row under no name
    for standing in standings:
        style = looks[standing.column]
        column = {v.row: _old(v, style) for v in standing.against} | {"": _new(standing, style)}
        for name in _best(comparison, table, standing, column, style):
            column[name] = replace(column[name], best=True)
        for name, cell in column.items():
            cells[name][standing.column] = cell
    rows = [GridRow(table.row(name).label, _kind(table, name), is_new=False, cells=cells[name]) for name in others]
    new = GridRow(comparison.label, "new", is_new=True, cells=cells[""])
    return GridGroup(standings[0].group, (*rows, new))


def _kind(table: Table, name: str) -> str:
    row = table.row(name)
    return row.role or ("" if row.kind == "method" else row.kind)


def _old(versus: Versus, style: Style) -> GridCell:
    whose = [] if versus.whose in ((), ("own",)) else [" + ".join(versus.whose)]
    said = [
        *whose,
        *(["stale"] if versus.stale else []),
        *(["not comparable"] if versus.finding == "not comparable" else []),
    ]
    return _cell(versus.published, versus.values, ", ".join(said), style)


def _new(standing: Standing, style: Style) -> GridCell:
    return _cell("", standing.values, "", style)


def _cell(printed: str, values: Mapping[int, float], note: str, style: Style) -> GridCell:
    if not values:
        return GridCell(printed, "" if printed else DASH)
    sample = Sample(tuple(values.values()))
    return GridCell(printed, style.measured(sample.mean, sample.sd, sample.n), sample, note)


def _best(
    comparison: Comparison, table: Table, standing: Standing, cells: Mapping[str, GridCell], style: Style
) -> list[str]:
    """The rows whose number is the best of a column, as it is written: those that print alike are best together."""
    better = table.columns[standing.column].better
    if better is None:
        return []
    findings = {versus.row: versus.finding for versus in standing.against}
    found: dict[str, float] = {}
    for name, cell in cells.items():
        if cell.sample is not None and (not name or findings[name] in COMPARABLE):
            found[name] = cell.sample.mean
        elif name and cell.sample is None and comparison.profile == "paper":
            printed = table.row(name).published.get(standing.column)
            if printed is not None and printed.target.value is not None:
                found[name] = printed.target.value
    if len(found) < 2:
        return []
    best = (min if better == "lower" else max)(found.values())
    return [name for name, value in found.items() if style.number(value) == style.number(best)]
