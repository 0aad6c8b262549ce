"""Profiles, rows, columns and groups as commands, claims and figures name them: rows by label, in every group meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from repro.registry import did_you_mean
from repro.spec.base import RUNNABLE, Profile
from repro.spec.model import Row, Table
from repro.spec.problems import Path


def profile_named(name: str) -> Profile:
    """The profile of a name, or an error that suggests the closest one."""
    for profile in RUNNABLE:
        if name == profile:
            return profile
    hint = did_you_mean(name, list(RUNNABLE))
    raise ValueError(f"unknown profile {name!r}{hint} (known: {', '.join(RUNNABLE)})")


def row_named(table: Table, name: str) -> Row:
    """The row of a name, or an error that suggests the closest one, or says which rows have the label."""
    found = [row for row in table.rows if row.name == name] or [row for row in table.rows if row.label == name]
    if not found:
        raise ValueError(f"{table.id}: {unknown('row', name, (row.name for row in table.rows))}")
    if len(found) > 1:
        raise ValueError(f"{table.id}: row {name!r} could be {' or '.join(repr(row.name) for row in found)}")
    return found[0]


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message about a name that the table does not have."""
    names = list(dict.fromkeys(known))
    return f"unknown {kind} {name!r}{did_you_mean(name, names)} (known: {', '.join(names) or 'none'})"


def groups_meant(table: Table, groups: tuple[str, ...] | None) -> tuple[str | None, ...]:
    """The known groups that are named, all of them by default; (None,) in a table without groups."""
    if not table.groups:
        return (None,)
    return tuple(key for key in (table.groups if groups is None else groups) if key in table.groups)


def rows_meant(table: Table, label: str, groups: tuple[str, ...] | None) -> Iterator[Row]:
    """The rows of a label, one in each group that is meant."""
    meant = groups_meant(table, groups)
    return (row for row in table.rows if row.label == label and row.group in meant)


def unknown_groups(table: Table, groups: tuple[str, ...] | None, path: Path) -> Iterator[tuple[Path, str]]:
    """Complaints about groups that the table does not have."""
    for i, key in enumerate(groups or ()):
        if key not in table.groups:
            yield (*path, i), unknown("group", key, table.groups)


def unknown_rows(table: Table, label: str, groups: tuple[str, ...] | None, path: Path) -> Iterator[tuple[Path, str]]:
    """Complaints about a label that no row has, or none in some group that is meant."""
    having = {row.group for row in table.rows if row.label == label}
    filled = {row.group for row in table.rows}
    if not having:
        yield path, unknown("row", label, (row.label for row in table.rows))
        return
    lacking = [group for group in groups_meant(table, groups) if group in filled - having]
    if lacking and having <= {None, *table.groups}:  # else the row's own group is the mistake, and said
        where = " and ".join(map(str, lacking))
        yield path, f"there is no row {label!r} in group {where}; name the groups that are meant in `groups:`"
