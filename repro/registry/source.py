"""Modules as their author wrote them: found and parsed, never imported, since importing one may import a framework."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.machinery import ModuleSpec
from pathlib import Path

_OURS = ("baselines", "repro")


@dataclass(frozen=True)
class Module:
    """A parsed module; `name` is None for a file that is no part of a package."""

    file: Path
    name: str | None
    tree: ast.Module

    @cached_property
    def assigned(self) -> dict[str, ast.expr]:
        """The values of the names that the module assigns at its top level."""
        return dict(_assignments(self.tree))

    @cached_property
    def names(self) -> frozenset[str]:
        """The names that the module binds at its top level; `*` among them where it takes all of another's."""
        return frozenset(_bound(self.tree.body))

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        """The classes at the module's top level."""
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def imported(self) -> dict[str, tuple[str, str]]:
        """Local name to (module, name there) of every `from module import name`, at any depth (`if TYPE_CHECKING:`)."""
        return {
            alias.asname or alias.name: (self._absolute(node), alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level or self.name is None:
            return node.module or ""
        parts = self.name.split(".")
        package = parts if self.file.name == "__init__.py" else parts[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])

    def imports_from(self, name: str) -> Module | None:
        """The module that a local name is imported from, if it is of this project or of this module's own package."""
        return None if name not in self.imported else self._own(self.imported[name][0])

    def imports_module(self, name: str) -> Module | None:
        """The module that a local name stands for (`from package import module`), as far as `imports_from` goes."""
        return None if name not in self.imported else self._own(".".join(filter(None, self.imported[name])))

    def _own(self, origin: str) -> Module | None:
        top = origin.partition(".")[0]
        if (self.name is not None and top == self.name.partition(".")[0]) or top in _OURS:
            return read_module(origin)
        if self.name is None and (beside := self.file.parent / f"{origin}.py").is_file():
            return read_file(beside)
        return None


def read_module(name: str) -> Module | None:
    """The module of a dotted name; None where there is no source for it."""
    file = _find(name)
    return None if file is None else read_file(file, name)


def read_file(file: Path, name: str | None = None) -> Module:
    """The module in a file. Raises OSError and SyntaxError."""
    file = file.resolve()
    return _parsed(file, name, file.stat().st_mtime_ns)


@cache
def _parsed(file: Path, name: str | None, _changed: int) -> Module:
    return Module(file, name, ast.parse(file.read_bytes(), filename=str(file)))


def _find(name: str) -> Path | None:
    """The top-level package through the import system, which runs nothing; what is inside it by the file system."""
    first, *rest = name.split(".")
    spec = _top_level(first)
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None
    for place in spec.submodule_search_locations or ():
        base = Path(place, *rest)
        for file in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            if file.is_file():
                return file
    return None


def _top_level(name: str) -> ModuleSpec | None:
    for finder in sys.meta_path:
        if spec := finder.find_spec(name, None):
            return spec
    return None


def _bound(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """The names that statements bind, those inside `if`, `try`, `with` and loops too; none of functions and classes."""
    for node in statements:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.stmt):
                        yield from _bound([child])
                    elif isinstance(child, ast.ExceptHandler):
                        yield from _bound(child.body)
                    else:
                        yield from (n.id for n in ast.walk(child) if isinstance(n, ast.Name) and _is_stored(n))


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _assignments(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
