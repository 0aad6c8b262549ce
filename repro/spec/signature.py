"""What parameters a method takes, read from its source without importing it."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from repro.registry import METHODS
from repro.spec.model import Params


def defaults(name: str) -> Params:
    """The literal defaults of a method's fields."""
    found: Params = {}
    for node in _class(name).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found[node.target.id] = ast.literal_eval(node.value)
    return found


def has_fit_many(name: str) -> bool:
    """Whether a method can fit many seeds in one pass."""
    return any(isinstance(node, ast.FunctionDef) and node.name == "fit_many" for node in _class(name).body)


def _class(name: str) -> ast.ClassDef:
    address = name if ".py:" in name else ":".join(METHODS.address(name))
    place, _, attribute = address.rpartition(":")
    tree = ast.parse(_file(place).read_text())
    return next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == attribute)


def _file(place: str) -> Path:
    if place.endswith(".py"):
        return Path(place)
    spec = find_spec(place)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin)
