"""Numbers as a paper prints them: the text is kept, value, deviation and rounding follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

MISSING = ("-", "--", "–", "—", "n/a", "N/A")
_NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?"
_PRINTED = re.compile(
    rf"""^\s*(?P<relation>[<>≤≥~≈]?)\s*(?P<value>{_NUMBER})\s*(?P<unit>%|[KMB]|[x×])?
    (?:\s*(?:±|\+-|\+/-)\s*(?P<std>{_NUMBER})\s*(?P<std_unit>%|[KMB])?)?\s*(?P<marks>[*†‡§¶]*)\s*$""",
    re.VERBOSE,
)
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


def parse(text: str) -> Printed:
    """Reads `0.3034`, `7.07 ± .10`, `-`, `1,234`, `22M`, `5.25%`, `1800x`, `4.25†`; anything else is a ValueError."""
    if text.strip() in MISSING:
        return Printed(text=text, value=None)
    match = _PRINTED.match(text)
    if match is None or not any(c.isdigit() for c in match["value"]):
        raise ValueError(f"{text!r} is not a printed number; write it like '0.3034', '7.07 ± .10', '22M' or '-'")
    factor = _FACTOR.get(match["unit"] or "", 1.0)
    decimals = len(match["value"].partition(".")[2])
    std = None
    if match["std"]:
        std = _number(match["std"]) * _FACTOR.get(match["std_unit"] or match["unit"] or "", 1.0)
    return Printed(
        text=text,
        value=_number(match["value"]) * factor,
        std=std,
        half_width=0.5 * 10.0**-decimals * factor,
        decimals=decimals,
    )


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))
