"""What stands at the top level of a module: which statements make each name, and which do something on import."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from repro.plan.code.scopes import Function, Import, Place, bindings, inside, is_type_checking


@dataclass
class Module:
    """A module's names, read from its syntax.

    Attributes:
        definitions: for each name that is defined here, the statements that bind it or change what it stands for.
        imports: the names that imports alone bind, each with what it stands for.
        typed: those that only a type checker sees imported.
        stars: the modules of star imports, each with the number of the statement.
        last: the number of the last statement that binds a name.
        effects: the statements that do more than make names of this module.
        registered: statements that count among the effects where a decorator, of the names given, is first-party.
        loads: modules that run when this one is imported.
    """

    place: Place
    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, Import] = field(default_factory=dict)
    typed: dict[str, Import] = field(default_factory=dict)
    stars: list[tuple[int, str]] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)
    effects: list[ast.stmt] = field(default_factory=list)
    registered: list[tuple[ast.stmt, frozenset[str]]] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    @staticmethod
    def nowhere() -> Module:
        """A module without names."""
        return Module(Place(""))


def read_module(tree: ast.Module, place: Place) -> Module:
    """The top level of a module. A compound statement is one piece: all that it binds has all of it."""
    module, statements = Module(place), list(_running(tree.body))
    found, plain = defaultdict[str, list[ast.stmt]](list), defaultdict[str, bool](lambda: True)
    for number, statement in enumerate(statements):
        _read_imports(module, statement, number)
        for name in dict.fromkeys(name for name, _ in _makes(statement)):
            found[name].append(statement)
            plain[name] &= isinstance(statement, (ast.Import, ast.ImportFrom))
            module.last[name] = number
    module.definitions = {name: made for name, made in found.items() if not plain[name]}
    module.imports = {name: given for name, given in module.imports.items() if plain[name]}
    module.typed = {name: given for node in tree.body for name, given in _for_type_checkers(node, place)}
    for statement in statements:
        _read_effects(module, statement)
    return module


def literal(module: Module, name: str) -> Any:
    """The value of a name that is assigned once, a literal; None for any other."""
    for statement in module.definitions.get(name, ()):
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def _running(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that an import runs: not those for type checkers, nor those of a script."""
    for statement in body:
        if is_type_checking(statement) or _is_script(statement):
            assert isinstance(statement, ast.If)
            yield from _running(statement.orelse)
        else:
            yield statement


def _is_script(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) == "__name__ == '__main__'"


def _makes(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """The names that a statement binds; `x: int` alone binds none."""
    if not (isinstance(statement, ast.AnnAssign) and statement.value is None):
        yield from ((name, node) for name, node in bindings(statement) if name != "*")


def _read_imports(module: Module, statement: ast.stmt, number: int) -> None:
    for node in inside(statement):
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        module.loads += module.place.loads(node)
        for name, given in module.place.imports(node):
            if name == "*":
                module.stars.append((number, given.module))
            else:
                module.imports[name] = given


def _for_type_checkers(node: ast.stmt, place: Place) -> Iterator[tuple[str, Import]]:
    for statement in node.body if isinstance(node, ast.If) and is_type_checking(node) else ():
        for found in inside(statement):
            if isinstance(found, (ast.Import, ast.ImportFrom)):
                yield from place.imports(found)


def _read_effects(module: Module, statement: ast.stmt) -> None:
    """Files a statement under the names that it changes, and under the effects where it does more than that."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, ast.Pass)):
        return
    acts = False
    for node in inside(statement):
        changed = _changed(node)
        if changed in module.definitions:
            made = module.definitions[changed]
            made += [statement] if statement not in made else []
        elif changed is not None or isinstance(node, (ast.Assert, ast.Raise)):
            acts = True
    binds = any(True for _ in bindings(statement))
    declares = isinstance(statement, ast.AnnAssign) or _is_constant(statement)
    if acts or not (binds or declares or any(statement in made for made in module.definitions.values())):
        module.effects.append(statement)
    decorators = frozenset(_root(one) for node in inside(statement) for one in _decorators(node)) - {""}
    if decorators:
        module.registered.append((statement, decorators))


def _changed(node: ast.AST) -> str | None:
    """The name whose object a node changes: `X.append(...)`, `X[...] = ...`, `X.attr = ...`; "" for one that it calls
    or changes in another way.
    """
    if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        return _root(node)
    if isinstance(node, ast.Expr) and not _is_constant(node):
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return _root(called) if isinstance(called, ast.Attribute) else ""
    return None


def _is_constant(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _decorators(node: ast.AST) -> list[ast.expr]:
    return node.decorator_list if isinstance(node, (*Function, ast.ClassDef)) else []


def _root(node: ast.AST) -> str:
    """The name that a chain of attributes, items and calls begins with; "" for any other expression."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
