"""A new row under the protocol of a table: its parameters, and the table in memory that has it.

Nothing of the table is edited. The copy has the same other rows, so that the jobs of both have equal keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repro.registry import METHODS
from repro.spec import yaml12
from repro.spec.base import Params, ParamValue, Profile, merged
from repro.spec.grid import as_params
from repro.spec.model import Row, Table
from repro.spec.names import unknown
from repro.spec.resolve import data_sets, resolve, start_of
from repro.spec.signature import Signature, signature

_NEXT = re.compile(r"[\s,]+(?=[A-Za-z_][\w.]*=)")
_NAMED = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)=(.*)", re.DOTALL)
FILE_METHOD = "my_method.py:MyMethod"
FILES = "repro.compare.nothing:NothingTrained"
"""Stands for the method of a row that nothing is trained for."""


class AloneRow(Row):
    """A row that parameters of groups and profiles leave alone: they are about the rows of the table."""

    @property
    def alone(self) -> bool:
        """So it is."""
        return True


@dataclass(frozen=True)
class NewRow:
    """A new row as it was asked for: a method or files, its own parameters, and the row whose parameters it takes."""

    label: str
    method: str | None = None
    params: Params = field(default_factory=dict)
    like: str | None = None
    groups: Sequence[str] = ()
    deterministic: bool = False
    trained: bool = True  # False: its numbers come from files
    columns: Sequence[str] = ()  # by key: what it is trained for and measured in; all without any


@dataclass(frozen=True)
class WithNewRow:
    """The table with the new rows in it, one in each group; `dropped` are parameters of `like` the method lacks."""

    table: Table
    rows: tuple[Row, ...]
    dropped: tuple[str, ...] = ()


def with_new_row(table: Table, new: NewRow, profile: Profile) -> WithNewRow:
    """The table with a row in every group that is asked for, by default in all that have a row which runs.

    Raises ValueError for a label that is taken, unknown groups, parameters that the method does not have, and rows
    to be `like` that are not there.
    """
    groups = _groups(table, new.groups)
    taken = {row.name for row in table.rows}
    rows: list[Row] = []
    dropped: dict[str, None] = {}
    for group in groups:
        row = AloneRow(label=new.label, group=group, method=_method(table, new, groups), variant=True,
                       deterministic=new.deterministic, columns=tuple(new.columns) or None)  # fmt: skip
        if row.name in taken:
            raise ValueError(f"{table.id} has a row {row.name!r}: name the new one with --label")
        params_for = {}
        for data in data_sets(table, row, profile):
            params_for[data], foreign = _params(table, new, row, profile, data)
            dropped.update(dict.fromkeys(foreign))
        inherited = {} if new.like is None else _setting(table, _like(table, new.like, group))
        rows.append(row.model_copy(update={**inherited, "params_for": params_for}))
    copy = table.model_copy(update={"rows": (*table.rows, *rows), "claims": (), "figures": ()})
    return WithNewRow(copy, tuple(rows), tuple(dropped))


def _setting(table: Table, like: Row) -> dict[str, Any]:
    """What a row has from the one that it is like beside parameters: where it starts from, what stands beside it."""
    return {
        "start": start_of(table, like),
        "beside": like.beside,
        "also": like.also,
        "protocol": like.protocol,
        "precision": like.precision,
        "limit_minutes": like.limit_minutes,
    }


def read_params(texts: Sequence[str]) -> Params:
    """Parameters as the command line has them: `key=value`, several in one text or one in each; values as in a spec.

    Example:
        >>> read_params(["rate=1e-3 sizes=[64, 64]", "kind=full"])
        {'rate': 0.001, 'sizes': (64, 64), 'kind': 'full'}
        >>> read_params(["optimiser.rate=0.1 generator={layers: [2, 3]}"])
        {'optimiser': {'rate': 0.1}, 'generator': {'layers': (2, 3)}}
    """
    found: Params = {}
    for text in (part for whole in texts for part in _NEXT.split(whole.strip())):
        named = _NAMED.fullmatch(text)
        if named is None:
            raise ValueError(f"--params wants key=value, got {text!r}")
        if named[1] in found:
            raise ValueError(f"parameter {named[1]!r} is given twice")
        found[named[1]] = _value(named[1], named[2])
    return as_params(found)


def _value(name: str, text: str) -> ParamValue:
    document = yaml12.parse(f"value: {text}\n")
    data = document.data
    if document.problems or not isinstance(data, dict) or list(data) != ["value"]:
        raise ValueError(
            f"--params {name}: {text!r} is no value: numbers, words, true, false, null, [a, b] or {{a: b}}"
        )
    value: ParamValue = data["value"]
    return value


def _groups(table: Table, wanted: Sequence[str]) -> tuple[str | None, ...]:
    """Groups by key or label."""
    running = dict.fromkeys(row.group for row in table.rows if row.kind == "method")
    if not wanted:
        return tuple(running) or (None,)
    named = {group.label: key for key, group in table.groups.items()} | {key: key for key in table.groups}
    for name in wanted:
        if name not in named:
            raise ValueError(f"{table.id}: {unknown('group', name, table.groups)}")
    return tuple(dict.fromkeys(named[name] for name in wanted))


def _method(table: Table, new: NewRow, groups: Sequence[str | None]) -> str:
    """The method: as named, else that of the row it is like. A file is looked at before anything else is said of it."""
    if new.method is not None:
        if ":" not in new.method:
            METHODS.check(new.method)
        elif (file := Path(new.method.rpartition(":")[0])).suffix == ".py" and not file.is_file():
            raise ValueError(f"method {new.method}: there is no file {str(file)!r}; {FILE_METHOD} is the form")
        return new.method
    if new.like is None and not new.trained:
        if new.params:
            raise ValueError("--params are of a method: name it with --method")
        return FILES
    if new.like is None:
        raise ValueError(f"a new row needs --method NAME or --method {FILE_METHOD}, or --like ROW")
    method = _like(table, new.like, groups[0]).method
    assert method is not None
    return method


def _like(table: Table, name: str, group: str | None) -> Row:
    running = [row for row in table.rows if row.kind == "method"]
    found = [row for row in running if row.name == name or (row.label == name and row.group == group)]
    if not found:
        raise ValueError(f"{table.id}: {unknown('row', name, [row.name for row in running])}")
    return found[0]


def _params(table: Table, new: NewRow, row: Row, profile: Profile, data: str) -> tuple[Params, list[str]]:
    """The checked parameters of a row on one data set, and those of `like` that its method does not have."""
    assert row.method is not None
    if row.method == FILES:
        return {}, []
    known = signature(row.method)
    given: Mapping[str, ParamValue] = {}
    if new.like is not None:
        like = _like(table, new.like, row.group)
        given = resolve(table, like, profile, data if data in data_sets(table, like, profile) else "")
    params = merged({name: value for name, value in given.items() if name in known.parameters}, new.params)
    problems = [message for _, message in known.problems(params)]
    problems += [
        f"parameter {name!r} of method {row.method} has no default: give --params {name}=..."
        for name in known.missing(params)
    ]
    problems += _of_columns(table, row, known)
    if problems:
        raise ValueError(problems[0])
    return params, [name for name in given if name not in known.parameters]


def _of_columns(table: Table, row: Row, known: Signature) -> Iterator[str]:
    """Columns of a row that are trained for by a parameter that a method does not have."""
    for name, column in table.columns.items():
        if row.columns is not None and name not in row.columns:
            continue
        for _, message in known.problems(column.params):
            yield f"column {column.label!r} is trained for with other parameters: {message}"
