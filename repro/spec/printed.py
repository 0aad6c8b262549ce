"""Numbers as a paper prints them: the text is kept, value, deviation and rounding follow from it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

MISSING = ("-", "--", "–", "—", "n/a", "N/A")
_DIGITS = r"(?:(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+)"
_PARTS = (
    ("relation", r"[<>≤≥~≈]?"),
    ("value", rf"[-+−]?{_DIGITS}"),
    ("exponent", r"(?:[eE][-+−]?[0-9]{1,3})?"),
    ("unit", r"(?:%|[KMB]|[xX×])?"),
)
_STD = (("std", _DIGITS), ("std_unit", r"(?:%|[KMB])?"))
_PLUS_MINUS = r"(?:±|\+-|\+/-)"
_MARKS = r"[*†‡§¶]*"


def _pattern(named: bool) -> str:
    """One printed number, with named parts for reading or without for other programs' regular expressions."""

    def part(name: str, pattern: str) -> str:
        return f"(?P<{name}>{pattern})" if named else pattern

    relation, value, exponent, unit = (part(*each) for each in _PARTS)
    std, std_unit = (part(*each) for each in _STD)
    spread = rf"(?:\s*{_PLUS_MINUS}\s*{std}\s*{std_unit})?"
    return rf"^\s*{relation}\s*{value}{exponent}\s*{unit}{spread}\s*{_MARKS}\s*$"


_PRINTED = re.compile(_pattern(named=True))
_MISSING = rf"^\s*(?:{'|'.join(MISSING)})\s*(?:\([^()]*\)\s*)?$"  # a paper may say why: -(MLE)
_DASH = re.compile(_MISSING)
PATTERN = f"{_pattern(named=False)}|{_MISSING}"
"""What `parse` accepts, for JSON Schema."""

_FACTOR = {"K": 1e3, "M": 1e6, "B": 1e9}


@dataclass(frozen=True)
class Printed:
    """One printed number.

    `value` and `std` are in the unit of the column (a trailing K, M or B is multiplied out, a percent sign is not);
    `half_width` is half a unit in the last printed place: the true value lies within it unless the paper truncated.
    A dash is a Printed whose value is None.
    """

    text: str
    value: float | None
    std: float | None = None
    half_width: float = 0.0
    decimals: int = 0


@lru_cache(maxsize=8192)
def parse(text: str) -> Printed:
    """Reads `0.3034`, `7.07 ± .10`, `-`, `1,234`, `22M`, `5.25%`, `1800x`, `1.2e-4`, `-(MLE)`; else a ValueError."""
    if _DASH.match(text):
        return Printed(text=text, value=None)
    match = _PRINTED.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a printed number; write it like '0.3034', '7.07 ± .10', '22M' or '-'")
    exponent = int(match["exponent"][1:].replace("−", "-") or 0) if match["exponent"] else 0
    factor = _FACTOR.get(match["unit"] or "", 1.0)
    places = len(match["value"].partition(".")[2]) - exponent
    std = None
    if match["std"]:
        std = _number(match["std"], 0) * _FACTOR.get(match["std_unit"] or match["unit"] or "", 1.0)
    value = _number(match["value"], exponent) * factor
    half_width = float(f"0.5e{-places}") * factor
    if not math.isfinite(value + half_width):
        raise ValueError(f"{text!r} is too large a number")
    return Printed(text=text, value=value, std=std, half_width=half_width, decimals=max(places, 0))


def _number(text: str, exponent: int) -> float:
    return float(f"{text.replace(',', '').replace('−', '-')}e{exponent}")
