"""What a row runs with under a profile: parameters and data set. What a later layer says wins over an earlier one.

    the method's own defaults < group.params < group.methods[method] < row.params
                              < profile.params < profile.methods[method]

The defaults stay with the method: a parameter that nobody mentions is not in the result.
"""

from __future__ import annotations

from repro.spec.model import Params, Profile, Row, Table
from repro.spec.problems import Path


def layers(table: Table, row: Row, profile: Profile) -> list[tuple[Path, Params]]:
    """The parameters that apply to a row, from weak to strong, each with the path in the spec where it is written."""
    found: list[tuple[Path, Params]] = []
    group = table.groups.get(row.group) if row.group is not None else None
    settings, method = table.profiles.of(profile), row.method
    if group is not None:
        found.append((("groups", str(row.group), "params"), group.params))
        if method in group.methods:
            found.append((("groups", str(row.group), "methods", method), group.methods[method]))
    index = next((i for i, each in enumerate(table.rows) if each.name == row.name), len(table.rows))
    found.append((("rows", index, "params"), row.params))
    found.append((("profiles", profile, "params"), settings.params))
    if method in settings.methods:
        found.append((("profiles", profile, "methods", method), settings.methods[method]))
    return found


def resolve(table: Table, row: Row, profile: Profile) -> Params:
    """The parameters that a row's method is called with."""
    return {name: value for _, params in layers(table, row, profile) for name, value in params.items()}


def data_of(table: Table, row: Row, profile: Profile) -> str:
    """The name of the data set of a row: its group's, or the table's."""
    group = table.groups.get(row.group) if row.group is not None else None
    data = (group.data if group is not None else None) or table.data
    if data is None:
        raise ValueError(f"row {row.name!r} of {table.id} has no data set: neither its group nor the table names one")
    return data.of(profile)
