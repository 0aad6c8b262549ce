"""What a comparison says: the new row in each column, and against each baseline there. Plain data for the renderers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from repro.spec.base import Profile
from repro.store.origin import Origin
from repro.verdict.model import Interval

Finding = Literal[
    "better",
    "worse",
    "differs",  # in a column without a better side
    "no difference shown",
    "one seed",  # nothing can be tested on it
    "incomplete",  # seeds that failed: what is left is no fair sample
    "not comparable",  # measured in another way
    "no records",
]
FINDINGS: tuple[Finding, ...] = (
    "better", "worse", "differs", "no difference shown", "one seed", "incomplete", "not comparable", "no records",
)  # fmt: skip
TESTED: frozenset[Finding] = frozenset({"better", "worse", "differs", "no difference shown"})


@dataclass(frozen=True)
class Effect:
    """A standardised difference, new minus baseline, with its 95 % interval; `name` says what it is divided by."""

    name: str
    value: float
    interval: Interval


@dataclass(frozen=True)
class Versus:
    """The new row against one baseline in one column.

    `values` are the baseline's numbers by seed. `difference` is new minus baseline in the column's unit, `interval` its
    95 % interval, `p` two-sided, `p_adjusted` after Holm's correction over all tests of the comparison. None where it
    cannot be had: an exact difference, between rows without any spread, has no p. `whose` the baseline's numbers are.
    """

    row: str
    column: str
    finding: Finding
    published: str = ""
    values: Mapping[int, float] = field(default_factory=dict)
    difference: float | None = None
    interval: Interval | None = None
    effect: Effect | None = None
    p: float | None = None
    p_adjusted: float | None = None
    test: str = ""
    detail: str = ""
    stale: bool = False
    whose: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Rank:
    """The place of the new row by its mean, 1 the best, of so many rows; and which places the tests leave open."""

    place: int
    best: int
    worst: int
    of: int


@dataclass(frozen=True)
class Standing:
    """The new row in one column of one group: its numbers by seed, or why there are none."""

    row: str
    group: str | None
    column: str
    values: Mapping[int, float]
    against: tuple[Versus, ...] = ()
    rank: Rank | None = None
    lacking: str = ""


@dataclass(frozen=True)
class Comparison:
    """A new row in all columns that were asked for. `tests` is the size of the family that p-values are corrected for.

    `origin` says in pairs what the row is: method, parameters, or files with their checksums. `data` names the data
    sets that the columns are measured on.
    """

    table: str
    title: str
    label: str
    profile: Profile
    standings: tuple[Standing, ...]
    tests: int
    origin: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    data: tuple[str, ...] = ()

    @property
    def scale(self) -> str:
        """The profile, and below paper scale the data sets that it is on."""
        on = f" ({', '.join(self.data)})" if self.data and self.profile != "paper" else ""
        return f"{self.profile} scale{on}"

    @property
    def against(self) -> Iterator[Versus]:
        """All single comparisons."""
        return (versus for standing in self.standings for versus in standing.against)

    @property
    def counts(self) -> Counter[Finding]:
        """How many single comparisons came out in each way."""
        return Counter(versus.finding for versus in self.against)

    @property
    def compared(self) -> bool:
        """Whether anything could be compared: a number of the new row beside one measured in the same way."""
        return any(versus.difference is not None for versus in self.against)
