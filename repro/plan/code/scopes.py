"""Which names a piece of syntax binds, by Python's rules of scope: what is local is no reference to another definition.

Functions, lambdas, classes and comprehensions are scopes of their own; a name in a class body is not seen from the
functions in it; an assignment expression in a comprehension binds in the scope about it.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

Function = (ast.FunctionDef, ast.AsyncFunctionDef)
Comprehension = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Import(NamedTuple):
    """What an import gives: a module, or what goes by a name in it."""

    module: str
    name: str = ""


@dataclass(frozen=True)
class Place:
    """The module that syntax stands in, which relative imports start from."""

    module: str
    is_package: bool = False

    def source(self, node: ast.ImportFrom) -> str:
        """The absolute name of the module of a `from` import."""
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        base = parts[: len(parts) - node.level + self.is_package]
        return ".".join([*base, *([node.module] if node.module else [])])

    def imports(self, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
        """The names that an import statement binds, `*` among them, with what each stands for."""
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                yield alias.asname or alias.name, Import(self.source(node), alias.name)
            elif alias.asname:
                yield alias.asname, Import(alias.name)
            else:
                top = alias.name.partition(".")[0]
                yield top, Import(top)

    def loads(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        """The modules that an import statement may run; `from a import b` gives both `a` and `a.b`."""
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        else:
            source = self.source(node)
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


@dataclass
class Scope:
    """The names of a function, a class or a comprehension, inside the scope about it; the outermost is the module's."""

    kind: Literal["module", "function", "class"] = "module"
    bound: set[str] = field(default_factory=set)
    imports: dict[str, Import] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    outer: Scope | None = None

    def find(self, name: str) -> Import | bool:
        """What the only import of a name gives, where it is local; True for any other local name, False for one of the
        module.
        """
        scope: Scope | None = self
        while scope is not None:
            if name in scope.outside:
                return False
            if scope is self or scope.kind != "class":
                if name in scope.imports:
                    return scope.imports[name]
                if name in scope.bound:
                    return True
            scope = scope.outer
        return False


def function_scope(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, outer: Scope, place: Place) -> Scope:
    """The scope of a function's parameters and body. A name that only an import binds stands for what it gives."""
    body = node.body if isinstance(node.body, list) else [node.body]
    parameters = {parameter.arg for parameter in all_parameters(node.args)} | {
        one.name for one in type_parameters(node)
    }
    scope = Scope("function", outer=outer)
    found = _bound(body, scope, place)
    scope.imports = {
        name: given[0]
        for name, given in found.items()
        if name not in parameters and isinstance(given[0], Import) and all(other == given[0] for other in given)
    }
    scope.bound = parameters | (found.keys() - scope.imports.keys())
    return scope


def class_scope(node: ast.ClassDef, outer: Scope, place: Place) -> Scope:
    """The scope of a class body. What is imported in it is an attribute, so it counts as any other name."""
    scope = Scope("class", outer=outer)
    scope.bound = {*_bound(node.body, scope, place), *(one.name for one in type_parameters(node))}
    return scope


def comprehension_scope(generators: Iterable[ast.comprehension], outer: Scope) -> Scope:
    """The scope of all of a comprehension but its first iterable."""
    targets = {name for generator in generators for name, _ in bindings(generator.target)}
    return Scope("function", targets, outer=outer)


def all_parameters(arguments: ast.arguments) -> list[ast.arg]:
    """The parameters of a function in their order."""
    starred = [parameter for parameter in (arguments.vararg, arguments.kwarg) if parameter is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def bindings(statement: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names that a statement binds or deletes in its own scope, each with the node that does."""
    for node in inside(statement):
        for name in _names(node):
            yield name, node


def inside(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it that run in the same scope, without what only a type checker sees."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        below = _BELOW.get(type(found))
        if below is not None:
            waiting += below(found)
            continue
        for name in found._fields:
            value = getattr(found, name, None)
            if isinstance(value, list):
                waiting += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                waiting.append(value)


def is_type_checking(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING`."""
    test = node.test if isinstance(node, ast.If) else None
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _names(node: ast.AST) -> Sequence[str]:
    """The names that a node itself binds."""
    of_kind = _NAMES.get(type(node))
    return () if of_kind is None else [name for name in of_kind(node) if name]


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]


def _of_function(node: Any) -> list[ast.expr]:
    return [*node.decorator_list, *_defaults(node.args)]


def _of_comprehension(node: Any) -> list[ast.AST]:
    return [node.generators[0].iter, *_assigned_within(node)]


def _assigned_within(node: ast.AST) -> Iterator[ast.AST]:
    """The targets of assignment expressions in a comprehension and those in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.NamedExpr):
            yield child.target
        if not isinstance(child, ast.Lambda):
            yield from _assigned_within(child)


def _bound(body: Iterable[ast.AST], scope: Scope, place: Place) -> dict[str, list[object]]:
    """The names of a body with what binds each of them; those that are declared to be of other scopes are left out."""
    found, elsewhere = defaultdict[str, list[object]](list), set[str]()
    for node in (node for statement in body for node in inside(statement)):
        if isinstance(node, ast.Global):
            scope.outside.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            elsewhere.update(node.names)
        elif names := _names(node):
            given = dict(place.imports(node)) if isinstance(node, (ast.Import, ast.ImportFrom)) else {}
            for name in names:
                found[name].append(given.get(name, node))
    return {name: given for name, given in found.items() if name not in scope.outside | elsewhere}


def type_parameters(node: ast.AST) -> list[Any]:
    """The parameters in `def f[T]` and `class C[T]`, which Python knows from 3.12 on."""
    return list(getattr(node, "type_params", ()))


def _nothing(node: ast.AST) -> tuple[ast.AST, ...]:  # noqa: ARG001
    return ()


_NAMES: dict[type, Callable[[Any], Sequence[str | None]]] = {
    ast.Name: lambda node: () if isinstance(node.ctx, ast.Load) else (node.id,),
    ast.MatchMapping: lambda node: (node.rest,),
    **dict.fromkeys(
        (*Function, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar), lambda node: (node.name,)
    ),
    **dict.fromkeys(
        (ast.Import, ast.ImportFrom),
        lambda node: [alias.asname or alias.name.partition(".")[0] for alias in node.names],
    ),
}
"""The kinds of node that bind names, and which."""

_BELOW: dict[type, Callable[[Any], Iterable[ast.AST]]] = {
    **dict.fromkeys((ast.Name, ast.Constant, ast.Load, ast.Import, ast.ImportFrom), _nothing),
    **dict.fromkeys(Function, _of_function),
    **dict.fromkeys(Comprehension, _of_comprehension),
    ast.Attribute: lambda node: (node.value,),
    ast.Call: lambda node: (node.func, *node.args, *node.keywords),
    ast.If: lambda node: node.orelse if is_type_checking(node) else (node.test, *node.body, *node.orelse),
    ast.Lambda: lambda node: _defaults(node.args),
    ast.ClassDef: lambda node: (*node.decorator_list, *node.bases, *node.keywords),
}
"""What runs in the scope of a node below it, for the kinds of node where that is not all that is below, and for those
that are so many that it pays to say so.
"""
