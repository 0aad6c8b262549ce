"""How a status reads in a narrow place, and how it looks: a short word, a mark that needs no colour, and a tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from repro.verdict.model import CellStatus, ClaimStatus

Tone = Literal["good", "warn", "bad", "calm"]


@dataclass(frozen=True)
class Look:
    """One status as shown: `short` fits a table cell, `mark` is one character, `tone` picks the colour."""

    short: str
    mark: str
    tone: Tone


CELL: dict[CellStatus, Look] = {
    "reproduced": Look("reproduced", "✓", "good"),
    "consistent": Look("consistent", "≈", "good"),
    "inconclusive": Look("inconclusive", "?", "warn"),
    "tension": Look("tension", "~", "warn"),
    "deviates better": Look("deviates better", "▲", "bad"),
    "deviates worse": Look("deviates worse", "▼", "bad"),
    "deviates": Look("deviates", "≠", "bad"),
    "within the margin (1 seed)": Look("within, 1 seed", "·", "good"),
    "outside the margin (1 seed)": Look("outside, 1 seed", "·", "warn"),
    "reduced": Look("reduced", "↓", "calm"),
    "not comparable": Look("not comparable", "≁", "calm"),
    "measured": Look("measured", "·", "calm"),
    "partial": Look("partial", "◐", "warn"),
    "failed": Look("failed", "✗", "bad"),
    "missing": Look("missing", "○", "warn"),
    "not run": Look("not run", "–", "calm"),
}
COMPARED: frozenset[CellStatus] = frozenset({
    "reproduced", "consistent", "inconclusive", "tension", "deviates better", "deviates worse", "deviates",
    "within the margin (1 seed)", "outside the margin (1 seed)",
})  # fmt: skip
"""What is said where a number was held against the print: how far it is off stands beside it then."""
CLAIM: dict[ClaimStatus, Look] = {
    "holds": Look("holds", "✓", "good"),
    "mostly": Look("mostly holds", "◕", "good"),
    "fails": Look("fails", "✗", "bad"),
    "undecided": Look("undecided", "?", "warn"),
    "not testable": Look("not testable", "–", "calm"),
}
