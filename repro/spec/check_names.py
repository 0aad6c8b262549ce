"""Names that must be in a registry to run: what none has is planned, unless it looks like a slip of a known name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from repro.registry.addresses import is_address
from repro.spec.base import PROFILES, DataChoice
from repro.spec.folds import SCORE
from repro.spec.likeness import slip_of
from repro.spec.model import TEXT, Row, Table
from repro.spec.planned import exists_by_now
from repro.spec.problems import Path
from repro.spec.registered import REGISTRIES, Named, is_there
from repro.spec.start import Start
from repro.spec.vocabulary import vocabulary

Found = Iterator[tuple[Path, str]]
READ_LATER: tuple[Named, ...] = ("method", "task")
"""Kinds whose classes are read for their parameters, which says what is wrong with their addresses."""


class Use(NamedTuple):
    """A name where a spec uses it, and whether it says there that the name is planned."""

    path: Path
    kind: Named
    name: str
    planned: bool = False


def name_problems(table: Table) -> Found:
    """Names that are probably misspelt, and planned names that nothing here has."""
    used = list(uses(table))
    for use in used:
        if is_address(use.name) and use.kind not in READ_LATER:
            yield from ((use.path, said) for said in _leads_nowhere(use))
    unknown = [use for use in used if not is_there(use.kind, use.name) and use.name not in table.planned]
    words = vocabulary(table.id) if unknown else None
    for use in unknown:
        if words is None or words.knows(use.kind, use.name):
            continue
        slip = slip_of(use.name, words.names(use.kind), planned=use.planned)
        if slip is not None:
            message = f"unknown {use.kind} {use.name!r}; did you mean {slip!r}?"
            yield use.path, f"{message} If it is another one, list it under `planned:` of the table"
    for i, name in enumerate(table.planned):
        if all(name != use.name for use in used):
            yield ("planned", i), f"nothing in this table is called {name!r}"


def uses(table: Table) -> Iterator[Use]:
    """Every name that a table uses, those of the configurations that it shares among them."""
    for part in (_of_table, _of_columns, _of_rows, _of_shared):
        yield from part(table)


def _leads_nowhere(use: Use) -> Iterator[str]:
    """What is wrong with an address, which is looked at and never run."""
    try:
        REGISTRIES[use.kind].check(use.name)
    except ValueError as error:
        yield str(error)


def trainings(row: Row, path: Path) -> Iterator[tuple[Path, Start]]:
    """The trainings that a row names beside its own, each with its path: what they start from too."""
    pending = [] if row.start is None else [((*path, "from"), row.start)]
    pending += [((*path, "beside", role), start) for role, start in row.beside.items()]
    for where, start in pending:
        yield where, start
        if start.start is not None:
            pending.append(((*where, "from"), start.start))


def _of_table(table: Table) -> Iterator[Use]:
    yield Use(("task",), "task", table.task)
    yield from _data(table.data, ("data",))
    for key, group in table.groups.items():
        yield from _data(group.data, ("groups", key, "data"))
        for role, choice in group.also.items():
            yield from _data(choice, ("groups", key, "also", role))
    for i, figure in enumerate(table.figures):
        yield Use(("figures", i, "draw"), "figure", figure.draw)


def _of_columns(table: Table) -> Iterator[Use]:
    for key, column in table.columns.items():
        yield from _data(column.data, ("columns", key, "data"))
        if column.metric != TEXT:
            yield Use(("columns", key, "metric"), "metric", column.metric)
        if isinstance(score := column.args.get(SCORE), str):
            yield Use(("columns", key, "args", SCORE), "metric", score)


def _of_rows(table: Table) -> Iterator[Use]:
    for i, row in enumerate(table.rows):
        path: Path = ("rows", i)
        if row.config is None and row.method is not None:
            yield Use((*path, "method"), "method", row.method)
        if row.planned is not None and not exists_by_now(row.planned):
            yield Use((*path, "planned"), "method", row.planned, planned=True)
        for role, choice in row.also.items():
            yield from _data(choice, (*path, "also", role))
        for where, start in trainings(row, path):
            yield from _of_start(start, where)


def _of_shared(table: Table) -> Iterator[Use]:
    """What the configurations of `table.shared` name; mistakes in them are said where they stand."""
    where: Path
    for name, shared in table.shared.items():
        yield Use(("configurations", name, "method"), "method", shared.method)
        start, where = shared.start, ("configurations", name)
        while start is not None:
            where = (*where, "from")
            yield from _of_start(start, where)
            start = start.start


def _of_start(start: Start, path: Path) -> Iterator[Use]:
    names: tuple[tuple[Named, str | None], ...] = (
        ("method", start.method), ("weights", start.weights), ("task", start.task)
    )  # fmt: skip
    yield from (Use((*path, kind), kind, name) for kind, name in names if name is not None)
    yield from _data(start.data, (*path, "data"))
    for role, choice in start.also.items():
        yield from _data(choice, (*path, "also", role))


def _data(data: DataChoice | None, path: Path) -> Iterator[Use]:
    if data is not None:
        yield from (Use((*path, profile), "data set", data.of(profile)) for profile in PROFILES)
