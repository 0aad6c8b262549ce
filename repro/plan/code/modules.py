"""The first-party modules: where they are, which of them count, and what a name in one of them stands for.

First-party are `repro`, `baselines`, the package that a third-party address comes from, and the files beside a
`file.py`. Nothing is imported or run: sources are read, and of other packages only where their finder says they are.
"""

from __future__ import annotations

import ast
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from repro.plan.code.scopes import Import, Place
from repro.plan.code.toplevel import Module, literal, read_module

PACKAGES = ("repro", "baselines")

NEUTRAL = (
    "repro.spec",  # what was published, and how a file says it: a job has its parameters resolved in its key
    "repro.store.records",  # the shape of a record, and files
    "repro.registry",  # which name stands for which module: what a job names there is followed from its address
    "repro.contracts",  # protocols and exceptions
    "repro.files",  # how a file is written
    "repro.places",  # where files lie
    "repro.exports",  # how a package imports its names when they are asked for
    "repro.data.sources",  # where a data set comes from: what is in it has a checksum of its own in the key
)
"""Modules, with everything below them, that cannot move a number: what is taken from one counts by its name alone."""

EXPORTING = ("repro", "repro.metrics")
"""Packages that only say in `EXPORTS` which module a name of theirs lives in: a name is followed there, and importing
them does nothing.
"""


class Target(NamedTuple):
    """What a name stands for.

    A `definition` is one of a module, a `module` the module itself, `computed` a name that a module makes up when it is
    asked for, `named` what goes by a name alone: a neutral thing's own, or a third-party one's with its package.
    """

    kind: Literal["definition", "module", "computed", "named"]
    module: str
    name: str = ""


