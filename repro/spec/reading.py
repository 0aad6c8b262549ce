"""What an expression reads: cells of its own table or of another, through the names of `repro.spec.sheet`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Protocol

from repro.spec.expression import READING
from repro.spec.model import Row, Table
from repro.spec.printed import parse
from repro.spec.sheet import NotFoundError, Sheet

Library = Callable[[str], Table]
"""The table of a name (`dai2019/A.6`, `mos/rank-ptb`), of which only what is printed is read. Raises ValueError."""


class NoNumberError(Exception):
    """A cell that an expression needs has no number."""


class Numbers(Protocol):
    """Where the numbers and words of cells come from; each raises NoNumberError where it has none for a cell."""

    def value(self, table: Table, row: Row, column: str) -> Decimal:
        """The number of a cell."""
        ...

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:
        """Its standard deviation."""
        ...

    def has(self, table: Table, row: Row, column: str) -> bool:
        """Whether `col` lists the cell."""
        ...

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """The words of a row, in the order of the columns that print them."""
        ...


class PrintedNumbers:
    """The numbers as printed, uncorrected: the question is whether the paper's own table supports its text."""

    def value(self, table: Table, row: Row, column: str) -> Decimal:
        """The printed number."""
        found = self._number(row, column)
        if found is None:
            raise NoNumberError(f"{row.name} has no number in column {table.columns[column].label}")
        return found

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:
        """The printed standard deviation."""
        cell = row.published.get(column)
        std = None if cell is None else parse(cell.std).value if cell.std else cell.printed.std
        if std is None:
            raise NoNumberError(f"{row.name} has no deviation in column {table.columns[column].label}")
        return Decimal(repr(std))

    def has(self, table: Table, row: Row, column: str) -> bool:  # noqa: ARG002 - other numbers need the table
        """Whether a number is printed, and not a dash or nothing."""
        cell = row.published.get(column)
        return cell is not None and cell.printed.value is not None

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """The printed words."""
        return sheet.words(row)

    def _number(self, row: Row, column: str) -> Decimal | None:
        cell = row.published.get(column)
        value = cell.printed.value if cell else None
        return None if value is None else Decimal(repr(value))


@dataclass
class Recording:
    """The printed numbers, or 1 where there is none, and the cells that were asked for."""

    cells: dict[tuple[str, str, str], None] = field(default_factory=dict)
    _printed: PrintedNumbers = field(default_factory=PrintedNumbers)

    def value(self, table: Table, row: Row, column: str) -> Decimal:
        """The printed number."""
        self.cells[table.id, row.name, column] = None
        return self._printed.value(table, row, column) if self.has(table, row, column) else Decimal(1)

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:
        """The printed deviation."""
        self.cells[table.id, row.name, column] = None
        try:
            return self._printed.deviation(table, row, column)
        except NoNumberError:
            return Decimal(1)

    def has(self, table: Table, row: Row, column: str) -> bool:
        """Whether a number is printed."""
        return self._printed.has(table, row, column)

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """The printed words."""
        self.cells |= dict.fromkeys((sheet.table.id, row.name, key) for key in row.texts)
        return sheet.words(row)


class Reader:
    """The functions of an expression that look into tables."""

    def __init__(self, table: Table, library: Library, numbers: Numbers) -> None:
        self._own = Sheet(table)
        self._library = library
        self._numbers = numbers
        self._others: dict[str, Sheet] = {}

    def with_numbers(self, numbers: Numbers) -> Reader:
        """A reader of other numbers in the same tables, which are not looked up again."""
        other = copy(self)
        other._numbers = numbers
        return other

    @staticmethod
    def reads(name: str) -> bool:
        """Whether a function looks into tables."""
        return name in READING

    def groups(self) -> tuple[str, ...]:
        """GROUPS."""
        return self._own.group_labels

    def sheet(self, name: object) -> Sheet:
        """The table of `t=`, each looked up once; its own table without it."""
        if name is None:
            return self._own
        name = _text("table", name)
        if name not in self._others:
            try:
                self._others[name] = Sheet(self._library(name))
            except ValueError as error:
                raise NotFoundError("table", str(error)) from None
        return self._others[name]

    def read(self, name: str, values: Sequence[Any], named: dict[str, Any]) -> Any:
        """The value of a call. Raises NotFoundError and NoNumberError."""
        sheet = self.sheet(named.get("t"))
        if name == "cols":
            return sheet.labels
        group_name = values[2] if name == "cc" else named.get("g")
        group = None if group_name is None else sheet.group(_text("group", group_name))
        if name == "tok":
            keys = [key for key in sheet.table.columns if key not in sheet.table.measured]
            return self._numbers.words(sheet, sheet.row(_text("row", values[0]), group, keys))
        column = sheet.column(_text("column", values[0 if name == "col" else 1]))
        if name == "col":
            return self._listed(sheet, column, group, named)
        row = sheet.row(_text("row", values[0]), group, [column])
        read = self._numbers.deviation if name == "s" else self._numbers.value
        return read(sheet.table, row, column)

    def _listed(self, sheet: Sheet, column: str, group: str | None, named: dict[str, Any]) -> tuple[Decimal, ...]:
        only = named.get("only")
        rows = sheet.chosen(
            group,
            None if only is None else _parts("only", only),
            _parts("but", named.get("but", ())),
            None if named.get("mark") is None else _text("mark", named["mark"]),
            None if named.get("nomark") is None else _text("nomark", named["nomark"]),
        )
        numbers, table = self._numbers, sheet.table
        return tuple(numbers.value(table, row, column) for row in rows if numbers.has(table, row, column))


def _text(argument: str, value: object) -> str:
    if not isinstance(value, str):
        raise NotFoundError(argument, f"a {argument} is named by a text in quotes")
    return value


def _parts(argument: str, value: object) -> tuple[str, ...]:
    return tuple(_text(argument, part) for part in (value if isinstance(value, tuple | frozenset) else (value,)))
