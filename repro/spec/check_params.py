"""Method parameters against the signature of the method, for every profile, at the place where they are written."""

from __future__ import annotations

from collections.abc import Iterator

from repro.registry import METHODS
from repro.spec.base import PROFILES, Params, Profile
from repro.spec.model import Row, Table
from repro.spec.names import unknown
from repro.spec.problems import Path
from repro.spec.resolve import data_names, layers
from repro.spec.signature import Signature, signature

Found = Iterator[tuple[Path, str]]


def param_problems(table: Table) -> Found:
    """Parameters that a method does not know, of the wrong type, or lacking; overrides for methods that no row uses."""
    found: dict[tuple[Path, str], None] = {}
    signatures = _signatures(table)
    for i, row in enumerate(table.rows):
        if row.method in signatures:
            found.update(dict.fromkeys(_row(table, i, row, signatures[row.method])))
    yield from found
    yield from _overrides(table)
    yield from _data_sets(table)


def _signatures(table: Table) -> dict[str, Signature | str]:
    """The signature of each known method that the rows use, or why it cannot be read."""
    found: dict[str, Signature | str] = {}
    for method in dict.fromkeys(row.method for row in table.rows):
        if method is not None and (":" in method or method in METHODS.entries):
            try:
                found[method] = signature(method)
            except ValueError as error:
                found[method] = str(error)
    return found


def _row(table: Table, index: int, row: Row, known: Signature | str) -> Found:
    path: Path = ("rows", index, "method")
    if isinstance(known, str):
        yield path, known
        return
    lacking: dict[str, dict[Profile, None]] = {}
    everywhere: dict[Path, Params] = {}
    for profile in PROFILES:
        for data in data_names(table, row, profile):
            written = dict(layers(table, row, profile, data, ("rows", index)))
            everywhere.update(written)
            for name in known.missing({name: value for params in written.values() for name, value in params.items()}):
                lacking.setdefault(name, {})[profile] = None
    for where, params in everywhere.items():
        yield from _each(known, params, where)
    for name, profiles in lacking.items():
        message = f"parameter {name!r} of method {known.method} has no default and is not given"
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


def _data_sets(table: Table) -> Found:
    """Parameters for a data set that nothing runs on at that scale, or at any."""
    scales = [table.profiles.of(profile) for profile in PROFILES]
    if not any(row.params_for for row in table.rows) and not any(scale.params_for for scale in scales):
        return
    used = {profile: _used(table, profile) for profile in PROFILES}
    everywhere = list(dict.fromkeys(name for names in used.values() for name in names))
    for i, row in enumerate(table.rows):
        for data in row.params_for:
            if data not in everywhere:
                yield ("rows", i, "params_for", data), unknown("data set", data, everywhere)
    for profile in PROFILES:
        for data in table.profiles.of(profile).params_for:
            if data not in used[profile]:
                yield ("profiles", profile, "params_for", data), unknown("data set", data, used[profile])


def _used(table: Table, profile: Profile) -> list[str]:
    return [name for row in table.rows for name in data_names(table, row, profile) if name]


def _unused(methods: dict[str, Params], used: list[str | None], nobody: str, path: Path) -> Found:
    for method in methods:
        if method in used:
            continue
        if ":" not in method and method not in METHODS.entries:
            yield (*path, method), unknown("method", method, sorted(METHODS.entries))
        else:
            yield (*path, method), f"{nobody} uses method {method!r}"
