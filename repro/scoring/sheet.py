"""CSV and TSV: rows of equal length, with or without a head, with or without an index.

Neither says of itself whether its first row is a head, so there is one rule for all metrics. A named column, an unnamed
first column that counts or names the rows (pandas' index), and words above numbers are signs of a head; numbers above
numbers are none. Where nothing is sure, and a wrong guess would move every item by one, a ValueError asks.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repro.scoring.place import Place

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
"""A decimal number. Python's float also takes 1_2, words, and digits of other scripts."""
MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "inf", "+inf", "-inf", "infinity", "-infinity"})
"""What stands for a number that is not there: no head has such names."""
LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True)
class Row:
    """The cells of a row, and the line that it begins on."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """The names of the columns, where there are any, and the rows below."""

    head: list[str] | None
    rows: list[Row]

    @property
    def columns(self) -> list[list[str]]:
        """The cells by column."""
        return [[row.cells[i] for row in self.rows] for i in range(len(self.rows[0].cells))] if self.rows else []


def column(place: Place, text: str) -> Iterator[tuple[str, str]]:
    """The items of the column that is meant, each with its place."""
    rows = _rows(place, text)
    head = _has_head(place, rows, numeric=False)
    sheet = Sheet(rows[0].cells if head else None, rows[1:] if head else rows)
    at = _meant(place, sheet)
    yield from ((f"{place.file}:{row.line}", row.cells[at]) for row in _some(place, sheet))


def matrix(place: Place, text: str) -> list[tuple[str, list[str]]]:
    """The rows of numbers, each with its place, without head and index."""
    rows = _rows(place, text)
    if place.name is not None:
        raise ValueError(f"{place}: a matrix is the whole file, not one column of it")
    head = _has_head(place, rows, numeric=True)
    sheet = Sheet(rows[0].cells if head else None, rows[1:] if head else rows)
    first = 1 if _has_index(place, sheet) else 0
    return [(f"{place.file}:{row.line}", row.cells[first:]) for row in _some(place, sheet)]


def rows_of(place: Place, text: str, separator: str) -> list[Row]:
    """All rows as they stand, the head too. A newline within quotes is part of its cell (RFC 4180, 2.6).

    Raises ValueError where there are none, and where quotes do not fit.
    """
    csv.field_size_limit(LONGEST_CELL)  # the module's own is 131,072 characters: a long document has more
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    rows, begins = list[Row](), 1
    try:
        for cells in reader:
            rows.append(Row(begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{place.file}:{reader.line_num}: no {place.form.upper()}: {error}") from None
    while rows and not rows[-1].cells:
        rows.pop()
    if not rows:
        raise ValueError(f"{place.file} has no rows")
    if separator == "\t" and '"' in text:
        _refuse_doubtful_quotes(place, text, rows)
    return rows


def _rows(place: Place, text: str) -> list[Row]:
    """The rows, each of as many cells."""
    rows = rows_of(place, text, "\t" if place.form == "tsv" else ",")
    for row in rows:
        if not row.cells:
            raise ValueError(f'{place.file}:{row.line}: an empty line; an empty text is written ""')
        if len(row.cells) != len(rows[0].cells):
            said = f"{len(row.cells)} columns, the first line has {len(rows[0].cells)}"
            raise ValueError(f"{place.file}:{row.line}: {said}")
    if place.source.head is None:
        _refuse_other_separators(place, rows)
    return rows


def _refuse_doubtful_quotes(place: Place, text: str, rows: Sequence[Row]) -> None:
    """Programs write TSV with quotes around cells, or with none that mean anything; where both readings have a shape
    they must come to the same rows, and no column may have quotes around some texts that need none.
    """
    plain = [line.split("\t") for line in text.replace("\r\n", "\n").split("\n")]
    while plain and plain[-1] == [""]:
        plain.pop()
    if len({len(cells) for cells in plain}) > 1:
        return  # a quoted cell holds a line end or a tab
    in_doubt = len(plain) != len(rows)
    for column in zip(*plain, strict=True) if not in_doubt else ():
        texts = [cell for cell in column[1:] if cell and not is_number(cell)]
        quoted = [cell for cell in texts if len(cell) > 1 and cell[0] == cell[-1] == '"']
        in_doubt |= 0 < len(quoted) < len(texts) and any('"' not in cell[1:-1] for cell in quoted)
    if in_doubt:
        raise ValueError(f"{place.file}: are its quotes around texts, or part of them? Save it as .csv or .jsonl")


def _refuse_other_separators(place: Place, rows: Sequence[Row]) -> None:
    """One column whose cells all have as many semicolons, or tabs, is several columns of another program's.

    Who says whether there is a head has looked at the file.
    """
    for other, name in ((";", "semicolons"), ("\t", "tabs")):
        counts = {row.cells[0].count(other) for row in rows if len(row.cells) == 1}
        if place.form == "csv" and len(counts) == 1 and len(rows) > 1 and counts != {0} and counts:
            raise ValueError(
                f"{place.file}: its columns seem to be separated by {name}: save it with commas, or as .tsv"
            )


def is_number(text: str) -> bool:
    """Whether a text is a decimal number, as files have them."""
    return NUMBER.fullmatch(text) is not None


def _has_head(place: Place, rows: Sequence[Row], *, numeric: bool) -> bool:
    if place.source.head is not None:
        return place.source.head
    first, below = rows[0].cells, [row.cells for row in rows[1:]]
    numbers = [is_number(cell) for cell in first]
    if place.name is not None and not (is_number(place.name) and all(numbers)):
        return True  # the name is looked for in it
    if place.name is not None and place.name not in first:
        return False  # a column by its number
    if all(numbers):
        if place.name is not None or first == [str(i) for i in range(len(first))]:
            raise ValueError(_question(place, rows[0]))
        return False
    if _names_an_index(first, below):
        return True
    if numeric:
        if any(numbers) or any(cell.strip().lower() in MISSING for cell in first):
            raise ValueError(_question(place, rows[0]))
        return True  # it cannot be a row of numbers
    if below and any(
        not number and all(is_number(row[i]) for row in below) and first[i].strip().lower() not in MISSING
        for i, number in enumerate(numbers)
    ):
        return True
    if len(first) > 1:
        return True  # the question is which column, and it shows this row
    raise ValueError(_question(place, rows[0]))


def _names_an_index(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the first row is a head as pandas writes it, whose first column has no name and counts the rows."""
    counts = [row[0] for row in below] == [str(i) for i in range(len(below))]
    return len(first) > 1 and first[0] == "" and all(first[1:]) and (counts or not any(is_number(r[0]) for r in below))


