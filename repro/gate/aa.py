"""Further seeds of the accepted code: what its numbers scatter by.

They are the reference that new runs are judged against, so that none of them can be judged by the others: leaving out
one of 24 gives one alarm in 24 comparisons whatever the noise is. How often the gate alarms at nothing is simulated
(`tests/gate/error_rates.py`), with seeds of their own on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repro.gate.calibration import Calibration, configuration, row_spread
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.record import Record

FIRST_SEED = 1000
"""Calibrations count from here, so that their seeds are none that anybody accepts."""


def seeds_of(accepted: Iterable[Record], number: int) -> list[int]:
    """So many seeds, none of which is accepted."""
    taken = {record.seed for record in accepted}
    candidates = range(FIRST_SEED, FIRST_SEED + number + len(taken))
    return [seed for seed in candidates if seed not in taken][:number]


def calibration_of(table: Table, profile: Profile, records: Sequence[Record], *, pairs: int, seeds: int) -> Calibration:
    """The calibration that records of 2 x `pairs` x `seeds` seeds of each row give."""
    rows: dict[str, dict[int, dict[str, float]]] = {}
    configurations: dict[str, str] = {}
    for record in records:
        rows.setdefault(record.row, {})[record.seed] = {name: m.value for name, m in record.measured.items()}
        configurations[record.row] = configuration(record.parts)
    return Calibration(
        table=table.id,
        profile=profile,
        seeds=seeds,
        pairs=pairs,
        rows={row: row_spread(configurations[row], values) for row, values in rows.items()},
    )
