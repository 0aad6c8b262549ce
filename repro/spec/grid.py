"""The points of a grid: every combination of the values of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from repro.spec.base import Params, ParamValue, Profile
from repro.spec.model import Row, Table


def grid_of(table: Table, row: Row, profile: Profile) -> dict[str, tuple[ParamValue, ...]]:
    """The values that a row goes through at a scale: its own, but for parameters that the profile has others for."""
    instead = {} if row.control else table.profiles.of(profile).grid
    return {name: instead.get(name, values) for name, values in row.grid.items()}


def points(table: Table, row: Row, profile: Profile) -> list[Params]:
    """The points in the order of the values, the last parameter changing first; without a grid one, which is empty."""
    grid = grid_of(table, row, profile)
    return [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]


def as_params(point: Mapping[str, ParamValue]) -> Params:
    """A point as parameters: a dot leads into a structure.

    Example:
        >>> as_params({"layers": 2, "optimiser.kind": "adam", "optimiser.rate": 0.1})
        {'layers': 2, 'optimiser': {'kind': 'adam', 'rate': 0.1}}
    """
    found: Params = {}
    for name, value in point.items():
        *outer, last = name.split(".")
        inside = found
        for step in outer:
            inside = inside.setdefault(step, {})  # type: ignore[assignment]  # made here, by this line
        inside[last] = value
    return found
