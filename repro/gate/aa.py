"""A against A: the accepted code compared with itself, for its spread and for the alarms at nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from repro.gate.calibration import Calibration, FalseAlarms, configuration, row_spread
from repro.gate.inference import Contrast, infer
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.record import Record
from repro.verdict.stats import ALPHA, wilson

FIRST_SEED = 1000
"""Calibrations count from here, so that their seeds are none that anybody accepts."""

Rows = Mapping[str, Mapping[int, Mapping[str, float]]]


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
        false_alarms=_false_alarms(table, rows, pairs, seeds),
    )


def _false_alarms(table: Table, rows: Rows, pairs: int, seeds: int) -> FalseAlarms:
    """Each side once as the new runs and its partner as the accepted ones, the other pairs as their calibration."""
    alarms = 0
    for pair in range(pairs):
        first = range(2 * pair * seeds, (2 * pair + 1) * seeds)
        second = range((2 * pair + 1) * seeds, (2 * pair + 2) * seeds)
        for new, partner in ((first, second), (second, first)):
            tested = infer(_contrasts(table, rows, new, partner))
            alarms += any(test.worse is not None and test.worse <= ALPHA for test in tested)
    interval = wilson(alarms, 2 * pairs)
    return FalseAlarms(comparisons=2 * pairs, alarms=alarms, low=interval.low, high=interval.high)


def _contrasts(table: Table, rows: Rows, new: range, partner: range) -> list[Contrast]:
    """All cells of one comparison; `new` and `partner` are places in the list of seeds."""
    contrasts = []
    for by_seed in rows.values():
        order = sorted(by_seed)
        others = [*partner, *(i for i in range(len(order)) if i not in new and i not in partner)]
        for column in (name for name in by_seed[order[0]] if not table.columns[name].timed):
            values = [by_seed[seed][column] for seed in order]
            reference, now = (tuple(values[i] for i in places) for places in (others, new))
            contrasts.append(Contrast(reference, now, table.columns[column].better))
    return contrasts
