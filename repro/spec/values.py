"""The values of expressions, what they may be used for, and the limits that keep an expression from running long."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import Context, Decimal
from typing import Any

from repro.spec.expression import Expression, ExpressionError

MOST_STEPS, MOST_ITEMS = 50_000, 2_000
CONTEXT = Context(prec=40, Emax=999, Emin=-999)

Value = Any
"""Decimal, int, bool, str, tuple, frozenset, dict, or the iterator of a comprehension, which is consumed at once."""


class Workings:
    """One evaluation's account: every step and every item counts. Errors know where they are in the text."""

    def __init__(self, expression: Expression) -> None:
        self.expression = expression
        self._steps = 0

    def wrong(self, node: ast.AST, message: str) -> ExpressionError:
        """An error about a node."""
        return ExpressionError(message, self.expression.offset(node))

    def count(self, node: ast.AST, steps: int = 1) -> None:
        """Counts steps; too many are an error."""
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise self.wrong(node, f"the expression takes more than {MOST_STEPS} steps")

    def boolean(self, value: Value, node: ast.AST) -> bool:
        """The value, which must be true or false."""
        if not isinstance(value, bool):
            raise self.wrong(node, f"expected true or false, found {shown(value)}")
        return value

    def number(self, value: Value, node: ast.AST) -> Decimal:
        """The value, which must be a number; true counts as 1."""
        if isinstance(value, int | Decimal):
            return Decimal(value)
        raise self.wrong(node, f"expected a number, found {shown(value)}")

    def whole(self, value: Value, node: ast.AST) -> int:
        """The value, which must be a whole number of moderate size."""
        number = self.number(value, node)
        if number != number.to_integral_value() or abs(number) > 10**6:
            raise self.wrong(node, f"expected a small whole number, found {written(number)}")
        return int(number)

    def items(self, value: Value, node: ast.AST) -> Iterator[Value]:
        """What is in a list, one by one."""
        if not isinstance(value, tuple | frozenset | dict | range | str | Iterator):
            raise self.wrong(node, f"expected a list, found {shown(value)}")
        for item in sorted(value, key=repr) if isinstance(value, frozenset) else value:
            self.count(node)
            yield item

    def kept(self, value: Value, node: ast.AST) -> Value:
        """A list or text that was made; it must not be large, counted with the lists inside it."""
        size = _size(value, MOST_ITEMS)
        if size > MOST_ITEMS:
            raise self.wrong(node, f"more than {MOST_ITEMS} items")
        self.count(node, size // 4)
        return value


def _size(value: Value, limit: int) -> int:
    """How many items a value has, lists inside lists included; what is beyond the limit is not looked at."""
    if isinstance(value, str):
        return len(value)
    if not isinstance(value, tuple | frozenset | dict):
        return 1
    size = 1
    for item in value.values() if isinstance(value, dict) else value:
        size += _size(item, limit - size)
        if size > limit:
            break
    return size


def shown(value: Value) -> str:
    """A value as messages name it."""
    match value:
        case bool():
            return str(value)
        case int() | Decimal():
            return f"the number {written(value)}"
        case str():
            return f"the text {value!r}"
        case tuple():
            return f"a list of {len(value)}"
        case frozenset():
            return f"a set of {len(value)}"
        case dict():
            return "a dictionary"
        case _:
            return "a comprehension; put it in brackets"


def written(value: Value) -> str:
    """A value as text: numbers to six digits, whole ones in full."""
    match value:
        case Decimal():
            return f"{value:.0f}" if value == value.to_integral_value() else f"{float(value):.6g}"
        case tuple():
            return f"[{', '.join(written(each) for each in value)}]"
        case frozenset():
            return f"{{{', '.join(sorted(written(each) for each in value))}}}"
        case str():
            return repr(value)
        case _:
            return str(value)
