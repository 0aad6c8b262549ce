"""The points of a grid, folded into the row that prints one number of them: a share of them, or the best.

Every point is measured as it is; its record says where it stands. What a report shows of such a row is a record that
was made of these: the same row, seed and code, with a number for each column that folds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from repro.contracts import Measurement
from repro.metrics.units import convert
from repro.plan.key import KEY_LENGTH, KeyParts, canonical
from repro.registry import METRICS
from repro.spec.base import Profile
from repro.spec.configuration import Configuration, configurations
from repro.spec.model import Column, Table
from repro.store.record import Record

GRID_LENGTH = 8
"""Of the checksum that a signature has of a grid's points."""


def with_folds(table: Table, profile: Profile, records: Iterable[Record]) -> list[Record]:
    """The records of a table at a profile, with one in place of those of the points of a grid."""
    grids = {row.name: row for row in table.rows if row.grid}
    kept, points = list[Record](), dict[str, list[Record]]()
    for record in records:
        if record.row in grids and record.profile == profile and record.parts.point:
            points.setdefault(record.row, []).append(record)
        else:
            kept.append(record)
    for name, found in points.items():
        kept += folded(table, found, configurations(table, grids[name], profile))
    return kept


def folded(table: Table, records: Iterable[Record], points: Sequence[Configuration]) -> list[Record]:
    """One record a seed and set of columns, from the records of the points of a row; none while points are missing.

    `points` are the configurations of the row. A point whose training diverged has no number and counts as one that
    did; any other failure makes the whole a failure, which says how many points failed and the first of them.
    """
    groups: dict[tuple[int, tuple[str, ...]], list[Record]] = {}
    for record in records:
        groups.setdefault((record.seed, tuple(sorted(record.parts.signatures))), []).append(record)
    made = []
    for (_, columns), found in groups.items():
        wanted = {canonical(each.point) for each in points if tuple(sorted(each.columns)) == columns}
        done = [record for record in found if canonical(record.parts.point) in wanted]
        if done and len(done) == len(wanted):
            made.append(_one(table, done))
    return made


def _one(table: Table, records: Sequence[Record]) -> Record:
    """The record of a row at one seed, from those of all of its points.

    It says the parameters of one point, the same at every seed: what it is of is told by them and the number of points.
    """
    first = min(records, key=lambda record: canonical(record.parts.point))
    failed = [record for record in records if record.status not in ("ok", "diverged")]
    trainings = {used.key: used for record in records for used in record.trainings}
    keys = sorted(record.key for record in records)
    cpu = [record.cpu_seconds for record in records]
    common = {
        "key": hashlib.sha256(" ".join(keys).encode()).hexdigest()[:KEY_LENGTH],
        "parts": _parts(table, first, records),
        "trainings": tuple(trainings.values()),
        "seconds": sum(record.seconds for record in records),
        "cpu_seconds": None if None in cpu else sum(filter(None, cpu)),
        "started": max(record.started for record in records),
        "curves": {},
        "artifacts": {"points": _outputs(records)},
        "peak_memory_bytes": max((record.peak_memory_bytes or 0 for record in records), default=0) or None,
    }
    if failed:
        message = f"{len(failed)} of {len(records)} points have no number, the first: {failed[0].message}"
        return first.model_copy(update={**common, "status": failed[0].status, "message": message, "measured": {}})
    columns = {name: table.columns[name] for name in first.parts.signatures}
    try:
        measured = {name: _measured(name, column, records) for name, column in columns.items()}
    except ValueError as error:  # no point is left to make a number of
        return first.model_copy(update={**common, "status": "diverged", "message": str(error), "measured": {}})
    return first.model_copy(update={**common, "status": "ok", "message": "", "measured": measured})


def _outputs(records: Sequence[Record]) -> str:
    """A checksum over what every point came to: a fold alone would not show that one of them has moved."""
    shown = sorted(
        canonical({
            "point": record.parts.point, "status": record.status, "artifacts": record.artifacts,
            "measured": {name: each.value for name, each in record.measured.items()},
        })
        for record in records
    )  # fmt: skip
    return _hash(*shown)


def _parts(table: Table, first: Record, records: Sequence[Record]) -> KeyParts:
    said = {name: _signature(name, table.columns[name], records) for name in first.parts.signatures}
    return first.parts.model_copy(update={"point": {}, "signatures": said})


def _measured(name: str, column: Column, records: Sequence[Record]) -> Measurement:
    values = [record.measured[name].value for record in records if record.status == "ok"]
    metric = METRICS.of_column(column.metric, column.args)
    fold = METRICS.load(column.metric)
    value = fold(values, len(records) - len(values), {"better": column.better, **column.args})
    return Measurement(value=convert(value, metric, column.unit), signature=_signature(name, column, records))


def _signature(name: str, column: Column, records: Sequence[Record]) -> str:
    """What is folded, over how many points and which, and how: with another point in it, it is another number."""
    grid = _hash(*sorted(canonical(record.parts.point) for record in records))[:GRID_LENGTH]
    of = sorted({record.parts.signatures[name] for record in records})
    args = "|".join(f"{key}:{value}" for key, value in sorted(column.args.items()) if key != "score")
    return f"{column.metric}|points:{len(records)}|grid:{grid}|{args}|of:{'; '.join(of)}"


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\n".join(parts)).hexdigest()
