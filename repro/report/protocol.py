"""How the numbers of a report came about: profile, seeds, signatures, data, machines, time."""

from __future__ import annotations

from collections.abc import Sequence

from repro.report import numbers
from repro.report.model import ProtocolView
from repro.report.records import environment_line
from repro.spec.model import Table
from repro.store.record import Record, total_seconds
from repro.verdict.model import TableVerdict

NAMED_DATA = 2
"""Data sets that a report's first line names; of more it says how many."""


def protocol(table: Table, verdict: TableVerdict, records: Sequence[Record], whose: str) -> ProtocolView:
    """What the records say of themselves; `whose` are the words for where they come from."""
    signatures = {
        column.label: tuple(sorted({way for r in records if (way := _way(r, name))}))
        for name, column in table.columns.items()
    }
    found = [record.status for record in records]
    seconds = total_seconds(records)
    return ProtocolView(
        profile=verdict.profile,
        seeds=tuple(sorted({record.seed for record in records})),
        note=table.profiles.of(verdict.profile).note or "",
        signatures=tuple((label, known) for label, known in signatures.items() if known),
        environments=tuple(sorted({environment_line(r.environment) for r in records if r.environment})),
        jobs=tuple((status, str(found.count(status))) for status in dict.fromkeys(sorted(found))),
        seconds=seconds,
        time=numbers.duration(seconds),
        data=_data(records),
        scale="" if verdict.profile == "paper" else _scale(verdict.profile, records),
        whose=whose,
    )


def _data(records: Sequence[Record]) -> tuple[str, ...]:
    """The data sets that numbers were measured on."""
    return tuple(sorted({record.parts.data.name for record in records if record.status == "ok"}))


def _scale(profile: str, records: Sequence[Record]) -> str:
    """What a report below paper scale rests on: `smoke: toy-language, 1 seed`."""
    data = _data(records)
    if not data:
        return f"{profile}: nothing measured"
    seeds = len({record.seed for record in records if record.status == "ok"})
    on = ", ".join(data) if len(data) <= NAMED_DATA else f"{len(data)} data sets"
    return f"{profile}: {on}, {seeds} {'seed' if seeds == 1 else 'seeds'}"


def _way(record: Record, column: str) -> str:
    """How a record came to its number or words of a column; empty where it has none."""
    if column in record.measured:
        return record.measured[column].signature
    return record.parts.signatures[column] if column in record.texts else ""