class Modules:
    """The first-party modules that some addresses can reach. `trees` are files that were read before, by path."""

    def __init__(
        self,
        packages: frozenset[str],
        files: Mapping[str, Path],
        folders: tuple[Path, ...],
        trees: dict[Path, ast.Module],
    ) -> None:
        self._packages, self._files, self._folders, self._trees = packages, files, folders, trees
        self._ours: dict[str, bool] = {}
        self._read: dict[str, Module | None] = {}
        self._places: dict[str, tuple[Path | None, bool]] = {}
        self._exports: dict[str, dict[str, str]] = {}

    def get(self, name: str) -> Module | None:
        """The top level of a module of ours; None for what is none, has no source, or is neutral."""
        if name not in self._read:
            file = self._place(name)[0] if self._is_ours(name) and not is_neutral(name) else None
            self._read[name] = None if file is None else self._module(name, file)
        return self._read[name]

    def counts_on_import(self, name: str) -> bool:
        """Whether a module's effects count, and those of the modules that it imports."""
        return name not in EXPORTING and self.get(name) is not None

    def what(self, given: Import, asked: frozenset[str] = frozenset()) -> Target:
        """What an import gives; `asked` are the names that were asked for on the way here."""
        if not self._is_ours(given.module) or not (is_neutral(given.module) or self._exists(given.module)):
            return Target("named", "", ".".join(filter(None, given)))
        if not given.name:
            return Target("module", given.module)
        return self._member(given.module, given.name, asked) or Target("computed", *given)

    def member(self, module: str, name: str) -> Target:
        """What an attribute of a module stands for; where nothing says so, the module computes it."""
        return self._member(module, name, frozenset()) or Target("computed", module, name)

    def own(self, module: Module, name: str) -> Target | None:
        """What a name that is not local stands for in a module; None for a builtin, or for one that nothing binds."""
        found = self._bound(module, name, frozenset())
        if found is None and name in module.typed:
            given = module.typed[name]
            bare = (given.name or given.module).rpartition(".")[2]
            return Target("named", "", bare) if self._is_ours(given.module) else self.what(given)
        return found

    def is_registered(self, module: Module, decorators: Iterable[str]) -> bool:
        """Whether one of the decorators is ours, and may keep what it is given."""
        found = [target for name in decorators if (target := self.own(module, name)) is not None]
        return any(target.kind != "named" and not is_neutral(target.module) for target in found)

    def _member(self, module: str, name: str, asked: frozenset[str]) -> Target | None:
        """Through re-exports, lazily exporting packages and star imports."""
        below = f"{module}.{name}"
        if below in asked:
            return None
        if not is_neutral(module):
            home = self._exports_of(module).get(name) if module in EXPORTING else None
            if home is not None:
                return self._member(home, name, asked | {below})
            found = self.get(module)
            bound = self._bound(found, name, asked | {below}) if found is not None else None
            if bound is not None:
                return bound
        if self._exists(below):
            return Target("module", below)
        return Target("named", "", name) if is_neutral(module) else None

    def _bound(self, module: Module, name: str, asked: frozenset[str]) -> Target | None:
        after = [source for number, source in module.stars if number > module.last.get(name, -1)]
        for source in filter(self._is_ours, reversed(after)):
            if self._gives_to_star(source, name) and (found := self._member(source, name, asked)) is not None:
                return found
        if name in module.definitions:
            return Target("definition", module.place.module, name)
        if name in module.imports:
            return self.what(module.imports[name], asked)
        elsewhere = [source for source in after if not self._is_ours(source)]  # each may bind any name
        return Target("named", "", f"{'|'.join(elsewhere)}.*.{name}") if elsewhere else None

    def _gives_to_star(self, source: str, name: str) -> bool:
        """Whether `from source import *` takes a name, as far as can be told."""
        module = self.get(source)
        listed = literal(module, "__all__") if module else None
        return not name.startswith("_") if listed is None else name in listed

    def _module(self, name: str, file: Path) -> Module:
        if file not in self._trees:
            self._trees[file] = ast.parse(file.read_bytes())
        return read_module(self._trees[file], Place(name, file.name == "__init__.py"))

    def _exports_of(self, package: str) -> dict[str, str]:
        if package not in self._exports:
            self._exports[package] = dict(import_module(package).EXPORTS)  # which imports none of what it names
        return self._exports[package]

    def _exists(self, name: str) -> bool:
        file, is_folder = self._place(name)
        return self._is_ours(name) and (file is not None or is_folder)

    def _is_ours(self, name: str) -> bool:
        top = name.partition(".")[0]
        if top not in self._ours:
            self._ours[top] = not {top, name}.isdisjoint(self._files) or top in self._packages or self._is_beside(top)
        return self._ours[top]

    def _is_beside(self, top: str) -> bool:
        """Whether a name is that of a file or folder beside one of the files; what is installed comes before those."""
        beside = (folder / kind for folder in self._beside for kind in (f"{top}.py", f"{top}/__init__.py"))
        return any(file.is_file() for file in beside) and not _is_installed(top)

    @cached_property
    def _beside(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(file.parent for file in self._files.values()))

    def _place(self, name: str) -> tuple[Path | None, bool]:
        """The file of a module, and whether it is a folder without one."""
        if name not in self._places:
            self._places[name] = self._found(name)
        return self._places[name]

    def _found(self, name: str) -> tuple[Path | None, bool]:
        if name in self._files:
            return self._files[name], False
        top, *below = name.split(".")
        bases = [folder.joinpath(top, *below) for folder in (*self._folders, *_roots(top), *self._beside)]
        for base in bases:
            for file in (base / "__init__.py", base.parent / f"{base.name}.py"):
                if file.is_file():
                    return file, False
        return None, any(base.is_dir() for base in bases)


def is_neutral(module: str) -> bool:
    """Whether a module is on the list of those that cannot move a number."""
    return any(module == name or module.startswith(f"{name}.") for name in NEUTRAL)


def _roots(top: str) -> tuple[Path, ...]:
    """The folders that hold a top-level package or module. Only its finder is asked: nothing runs."""
    try:
        spec = find_spec(top)
    except ValueError:  # a module without a spec, such as __main__
        return ()
    if spec is None:
        return ()
    places = list(spec.submodule_search_locations or [])
    if not places and spec.has_location and spec.origin:
        places = [spec.origin]
    return tuple(Path(place).parent for place in places)


def _is_installed(top: str) -> bool:
    """Whether a name is one of the standard library or of the installed packages."""
    if top in sys.stdlib_module_names:
        return True
    installed = {Path(sysconfig.get_path(kind)).resolve() for kind in ("purelib", "platlib")}
    return any(root.resolve() in installed for root in _roots(top))
