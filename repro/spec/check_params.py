"""Method parameters against the signature of the method, for every profile, at the place where they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from repro.spec.base import PROFILES, Params, ParamValue, Profile
from repro.spec.check_names import trainings
from repro.spec.grid import as_params
from repro.spec.model import Row, Table
from repro.spec.names import unknown
from repro.spec.problems import Path
from repro.spec.registered import is_there
from repro.spec.resolve import (
    Layers,
    data_names,
    ever_measured,
    layers,
    method_of,
    stacked,
    start_layers,
    start_of,
)
from repro.spec.signature import Signature, signature
from repro.spec.start import Start

Found = Iterator[tuple[Path, str]]


def param_problems(table: Table) -> Found:
    """Parameters that a method does not know, of the wrong type, or lacking; overrides for methods that no row uses."""
    found: dict[tuple[Path, str], None] = {}
    for i, row in enumerate(table.rows):
        path: Path = ("rows", i)
        found.update(dict.fromkeys(_row(table, row, path)))
        for where, start in trainings(row, path):
            found.update(dict.fromkeys(_start(table, row, start, where)))
    yield from found
    yield from _overrides(table)
    yield from _data_sets(table)


def known_signature(method: str | None) -> Signature | str | None:
    """The signature of a method that is there, why it cannot be read, or None of one that is planned."""
    if method is None or not is_there("method", method):
        return None
    try:
        return signature(method)
    except ValueError as error:
        return str(error)


def _row(table: Table, row: Row, path: Path) -> Found:
    known = known_signature(row.method)
    if known is None:
        return
    place = (*path, "method" if row.config is None else "config")
    if isinstance(known, str):
        yield place, known
        return
    trained = [None, *(key for key in ever_measured(table, row) if table.columns[key].params)]
    stacks = {
        profile: [
            layers(table, row, profile, data, path, column)
            for data in data_names(table, row, profile)
            for column in trained
        ]
        for profile in PROFILES
    }
    stacks["laptop"] += [[*stack, *_of_control(table, row.method)] for stack in stacks["laptop"]]
    yield from _checked(known, stacks, place, row.grid)
    yield from _grid(table, row, known, path)


def _start(table: Table, row: Row, start: Start, path: Path) -> Found:
    known = known_signature(method_of(table, start))
    if known is None:
        return
    place = (*path, "method" if start.config is None else "config")
    if isinstance(known, str):
        yield place, known
        return
    stacks = {
        profile: [
            start_layers(table, row, start, profile, data, path)
            for data in ([start.data.of(profile)] if start.data else data_names(table, row, profile))
        ]
        for profile in PROFILES
    }
    stacks["laptop"] += [[*stack, *_of_control(table, method_of(table, start))[1:]] for stack in stacks["laptop"]]
    yield from _checked(known, stacks, place, {})


def _of_control(table: Table, method: str | None) -> Layers:
    """What the control of a scale has of its own for a method: its `params`, then those by method and by data set."""
    control = table.profiles.laptop.control
    if control is None:
        return []
    at: Path = ("profiles", "laptop", "control")
    by_method = control.methods.get(method or "", {})
    return [
        ((*at, "params"), control.params),
        ((*at, "methods", str(method)), by_method),
        *(((*at, "params_for", data), params) for data, params in control.params_for.items()),
    ]


def _checked(
    known: Signature,
    stacks: Mapping[Profile, list[Layers]],
    place: Path,
    grid: Mapping[str, tuple[ParamValue, ...]],
) -> Found:
    """Each layer by itself, and what all of them together lack, whatever a grid has for it."""
    everywhere: dict[Path, Params] = {}
    missing: dict[str, dict[Profile, None]] = {}
    point = as_params({name: values[0] for name, values in grid.items()})
    for profile, found in stacks.items():
        for written in found:
            everywhere.update(dict(written))
            for name in known.missing(stacked([*written, ((), point)])):
                missing.setdefault(name, {})[profile] = None
    for where, params in everywhere.items():
        for inside, message in known.problems(params):
            yield (*where, *inside), message
    for name, profiles in missing.items():
        message = f"parameter {name!r} of {known.owner} has no default and is not given"
        scope = "" if len(profiles) == len(PROFILES) else f" in profile {' and '.join(profiles)}"
        yield place, message + scope


def _grid(table: Table, row: Row, known: Signature, path: Path) -> Found:
    """Every value of a grid, the profiles' other values too, and none twice."""
    grids: list[tuple[Path, Mapping[str, tuple[ParamValue, ...]]]] = [((*path, "grid"), row.grid)]
    for profile in PROFILES:
        instead = table.profiles.of(profile).grid
        own = {name: values for name, values in instead.items() if name in row.grid}
        grids.append((("profiles", profile, "grid"), own))
    for where, grid in grids:
        for name, values in grid.items():
            for i, value in enumerate(values):
                problem = next((said for _, said in known.problems(as_params({name: value}))), None)
                if problem is not None:
                    yield (*where, name, i), problem
                elif value in values[:i]:
                    yield (*where, name, i), f"the grid has {value!r} twice for parameter {name!r}"


def _overrides(table: Table) -> Found:
    for key, group in table.groups.items():
        used = set(_methods(table, (row for row in table.rows if row.group == key)))
        yield from _unused(group.methods, used, f"no row of group {key!r}", ("groups", key, "methods"))
    used, grids = set(_methods(table, table.rows)), dict.fromkeys(name for row in table.rows for name in row.grid)
    for profile in PROFILES:
        settings = table.profiles.of(profile)
        yield from _unused(settings.methods, used, "no row of this table", ("profiles", profile, "methods"))
        if settings.control is not None:
            at: Path = ("profiles", profile, "control")
            if profile != "laptop":
                yield at, "a control belongs to profile laptop, where claims are judged at reduced scale"
            yield from _unused(settings.control.methods, used, "no row of this table", (*at, "methods"))
        for name in settings.grid:
            if name not in grids:
                yield ("profiles", profile, "grid", name), unknown("parameter of a grid", name, grids)


def _methods(table: Table, rows: Iterable[Row]) -> Iterator[str]:
    """The methods of rows and of all that they start from or have beside them, planned ones too."""
    for row in rows:
        for method in (row.method, row.planned):
            if method is not None:
                yield method
        pending = [start_of(table, row), *row.beside.values()]
        for start in pending:
            if start is not None:
                pending.append(start_of(table, start))
                if (method := method_of(table, start)) is not None:
                    yield method


def _unused(methods: Mapping[str, Params], used: set[str], nobody: str, path: Path) -> Found:
    for method in methods:
        if method in used:
            continue
        if is_there("method", method):
            yield (*path, method), f"{nobody} uses method {method!r}"
        else:
            yield (*path, method), unknown("method", method, sorted(used))


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
