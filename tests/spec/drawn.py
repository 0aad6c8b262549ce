"""Numbers near those in print, on which an expression is compared with its parts."""

from __future__ import annotations

import random
from decimal import Decimal

from repro.spec.evaluate import Evaluation
from repro.spec.expression import parse
from repro.spec.forms import Cell
from repro.spec.formulas import is_true
from repro.spec.load import printed
from repro.spec.model import Row, Table
from repro.spec.reading import PrintedNumbers, Reader
from repro.spec.split import split


class Drawn(PrintedNumbers):
    """Numbers of the own table near those in print, the same whenever a cell is asked for."""

    def __init__(self, table: Table, seed: int, spread: float) -> None:
        self._table = table
        self._seed = seed
        self._spread = spread

    def value(self, table: Table, row: Row, column: str) -> Decimal:
        value = super().value(table, row, column)
        if table.id != self._table.id:
            return value
        factor = random.Random(f"{self._seed} {row.name} {column}").uniform(-self._spread, self._spread)
        return value * (1 + Decimal(repr(factor)))

    def of(self, cell: Cell) -> Decimal:
        row = next(row for row in self._table.rows if row.name == cell.row)
        return self.value(self._table, row, cell.column)


def agree(table: Table, text: str, seed: int, spread: float) -> bool:
    """Whether the parts are all true exactly where the expression is."""
    numbers = Drawn(table, seed, spread)
    reader = Reader(table, printed, numbers)
    parts = split(table, text, printed)
    return Evaluation(parse(text), reader).truth() == all(is_true(part, reader, numbers.of) for part in parts)
