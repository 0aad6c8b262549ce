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
MEANING: dict[CellStatus | ClaimStatus, str] = {
    "reproduced": "equivalent: the 90 % interval of the difference lies inside the margin that the spec states",
    "consistent": "the print lies in the 95 % prediction interval; three margins, or a factor of two, are ruled out",
    "inconclusive": "the print lies in the 95 % prediction interval, and so does much else",
    "tension": "the print lies outside the 95 % prediction interval; not shown to be off by more than the margin",
    "deviates better": "shown to be off by more than the margin, on the better side",
    "deviates worse": "shown to be off by more than the margin, on the worse side",
    "deviates": "shown to be off by more than the margin, in a column without a better side",
    "within the margin (1 seed)": "inside the margin; one seed says no more than that",
    "outside the margin (1 seed)": "outside the margin; one seed says no more than that",
    "reduced": "below paper scale: shown, never judged against print",
    "not comparable": "computed in another way than the print, or in several ways",
    "measured": "nothing is printed for this cell: the number alone",
    "partial": "some of its seeds failed or are missing: shown, not judged",
    "failed": "its runs failed",
    "missing": "it can be run, and no run of it is here",
    "not run": "quoted from another paper, or planned: nothing here implements it yet",
    "holds": "every part is decided for it",
    "mostly": "no part is refuted, and at least four fifths are decided for it",
    "fails": "a part is refuted, after a correction for their number and by more than the margin of its column",
    "undecided": "neither decided for it nor refuted",
    "not testable": "a row has not run, or never will; the scale is too small; or twice the training says other things",
}  # fmt: skip
"""What each status of a cell or a claim means, in a line that stands where the word does."""
