"""What columns say to a task: their arguments and their split, checked in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from repro.registry import did_you_mean
from repro.spec.model import Column


def expect(column: Column, task: str, metrics: Mapping[str, Collection[str]], splits: Collection[str] = ()) -> None:
    """Raises ValueError unless a column's metric is one of a task's, with no argument that the metric does not read.

    `metrics` has the arguments that each metric reads. Where `splits` are given the column must name one of them, else
    it must name none.
    """
    if column.metric not in metrics:
        hint = did_you_mean(column.metric, list(metrics))
        raise ValueError(f"task {task} has no metric {column.metric!r}{hint} (it has {', '.join(sorted(metrics))})")
    known = list(metrics[column.metric])
    for name in column.args:
        if name not in known:
            reads = f"it reads {', '.join(known)}" if known else "it reads none"
            raise ValueError(f"{_named(column)} reads no argument {name!r}{did_you_mean(name, known)} ({reads})")
    if splits and column.split not in splits:
        listed = f"{', '.join([*splits][:-1])} or {[*splits][-1]}"
        raise ValueError(f"{_named(column)} is measured on a split: {listed}, not {column.split}")
    if column.split is not None and not splits:
        raise ValueError(f"{_named(column)} reads no split, it says {column.split}")


def whole(column: Column, name: str, default: int | None = None, least: int | None = None) -> int:
    """An argument that is a whole number. Raises ValueError for anything else."""
    value = _given(column, name, default, "a whole number")
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        bound = "" if least is None else f" from {least} on"
        raise ValueError(f"{_named(column)}: {name} must be a whole number{bound}, it is {value!r}")
    return value


def share(column: Column, name: str) -> float:
    """An argument that is a number from 0 to 1. Raises ValueError for anything else."""
    value = _given(column, name, None, "a number from 0 to 1")
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{_named(column)}: {name} must be a number from 0 to 1, it is {value!r}")
    return float(value)


def word(column: Column, name: str, known: Sequence[str] = ()) -> str:
    """An argument that is a word, one of `known` where these are given. Raises ValueError for anything else."""
    value = _given(column, name, None, f"one of {', '.join(known)}" if known else "a word")
    if not isinstance(value, str) or (known and value not in known):
        hint = did_you_mean(str(value), list(known)) or (f" (known: {', '.join(known)})" if known else "")
        raise ValueError(f"{_named(column)}: {name} must be a word, it is {value!r}{hint}")
    return value


def _given(column: Column, name: str, default: Any, kind: str) -> Any:
    value = column.args.get(name, default)
    if value is None:
        raise ValueError(f"{_named(column)} needs the argument {name}, {kind}: write `args: {{{name}: ...}}`")
    return value


def _named(column: Column) -> str:
    return f"column {column.label!r} ({column.metric})"
