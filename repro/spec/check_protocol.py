"""Parameters of tasks against the signature of the task, and the models and data that a task and a grid ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repro.registry import did_you_mean
from repro.spec.base import PROFILES, Params, everywhere, only_at
from repro.spec.check_names import trainings
from repro.spec.folds import SCORE, folds
from repro.spec.kinds import structure_of
from repro.spec.model import Row, Table
from repro.spec.names import unknown
from repro.spec.problems import Path
from repro.spec.registered import is_there
from repro.spec.resolve import ever_measured, protocol_layers, stacked
from repro.spec.signature import Signature, task_signature

Found = Iterator[tuple[Path, str]]


def protocol_problems(table: Table) -> Found:
    """Parameters that a task does not know, of the wrong type or lacking; roles that it does not have or that lack.

    Where no row runs, parameters may be planned as rows are: the task that is there may be so far for other tables.
    """
    found: dict[tuple[Path, str], None] = {}
    known = _known(table.task)
    if isinstance(known, str):
        yield ("task",), known
    elif known is not None and any(row.method is not None for row in table.rows):
        found.update(dict.fromkeys(_blocks(known, _protocols(table))))
        found.update(dict.fromkeys(_lacking(table, known)))
        found.update(dict.fromkeys(_roles(table, known)))
    for i, row in enumerate(table.rows):
        for path, start in trainings(row, ("rows", i)):
            found.update(dict.fromkeys(_of_view(start.task or table.task, start.protocol, path)))
        found.update(dict.fromkeys(_folds(table, row, ("rows", i))))
    yield from found


def _known(task: str) -> Signature | str | None:
    """The signature of a task that is there, why it cannot be read, or None of one that is planned."""
    if not is_there("task", task):
        return None
    try:
        return task_signature(task)
    except ValueError as error:
        return str(error)


def _protocols(table: Table) -> Iterator[tuple[Path, Params]]:
    yield ("protocol",), table.protocol
    yield from ((("groups", key, "protocol"), group.protocol) for key, group in table.groups.items())
    yield from ((("rows", i, "protocol"), row.protocol) for i, row in enumerate(table.rows))
    yield from ((("columns", key, "protocol"), column.protocol) for key, column in table.columns.items())


def _blocks(known: Signature, blocks: Iterable[tuple[Path, Params]]) -> Found:
    for path, block in blocks:
        parts = [(path, everywhere(block)), *(((*path, profile), only_at(block, profile)) for profile in PROFILES)]
        for where, params in parts:
            for inside, message in known.problems(params):
                yield (*where, *inside), message


def _lacking(table: Table, known: Signature) -> Found:
    if not any(each.required or structure_of(each.kind) for each in known.parameters.values()):
        return
    for i, row in enumerate(table.rows):
        if row.method is None:
            continue
        for profile in PROFILES:
            for column in ever_measured(table, row):
                for name in known.missing(stacked(protocol_layers(table, row, profile, (), column))):
                    message = f"parameter {name!r} of {known.owner} has no default: write it under `protocol:`"
                    yield ("rows", i), f"{message} of the table, the row or the column"


def _roles(table: Table, known: Signature) -> Found:
    """The further models that a task looks at: all of its roles, and no others."""
    roles = known.names("OTHERS")
    for i, row in enumerate(table.rows):
        for role, start in row.beside.items():
            path: Path = ("rows", i, "beside", role)
            if role not in roles:
                yield (
                    path,
                    f"{known.owner} looks at no model {role!r}{did_you_mean(role, list(roles))} ({_named(roles)})",
                )
            elif start.weights is not None:
                yield (*path, "weights"), "a model beside the row's own is trained: write config or method"
        missing = [role for role in roles if role not in row.beside]
        if row.method is not None and missing:
            yield (
                ("rows", i),
                f"{known.owner} looks at a further model {missing[0]!r}: write `beside: {{{missing[0]}: ...}}`",
            )


def _named(roles: tuple[str, ...]) -> str:
    return f"known: {', '.join(roles)}" if roles else "it has no further models"


def _of_view(task: str, protocol: Params, path: Path) -> Found:
    """A training has those parameters of a task alone that decide what it sees."""
    known = _known(task)
    if not protocol or known is None or isinstance(known, str):
        return
    yield from _blocks(known, [((*path, "protocol"), protocol)])
    view = known.names("VIEW")
    for block, where in [(everywhere(protocol), (*path, "protocol")), *(
        (only_at(protocol, profile), (*path, "protocol", profile)) for profile in PROFILES
    )]:  # fmt: skip
        for name in block:
            if name in known.parameters and name not in view:
                yield (*where, name), f"no training sees parameter {name!r} of {known.owner}: it is measured by"


def _folds(table: Table, row: Row, path: Path) -> Found:
    """The columns of a grid fold its points, and say what is measured at each."""
    for key in ever_measured(table, row) if row.method is not None else ():
        column = table.columns[key]
        fold = folds(column.metric)
        if fold and not isinstance(column.args.get(SCORE), str):
            yield ("columns", key, "metric"), f"metric {column.metric!r} folds a grid: write `args: {{score: METRIC}}`"
        if row.grid and not fold and is_there("metric", column.metric):
            message = f"row {row.name!r} has a grid, and metric {column.metric!r} of column {key!r} folds nothing"
            yield (*path, "grid"), f"{message}: write `metric: best, args: {{score: {column.metric}}}` or the like"


def column_problems(table: Table) -> Found:
    """The columns that rows name: known ones, which something measures."""
    for i, row in enumerate(table.rows):
        for j, key in enumerate(row.columns or ()):
            path: Path = ("rows", i, "columns", j)
            if key not in table.columns and key != "all":
                yield path, unknown("column", key, table.columns)
            elif key in table.columns and key not in table.of_runs:
                yield path, f"column {key!r} is of texts, which are printed and never measured"
