"""What is said of a claim, in print and on the runs, before it becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from repro.verdict.model import ClaimStatus


@dataclass(frozen=True)
class InPrint:
    """Whether the print supports a claim; None where it lacks the numbers to say so."""

    verdict: Literal["holds", "fails"] | None
    detail: str


@dataclass(frozen=True)
class Part:
    """One atom on the runs: the one-sided p-values for and against it, its numbers, and why it could not be tested.

    `absent`: there are no runs at all to test it on. `leaning` is the sign of the estimate, `seeds` the number of seeds
    a row at which an effect of the measured size would probably be decided, where that is `foreseeable`.
    """

    text: str
    p_for: float = 1.0
    p_against: float = 1.0
    numbers: str = ""
    blocked: str = ""
    absent: bool = False
    leaning: int = 0
    seeds: int | None = None
    foreseeable: bool = True


@dataclass(frozen=True)
class Counts:
    """How many parts of a claim are decided for it, decided against it, and undecided."""

    right: int
    wrong: int
    undecided: int

    def __str__(self) -> str:
        total = self.right + self.wrong + self.undecided
        return f"{self.right} of {total} parts for, {self.wrong} against, {self.undecided} undecided"


@dataclass(frozen=True)
class Decision:
    """What the runs say of a claim, with the parts that they refute."""

    verdict: ClaimStatus
    detail: str
    counts: Counts | None = None
    refuted: tuple[str, ...] = ()
