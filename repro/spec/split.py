"""An expression taken apart into the inequalities that it states, before any number of a run is known.

Conjunctions, `all(...)` and chains become their parts; min, max and abs become a part for each of what they choose
among; `or`, `any(...)`, `not` and counts (`sum(x > 1 for x in ...) > 4`) become "at least so many of these". What is
none of this, such as a product of two cells or a comparison of words, stays whole and is left to be evaluated.

A rounded number meets a bound that its rounding meets. An equality is two inequalities; where one side is written down
and not read from cells it restates the print.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Any

from repro.spec.evaluate import Evaluation, Scope
from repro.spec.expression import ExpressionError, UnknownNameError, parse
from repro.spec.forms import (
    Amount,
    Cell,
    Extreme,
    Form,
    NotSplitError,
    absolute,
    added,
    divided,
    extreme,
    multiplied,
    rounded,
    scaled,
)
from repro.spec.formulas import AtLeast, Count, Fact, Formula, Whole, at_least, conjuncts, counted
from repro.spec.model import Row, Table
from repro.spec.reading import Library, PrintedNumbers, Reader
from repro.spec.sheet import Sheet
from repro.spec.values import CONTEXT, Value

_FORMS = (Form, Extreme)


def split(table: Table, text: str, library: Library) -> tuple[Formula, ...]:
    """The parts whose conjunction an expression is, each once. True and False are parts that no cell can change."""
    parts = conjuncts(Splitting(parse(text), Reader(table, library, Symbols(table))).formula())
    return tuple(part for i, part in enumerate(parts) if part not in parts[:i])


class Symbols:
    """Cells of the table itself as forms; those of other tables as printed."""

    def __init__(self, table: Table) -> None:
        self._id = table.id
        self._printed = PrintedNumbers()

    def value(self, table: Table, row: Row, column: str) -> Any:
        """The cell, whatever its number will be."""
        if table.id != self._id:
            return self._printed.value(table, row, column)
        return Form({Cell(row.name, column): Decimal(1)})

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:  # noqa: ARG002 - of no cell
        """Deviations are not split."""
        raise NotSplitError

    def has(self, table: Table, row: Row, column: str) -> bool:
        """The cells of a column are those that the paper prints."""
        return self._printed.has(table, row, column)

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:  # noqa: ARG002 - of no row
        """Words are not split."""
        raise NotSplitError


class Splitting(Evaluation):
    """An evaluation whose numbers are forms, and whose truths are formulas."""

    def formula(self) -> Formula:
        """What the whole expression states."""
        with localcontext(CONTEXT):
            return self._statement(self._expression.tree, {})

    def _statement(self, node: ast.expr, scope: Scope) -> Formula:
        """A part; whole where it cannot be taken apart."""
        try:
            value = self._value(node, scope)
        except UnknownNameError:
            raise
        except (NotSplitError, ExpressionError):
            return Whole(self._expression, node, dict(scope))
        return value if isinstance(value, Formula) else Whole(self._expression, node, dict(scope))

    def _logical(self, wanted: bool, parts: Iterator[tuple[ast.expr, Scope]]) -> Value:
        found = [self._statement(node, scope) for node, scope in parts]
        return at_least(len(found) if wanted else 1, found)

    def _conditional(self, node: ast.IfExp, scope: Scope) -> Value:
        if not isinstance(self._value(node.test, scope), bool):
            raise NotSplitError
        return super()._conditional(node, scope)

    def _unary(self, op: ast.unaryop, operand: ast.expr, value: Value) -> Value:
        if isinstance(op, ast.Not) and isinstance(value, Fact | Whole | AtLeast):
            return value.denied()
        if isinstance(value, _FORMS):
            return scaled(value, Decimal(-1)) if isinstance(op, ast.USub) else value
        return super()._unary(op, operand, value)

    def _binary(self, node: ast.BinOp, left: Value, right: Value) -> Value:
        if not isinstance(left, _FORMS) and not isinstance(right, _FORMS):
            return super()._binary(node, left, right)
        a, b = self._amount(left), self._amount(right)
        match node.op:
            case ast.Add():
                return added(a, b)
            case ast.Sub():
                return added(a, scaled(b, Decimal(-1)))
            case ast.Mult():
                return multiplied(a, b)
            case ast.Div():
                return divided(a, b)
        raise NotSplitError

    def _amount(self, value: Value) -> Amount:
        if isinstance(value, _FORMS):
            return value
        if isinstance(value, int | Decimal):
            return Form(constant=Decimal(value))
        raise NotSplitError

    def _applied(self, node: ast.Call, name: str, values: list[Value]) -> Value:
        if name in ("all", "any"):
            found = list(self._work.items(values[0], node))
            if not all(isinstance(item, Formula) for item in found):
                raise NotSplitError
            return at_least(len(found) if name == "all" else 1, found)
        if name == "round" and isinstance(values[0], _FORMS):
            places = self._work.whole(values[1], node) if len(values) > 1 else 0
            half = Decimal(5).scaleb(-places - 1)
            return rounded(values[0], half)
        if name == "abs" and isinstance(values[0], _FORMS):
            return absolute(values[0])
        if name == "sum":
            return self._summed(node, list(self._work.items(values[0], node)))
        if name in ("min", "max"):
            items = values if len(values) > 1 else list(self._work.items(values[0], node))
            if any(isinstance(item, _FORMS) for item in items):
                return extreme("min" if name == "min" else "max", [self._amount(item) for item in items])
            return super()._applied(node, name, [tuple(items)])
        if name in ("sorted", "set", "float", "int") and _holds_forms(values):
            raise NotSplitError
        return super()._applied(node, name, values)

    def _summed(self, node: ast.Call, items: list[Value]) -> Value:
        if any(isinstance(item, Fact | Whole | AtLeast) for item in items):
            if not all(isinstance(item, Formula) for item in items):
                raise NotSplitError
            return Count(tuple(items))
        if not any(isinstance(item, _FORMS) for item in items):
            return super()._applied(node, "sum", [tuple(items)])
        total: Amount = Form()
        for item in items:
            total = added(total, self._amount(item))
        return total

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        """A chain is the conjunction of its pairs."""
        nodes = [node.left, *node.comparators]
        values = [self._value(each, scope) for each in nodes]
        pairs = zip(node.ops, values, values[1:], nodes[1:], strict=False)
        return at_least(len(node.ops), [self._pair(op, left, right, at) for op, left, right, at in pairs])

    def _pair(self, op: ast.cmpop, left: Value, right: Value, node: ast.expr) -> Formula:
        if isinstance(left, tuple) and isinstance(right, tuple) and isinstance(op, ast.Eq) and len(left) == len(right):
            pairs = zip(left, right, strict=True)
            return at_least(len(left), [self._pair(op, a, b, node) for a, b in pairs])
        if isinstance(left, Count) or isinstance(right, Count):
            return counted(op, left, right)
        if not isinstance(left, _FORMS) and not isinstance(right, _FORMS):
            if _holds_forms([left, right]):
                raise NotSplitError
            return self._compared(op, node, left, right)
        a, b = self._amount(left), self._amount(right)
        above = added(a, scaled(b, Decimal(-1)))
        match op:
            case ast.Gt() | ast.GtE():
                return _positive(above, isinstance(op, ast.Gt))
            case ast.Lt() | ast.LtE():
                return _positive(scaled(above, Decimal(-1)), isinstance(op, ast.Lt))
            case ast.Eq():
                return _equal(above, restates=_is_constant(a) or _is_constant(b))
        raise NotSplitError


def _is_constant(amount: Amount) -> bool:
    return isinstance(amount, Form) and amount.is_constant


def _positive(amount: Amount, strict: bool, equality: bool = False, restates: bool = False) -> Formula:
    """An amount is above 0: all that a minimum chooses among are, or one of what a maximum does."""
    if isinstance(amount, Extreme):
        parts = [_positive(each, strict, equality, restates) for each in amount.among]
        return at_least(len(parts) if amount.kind == "min" else 1, parts)
    if amount.rounding and amount.constant % (2 * amount.rounding):
        raise NotSplitError  # a bound between two rounded numbers is not the bound of what is rounded
    room = -amount.rounding if strict else amount.rounding
    form = Form(amount.weights, amount.constant + room)
    if form.is_constant:
        return form.constant > 0 if strict else form.constant >= 0
    return Fact(form, strict, equality, restates)


def _equal(amount: Amount, restates: bool) -> Formula:
    """An amount is 0: neither below nor above. Where it is an extreme, only the side that all must keep is so meant."""
    equality = isinstance(amount, Form)
    return at_least(2, [_positive(side, False, equality, restates) for side in (amount, scaled(amount, Decimal(-1)))])


def _holds_forms(values: list[Value]) -> bool:
    """Whether a form or a formula is somewhere in lists."""
    return any(
        isinstance(value, (*_FORMS, Fact, Whole, AtLeast, Count))
        or (isinstance(value, tuple | frozenset | list) and _holds_forms(list(value)))
        or (isinstance(value, dict) and _holds_forms([*value, *value.values()]))
        for value in values
    )
