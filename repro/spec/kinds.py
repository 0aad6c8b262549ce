"""What a parameter may be, as its annotation says it: scalars, choices, tuples, structures, and unions of these.

`accepts` and `problems` check a value of a spec, the latter naming what is wrong inside it by its dotted path.
`complete` fills in what the kind itself knows: a structure has the defaults of its class, and a whole number for a
parameter that is a float becomes that float, so that 3 and 3.0 have one key.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from repro.registry import did_you_mean
from repro.spec.base import Params, ParamValue, merged
from repro.spec.problems import Path, dotted

Found = Iterator[tuple[Path, str]]


@dataclass(frozen=True)
class Scalar:
    """bool, int, str, None, or a finite float, which a whole number is too; nothing else is converted."""

    type: type


@dataclass(frozen=True)
class Choice:
    """A Literal."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Items:
    """A tuple: as many parts as there are, of one kind, or one part of each kind; of anything where none is named."""

    kinds: tuple[Kind, ...] = ()
    repeated: bool = False


@dataclass(frozen=True)
class AnyOf:
    """A union; at most one of its members is a structure."""

    kinds: tuple[Kind, ...]


@dataclass(frozen=True)
class Structure:
    """A frozen dataclass: a method with its parameters, or a parameter that has parameters itself."""

    parameters: Mapping[str, Parameter] = field(default_factory=dict)

    @property
    def defaults(self) -> Params:
        """The literal defaults."""
        return {name: each.default[0] for name, each in self.parameters.items() if each.default}


Kind: TypeAlias = Scalar | Choice | Items | AnyOf | Structure


@dataclass(frozen=True)
class Parameter:
    """One field: its annotation as written and as a kind, and its default where that is a literal."""

    name: str
    written: str
    kind: Kind
    required: bool
    default: tuple[ParamValue, ...] = ()  # of one value, or empty where there is none or it is computed


@dataclass(frozen=True)
class Place:
    """Where a value stands, for messages: whose parameter it is, the path to it, and its annotation as written."""

    owner: str
    path: Path = ()
    written: str = ""


def is_finite(value: float) -> bool:
    """Whether a number is finite as a float; a whole number may be too large for one."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def accepts(kind: Kind, value: ParamValue) -> bool:
    """Whether a value is of a kind, with nothing unknown and nothing lacking inside it."""
    match kind:
        case Scalar(type=wanted) if wanted is float:
            return isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value)
        case Scalar(type=wanted):
            return type(value) is wanted
        case Choice(values=values):
            return any(type(value) is type(each) and value == each for each in values)
        case AnyOf(kinds=kinds):
            return any(accepts(each, value) for each in kinds)
        case Items():
            parts = _parts(kind, value)
            return parts is not None and all(accepts(each, part) for each, part in parts)
        case Structure():
            return isinstance(value, dict) and not any(wrong(kind, value, Place(""))) and not any(lacking(kind, value))


def problems(kind: Kind, value: ParamValue, place: Place) -> Found:
    """What is wrong with a value, at its path. A mapping may lack entries, which another layer may have."""
    structure = structure_of(kind)
    if structure is not None and isinstance(value, dict):
        yield from wrong(structure, value, place)
    elif isinstance(kind, Items) and any(map(structure_of, kind.kinds)) and (parts := _parts(kind, value)) is not None:
        for i, (each, part) in enumerate(parts):
            yield from _whole(each, part, Place(place.owner, (*place.path, i), place.written))
    elif not accepts(kind, value):
        hint = did_you_mean(value, _choices(kind)) if isinstance(value, str) else ""
        name = dotted(place.path)
        yield place.path, f"parameter {name!r} of {place.owner} must be {place.written}, not {shown(value)}{hint}"


def wrong(structure: Structure, params: Mapping[str, ParamValue], place: Place) -> Found:
    """Unknown entries of a mapping and wrong ones."""
    known = list(structure.parameters)
    for name, value in params.items():
        path = (*place.path, name)
        if name in structure.parameters:
            parameter = structure.parameters[name]
            yield from problems(parameter.kind, value, Place(place.owner, path, parameter.written))
        else:
            listed = f"known: {', '.join(known)}" if known else "it has no parameters"
            yield path, f"unknown parameter {dotted(path)!r} of {place.owner}{did_you_mean(name, known)} ({listed})"


def lacking(structure: Structure, params: Mapping[str, ParamValue], path: Path = ()) -> Iterator[Path]:
    """The parameters without a default that are not given, inside structures too."""
    for name, each in structure.parameters.items():
        if name not in params:
            if each.required:
                yield (*path, name)
            continue
        inner, value = structure_of(each.kind), params[name]
        if inner is not None and isinstance(value, dict):
            default = each.default[0] if each.default else None
            yield from lacking(inner, merged(default, value) if isinstance(default, dict) else value, (*path, name))


def complete(kind: Kind, value: ParamValue) -> ParamValue:
    """A value with everything filled in that its kind knows; one that is not of the kind as it is."""
    if isinstance(kind, AnyOf):
        takers = [each for each in kind.kinds if accepts(each, value)] or [
            each for each in kind.kinds if isinstance(each, Structure) and isinstance(value, dict)
        ]
        exact = [each for each in takers if each != Scalar(float)]
        return complete((exact or takers)[0], value) if takers else value
    if isinstance(kind, Structure) and isinstance(value, dict):
        return filled(kind, value)
    if isinstance(kind, Items) and (parts := _parts(kind, value)) is not None:
        return tuple(complete(each, part) for each, part in parts) if kind.kinds else value
    if kind == Scalar(float) and type(value) is int:
        return float(value)
    return value


def filled(structure: Structure, params: Mapping[str, ParamValue]) -> Params:
    """All parameters in order: those given, and the literal defaults of the others, inside structures too."""
    known, found = structure.parameters, merged(structure.defaults, params)
    ordered = {name: complete(each.kind, found[name]) for name, each in known.items() if name in found}
    return ordered | {name: value for name, value in found.items() if name not in known}


def structure_of(kind: Kind) -> Structure | None:
    """The structure that a mapping for a parameter stands for, if it may be one."""
    members = kind.kinds if isinstance(kind, AnyOf) else (kind,)
    return next((each for each in members if isinstance(each, Structure)), None)


def shown(value: ParamValue) -> str:
    """A value as messages name it: lists and mappings as a spec has them."""
    match value:
        case tuple():
            return f"[{', '.join(map(shown, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {shown(each)}' for key, each in value.items())}}}"
        case _:
            return repr(value)


def _whole(kind: Kind, value: ParamValue, place: Place) -> Found:
    """Problems of a value that no other layer adds to."""
    yield from problems(kind, value, place)
    structure = structure_of(kind)
    if structure is not None and isinstance(value, dict):
        for path in lacking(structure, value, place.path):
            yield place.path, f"parameter {dotted(path)!r} of {place.owner} has no default and is not given"


def _parts(kind: Items, value: ParamValue) -> list[tuple[Kind, ParamValue]] | None:
    """The parts of a tuple, each with its kind; None of what is no tuple of the right length."""
    if not isinstance(value, tuple):
        return None
    if not kind.kinds:
        return []
    kinds = kind.kinds * len(value) if kind.repeated else kind.kinds
    return list(zip(kinds, value, strict=True)) if len(kinds) == len(value) else None


def _choices(kind: Kind) -> list[str]:
    members = kind.kinds if isinstance(kind, AnyOf) else (kind,)
    return [each for member in members if isinstance(member, Choice) for each in member.values if isinstance(each, str)]
