"""The value of a parsed expression, by walking its tree: nothing of it is ever compiled or executed.

Every step is counted and sizes are limited, so that no expression runs for long. A `thorough` evaluation looks at both
sides of `and`, `or` and `if`, and at all items of `any` and `all`, which shows every cell that may ever be needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException, localcontext

from repro.spec.expression import Expression, ExpressionError, UnknownNameError
from repro.spec.functions import applied, binary, compared, item, sign
from repro.spec.reading import Reader
from repro.spec.sheet import NotFoundError
from repro.spec.values import CONTEXT, Value, Workings, shown, written

Scope = Mapping[str, Value]
_PLACES = {"col": ("column",), "c": ("row", "column"), "s": ("row", "column"), "cc": ("row", "column", "group"),
           "tok": ("row",), "cols": ()}  # fmt: skip


class Evaluation:
    """One evaluation of an expression. `compared` counts comparisons, `last_false` is the last that was false."""

    def __init__(self, expression: Expression, reader: Reader, *, thorough: bool = False) -> None:
        self._expression = expression
        self._reader = reader
        self._thorough = thorough
        self._work = Workings(expression)
        self.compared = 0
        self.last_false = ""

    def truth(self) -> bool:
        """Whether the expression is true. Raises ExpressionError, and NoNumberError where a cell has no number."""
        with localcontext(CONTEXT):
            return self.truth_of(self._expression.tree, {})

    def truth_of(self, node: ast.expr, scope: Scope) -> bool:
        """Whether a part of the expression is true, where its names mean what the scope says."""
        value = self._value(node, scope)
        if not isinstance(value, bool):
            raise self._work.wrong(node, f"a claim is true or false, this is {shown(value)}")
        return value

    def _value(self, node: ast.expr, scope: Scope) -> Value:
        self._work.count(node)
        try:
            return self._evaluated(node, scope)
        except DecimalException as error:
            what = "division by zero" if "Division" in str(error) else f"it cannot be computed ({type(error).__name__})"
            raise self._work.wrong(node, what) from None
        except (TypeError, OverflowError) as error:
            raise self._work.wrong(node, str(error)) from None

    def _evaluated(self, node: ast.expr, scope: Scope) -> Value:
        match node:
            case ast.Constant(value=value):
                return Decimal(repr(value)) if isinstance(value, float) else value
            case ast.Name(id=name):
                return self._reader.groups() if name == "GROUPS" else scope[name]
            case ast.Call():
                return self._call(node, scope)
            case ast.Compare():
                return self._compare(node, scope)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return self._work.kept(tuple(self._value(each, scope) for each in items), node)
            case ast.Set(elts=items):
                return self._work.kept(frozenset(self._value(each, scope) for each in items), node)
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return self._work.kept({self._value(k, scope): self._value(v, scope) for k, v in pairs if k}, node)
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(op, operand, self._value(operand, scope))
            case ast.BinOp(left=left, right=right):
                return self._binary(node, self._value(left, scope), self._value(right, scope))
            case ast.BoolOp(op=op, values=parts):
                return self._logical(isinstance(op, ast.And), ((part, scope) for part in parts))
            case ast.IfExp():
                return self._conditional(node, scope)
            case ast.Subscript(value=of, slice=key):
                return item(self._work, node, self._value(of, scope), self._key(key, scope))
            case ast.ListComp(elt=element, generators=parts):
                return self._work.kept(tuple(self._items(element, parts, scope)), node)
            case ast.SetComp(elt=element, generators=parts):
                return self._work.kept(frozenset(self._items(element, parts, scope)), node)
            case ast.GeneratorExp(elt=element, generators=parts):
                return self._items(element, parts, scope)
        raise AssertionError(type(node).__name__)

    def _unary(self, op: ast.unaryop, operand: ast.expr, value: Value) -> Value:
        if isinstance(op, ast.Not):
            return not self._work.boolean(value, operand)
        number = self._work.number(value, operand)
        return -number if isinstance(op, ast.USub) else number

    def _binary(self, node: ast.BinOp, left: Value, right: Value) -> Value:
        return binary(self._work, node, left, right)

    def _applied(self, node: ast.Call, name: str, values: list[Value]) -> Value:
        return applied(self._work, node, name, values)

    def _logical(self, wanted: bool, parts: Iterator[tuple[ast.expr, Scope]]) -> Value:
        """All parts where `wanted`, else any. A thorough evaluation goes on where one part cannot be computed."""
        result, failure = wanted, None
        for node, scope in parts:
            try:
                truth = self._work.boolean(self._value(node, scope), node)
            except UnknownNameError:
                raise
            except ExpressionError as error:
                if not self._thorough:
                    raise
                failure = failure or error
                continue
            if truth != wanted:
                result = truth
                if not self._thorough:
                    break
        if failure is not None and result == wanted:
            raise failure
        return result

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Value:
        test = self._work.boolean(self._value(node.test, scope), node.test)
        chosen, other = (node.body, node.orelse) if test else (node.orelse, node.body)
        if self._thorough:
            try:
                self._value(other, scope)
            except UnknownNameError:
                raise
            except ExpressionError:
                pass  # what is not chosen need not be computable
        return self._value(chosen, scope)

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left, result = self._value(node.left, scope), True
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self._value(right_node, scope)
            self.compared += 1
            if not self._compared(op, right_node, left, right):
                result = False
                self._note(node, scope, f"{written(left)} {sign(op)} {written(right)}")
                if not self._thorough:
                    break
            left = right
        return result

    def _compared(self, op: ast.cmpop, node: ast.AST, left: Value, right: Value) -> bool:
        return compared(self._work, op, node, left, right)

    def _note(self, node: ast.Compare, scope: Scope, numbers: str) -> None:
        bound = ", ".join(f"{name} = {written(value)}" for name, value in scope.items())
        self.last_false = f"{self._expression.source(node)}{f' for {bound}' if bound else ''}: {numbers}"

    def _key(self, node: ast.expr, scope: Scope) -> Value | slice:
        if not isinstance(node, ast.Slice):
            return self._value(node, scope)
        ends = (node.lower, node.upper, node.step)
        return slice(*(None if end is None else self._value(end, scope) for end in ends))

    def _items(self, element: ast.expr, parts: list[ast.comprehension], scope: Scope) -> Iterator[Value]:
        return (self._value(element, inner) for inner in self._scopes(parts, scope))

    def _scopes(self, parts: list[ast.comprehension], scope: Scope) -> Iterator[Scope]:
        """What the names of a comprehension mean, once for each of its items."""
        first, rest = parts[0], parts[1:]
        for each in self._work.items(self._value(first.iter, scope), first.iter):
            inner = {**scope, **dict(self._assigned(first.target, each))}
            if all(self._work.boolean(self._value(test, inner), test) for test in first.ifs):
                if rest:
                    yield from self._scopes(rest, inner)
                else:
                    yield inner

    def _assigned(self, target: ast.expr, value: Value) -> Iterator[tuple[str, Value]]:
        if isinstance(target, ast.Name):
            yield target.id, value
            return
        assert isinstance(target, ast.Tuple)
        if not isinstance(value, tuple) or len(value) != len(target.elts):
            raise self._work.wrong(target, f"{len(target.elts)} names for {shown(value)}")
        for part, each in zip(target.elts, value, strict=True):
            yield from self._assigned(part, each)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("any", "all") and isinstance(inside := node.args[0], ast.GeneratorExp | ast.ListComp):
            scopes = self._scopes(inside.generators, scope)
            return self._logical(name == "all", ((inside.elt, inner) for inner in scopes))
        values = [self._value(each, scope) for each in node.args]
        if not self._reader.reads(name):
            return self._applied(node, name, values)
        named = {keyword.arg: self._value(keyword.value, scope) for keyword in node.keywords if keyword.arg}
        try:
            return self._reader.read(name, values, named)
        except NotFoundError as error:
            place = self._expression.offset(argument_node(node, error.argument))
            raise UnknownNameError(str(error), place) from None


def argument_node(node: ast.Call, argument: str) -> ast.AST:
    """The node of the argument that a complaint is about; the call itself where it is not given."""
    assert isinstance(node.func, ast.Name)
    places = _PLACES[node.func.id]
    if argument in places:
        return node.args[places.index(argument)]
    wanted = {"group": "g", "table": "t"}.get(argument, argument)
    return next((keyword.value for keyword in node.keywords if keyword.arg == wanted), node)
