"""Method parameters against the signature of the method, for every profile, at the place where they are written."""

from __future__ import annotations

from collections.abc import Iterator

from repro.registry import METHODS
from repro.spec.model import PROFILES, Params, Profile, Row, Table
from repro.spec.names import unknown
from repro.spec.problems import Path
from repro.spec.resolve import layers
from repro.spec.signature import Signature, signature

Found = Iterator[tuple[Path, str]]


def param_problems(table: Table) -> Found:
    """Parameters that a method does not know, of the wrong type, or lacking; overrides for methods that no row uses."""
    found: dict[tuple[Path, str], None] = {}
    for i, row in enumerate(table.rows):
        if row.method is not None and (":" in row.method or row.method in METHODS.entries):
            found.update(dict.fromkeys(_row(table, i, row, row.method)))
    yield from found
    yield from _overrides(table)


def _row(table: Table, index: int, row: Row, method: str) -> Found:
    path: Path = ("rows", index, "method")
    try:
        known = signature(method)
    except ValueError as error:
        yield path, str(error)
        return
    lacking: dict[str, list[Profile]] = {}
    for profile in PROFILES:
        written = list(layers(table, row, profile))
        for where, params in written:
            yield from _each(known, params, where)
        for name in known.missing({name: value for _, params in written for name, value in params.items()}):
            lacking.setdefault(name, []).append(profile)
    for name, profiles in lacking.items():
        message = f"parameter {name!r} of method {method} has no default and is not given"
        scope = "" if len(profiles) == len(PROFILES) else f" in profile {' and '.join(profiles)}"
        yield path, message + scope


def _each(known: Signature, params: Params, where: Path) -> Found:
    for name, value in params.items():
        if (problem := known.problem(name, value)) is not None:
            yield (*where, name), problem


def _overrides(table: Table) -> Found:
    for key, group in table.groups.items():
        used = [row.method for row in table.rows if row.group == key]
        yield from _unused(group.methods, used, f"no row of group {key!r}", ("groups", key, "methods"))
    for profile in PROFILES:
        used = [row.method for row in table.rows]
        methods = table.profiles.of(profile).methods
        yield from _unused(methods, used, "no row of this table", ("profiles", profile, "methods"))


def _unused(methods: dict[str, Params], used: list[str | None], nobody: str, path: Path) -> Found:
    for method in methods:
        if method in used:
            continue
        if ":" not in method and method not in METHODS.entries:
            yield (*path, method), unknown("method", method, sorted(METHODS.entries))
        else:
            yield (*path, method), f"{nobody} uses method {method!r}"
