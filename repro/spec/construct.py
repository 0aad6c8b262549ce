"""A method or a task from its parameters as specs, plans and records have them: the counterpart of `annotation`.

What is a list there is a tuple in a frozen dataclass, and a mapping is the dataclass that the field is annotated with.
Only this module imports the class; that a value is right was checked by its source.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from repro.spec.base import ParamValue

T = TypeVar("T")


def build(cls: type[T], params: Mapping[str, ParamValue]) -> T:
    """An instance of a frozen dataclass from its parameters, those inside parameters too.

    Raises TypeError for a parameter that the class does not have, and for a mapping where it has no dataclass.
    """
    return cls(**{name: _built(value, cls, name) for name, value in params.items()})


def _built(value: Any, cls: type, name: str) -> Any:
    if isinstance(value, Mapping) or (isinstance(value, list | tuple) and any(_has_mapping(each) for each in value)):
        return _as(_hint(cls, name), value, f"{cls.__name__}.{name}")
    return _plain(value)


def _as(hint: Any, value: Any, where: str) -> Any:
    """A value with mappings in it as its annotation has it."""
    if isinstance(value, Mapping):
        found = next((each for each in _members(hint) if is_dataclass(each)), None)
        if not isinstance(found, type):
            raise TypeError(f"{where} is annotated {hint}: no dataclass, so it cannot be {dict(value)}")
        return build(found, value)
    if isinstance(value, list | tuple):
        inside = next((get_args(each) for each in _members(hint) if get_origin(each) is tuple), ())
        repeated = len(inside) == 2 and inside[1] is Ellipsis
        hints = inside[:1] * len(value) if repeated else inside
        return tuple(_as(each, part, where) for each, part in zip(hints, value, strict=True))
    return value


def _members(hint: Any) -> Iterator[Any]:
    """The types that an annotation allows."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        for each in get_args(hint):
            yield from _members(each)
    else:
        yield hint


def _hint(cls: type, name: str) -> Any:
    """The annotation of one field, as a type: the others may name what is imported for a type checker alone."""
    for base in cls.__mro__:
        written = inspect.get_annotations(base)
        if name in written:
            one = type("One", (), {"__annotations__": {name: written[name]}})
            return get_type_hints(one, vars(sys.modules[base.__module__]))[name]
    raise TypeError(f"{cls.__name__} has no field {name!r}")


def _has_mapping(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list | tuple) and any(map(_has_mapping, value)))


def _plain(value: Any) -> Any:
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value
