"""What a spec refers to must exist: names in the registries, rows and columns of the table itself.

Every check yields pairs of a path into the spec and what is wrong there. The shape is valid by then.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro.registry import DATASETS, FIGURES, METHODS, METRICS, TASKS, Registry
from repro.spec.base import PROFILES
from repro.spec.check_claims import claim_problems
from repro.spec.check_params import param_problems
from repro.spec.model import TEXT, DataChoice, Row, Table
from repro.spec.names import unknown, unknown_groups, unknown_rows
from repro.spec.problems import Path

Found = Iterator[tuple[Path, str]]


def problems_of(table: Table) -> list[tuple[Path, str]]:
    """Everything that a table refers to and that is not there, or makes no sense where it stands."""
    checks = (_registered, _columns, _groups, _rows, _published, _margins, param_problems, claim_problems, _figures)
    return [problem for check in checks for problem in check(table)]


def _named(registry: Registry, name: str, path: Path, runs: bool = True) -> Found:
    """A name that is needed for a run must be implemented; elsewhere a planned one will do."""
    try:
        registry.check(name, or_planned=not runs)
    except ValueError as error:
        yield path, str(error)


def _registered(table: Table) -> Found:
    running = [row for row in table.rows if row.method is not None]
    yield from _named(TASKS, table.task, ("task",), runs=bool(running))
    own = {key for key, group in table.groups.items() if group.data is not None}
    shared = any(column.data is None for column in table.of_runs.values())
    yield from _data(table.data, ("data",), runs=shared and any(row.group not in own for row in running))
    for key, group in table.groups.items():
        yield from _data(group.data, ("groups", key, "data"), runs=any(row.group == key for row in running))


def _data(data: DataChoice | None, path: Path, runs: bool) -> Found:
    if data is not None:
        for profile in PROFILES:
            yield from _named(DATASETS, data.of(profile), (*path, profile), runs)


def _columns(table: Table) -> Found:
    labels: dict[str, str] = {}
    runs = any(row.method is not None for row in table.rows)
    for key, column in table.columns.items():
        if column.metric != TEXT:
            yield from _named(METRICS, column.metric, ("columns", key, "metric"), runs)
        elif column.supplementary:
            yield ("columns", key, "supplementary"), f"column {key!r} is of texts, which are printed and never measured"
        yield from _data(column.data, ("columns", key, "data"), runs)
        if column.label in labels:
            yield ("columns", key, "label"), f"column {labels[column.label]!r} has the label {column.label!r} already"
        labels.setdefault(column.label, key)


def _groups(table: Table) -> Found:
    used = {row.group for row in table.rows}
    for key in table.groups:
        if key not in used:
            yield ("groups", key), f"no row is in group {key!r}"


def _rows(table: Table) -> Found:
    seen: dict[str, int] = {}
    for i, row in enumerate(table.rows):
        path: Path = ("rows", i)
        yield from _place(table, row, path)
        if row.name in seen:
            yield (*path, "label"), f"duplicate row {row.name!r}: rows.{seen[row.name]} has the same group and label"
        seen.setdefault(row.name, i)
        if row.control and row.method is None:
            yield (*path, "control"), "a control row runs: it needs a method"
        if row.method is not None:
            yield from _runs(table, row, (*path, "method"))
        if row.planned is not None and (name := row.planned.lower().replace("_", "-")) in METHODS.entries:
            yield (*path, "planned"), f"row {row.name!r} is planned, but method {name!r} exists: write `method: {name}`"


def _place(table: Table, row: Row, path: Path) -> Found:
    if row.group is not None and row.group not in table.groups:
        yield (*path, "group"), unknown("group", row.group, table.groups)
    elif row.group is None and table.groups:
        yield path, f"row {row.label!r} has no group; the groups of this table are {', '.join(table.groups)}"


def _runs(table: Table, row: Row, path: Path) -> Found:
    assert row.method is not None
    if ":" not in row.method:
        yield from _named(METHODS, row.method, path)
    if table.groups and row.group not in table.groups:
        return  # said already
    group = table.groups[row.group] if row.group is not None else None
    if table.data is None and (group is None or group.data is None):
        for key, column in table.of_runs.items():
            if column.data is None:
                message = f"row {row.name!r} has no data set for column {key!r}"
                yield path, f"{message}: write `data:` at the column, the group or the table"
                return


def _published(table: Table) -> Found:
    for i, row in enumerate(table.rows):
        for key in row.published:
            path: Path = ("rows", i, "published", key)
            yield from _cell(table, key, path)
            if key in table.columns and table.columns[key].is_words:
                yield path, f"column {key!r} is of texts: its cells stand under `texts:`"
        for key in row.texts:
            yield from _cell(table, key, ("rows", i, "texts", key))
            if key in row.published:
                yield ("rows", i, "texts", key), f"row {row.name!r} has a number in column {key!r} already"


def _cell(table: Table, key: str, path: Path) -> Found:
    if key not in table.columns:
        yield path, unknown("column", key, table.columns)
    elif table.columns[key].supplementary:
        yield path, f"column {key!r} is supplementary: it is measured, never printed"


def _margins(table: Table) -> Found:
    judged = {key for row in table.rows if row.method is not None for key in row.published}
    for key in table.columns:
        margin = table.margin_of(key)
        if margin is None and key in judged:
            yield ("columns", key), f"column {key!r} has published cells to reproduce and no margin, nor has the table"
    for path, margin in (
        (("margin",), table.margin),
        *((("columns", key, "margin"), column.margin) for key, column in table.columns.items()),
    ):
        if margin is not None and not (margin.absolute or margin.relative):
            yield path, "a margin of zero, which nothing measured can meet: write absolute or relative"


def _figures(table: Table) -> Found:
    runs = any(row.method is not None for row in table.rows)
    for i, figure in enumerate(table.figures):
        path: Path = ("figures", i)
        yield from _named(FIGURES, figure.draw, (*path, "draw"), runs)
        yield from unknown_groups(table, figure.groups, (*path, "groups"))
        for j, label in enumerate(figure.rows):
            yield from unknown_rows(table, label, figure.groups, (*path, "rows", j))
