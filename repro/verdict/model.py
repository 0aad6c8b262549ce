"""What a judged table looks like. Reports read these types and nothing of the statistics behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from repro.metrics.declaration import Scale
from repro.spec.base import Profile

CellStatus = Literal[
    "reproduced",  # the 90 % interval of the difference lies inside the margin (two one-sided tests)
    "consistent",  # inside the 95 % prediction interval, and nothing far from the print is possible
    "inconclusive",  # inside the prediction interval, and so is much else
    "tension",  # outside the prediction interval, not shown to be off by more than the margin
    "deviates better",  # shown to be off by more than the margin, on the better side
    "deviates worse",
    "deviates",  # the same in a column without a better side
    "within the margin (1 seed)",
    "outside the margin (1 seed)",
    "reduced",  # below paper scale: shown, never judged against print
    "not comparable",  # another metric signature or protocol than the print's
    "measured",  # nothing is printed for this cell (supplementary column, dash)
    "partial",  # some seeds of the cell failed or are missing; the rest is shown, not judged
    "failed",
    "missing",
    "not run",  # a quoted or planned row
]
ClaimStatus = Literal["holds", "mostly", "fails", "undecided", "not testable"]


@dataclass(frozen=True)
class Interval:
    """A closed interval in the column's unit."""

    low: float
    high: float


@dataclass(frozen=True)
class CellVerdict:
    """One cell: what was measured and what that says about the printed number.

    `difference` is the 90 % interval of mean - target, `prediction` the 95 % interval in which the mean of n faithful
    runs lies; both None where they cannot be had. On a `log` scale, means are geometric ones, `difference` is the
    interval of mean / target, and `margin` a factor. `p` is the two-sided p-value of the prediction test, `p_adjusted`
    that of a difference within the margin after the correction for the table's cells (Benjamini-Hochberg).
    `seeds_needed` says how many seeds in all would probably decide an undecided cell; None where it is decided or no
    number of seeds would do. A cell of words has `words` in the order of the seeds, and none of the numbers.
    """

    row: str
    column: str
    status: CellStatus
    target: float | None = None
    mean: float | None = None
    std: float | None = None
    n: int = 0
    scale: Scale = "linear"
    margin: float | None = None
    difference: Interval | None = None
    prediction: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None
    seeds_needed: int | None = None
    stale: bool = False
    detail: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimVerdict:
    """One claim at one profile, and on the printed numbers themselves (`in_print`, None where the print lacks them).

    `parts` counts the parts decided for it, decided against it, and undecided; None where none was tested. `refuted`
    names those against it.
    """

    text: str
    kind: str
    verdict: ClaimStatus
    detail: str
    in_print: Literal["holds", "fails"] | None
    in_print_detail: str
    control: str | None = None
    parts: tuple[int, int, int] | None = None
    refuted: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableVerdict:
    """All verdicts of a table at one profile; cells by (row name, column id)."""

    table: str
    profile: Profile
    cells: Mapping[tuple[str, str], CellVerdict]
    claims: tuple[ClaimVerdict, ...]

    def as_json(self) -> dict[str, Any]:
        """Everything as JSON, exactly: `from_json` gives an equal verdict."""
        cells, claims = [asdict(cell) for cell in self.cells.values()], [asdict(claim) for claim in self.claims]
        return {**vars(self), "cells": cells, "claims": claims}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> TableVerdict:
        """The verdict that `as_json` gave."""
        cells = [CellVerdict(**{**cell, **_intervals(cell), "words": tuple(cell["words"])}) for cell in said["cells"]]
        claims = tuple(ClaimVerdict(**{**claim, **_tuples(claim)}) for claim in said["claims"])
        return cls(**{**said, "cells": {(cell.row, cell.column): cell for cell in cells}, "claims": claims})


def _tuples(claim: Mapping[str, Any]) -> dict[str, Any]:
    return {"parts": claim["parts"] and tuple(claim["parts"]), "refuted": tuple(claim["refuted"])}


def _intervals(cell: Mapping[str, Any]) -> dict[str, Interval]:
    return {name: Interval(**cell[name]) for name in ("difference", "prediction") if cell[name] is not None}
