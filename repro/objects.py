"""Objects by address, `module:attribute` or `file.py:attribute`, and methods from their parameters."""

from __future__ import annotations

import importlib.util
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from repro.spec import construct
from repro.spec.base import Params


def load(address: str) -> Any:
    """The object at an address; its module is imported. Files beside a `file.py` can be imported by it."""
    place, _, attribute = address.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else import_module(place)
    return getattr(module, attribute)


def build(address: str, params: Params) -> Any:
    """A method or a task with its parameters."""
    return construct.build(load(address), params)


def _from_file(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None or not file.is_file():
        raise FileNotFoundError(f"no Python file {file}")
    if str(file.parent) not in sys.path:
        sys.path.append(str(file.parent))
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module
