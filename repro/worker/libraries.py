"""Which large libraries the code of a user imports, read from its source: nothing of it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

LARGE = ("numpy", "scipy", "torch", "torchvision", "numba", "sklearn", "pandas")
"""Those that may be imported ahead: an import of them starts no thread and opens no device."""


def libraries(addresses: Iterable[str]) -> list[str]:
    """The modules of large libraries that the files of some addresses import, without those that they import in turn.

    A file that is not there or cannot be read imports nothing here: whoever runs it will say what is wrong.
    """
    files = dict.fromkeys(file for address in addresses if (file := _file(address.rpartition(":")[0])))
    return list(dict.fromkeys(name for file in files for name in _imported(file)))


def _imported(file: Path) -> list[str]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    return [name for name in _named(tree) if name.partition(".")[0] in LARGE]


def _named(tree: ast.Module) -> Iterator[str]:
    """The modules that are imported anywhere in a file by their full names; of `from a import b` also `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file(place: str) -> Path | None:
    """The file of a module, found without importing the packages that it lies in."""
    if place.endswith(".py"):
        return Path(place)
    top, *below = place.split(".")
    try:
        spec = find_spec(top)
    except ValueError:
        return None
    if spec is None or not spec.origin:
        return None
    if not below:
        return Path(spec.origin)
    base = Path(spec.origin).parent.joinpath(*below)
    return next((file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()), None)
