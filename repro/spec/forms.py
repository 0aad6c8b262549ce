"""What arithmetic on cells comes to: sums of cells with weights, and the smallest or the largest of such sums.

`repro.spec.split` computes with these in place of numbers, to see which inequalities an expression is made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

MOST_FORMS = 2_000


class NotSplitError(Exception):
    """An operation whose result is neither a weighted sum of cells nor made of extremes of such sums."""


class Cell(NamedTuple):
    """A cell of the table, by row name and column key."""

    row: str
    column: str


class Quotient(NamedTuple):
    """One cell divided by another."""

    of: Cell
    by: Cell


Term = Cell | Quotient


@dataclass(frozen=True)
class Form:
    """sum of weight * term, plus a constant. `rounding` is half a unit of the place that it is rounded to."""

    weights: Mapping[Term, Decimal] = field(default_factory=dict)
    constant: Decimal = Decimal(0)
    rounding: Decimal = Decimal(0)

    @property
    def is_constant(self) -> bool:
        """Whether no cell is in it."""
        return not self.weights

    def plus(self, other: Form) -> Form:
        """The sum of two."""
        weights = dict(self.weights)
        for term, weight in other.weights.items():
            weights[term] = weights.get(term, Decimal(0)) + weight
        kept = {term: weight for term, weight in weights.items() if weight}
        return Form(kept, self.constant + other.constant, self.rounding + other.rounding)

    def times(self, factor: Decimal) -> Form:
        """A multiple."""
        if factor == 0:
            return Form()
        weights = {term: factor * weight for term, weight in self.weights.items()}
        return Form(weights, factor * self.constant, abs(factor) * self.rounding)

    def over(self, other: Form) -> Form:
        """Divided by one cell, or by a multiple of one."""
        if len(other.weights) != 1 or other.constant or other.rounding or self.constant or self.rounding:
            raise NotSplitError
        (by, scale), *_ = other.weights.items()
        if isinstance(by, Quotient) or any(isinstance(term, Quotient) for term in self.weights):
            raise NotSplitError
        same = self.weights.get(by, Decimal(0)) / scale
        cells = {of: weight for of, weight in self.weights.items() if isinstance(of, Cell) and of != by}
        return Form({Quotient(of, by): weight / scale for of, weight in cells.items()}, same)

    def rounded(self, half: Decimal) -> Form:
        """The same, rounded to within `half`."""
        return Form(self.weights, self.constant, self.rounding + half)

    def value(self, of: Callable[[Cell], Decimal]) -> Decimal:
        """Its value where the cells have these numbers."""

        def term(each: Term) -> Decimal:
            return of(each) if isinstance(each, Cell) else of(each.of) / of(each.by)

        return sum((weight * term(each) for each, weight in self.weights.items()), self.constant)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that are in it, each once."""
        found: dict[Cell, None] = {}
        for term in self.weights:
            found |= {term: None} if isinstance(term, Cell) else dict.fromkeys(term)
        return tuple(found)


@dataclass(frozen=True)
class Extreme:
    """The smallest or the largest of some amounts, which may be extremes themselves."""

    kind: Literal["min", "max"]
    among: tuple[Amount, ...]

    def __post_init__(self) -> None:
        if self.size > MOST_FORMS:
            raise NotSplitError

    @property
    def size(self) -> int:
        """How many forms it chooses among."""
        return sum(1 if isinstance(amount, Form) else amount.size for amount in self.among)

    def each(self, change: Callable[[Amount], Amount], turned: bool = False) -> Extreme:
        """The extreme of the changed amounts; a change that turns their order turns the kind."""
        kind: Literal["min", "max"] = self.kind if not turned else "min" if self.kind == "max" else "max"
        return Extreme(kind, tuple(change(amount) for amount in self.among))

    def value(self, of: Callable[[Cell], Decimal]) -> Decimal:
        """Its value where the cells have these numbers."""
        values = [amount.value(of) for amount in self.among]
        return min(values) if self.kind == "min" else max(values)


Amount = Form | Extreme


def added(a: Amount, b: Amount) -> Amount:
    """a + b: a sum with an extreme is the extreme of the sums."""
    if isinstance(a, Extreme):
        return a.each(lambda amount: added(amount, b))
    if isinstance(b, Extreme):
        return b.each(lambda amount: added(a, amount))
    return a.plus(b)


def scaled(a: Amount, factor: Decimal) -> Amount:
    """factor * a."""
    return a.times(factor) if isinstance(a, Form) else a.each(lambda amount: scaled(amount, factor), factor < 0)


def multiplied(a: Amount, b: Amount) -> Amount:
    """a * b, one of which is a constant."""
    for x, y in ((a, b), (b, a)):
        if isinstance(x, Form) and x.is_constant:
            return scaled(y, x.constant)
    raise NotSplitError


def divided(a: Amount, b: Amount) -> Amount:
    """a / b, where b is a constant or one cell. That a cell is positive is asked for where the numbers are known."""
    if not isinstance(b, Form):
        raise NotSplitError
    if b.is_constant:
        return scaled(a, 1 / b.constant)
    if not isinstance(a, Form):
        raise NotSplitError  # over a negative cell the largest is the smallest
    return a.over(b)


def rounded(a: Amount, half: Decimal) -> Amount:
    """a, rounded to within `half`: the extreme of rounded amounts is the rounded extreme."""
    return a.rounded(half) if isinstance(a, Form) else a.each(lambda amount: rounded(amount, half))


def extreme(kind: Literal["min", "max"], items: Sequence[Amount]) -> Amount:
    """The smallest or largest of some."""
    return items[0] if len(items) == 1 else Extreme(kind, tuple(items))


def absolute(a: Amount) -> Amount:
    """|a| is the larger of a and -a."""
    if isinstance(a, Form) and a.is_constant:
        return Form(constant=abs(a.constant))
    return Extreme("max", (a, scaled(a, Decimal(-1))))
