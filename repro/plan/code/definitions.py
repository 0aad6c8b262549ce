"""Top-level definitions, each as its own syntax and the definitions that it uses: a graph without module names."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass

from repro.plan.code.modules import Modules, Target
from repro.plan.code.names import WHOLE, Names, Reference
from repro.plan.code.scopes import Function
from repro.plan.code.spelling import Speller
from repro.plan.code.toplevel import Module

EFFECTS = "!"


@dataclass(frozen=True)
class Definition:
    """One node of the graph.

    Attributes:
        name: what it is called where it is shown.
        code: the hash of its own syntax, in which other definitions are numbers; its own number is 0.
        uses: the definitions of the numbers.
        types: the definitions that its annotations and bases name: how it says what objects it is given.
        loads: the modules that run before it does.
    """

    name: str
    code: bytes
    uses: tuple[Reference, ...]
    types: tuple[Reference, ...] = ()
    loads: tuple[str, ...] = ()


class Definitions:
    """The definitions of the first-party modules. Each is read once, when it is asked for."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self._known: dict[Reference, Definition] = {}

    def __getitem__(self, reference: Reference) -> Definition:
        if reference not in self._known:
            self._known[reference] = self._read(reference)
        return self._known[reference]

    def start(self, module: str, name: str) -> Reference:
        """The definition that an address stands for. What is no definition of ours is one of nothing but its name."""
        target = self.modules.member(module, name)
        if target.kind == "definition":
            return Reference(target.module, target.name)
        reference = Reference(module, f"{name}=")
        if reference not in self._known:
            text, uses = self._spelled(target)
            self._known[reference] = Definition(name, _hashed(text), uses, uses, (module,))
        return reference

    def effects(self, module: str) -> Reference | None:
        """What a module does when it is imported, beside making names of its own; None for nothing."""
        found = self.modules.get(module)
        reference = Reference(module, EFFECTS)
        if found is None or not (reference in self._known or self._acting(found)):
            return None
        return reference

    def _read(self, reference: Reference) -> Definition:
        module = self.modules.get(reference.module)
        name = reference.module.rpartition(".")[2]
        if module is None:  # a folder without sources
            return Definition(f"module {name}", _hashed(reference.name), ())
        if reference.name == WHOLE:
            return self._whole(module, f"module {name}")
        speller = Speller(self.modules, module)
        if reference.name == EFFECTS:
            text = speller.statements(self._acting(module))
            return Definition("(on import)", _hashed(text), tuple(speller.names.uses), (), tuple(speller.loads))
        statements = module.definitions[reference.name]
        text = f"{speller.names.refer(reference)}:{speller.statements(statements)}"
        made = any(isinstance(statement, (*Function, ast.ClassDef)) for statement in statements)
        uses, types = speller.names.uses, speller.names.types
        types = types if made else {**types, **uses}
        loads = (reference.module, *speller.loads)
        return Definition(reference.name, _hashed(text), tuple(uses), tuple(types), loads)

    def _whole(self, module: Module, name: str) -> Definition:
        """All that a module has, where code may ask for any of it by name."""
        names, said = Names(self.modules, module), []
        for one in sorted({*module.definitions, *module.imports}):
            target = self.modules.own(module, one)
            said.append(f"{one}={names.target(target)}" if target else one)
        said += [names.target(Target("module", source)) for _, source in module.stars if self.modules.get(source)]
        return Definition(name, _hashed(",".join(said)), tuple(names.uses), (), (module.place.module,))

    def _spelled(self, target: Target) -> tuple[str, tuple[Reference, ...]]:
        names = Names(self.modules, Module.nowhere())
        return names.target(target), tuple(names.uses)

    def _acting(self, module: Module) -> list[ast.stmt]:
        registered = (found for found, by in module.registered if self.modules.is_registered(module, by))
        return list({id(statement): statement for statement in (*module.effects, *registered)}.values())


def _hashed(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
