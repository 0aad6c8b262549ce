"""What the families of `baselines` declare in their `__init__.py`: read from source, with no family imported.

    METHODS = {"egan": "methods:EnergyGan"}      # what specs name, and where it lies in the family's folder
    LOADERS = {"egan": "files:read_pair"}        # what reads a checkpoint of the method for `repro compare`
    WEIGHTS = {"egan-b2": {...}}                 # released weights: see `repro.registry.weights`

TASKS, DATASETS and FIGURES have the form of METHODS, METRICS is a tuple of `Metric(...)`. So a family is a folder, and
two families have no line in common.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from repro.registry.source import Module, read_file, read_module

PACKAGE = "baselines"


def addresses(kind: str) -> dict[str, str]:
    """The names of one kind (`METHODS`) that all families declare, each with its `module:attribute`.

    Raises ValueError, with the file, for what is no dictionary of such places, and for a name of two families.
    """
    found: dict[str, str] = {}
    for family, name, place in declared(kind):
        if not isinstance(place, str) or place.count(":") != 1:
            raise ValueError(f"{_file(family)}: {kind} must give `module:Name` for {name!r}, not {place!r}")
        found[name] = f"{PACKAGE}.{family}.{place}"
    return found


def joined(kind: str, shared: Mapping[str, str]) -> dict[str, str]:
    """The names that all families may use and those that families declare. Raises ValueError as `addresses`."""
    own = addresses(kind)
    for name in shared.keys() & own.keys():
        raise ValueError(f"{PACKAGE}: a family declares {name!r} in its {kind}, which is {shared[name]} already")
    return {**shared, **own}


def declared(kind: str) -> Iterator[tuple[str, str, Any]]:
    """Family, name and value of all entries of the literal dictionaries of one kind. Raises ValueError as above."""
    owner: dict[str, str] = {}
    for family, module in modules().items():
        if kind not in module.assigned:
            continue
        try:
            entries = ast.literal_eval(module.assigned[kind])
        except ValueError:
            entries = None
        if not isinstance(entries, dict) or not all(isinstance(name, str) for name in entries):
            raise ValueError(f"{_file(family)}: {kind} must be a literal dictionary, since it is read and never run")
        for name, value in entries.items():
            if name in owner:
                raise ValueError(f"{_file(family)}: {name!r} stands in {kind} of {_file(owner[name])} already")
            owner[name] = family
            yield family, name, value


@cache
def modules() -> dict[str, Module]:
    """The `__init__.py` of each family, parsed, by the family's folder."""
    package = read_module(PACKAGE)
    folders = sorted(package.file.parent.iterdir()) if package is not None else []
    files = [(folder.name, folder / "__init__.py") for folder in folders]
    return {name: read_file(file, f"{PACKAGE}.{name}") for name, file in files if file.is_file()}


def _file(family: str) -> Path:
    return Path(PACKAGE, family, "__init__.py")
