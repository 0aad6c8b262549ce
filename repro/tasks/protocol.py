"""How the harness measures by a task: columns with a protocol of their own get an instance of their own.

A task's fields are the parameters of its protocol. A row has one setting of them, a column may have others for those
that it reads: all columns that come to one setting are measured together, by one instance, with the same random
numbers as if they were alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from repro.contracts import Comparing, Evaluation, Task, Viewing
from repro.registry import did_you_mean
from repro.registry.addresses import said
from repro.spec.base import Params
from repro.spec.model import Column
from repro.tasks.discrete import watched

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T", bound=Task)
Protocols = Mapping[str, Params]
"""What single columns have else than their row, by the column's name."""


def parameters(task: Task) -> tuple[str, ...]:
    """The names of a task's fields."""
    return tuple(each.name for each in fields(cast(Any, task)))


def asked(task: T, column: Column, protocol: Params) -> T:
    """The task with a column's own protocol. Raises ValueError for a field that is not there or that nobody reads."""
    known = parameters(task)
    for name in protocol:
        if name not in known:
            listed = f"known: {', '.join(known)}" if known else "it has none"
            hint = did_you_mean(name, list(known))
            raise ValueError(f"column {column.label!r}: its task has no parameter {name!r}{hint} ({listed})")
    made: T = replace(cast(Any, task), **{name: _frozen(value) for name, value in protocol.items()})
    reads = made.reads(column)
    for name in protocol:
        if name not in reads:
            listed = f"it reads {', '.join(sorted(reads))}" if reads else "it reads none"
            raise ValueError(
                f"column {column.label!r} ({column.metric}) does not read the protocol's {name!r} ({listed})"
            )
    return made


def unread(task: Task, columns: Iterable[Column], given: Collection[str]) -> tuple[str, ...]:
    """Those of a row's given fields that none of its columns reads: they say something that is not done.

    Fields of the task's view are read by trainings.
    """
    reads = {name for column in columns for name in task.reads(column)} | set(task.VIEW)
    return tuple(name for name in given if name not in reads)


def grouped(task: T, columns: Mapping[str, Column], protocols: Protocols) -> list[tuple[T, dict[str, Column]]]:
    """The columns that are measured together, each group with its instance; first those that are as the row is."""
    groups: list[tuple[T, dict[str, Column]]] = []
    for name in sorted(columns, key=lambda each: bool(protocols.get(each))):  # stable: else in the table's order
        made = asked(task, columns[name], protocols.get(name, {}))
        for other, members in groups:
            if other == made:
                members[name] = columns[name]
                break
        else:
            groups.append((made, {name: columns[name]}))
    return groups


def signatures(task: Task, columns: Mapping[str, Column], protocols: Protocols) -> dict[str, str]:
    """How every column's number will be computed, in the order of the columns."""
    return {
        name: _as_said(asked(task, column, protocols.get(name, {})).signature(column), column)
        for name, column in columns.items()
    }


def measured(
    task: Task,
    model: Any,
    data: Any,
    columns: Mapping[str, Column],
    generator: Callable[[], np.random.Generator],
    *,
    protocols: Protocols | None = None,
    others: Mapping[str, Any] | None = None,
) -> Evaluation:
    """What a task says of a model in all columns, in their order. Every group draws from a generator of its own.

    Of arrays that several groups make under one name the first group's are kept, which is that of the row's protocol.
    Raises ValueError where the models of the task's other roles are not those given.
    """
    others = others or {}
    if set(others) != set(task.OTHERS):
        raise ValueError(f"the task looks at models of roles {_listed(task.OTHERS)}, it was given {_listed(others)}")
    model = watched(model, columns.values())
    others = {role: watched(other, columns.values()) for role, other in others.items()}
    found = [
        cast(Comparing, made).measure(model, data, members, generator(), others=others)
        if others
        else made.measure(model, data, members, generator())
        for made, members in grouped(task, columns, protocols or {})
    ]
    numbers = {name: each.measured[name] for name in columns for each in found if name in each.measured}
    return Evaluation(
        {
            name: number.model_copy(update={"signature": _as_said(number.signature, columns[name])})
            for name, number in numbers.items()
        },
        {name: array for each in reversed(found) for name, array in each.artifacts.items()},
        {name: each.texts[name] for name in columns for each in found if name in each.texts},
    )


def view_of(task: Any, data: Any, seed: int) -> Any:
    """What a training of a seed sees of a data set."""
    return task.view(data, seed) if isinstance(task, Viewing) else data


def _as_said(signature: str, column: Column) -> str:
    """A signature whatever folder the column's metric was found in: a file goes by its own name, as in keys."""
    return signature.replace(column.metric, said(column.metric))


def _listed(roles: Iterable[str]) -> str:
    return ", ".join(roles) or "none"


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
