"""The parameters and the data set of one row at one scale."""

from __future__ import annotations

from repro.spec.model import Params, Profile, Row, Table


def resolve(table: Table, row: Row, profile: Profile) -> Params:
    """Parameters in rising precedence: group, the group's method, row, profile, the profile's method."""
    group = table.groups.get(row.group) if row.group else None
    settings = table.profiles.of(profile)
    method = row.method or ""
    merged: Params = {}
    for layer in (
        group.params if group else {},
        group.methods.get(method, {}) if group else {},
        row.params,
        settings.params,
        settings.methods.get(method, {}),
    ):
        merged.update(layer)
    return merged


def data_of(table: Table, row: Row, profile: Profile) -> str:
    """The name of the data set of a row: its group's, or the table's."""
    group = table.groups.get(row.group) if row.group else None
    choice = group.data if group and group.data else table.data
    if choice is None:
        raise ValueError(f"{table.id}: neither the table nor the group of row {row.name!r} names a data set")
    return choice.of(profile)