def _has_index(place: Place, sheet: Sheet) -> bool:
    """Whether the first column of a matrix is no part of it."""
    if place.source.index is not None:
        return place.source.index
    if sheet.head is not None and sheet.head[0] == "" and len(sheet.head) > 1:
        return True
    first = [row.cells[0] for row in sheet.rows]
    if len(first) > 2 and len(sheet.rows[0].cells) > 1 and first == [str(i) for i in range(len(first))]:
        raise ValueError(
            f"{place.file}: its first column counts the rows: say whether that is an index, by --index or --no-index"
        )
    return False


def _question(place: Place, row: Row) -> str:
    shown = ", ".join(row.cells)[:60]
    named = (
        "" if place.name is not None or len(row.cells) > 1 else f", or by its name: {place.file}:{row.cells[0][:40]}"
    )
    return f"{place.file}: is its first row, {shown!r}, a head? Say so by --head or --no-head{named}"


def _meant(place: Place, sheet: Sheet) -> int:
    width = len(sheet.head) if sheet.head is not None else len(sheet.rows[0].cells)
    if sheet.head is None:
        return _by_number(place, width)
    if place.name is not None:
        if sheet.head.count(place.name) > 1:
            raise ValueError(f"{place.file}: {sheet.head.count(place.name)} columns are called {place.name!r}")
        if place.name not in sheet.head:
            known = ", ".join(repr(name) if name != name.strip() else name for name in sheet.head)
            raise ValueError(f"{place.file}: there is no column {place.name!r}, only {known}")
        return sheet.head.index(place.name)
    of_items = [i for i, name in enumerate(sheet.head) if name or width == 1]
    if len(of_items) != 1:
        names = ", ".join(name for name in sheet.head if name)
        raise ValueError(f"{place.file}: name the column, one of {names}: {place.file}:COLUMN")
    return of_items[0]


def _by_number(place: Place, width: int) -> int:
    if place.name is None and width > 1:
        raise ValueError(f"{place.file}: say which of its {width} columns, by number from 1 on: {place.file}:1")
    number = place.name or "1"
    if not re.fullmatch("[1-9][0-9]*", number) or int(number) > width:
        raise ValueError(f"{place.file}: it has no head, and {width} columns, 1 to {width}: there is no {number!r}")
    return int(number) - 1


def _some(place: Place, sheet: Sheet) -> list[Row]:
    if not sheet.rows:
        raise ValueError(f"{place.file} has a head and no rows")
    return sheet.rows
