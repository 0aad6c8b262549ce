"""Whether what a spec puts together goes together: columns and the task that measures them, data and who reads them.

A spec is checked by name when it is loaded. Whether a task has a metric, whether the metric reads a column's arguments,
and whether a data set is of the kind that the task is about, the task itself says; it is asked here, before anything
runs, of every row at every scale.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, get_origin

from repro.objects import build
from repro.plan.addresses import address
from repro.registry import DATASETS, TASKS
from repro.registry.addresses import load
from repro.spec.base import PROFILES
from repro.spec.configuration import Configuration, configurations
from repro.spec.model import Table
from repro.spec.problems import Path
from repro.tasks import protocol

Misfit = tuple[Path, str]


def misfits(table: Table) -> list[Misfit]:
    """All that does not go together, each once, with its path into the spec. No file of a user's is run for it."""
    found: dict[Misfit, None] = {}
    for i, row in enumerate(table.rows):
        if row.kind == "method":
            for profile in PROFILES:
                for each in configurations(table, row, profile):
                    found.update(dict.fromkeys(_of(each, ("rows", i))))
    return list(found)


def _of(found: Configuration, row: Path) -> Iterator[Misfit]:
    if _is_a_user_s(address(TASKS, found.task)):
        return
    if not _is_a_user_s(address(DATASETS, found.data)) and (said := wrong_data(found)):
        yield row, said
    try:
        task = build(address(TASKS, found.task), found.protocol)
    except ValueError as error:
        yield row, f"task {found.task}: {error}"
        return
    for name, column in found.columns.items():
        try:
            protocol.signatures(task, {name: column}, found.column_protocols)
        except ValueError as error:
            yield ("columns", name), str(error)


def _is_a_user_s(place: str) -> bool:
    return place.rpartition(":")[0].endswith(".py")


def wrong_data(found: Configuration) -> str:
    """Why a task cannot read a data set: it has not the type that the task names, nor all that the task asks of `data`.

    Empty where it can, or where one of them does not say. A data set of another type that has the same parts will do.
    """
    wants, gives = _wanted(address(TASKS, found.task)), _given(address(DATASETS, found.data))
    if wants is None or gives is None or issubclass(gives, wants):
        return ""
    lacking = sorted(_asked(address(TASKS, found.task)) - _parts(gives))
    if not lacking:
        return ""
    said = f"data set {found.data!r} is of {gives.__name__}, which has no {lacking[0]}"
    return f"task {found.task} is about {wants.__name__}, {said}"


@cache
def _wanted(task: str) -> type | None:
    return _class(getattr(load(task), "measure", None), "data")


@cache
def _given(data: str) -> type | None:
    loader = load(data)
    return loader if isinstance(loader, type) else _class(loader, "return")


@cache
def _asked(task: str) -> frozenset[str]:
    """The attributes of `data` that are read in the file of a task."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(load(task)) or load(task)))
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "data"
    )


def _parts(kind: type) -> frozenset[str]:
    annotated = (name for each in kind.__mro__ for name in getattr(each, "__annotations__", {}))
    return frozenset([*dir(kind), *annotated])


def _class(function: Any, name: str) -> type | None:
    """The class that a function names at a parameter, or as what it gives."""
    said = getattr(function, "__annotations__", {}).get(name)
    try:
        named = eval(said, function.__globals__) if isinstance(said, str) else said  # noqa: S307 - our own source
    except (NameError, AttributeError):  # imported for the type checker alone
        return None
    found = get_origin(named) or named
    is_protocol = getattr(found, "_is_protocol", False)
    return found if isinstance(found, type) and found is not object and not is_protocol else None
