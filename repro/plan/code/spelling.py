"""Syntax as text that says what code does and not where it is: names of definitions become numbers.

Comments, docstrings and layout do not count, nor do import statements, nor annotations that nothing reads: those of
functions (but decorated ones, since a decorator may read them) and of variables that are no fields of a class. Empty
fields are left out, since versions of Python differ in which ones they have.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from repro.plan.code.modules import Modules
from repro.plan.code.names import Names
from repro.plan.code.scopes import (
    Comprehension,
    Function,
    Import,
    Scope,
    all_parameters,
    class_scope,
    comprehension_scope,
    function_scope,
    is_type_checking,
    type_parameters,
)
from repro.plan.code.toplevel import Module

READ_NO_ANNOTATIONS = {"property", "classmethod", "staticmethod"}


class Speller:
    """Spells statements of one module.

    Attributes:
        names: what was referred to.
        loads: the modules that the imports within it run.
    """

    def __init__(self, modules: Modules, module: Module) -> None:
        self._modules, self._module, self._place = modules, module, module.place
        self._in_annotation = False
        self.names = Names(modules, module)
        self.loads: list[str] = []
        comprehensions = dict.fromkeys(Comprehension, self._comprehension)
        named = dict.fromkeys((ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping), self._named)
        self._special: dict[type, Callable[[Any, Scope], str]] = {
            **comprehensions, **named, **dict.fromkeys(Function, self._function),
            **dict.fromkeys((ast.Import, ast.ImportFrom), self._import),
            ast.Name: self._name, ast.Attribute: self._attribute, ast.Constant: self._constant,
            ast.Subscript: self._subscript, ast.Lambda: self._lambda, ast.ClassDef: self._class,
            ast.AnnAssign: self._annotated, ast.Global: self._global, ast.JoinedStr: self._joined,
        }  # fmt: skip

    def statements(self, nodes: Iterable[ast.AST], scope: Scope | None = None) -> str:
        """The text of statements, without those of which nothing is left."""
        inside, spelled = scope or Scope(), []
        for node in nodes:
            if isinstance(node, ast.If) and is_type_checking(node):
                spelled.append(self.statements(node.orelse, inside))
            else:
                spelled.append(self.spell(node, inside))
        return ";".join(filter(None, spelled))

    def spell(self, value: object, scope: Scope) -> str:
        """The text of a node, a list of nodes, or what else a field holds."""
        special = self._special.get(type(value))
        if special is not None:
            return special(value, scope)
        if isinstance(value, ast.AST):
            return self._node(value, scope, value._fields)
        if not isinstance(value, list):
            return repr(value)
        if value and isinstance(value[0], ast.stmt):
            return f"[{self.statements(value, scope)}]"
        return f"[{','.join([self.spell(one, scope) for one in value])}]"

    def _node(self, node: ast.AST, scope: Scope, fields: Iterable[str]) -> str:
        said = []
        for name in fields:
            value = getattr(node, name, None)
            if value is None or value == [] or isinstance(value, ast.Load):
                continue
            text = self.spell(value, scope)
            if text != "[]":
                said.append(f"{name}={text}")
        return f"{type(node).__name__}({','.join(said)})"

    def _name(self, node: ast.Name, scope: Scope) -> str:
        if isinstance(node.ctx, ast.Load):
            return self.names.chain(node.id, [], scope)
        return f"{type(node.ctx).__name__}({self.names.written(node.id, scope)})"

    def _attribute(self, node: ast.Attribute, scope: Scope) -> str:
        root: ast.expr = node
        attributes: list[str] = []
        while isinstance(root, ast.Attribute):
            attributes.append(root.attr)
            root = root.value
        attributes.reverse()
        if isinstance(root, ast.Name):
            text = self.names.chain(root.id, attributes, scope)
        else:
            text = ".".join([self.spell(root, scope), *attributes])
        return text if isinstance(node.ctx, ast.Load) else f"{type(node.ctx).__name__}({text})"

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> str:
        inner = function_scope(node, scope, self._place)
        read = not all(isinstance(one, ast.Name) and one.id in READ_NO_ANNOTATIONS for one in node.decorator_list)
        said = [type(node).__name__, self.names.written(node.name, scope), self.spell(node.decorator_list, scope)]
        said += [self._parameters(node.args, scope, read), self._annotation(node.returns, scope, read)]
        for parameter in type_parameters(node):
            self._annotation(parameter, scope, read=False)
        return f"({','.join(said)},{self._body(node.body, inner)})"

    def _parameters(self, arguments: ast.arguments, scope: Scope, read: bool) -> str:
        kinds: list[Sequence[ast.arg | None]]
        kinds = [arguments.posonlyargs, arguments.args, [arguments.vararg], arguments.kwonlyargs, [arguments.kwarg]]
        names = "/".join(" ".join(one.arg for one in kind if one) for kind in kinds)
        annotations = [self._annotation(one.annotation, scope, read) for one in all_parameters(arguments)]
        defaults = f"{self.spell(arguments.defaults, scope)}{self.spell(arguments.kw_defaults, scope)}"
        return f"({names}{','.join(annotations) if read else ''}{defaults})"

    def _annotation(self, node: ast.AST | None, scope: Scope, read: bool) -> str:
        """The text of an annotation that something reads; of any, its definitions are among the types."""
        if node is None:
            return ""
        around, self._in_annotation = self._in_annotation, True
        self.names.exchange()
        self.spell(node, scope)
        self.names.exchange()
        text = f":{self.spell(node, scope)}" if read else ""
        self._in_annotation = around
        return text

    def _lambda(self, node: ast.Lambda, scope: Scope) -> str:
        inner = function_scope(node, scope, self._place)
        return f"Lambda({self._parameters(node.args, scope, read=False)},{self.spell(node.body, inner)})"

    def _class(self, node: ast.ClassDef, scope: Scope) -> str:
        inner = class_scope(node, scope, self._place)
        for base in (*node.bases, *type_parameters(node)):
            self._annotation(base, scope, read=False)
        said = ["ClassDef", self.names.written(node.name, scope)]
        said += [self.spell(field, scope) for field in (node.decorator_list, node.bases, node.keywords)]
        return f"({','.join(said)},{self._body(node.body, inner)})"

    def _body(self, nodes: Iterable[ast.stmt], scope: Scope) -> str:
        return f"[{self.statements([node for node in nodes if not _is_text(node)], scope)}]"

    def _comprehension(self, node: Any, scope: Scope) -> str:
        inner = comprehension_scope(node.generators, scope)
        said = [self.spell(node.generators[0].iter, scope)]
        for number, clause in enumerate(node.generators):
            said += [self._node(clause, inner, ("target", "iter", "ifs")[:: 1 if number else 2]), str(clause.is_async)]
        said += [self.spell(getattr(node, name), inner) for name in node._fields if name != "generators"]
        return f"{type(node).__name__}({','.join(said)})"

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> str:
        """A variable with an annotation: that of a field counts."""
        if scope.kind == "class":
            annotation = self._annotation(node.annotation, scope, read=True)
            return f"Field{annotation}{self._node(node, scope, ('target', 'value'))}"
        self._annotation(node.annotation, scope, read=False)
        if node.value is None:
            return ""
        return self.spell(ast.Assign([node.target], node.value), scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> str:
        """Nothing, but for a name that is bound in other ways too: there it is one assignment of several."""
        self.loads += self._place.loads(node)
        said = []
        for name, given in self._place.imports(node):
            found = scope.find(name)
            alone = isinstance(found, Import) or (not found and name in self._module.imports)
            if not alone and name != "*":
                said.append(f"{self.names.written(name, scope)}={self.names.target(self._modules.what(given))}")
        return f"Import({','.join(said)})" if said else ""

    def _global(self, node: ast.Global, scope: Scope) -> str:
        """Nothing for the names of definitions, which are no local names where they stand."""
        free = [name for name in node.names if self.names.what(name, scope) is None]
        return f"Global({' '.join(free)})" if free else ""

    def _named(self, node: ast.AST, scope: Scope) -> str:
        """An exception handler or a pattern that binds a name, which is no expression there."""
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        written = self.names.written(name, scope) if name else ""
        return f"{self._node(node, scope, [field for field in node._fields if field not in ('name', 'rest')])}{written}"

    def _constant(self, node: ast.Constant, scope: Scope) -> str:
        if self._in_annotation and isinstance(node.value, str):
            try:
                return self.spell(ast.parse(node.value, mode="eval").body, scope)
            except SyntaxError:
                pass
        return f"({node.value!r})"

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> str:
        """An f-string, without the empty piece that Python 3.12 alone puts at the end of a nested format."""
        pieces = [one for one in node.values if not (isinstance(one, ast.Constant) and one.value == "")]
        return f"JoinedStr{self.spell(pieces, scope)}"

    def _subscript(self, node: ast.Subscript, scope: Scope) -> str:
        """Strings in `Literal[...]` and `Annotated[...]` are no types."""
        name = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        around = self._in_annotation
        self._in_annotation = around and name not in ("Literal", "Annotated")
        text = self._node(node, scope, node._fields)
        self._in_annotation = around
        return text


def _is_text(statement: ast.stmt) -> bool:
    """A bare string as a statement: a docstring, or the note under an attribute. Neither does anything."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
