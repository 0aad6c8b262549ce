"""A whole table judged: its cells against print, its claims on the runs."""

from __future__ import annotations

from collections.abc import Iterable

from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.record import Record
from repro.verdict.cells import judge_cells
from repro.verdict.claims import judge_claims
from repro.verdict.model import TableVerdict
from repro.verdict.runs import runs_from_records


def judge(
    table: Table,
    records: Iterable[Record],
    profile: Profile,
    stale: frozenset[str] = frozenset(),
    control: Iterable[Record] = (),
) -> TableVerdict:
    """Judges the records of a table at a profile.

    `stale` are the keys of records that today's code would not make, `control` the records of the profile's control.
    """
    runs = runs_from_records(table, records, profile, stale=stale)
    beside = list(control)
    controls = runs_from_records(table, beside, "control", stale=stale) if beside else None
    cells = judge_cells(table, runs, profile)
    return TableVerdict(
        table=table.id,
        profile=profile,
        cells=cells,
        claims=judge_claims(table, runs, profile, control=controls),
    )
