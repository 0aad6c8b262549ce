"""Numbers as text: measured ones with the print's decimals, columns of them aligned at the decimal point.

A measured number is rounded to the most decimals that its column prints (a correction counts as print), not to one
more: the eye compares it with the number above it, and the full value is in the record, in JSON and in CSV. A column
that prints nothing takes the most decimals of the whole table, and where nothing is printed at all, as under a figure,
four significant digits are shown. A deviation that would round to zero but is not zero is shown as `<0.0001`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repro.spec.cell import PublishedCell
from repro.spec.model import Table
from repro.spec.printed import Printed, parse

FIGURE_SPACE = "\u2007"  # as wide as a digit
POINT_SPACE = "\u2008"  # as wide as a full stop
DASH = "—"
_UNITS = {1e3: "K", 1e6: "M", 1e9: "B"}
_POINT = re.compile(r"\d*\.?\d*")
SIGNIFICANT_DIGITS = 4


@dataclass(frozen=True)
class Style:
    """How the measured numbers of one column are written: decimals, and the unit that the print multiplies by.

    Without decimals there is nothing to compare with: SIGNIFICANT_DIGITS then.
    """

    decimals: int | None = None
    scale: float = 1.0

    @property
    def unit(self) -> str:
        """K, M, B or nothing."""
        return _UNITS.get(self.scale, "")

    def number(self, value: float) -> str:
        """The value, rounded; a true minus sign, and never a negative zero."""
        digits = f".{SIGNIFICANT_DIGITS}g" if self.decimals is None else f".{self.decimals}f"
        text = f"{value / self.scale:{digits}}"
        if text.startswith("-"):
            text = "−" + text[1:] if any(c in "123456789" for c in text) else text[1:]
        return text + self.unit

    def deviation(self, value: float) -> str:
        """A standard deviation; one that is smaller than the last place and not zero says so."""
        text = self.number(value)
        if self.decimals is not None and value > 0 and not any(c in "123456789" for c in text):
            return f"<{10.0**-self.decimals:.{self.decimals}f}{self.unit}"
        return text

    def difference(self, value: float) -> str:
        """A signed difference; what rounds to zero has no sign."""
        text = self.number(value)
        return "+" + text if value > 0 and any(c in "123456789" for c in text) else text

    def ratio(self, value: float) -> str:
        """`x4.54`: three significant digits."""
        return f"x{value:#.3g}".removesuffix(".")

    def measured(self, mean: float, std: float | None, n: int) -> str:
        """`0.1072 ± 0.0121 (5)`: mean, standard deviation over seeds, number of seeds."""
        spread = "" if std is None or n < 2 else f" ± {self.deviation(std)}"
        return f"{self.number(mean)}{spread} ({n})"


def published_text(cell: PublishedCell) -> str:
    """A cell exactly as printed, with its deviation where the spec keeps that apart."""
    return cell.value if cell.std is None else f"{cell.value} ± {cell.std}"


def published_std(cell: PublishedCell) -> float | None:
    """The printed standard deviation, in the column's unit."""
    return cell.printed.std if cell.std is None else parse(cell.std).value


def styles(table: Table) -> dict[str, Style]:
    """The style of each column, from what is printed in it."""
    printed: dict[str, list[Printed]] = {column: [] for column in table.columns}
    for row in table.rows:
        for column, cell in row.published.items():
            if column in printed:
                printed[column] += [p for p in (cell.printed, cell.target) if p.value is not None]
    every = [p for numbers in printed.values() for p in numbers]
    common = max((p.decimals for p in every), default=None)
    return {
        column: Style(max(p.decimals for p in numbers), _scale(numbers)) if numbers else Style(common)
        for column, numbers in printed.items()
    }


def _scale(numbers: Sequence[Printed]) -> float:
    """The unit that every number of a column is printed in; 1 where they differ."""
    scales = {round(2 * p.half_width * 10.0**p.decimals) for p in numbers}
    return float(scales.pop()) if len(scales) == 1 else 1.0


def aligned(texts: Iterable[str]) -> list[str]:
    """Pads texts with digit-wide spaces so that their decimal points stand under each other.

    The padding is FIGURE_SPACE and POINT_SPACE: a terminal shows them as spaces, HTML and LaTeX as wide as a digit.

    Example:
        >>> [t.replace(FIGURE_SPACE, "_").replace(POINT_SPACE, ".") for t in aligned(["9.5", "10.25 (3)", "7"])]
        ['_9.5_____', '10.25 (3)', '_7.______']
    """
    parts = [_split(text) for text in texts]
    whole = max((len(left) for left, _ in parts), default=0)
    rest = max((len(right) for _, right in parts), default=0)
    return [
        FIGURE_SPACE * (whole - len(left))
        + left
        + right
        + (POINT_SPACE if rest and not right.startswith(".") and rest > len(right) else "")
        + FIGURE_SPACE * (rest - len(right) - (0 if right.startswith(".") or not rest else 1))
        for left, right in parts
    ]


def _split(text: str) -> tuple[str, str]:
    """A text before its first number's decimal point, and from there on; a text without a number is all before."""
    digits = re.search(r"\d|\.\d", text)
    if digits is None:
        return text, ""
    number = _POINT.match(text, digits.start())
    assert number is not None
    point = number.group().find(".")
    cut = number.start() + point if point >= 0 else number.end()
    return text[:cut], text[cut:]


def duration(seconds: float) -> str:
    """Seconds in words: `42 s`, `3 min 20 s`, `2 h 31 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: int) -> str:
    """Bytes as MiB or GiB."""
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
