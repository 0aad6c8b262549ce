"""What a check says: one outcome a cell, or one a row where there is nothing to compare in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from repro.spec.base import Profile

Status = Literal[
    "same",  # bit-identical, or inside the noise
    "better",  # beyond noise on the better side: reported, not failed
    "worse",
    "changed",  # beyond noise in a column without a better side: a failure as well
    "undecided",  # too few seeds and no calibration: no pass, since it might be worse
    "incomparable",  # other data, or measured in another way
    "missing",  # an accepted row, of which there is no new number
    "failed",  # a job of the row failed
    "unjudged",  # a time: the row still runs, and on another machine or at another hour it takes another
]
STATUSES: tuple[Status, ...] = (
    "worse", "changed", "failed", "missing", "incomparable", "undecided", "unjudged", "better", "same",
)  # fmt: skip
JUDGED: frozenset[Status] = frozenset({"worse", "changed"})
INCOMPLETE: frozenset[Status] = frozenset({"failed", "missing", "incomparable", "undecided"})
COMPARED: frozenset[Status] = frozenset({"same", "better", "worse", "changed"})


@dataclass(frozen=True)
class Outcome:
    """One cell; `column` is empty where the outcome is the whole row's.

    `accepted` and `new` are the values by seed, in the column's unit; `calibrated` counts the further seeds that the
    test rested on. `p` is corrected for all cells of the check; None where nothing was tested.
    """

    table: str
    row: str
    column: str
    status: Status
    detail: str = ""
    accepted: tuple[float, ...] = ()
    new: tuple[float, ...] = ()
    calibrated: int = 0
    p: float | None = None
    test: str = ""

    @property
    def name(self) -> str:
        """Row and column, as one says them."""
        return f"{self.row}, {self.column}" if self.column else self.row


@dataclass(frozen=True)
class Check:
    """All outcomes of a check at one profile, and remarks on what was not looked at.

    `seconds` is what the new numbers of a table's row took, trainings that rows share with the first of them.
    """

    profile: Profile
    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    seconds: Mapping[tuple[str, str], float] = field(default_factory=dict)

    @property
    def counts(self) -> Counter[Status]:
        """How many outcomes there are of each status."""
        return Counter(outcome.status for outcome in self.outcomes)

    def of(self, statuses: frozenset[Status]) -> list[Outcome]:
        """The outcomes with one of these statuses, in the order of tables and rows."""
        return [outcome for outcome in self.outcomes if outcome.status in statuses]

    @property
    def verdict(self) -> Literal["passed", "regressed", "incomplete", "nothing"]:
        """A regression before all else; then what lacks; "nothing" where nothing failed and nothing was compared."""
        if self.of(JUDGED):
            return "regressed"
        if self.of(INCOMPLETE - {"missing", "undecided"}) or (self.of(COMPARED) and self.of(INCOMPLETE)):
            return "incomplete"
        return "passed" if self.of(COMPARED) else "nothing"
