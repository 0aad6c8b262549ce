"""What an expression states once it is taken apart: inequalities of forms, statements that stay whole, and how many of
such are true. Facts can be denied, counted and looked up for given numbers."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException, localcontext

from repro.spec.evaluate import Evaluation
from repro.spec.expression import Expression
from repro.spec.forms import Cell, Extreme, Form, NotSplitError
from repro.spec.reading import NoNumberError, Reader
from repro.spec.values import CONTEXT, Value


@dataclass(frozen=True)
class Fact:
    """form > 0, or form >= 0 where not strict.

    `equality`: it is half of an equality; `restates`: of one with a number that is written down.
    """

    form: Form
    strict: bool
    equality: bool = False
    restates: bool = False

    def denied(self) -> Fact:
        """Its contrary."""
        return Fact(self.form.times(Decimal(-1)), not self.strict)


@dataclass(frozen=True)
class Whole:
    """A statement that was not split, with what its names mean."""

    expression: Expression
    node: ast.expr
    scope: Mapping[str, Value]
    negated: bool = False

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{'not ' if self.negated else ''}{self.expression.source(self.node)}"

    def denied(self) -> Whole:
        """Its contrary."""
        return replace(self, negated=not self.negated)

    def truth(self, reader: Reader, value_of: Callable[[Cell], Decimal], *, thorough: bool = False) -> bool:
        """Whether it is true of the numbers of a reader; `value_of` gives the same by cell."""
        with localcontext(CONTEXT):
            scope = {name: _resolved(value, value_of) for name, value in self.scope.items()}
            return Evaluation(self.expression, reader, thorough=thorough).truth_of(self.node, scope) != self.negated


@dataclass(frozen=True)
class AtLeast:
    """At least `needed` of the parts are true: a conjunction where that is all of them."""

    needed: int
    parts: tuple[Formula, ...]

    def denied(self) -> Formula:
        """Its contrary: more than the rest of them are false."""
        return at_least(len(self.parts) - self.needed + 1, [denied(part) for part in self.parts])


Formula = bool | Fact | Whole | AtLeast


@dataclass(frozen=True)
class Count:
    """How many of some statements are true."""

    parts: tuple[Formula, ...]


def at_least(needed: int, parts: list[Formula]) -> Formula:
    """So many of some: what is known is taken out, and a conjunction within a conjunction is one."""
    needed -= sum(part is True for part in parts)
    open_ = [part for part in parts if not isinstance(part, bool)]
    if needed <= 0 or needed > len(open_):
        return needed <= 0
    if len(open_) == 1:
        return open_[0]
    if needed == len(open_):
        flat = tuple(inner for part in open_ for inner in conjuncts(part))
        return AtLeast(len(flat), flat)
    return AtLeast(needed, tuple(open_))


def conjuncts(part: Formula) -> tuple[Formula, ...]:
    """The parts whose conjunction a statement is; itself where it is none."""
    return part.parts if isinstance(part, AtLeast) and part.needed == len(part.parts) else (part,)


def denied(part: Formula) -> Formula:
    """The contrary of a statement."""
    return not part if isinstance(part, bool) else part.denied()


def is_true(part: Formula, reader: Reader, value_of: Callable[[Cell], Decimal]) -> bool:
    """Whether a part is true where the cells have these numbers; the reader has the same ones."""
    match part:
        case bool():
            return part
        case Fact(form=form, strict=strict):
            try:
                with localcontext(CONTEXT):
                    value = form.value(value_of)
            except DecimalException as error:
                raise NoNumberError("it divides by zero") from error
            return value > 0 if strict else value >= 0
        case AtLeast(needed=needed, parts=parts):
            return sum(is_true(each, reader, value_of) for each in parts) >= needed
    return part.truth(reader, value_of)


def counted(op: ast.cmpop, left: Value, right: Value) -> Formula:
    """A count against a number."""
    if isinstance(left, Count) and isinstance(right, Count):
        raise NotSplitError
    if isinstance(right, Count):
        turned = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE, ast.Eq: ast.Eq}.get(type(op))
        if turned is None:
            raise NotSplitError
        return counted(turned(), right, left)
    if not isinstance(right, int | Decimal) or Decimal(right) != int(right):
        raise NotSplitError
    parts, number = list(left.parts), int(right)
    match op:
        case ast.Gt():
            return at_least(number + 1, parts)
        case ast.GtE():
            return at_least(number, parts)
        case ast.Lt():
            return denied(at_least(number, parts))
        case ast.LtE():
            return denied(at_least(number + 1, parts))
        case ast.Eq():
            return at_least(2, [at_least(number, parts), denied(at_least(number + 1, parts))])
    raise NotSplitError


def _resolved(value: Value, value_of: Callable[[Cell], Decimal]) -> Value:
    """A value of a scope with numbers in place of cells."""
    if isinstance(value, Form | Extreme):
        return value.value(value_of)
    if isinstance(value, tuple):
        return tuple(_resolved(each, value_of) for each in value)
    return value
