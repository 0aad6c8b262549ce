"""Further seeds of the accepted code: what its numbers scatter by.

They are the reference that new runs are judged against, so that none of them can be judged by the others: leaving out
one of 24 gives one alarm in 24 comparisons whatever the noise is. How often the gate alarms at nothing is simulated
(`tests/gate/error_rates.py`), with seeds of their own on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro.gate.calibration import Calibration, RowSpread, configuration, row_spread
from repro.store.record import Record

FIRST_SEED = 1000
"""Calibrations count from here, so that their seeds are none that anybody accepts."""


def seeds_of(accepted: Iterable[Record], number: int) -> list[int]:
    """So many seeds, none of which is accepted."""
    taken = {record.seed for record in accepted}
    candidates = range(FIRST_SEED, FIRST_SEED + number + len(taken))
    return [seed for seed in candidates if seed not in taken][:number]


def still_good(found: Calibration | None, accepted: Iterable[Record], seeds: Sequence[int]) -> Mapping[str, RowSpread]:
    """The rows whose calibration is of the accepted configuration and columns, on just these seeds."""
    rows = found.rows if found is not None else {}
    return {
        record.row: spread
        for record in accepted
        if (spread := rows.get(record.row)) is not None
        and spread.configuration == configuration(record.parts)
        and spread.cells.keys() == record.measured.keys()
        and spread.seeds == tuple(seeds)
    }


def rows_of(records: Iterable[Record]) -> Mapping[str, RowSpread]:
    """The spread of each row, from records of its seeds."""
    rows: dict[str, dict[int, dict[str, float]]] = {}
    configurations: dict[str, str] = {}
    for record in records:
        rows.setdefault(record.row, {})[record.seed] = {name: m.value for name, m in record.measured.items()}
        configurations[record.row] = configuration(record.parts)
    return {row: row_spread(configurations[row], values) for row, values in rows.items()}
