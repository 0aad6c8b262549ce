"""What a row runs with under a profile: data sets and parameters. What a later layer says wins over an earlier one.

    the method's own defaults < group.params < group.methods[method] < row.params < row.params_for[data set]
                              < profile.params < profile.methods[method] < profile.params_for[data set]

The defaults stay with the method: a parameter that nobody mentions is not in the result. A control row is the same at
every scale, so that an untrained model stays untrained: profiles do not reach it.
"""

from __future__ import annotations

from repro.spec.base import Params, Profile
from repro.spec.model import DataChoice, Row, Table
from repro.spec.problems import Path


def layers(table: Table, row: Row, profile: Profile, data: str, at: Path) -> list[tuple[Path, Params]]:
    """The parameters that apply to a row on one data set, from weak to strong, each with its path in the spec.

    The row does not know where it is itself: `at` is its path, such as `("rows", 0)`.
    """
    found: list[tuple[Path, Params]] = []
    group = table.groups.get(row.group) if row.group is not None else None
    settings, method = table.profiles.of(profile), row.method
    if group is not None:
        found.append((("groups", str(row.group), "params"), group.params))
        if method in group.methods:
            found.append((("groups", str(row.group), "methods", method), group.methods[method]))
    found.append(((*at, "params"), row.params))
    if data in row.params_for:
        found.append(((*at, "params_for", data), row.params_for[data]))
    if row.control:
        return found
    found.append((("profiles", profile, "params"), settings.params))
    if method in settings.methods:
        found.append((("profiles", profile, "methods", method), settings.methods[method]))
    if data in settings.params_for:
        found.append((("profiles", profile, "params_for", data), settings.params_for[data]))
    return found


def resolve(table: Table, row: Row, profile: Profile, data: str) -> Params:
    """The parameters that a row's method is called with on one data set."""
    return {name: value for _, params in layers(table, row, profile, data, ()) for name, value in params.items()}


def data_sets(table: Table, row: Row, profile: Profile) -> dict[str, tuple[str, ...]]:
    """The data sets that a row runs on, each with the columns that are measured there.

    Where columns name data sets of their own, those on which the print has only blanks for the row are left out.
    Raises ValueError for a column that has no data set.
    """
    found: dict[str, list[str]] = {}
    for key in table.of_runs:
        found.setdefault(_choice(table, row, key).of(profile), []).append(key)
    if not row.published or not any(column.data for column in table.columns.values()):
        return {name: tuple(columns) for name, columns in found.items()}
    filled = {key for key, cell in row.published.items() if cell.printed.value is not None}
    return {name: tuple(columns) for name, columns in found.items() if filled & set(columns)}


def data_names(table: Table, row: Row, profile: Profile) -> tuple[str, ...]:
    """The names of `data_sets` while a spec is being checked: `""` where there is none, which is said elsewhere."""
    try:
        return tuple(data_sets(table, row, profile)) or ("",)
    except ValueError:
        return ("",)


def _choice(table: Table, row: Row, column: str) -> DataChoice:
    group = table.groups.get(row.group) if row.group is not None else None
    choice = table.columns[column].data or (group.data if group is not None else None) or table.data
    if choice is None:
        raise ValueError(f"column {column!r} has no data set for row {row.name!r} of {table.id}: write `data:`")
    return choice
