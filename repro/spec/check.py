"""What a spec refers to must exist: names in the registries, rows and columns of the table itself.

Every check yields pairs of a path into the spec and what is wrong there. The shape is valid by then.
"""

from __future__ import annotations

from collections.abc import Iterator

from repro.registry import METRICS
from repro.spec.check_claims import claim_problems
from repro.spec.check_names import name_problems
from repro.spec.check_params import param_problems
from repro.spec.check_protocol import column_problems, protocol_problems
from repro.spec.model import TEXT, Row, Table
from repro.spec.names import unknown, unknown_groups, unknown_rows
from repro.spec.problems import Path
from repro.spec.resolve import data_choice, ever_measured

Found = Iterator[tuple[Path, str]]


def problems_of(table: Table) -> list[tuple[Path, str]]:
    """Everything that a table refers to and that is not there, or makes no sense where it stands."""
    checks = (
        name_problems, _columns, _groups, _rows, _published, _margins, column_problems, param_problems,
        protocol_problems, claim_problems, _figures,
    )  # fmt: skip
    return [problem for check in checks for problem in check(table)]


def _columns(table: Table) -> Found:
    labels: dict[str, str] = {}
    for key, column in table.columns.items():
        if column.metric == TEXT and column.supplementary:
            yield ("columns", key, "supplementary"), f"column {key!r} is of texts, which are printed and never measured"
        problem = METRICS.unit_problem(column.metric, column.args, column.unit)
        if problem is not None:
            yield ("columns", key, "unit"), problem
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
        if row.control and row.method is None and row.config is None:
            yield (*path, "control"), "a control row runs: it needs a method"
        if row.method is not None:
            yield from _runs(table, row, (*path, "method" if row.config is None else "config"))


def _place(table: Table, row: Row, path: Path) -> Found:
    if row.group is not None and row.group not in table.groups:
        yield (*path, "group"), unknown("group", row.group, table.groups)
    elif row.group is None and table.groups:
        yield path, f"row {row.label!r} has no group; the groups of this table are {', '.join(table.groups)}"


def _runs(table: Table, row: Row, path: Path) -> Found:
    if table.groups and row.group not in table.groups:
        return  # said already
    for key in ever_measured(table, row):
        try:
            data_choice(table, row, key)
        except ValueError:
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
    judged = {
        key
        for row in table.rows
        if row.method is not None
        for key in ever_measured(table, row)
        if key in row.published and row.published[key].printed.value is not None
    }
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
    for i, figure in enumerate(table.figures):
        path: Path = ("figures", i)
        yield from unknown_groups(table, figure.groups, (*path, "groups"))
        for j, label in enumerate(figure.rows):
            yield from unknown_rows(table, label, figure.groups, (*path, "rows", j))
