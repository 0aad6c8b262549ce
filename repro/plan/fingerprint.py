"""The code that a number depends on, as one hash a module: comments, docstrings and layout do not count.

From the modules of a job (method, task, metrics) the imports are followed statically, within first-party
packages: `repro`, `baselines`, and the package or the folder that a third-party method comes from. Nothing is run.
Imports inside functions count, those under `if TYPE_CHECKING` do not. What is imported by a computed name is not seen.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("repro", "baselines")

NEUTRAL = (
    "repro.spec",  # what was published, and how a file says it: a job has its parameters resolved in its key
    "repro.store.record",  # the shape of a record
    "repro.registry",  # which name stands for which module: the modules themselves are followed
    "repro.contracts",  # protocols and exceptions
    "repro.files",  # how a file is written
    "repro.exports",  # how a package imports its names when they are asked for
    "repro.data.sources.entry",  # where a data set comes from: what is in it has a checksum of its own in the key
    "repro.data.sources.entries",
    "repro.data.sources",
    "repro.data.sources.built",
)
"""Modules, with everything below them, that cannot move a number. A change there leaves every key as it is."""

EXPORTING = ("repro", "repro.metrics")
"""Packages that only say in `EXPORTS` which module a name of theirs lives in: a name taken from them is followed there,
and a name more is no change."""

ALWAYS = ("repro.worker.streams",)
"""Code that every number depends on without its method importing it: how random streams are derived from a seed."""


class Fingerprinter:
    """Hashes of modules and of all that they import. One instance reads each file once: make one for each plan."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[str, tuple[str, ...]] | None] = {}
        self._files: dict[str, Path] = {}

    def of(self, addresses: Iterable[str]) -> dict[str, str]:
        """Module to hash, for `module:attribute` or `file.py:attribute` addresses and all they import."""
        waiting = [*ALWAYS, *(self._start(address) for address in addresses)]
        packages = {*PACKAGES, *(name.partition(".")[0] for name in waiting)}
        seen: dict[str, str] = {}
        while waiting:
            name = waiting.pop()
            found = None if name in seen or is_neutral(name) else self._hash_and_imports(name)
            if found is None:
                continue
            seen[name], wanted = found
            waiting += [module for module in (*_parents(name), *wanted) if self._belongs(module, packages)]
        return {name: seen[name] for name in sorted(seen) if seen[name] != NOTHING}

    def _start(self, address: str) -> str:
        """The name of an address's module; a file goes by its stem, and its neighbours can be imported."""
        place = address.rpartition(":")[0]
        if not place.endswith(".py"):
            return place
        file = Path(place)
        self._files[file.stem] = file
        return file.stem

    def _belongs(self, module: str, packages: set[str]) -> bool:
        top = module.partition(".")[0]
        return top in packages or any((file.parent / f"{top}.py").is_file() for file in self._files.values())

    def _hash_and_imports(self, name: str) -> tuple[str, tuple[str, ...]] | None:
        """The hash of a module and what it imports; None for what is no module of ours."""
        if name not in self._read:
            package, _, attribute = name.rpartition(".")
            file = self._file(name)
            if name in EXPORTING:
                self._read[name] = (NOTHING, ())
            elif file is None:
                home = self._exports(package).get(attribute) if package in EXPORTING else None
                self._read[name] = (NOTHING, (home,)) if home else None
            else:
                tree = ast.parse(file.read_bytes())
                self._read[name] = (hash_of(tree), tuple(imports(tree, name, file.name == "__init__.py")))
        return self._read[name]

    def _exports(self, package: str) -> dict[str, str]:
        """The `EXPORTS` of a package, which imports none of them."""
        exports: dict[str, str] = import_module(package).EXPORTS
        return exports

    def _file(self, name: str) -> Path | None:
        if name in self._files:
            return self._files[name]
        top, *below = name.split(".")
        beside = [file.parent for file in self._files.values()]
        for folder in (*_roots(top), *beside):
            base = folder.joinpath(top, *below)
            for file in (base / "__init__.py", base.parent / f"{base.name}.py"):
                if file.is_file():
                    return file
        return None


def is_neutral(module: str) -> bool:
    """Whether a module is on the list of those that cannot move a number."""
    return any(module == name or module.startswith(f"{name}.") for name in NEUTRAL)


def imports(tree: ast.Module, module: str, is_package: bool = False) -> Iterator[str]:
    """The modules that a module may import when it runs; `from a import b` gives both `a` and `a.b`."""
    for node in _running(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            source = _source(node, module, is_package)
            if source:
                yield source
                yield from (f"{source}.{alias.name}" for alias in node.names)


def hash_of(tree: ast.Module) -> str:
    """The hash of a module's syntax: the same whatever its comments, docstrings, layout and version of Python."""
    return hashlib.sha256(_spelled(tree).encode()).hexdigest()[:16]


def _roots(top: str) -> list[Path]:
    """The folders that hold a top-level package or module. Only its finder is asked: nothing runs."""
    try:
        spec = find_spec(top)
    except ValueError:  # a module without a spec, such as __main__
        return []
    if spec is None:
        return []
    places = list(spec.submodule_search_locations or [])
    if not places and spec.has_location and spec.origin:
        places = [spec.origin]
    return [Path(place).parent for place in places]


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def _source(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, *([node.module] if node.module else [])])


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those that only a type checker sees."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and _is_type_checking(child.test):
            for other in child.orelse:
                yield other
                yield from _running(other)
        else:
            yield child
            yield from _running(child)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _spelled(value: object) -> str:
    """A syntax tree as text. Empty fields are left out, since versions of Python differ in which ones they have."""
    if isinstance(value, ast.Constant):
        return f"({value.value!r})"
    if isinstance(value, ast.AST):
        fields = ((name, _without_docstring(value, name, field)) for name, field in ast.iter_fields(value))
        said = (f"{name}={_spelled(field)}" for name, field in fields if field is not None and field != [])
        return f"{type(value).__name__}({','.join(said)})"
    if isinstance(value, list):
        return f"[{','.join(map(_spelled, value))}]"
    return repr(value)


def _without_docstring(node: ast.AST, name: str, field: object) -> object:
    documented = isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    if not (documented and name == "body" and isinstance(field, list)):
        return field
    return [statement for statement in field if not _is_text(statement)]


def _is_text(statement: object) -> bool:
    """A bare string as a statement: a docstring, or the note under an attribute. Neither does anything."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


NOTHING = hash_of(ast.parse(""))
