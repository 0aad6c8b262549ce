"""Pydantic's errors about a spec in words for the person who wrote the YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from repro.registry import did_you_mean
from repro.spec.model import Table
from repro.spec.problems import START, Path, Position, Problem, dotted
from repro.spec.start import SharedConfiguration

SHARED = dict[str, SharedConfiguration]


def validated(data: Any, positions: Mapping[Path, Position]) -> tuple[Table | None, list[Problem]]:
    """The table, or everything that is wrong with the shape of its data."""
    return _of_shape(Table, Table.model_validate, data, positions, "a spec is a mapping (`id: paper/table` and so on)")


def validated_shared(
    data: Any, positions: Mapping[Path, Position]
) -> tuple[dict[str, SharedConfiguration] | None, list[Problem]]:
    """The shared configurations by name, or everything that is wrong with the shape of their data."""
    expected = "shared configurations are a mapping from name to `{method: ...}`"
    return _of_shape(SHARED, _shared().validate_python, data, positions, expected)


def _of_shape(
    kind: Any, validate: Callable[[Any], Any], data: Any, positions: Mapping[Path, Position], expected: str
) -> tuple[Any, list[Problem]]:
    if not isinstance(data, dict):
        return None, [Problem(START, "", f"{expected}, this is {shown(data)}")]
    try:
        return validate(data), []
    except ValidationError as error:
        return None, _problems(kind, error.errors(include_url=False), data, positions)


@cache
def _shared() -> TypeAdapter[dict[str, SharedConfiguration]]:
    # a model hands its settings on to the parameters in it, a type of their own; a plain mapping must say them
    return TypeAdapter(SHARED, config=ConfigDict(strict=True, allow_inf_nan=False))


def is_printed(path: Path) -> bool:
    """Whether a number at this path is one of the paper's, whose text counts: 0.90 is not 0.9."""
    if len(path) < 4 or path[0] != "rows" or path[2] != "published":
        return False
    return path[4:] in ((), ("value",), ("std",), ("corrected", "value"))


def position_of(path: Path, positions: Mapping[Path, Position]) -> Position:
    """Where a path begins; what is not in the file stands at the nearest thing around it."""
    return positions[known(path, positions)]


def known(path: Path, positions: Mapping[Path, Position]) -> Path:
    """The longest beginning of a path that is in the file."""
    while path not in positions:
        path = path[:-1]
    return path


def shown(value: Any) -> str:
    """A value of a spec as messages name it."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {value if len(value) <= 40 else value[:37] + '...'!r}"
        case tuple():
            return "a list"
        case _:
            return "a mapping"


def _problems(
    kind: Any, errors: list[ErrorDetails], data: Any, positions: Mapping[Path, Position]
) -> list[Problem]:  # fmt: skip
    found: dict[tuple[Path, str], Problem] = {}
    for error in errors:
        path, union, member = _split(error["loc"], data, missing=error["type"] == "missing")
        is_mapping = isinstance(_at(union, data), dict)
        if (member == "ParamBound" and is_mapping) or member is None:
            message = _message(kind, error, path, data)
        elif is_mapping and union[-1] in ("at_most", "at_least"):
            continue  # that the mapping is not a number: what is wrong inside it is said by the line above
        else:
            path, message = _no_member(union, data)
        found[path, message] = Problem(position_of(path, positions), dotted(path), message)
    return list(found.values())


def _split(loc: Path, data: Any, missing: bool) -> tuple[Path, Path, str | None]:
    """A location as a path in the file, and the union on the way with the name of its member, which no file has."""
    path: Path = ()
    union: Path = ()
    member: str | None = None
    for i, step in enumerate(loc):
        if _has(data, step):
            path, data = (*path, step), data[step]
        elif missing and i == len(loc) - 1:
            path = (*path, step)
        elif step == "value" and not isinstance(data, dict):
            break  # a cell that is written as a bare number
        elif member is None:
            union, member = path, str(step)
    return path, union, member


def _has(data: Any, step: str | int) -> bool:
    return step in data if isinstance(data, dict) else isinstance(data, tuple) and isinstance(step, int)


def _at(path: Path, data: Any) -> Any:
    for step in path:
        data = data[step]
    return data


def _no_member(path: Path, data: Any) -> tuple[Path, str]:
    """Where a value that no member of a union takes is wrong, and how: a parameter may be wrong deep inside."""
    path, value = _wrong_leaf(path, _at(path, data))
    if isinstance(value, float):
        return path, f"expected a finite number, found {value}"
    if path[-1] in ("at_most", "at_least"):
        return path, f"expected a number or {{param: NAME}}, found {shown(value)}"
    return path, f"expected a number, text, true, false, null, or a list or mapping of these, found {shown(value)}"


def _wrong_leaf(path: Path, value: Any) -> tuple[Path, Any]:
    """The first number that is not finite inside a value; the value itself where there is none."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, tuple) else ()
    for key, each in inside:
        where, leaf = _wrong_leaf((*path, key), each)
        if isinstance(leaf, float) and not math.isfinite(leaf):
            return where, leaf
    return path, value


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "finite_number": "a finite number",
    "greater_than_equal": "at least {ge}",
    "greater_than": "more than {gt:g}",
    "less_than_equal": "at most {le:g}",
    "literal_error": "{expected}",
    "string_too_short": "at least {min_length} characters",
    "too_short": "at least {min_length} entry",
}


def _message(root: Any, error: ErrorDetails, path: Path, data: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "this key is missing"
    if kind == "extra_forbidden":
        known_keys = _keys(root, path[:-1])
        hint = did_you_mean(str(path[-1]), known_keys)
        return f"unknown key {str(path[-1])!r}{hint} (known: {', '.join(known_keys)})"
    if kind == "value_error":
        return str(context["error"])
    value = _at(path, data)
    if kind == "string_pattern_mismatch":
        return f"expected paper/table in lower case, such as 'mos/rank-ptb', found {shown(value)}"
    if kind not in _EXPECTED:
        return error["msg"]
    expected = _EXPECTED[kind].format(**context)
    hint = ""
    if path[-1:] == ("data",):
        expected = "the name of a data set or a mapping from profile to name"
    elif "published" in path and path[-1] in ("value", "std"):
        expected = "a printed number"
    elif path[-2:-1] == ("published",):
        expected = "a printed number or a mapping with the key value"
    elif kind == "string_type" and isinstance(value, bool | int | float):
        hint = "; put it in quotes"
    elif kind == "tuple_type" and isinstance(value, str):
        hint = "; put it in brackets"
    elif kind == "literal_error" and isinstance(value, str):
        hint = did_you_mean(value, re.findall(r"'([^']*)'", expected))
    return f"expected {expected}, found {shown(value)}{hint}"


def _keys(root: Any, path: Path) -> list[str]:
    """The keys that the mapping at a path may have."""
    model = root
    for step in path:
        if get_origin(model) is None:
            model.model_rebuild()  # a type that its own fields mention is only a name until the model is built
            model = next(each.annotation for name, each in model.model_fields.items() if step in (name, each.alias))
        else:  # a mapping or a list of models
            model = get_args(model)[1 if get_origin(model) is dict else 0]
        while get_origin(model) in (Annotated, Union, UnionType):
            model = next(each for each in get_args(model) if each not in (str, float, type(None)))
    return [each.alias or name for name, each in model.model_fields.items()]
