"""What is said of a claim, in print and on the runs, before it becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class InPrint:
    """Whether the print supports a claim; None where it lacks the numbers to say so."""

    verdict: Literal["holds", "fails"] | None
    detail: str


@dataclass(frozen=True)
class Decision:
    """What the runs say of a claim."""

    verdict: Literal["holds", "fails", "undecided", "not testable"]
    detail: str
