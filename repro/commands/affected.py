"""Which accepted rows a check runs: those whose keys differ from the accepted ones, and a sample of the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from repro.plan.graph import Plan
from repro.store.record import Record

SHARE = 10
"""Of the rows that nothing has touched one in so many is run: another one every day, so that each has its turn."""


@dataclass(frozen=True)
class Affected:
    """The rows of a table to run: those that a change reaches, those of the sample, and those that are left out."""

    changed: tuple[str, ...]
    sampled: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def to_run(self) -> tuple[str, ...]:
        """All rows that are run."""
        return (*self.changed, *self.sampled)


def affected(plan: Plan, accepted: Iterable[Record], today: date | None = None) -> Affected:
    """Sorts the rows of a plan: one is untouched where every accepted key is a key of today."""
    keys = {job.key for job in plan.jobs}
    known: dict[str, set[str]] = {}
    for record in accepted:
        known.setdefault(record.row, set()).add(record.key)
    rows = [row for row in dict.fromkeys(job.row for job in plan.jobs) if row in known]
    changed = tuple(row for row in rows if not known[row] <= keys)
    rest = [row for row in rows if row not in changed]
    day = (today or datetime.now(UTC).date()).toordinal()
    sampled = tuple(row for row in rest if (_number(plan.table, row) + day) % SHARE == 0)
    return Affected(changed, sampled, tuple(row for row in rest if row not in sampled))


def said(found: Mapping[str, Affected]) -> list[str]:
    """What was left out, in words: a check must not say more than it looked at."""
    left = {table: rows.left_out for table, rows in found.items() if rows.left_out}
    if not left:
        return []
    number = sum(map(len, left.values()))
    changed = sum(len(rows.changed) for rows in found.values())
    sampled = sum(len(rows.sampled) for rows in found.values())
    return [
        f"{changed} rows that a change reaches and {sampled} of the others were run; {number} rows with the accepted "
        f"code, data and parameters were not ({', '.join(f'{table}: {len(rows)}' for table, rows in left.items())})"
    ]


def _number(table: str, row: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{table} {row}".encode()).digest()[:4], "big")
