"""How many seeds a profile needs for its cells and claims to be decided at all, whatever the runs come to.

One seed has no spread: a cell of it is `within` or `outside the margin (1 seed)` for ever, and an order of two rows is
undecided. The number of runs behind the print (`runs:` at the cell) is the paper's; how many we make is ours to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from repro.spec.base import PROFILES, Profile
from repro.spec.claim import Claim
from repro.spec.model import Table
from repro.verdict.claims import is_large_enough
from repro.verdict.power import order_power, tost_power

PLAIN = 2.0
"""What is to be seen, in deviations of a seed: margins and differences that are plain."""

WORDS = 5
"""Seeds vote on words, and fewer that all agree may do so by chance: 2 ** -5 < 0.05."""


@dataclass(frozen=True)
class Shortage:
    """A profile with fewer seeds than it needs. `cells` and `claims` say how many of each need more than it has."""

    profile: Profile
    seeds: int
    needed: int
    cells: int
    claims: int

    def __str__(self) -> str:
        """One line, with the number that would do."""
        counts = {"cell": self.cells, "claim": self.claims}
        said = " and ".join(f"{n} {what}{'s' if n > 1 else ''}" for what, n in counts.items() if n)
        return (
            f"profile {self.profile} has {self.seeds} seed{'s' if self.seeds > 1 else ''}, "
            f"too few to decide {said}: `seeds: {self.needed}`"
        )


def shortages(table: Table) -> Iterator[Shortage]:
    """The profiles of a table that have too few seeds, at most one line each."""
    for profile in PROFILES:
        seeds = table.profiles.of(profile).seeds
        needs = [of_cells()] * _judged_cells(table, profile)
        cells = sum(need > seeds for need in needs)
        of_claims = [of_claim(table, claim) for claim in table.claims if is_large_enough(table, claim, profile)]
        claims = sum(need > seeds for need in of_claims)
        if cells or claims:
            yield Shortage(profile, seeds, max([*needs, *of_claims]), cells, claims)


@cache
def of_cells() -> int:
    """The fewest seeds of which half the faithful cells are shown equal, where the margin is two deviations."""
    return next(n for n in range(2, WORDS) if tost_power(n, 0.0, PLAIN) >= 0.5)


@cache
def of_orders() -> int:
    """The fewest seeds that decide half of the differences of two deviations."""
    return next(n for n in range(2, WORDS) if order_power(n, PLAIN) >= 0.5)


def of_claim(table: Table, claim: Claim) -> int:
    """The fewest seeds that can decide a claim: one where no row draws random numbers or each run keeps to it."""
    if claim.is_invariant or not _draws(table):
        return 1
    return WORDS if claim.expression is not None and "tok(" in claim.expression else of_orders()


def _judged_cells(table: Table, profile: Profile) -> int:
    """How many numbers are held against the print at a profile, and differ from seed to seed."""
    if profile != "paper" and not table.profiles.of(profile).equal_to_paper:
        return 0
    return sum(
        column in table.measured and not table.columns[column].supplementary and cell.printed.value is not None
        for row in table.rows
        if row.kind != "quoted" and not row.deterministic
        for column, cell in row.published.items()
    )


def _draws(table: Table) -> bool:
    return any(row.kind != "quoted" and not row.deterministic for row in table.rows)
