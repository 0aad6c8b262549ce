"""The records that a report rests on: accepted results and one's own runs together, whose each is, and which are stale.

A record is stale where the table and the code of today would not make it: its method, parameters or one of the modules
that its number depends on have changed. That is read from sources alone, so that a report imports no framework; data
and signatures, which need the task, are compared by `repro why` and before every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from repro.evidence.folds import with_folds
from repro.plan.addresses import of_measurement, of_training, said, sees_task, weights_used
from repro.plan.fingerprint import Fingerprinter
from repro.plan.key import KeyParts, TrainingParts, WeightsUsed, canonical
from repro.plan.units import factors
from repro.spec.base import Profile
from repro.spec.configuration import Configuration, TrainingSpec, Weights, configurations
from repro.spec.model import Table
from repro.store.accepted import read_results, result_artifacts
from repro.store.origin import ORIGINS, Origin, in_results, in_store
from repro.store.record import Record
from repro.store.records import Store

if TYPE_CHECKING:
    import numpy as np

Whose = Literal["all", "own", "accepted"]
"""Whose records are looked at: one's own runs are those of the store but for imported ones."""
LARGEST_FIRST: tuple[Profile, ...] = ("paper", "laptop", "smoke")


@dataclass(frozen=True)
class Evidence:
    """Records of one table at one profile; `stale` are the keys of those, and of older ones, that are stale.

    `made` are the records as they were made, those of the points of a grid each by itself. `origins` say by key whose a
    record is; of points of several origins, those that are least one's own.
    """

    profile: Profile
    records: tuple[Record, ...]
    stale: frozenset[str]
    store: Store
    results: Path
    made: tuple[Record, ...] = ()
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def artifacts(self, row: str) -> dict[str, np.ndarray] | None:
        """The arrays of the lowest seed of a row that has any."""
        ok = [record for record in self.records if record.row == row and record.status == "ok"]
        for record in sorted(ok, key=lambda record: (record.key in self.stale, record.seed)):
            arrays = self.store.artifacts(record) or result_artifacts(self.results, record)
            if arrays:
                return arrays
        return None


def gather(
    table: Table,
    store: Store,
    results: Path,
    profile: Profile | None = None,
    *,
    whose: Whose = "all",
    stale: frozenset[str] | None = None,
) -> Evidence:
    """The evidence of a table at a profile; by default the largest scale that anything was run at.

    Points that a grid does not have any more are left out. Of several records of a row, seed and column the one that
    is not stale counts, then the latest. Which are stale is read from the sources unless it is given. Where a run of
    one's own found no data, the row has no number of another machine in its place.
    """
    known, origins = _known(table, store, results, whose)
    at: Profile = profile if profile is not None else next(iter(_run_at(known.values())), "paper")
    current = Current(table)
    records = [record for record in known.values() if record.profile == at and not current.has_left(record)]
    if stale is None:
        stale = frozenset(record.key for record in records if not current.makes(record))
    best: dict[tuple[str, int, str, bytes], Record] = {}
    for record in sorted(records, key=lambda record: (record.key not in stale, record.started)):
        point = canonical(record.parts.point)
        best.update(dict.fromkeys(((record.row, record.seed, name, point) for name in record.parts.signatures), record))
    without_data = {
        (place[0], place[2]) for place, record in best.items()
        if record.status == "missing data" and origins[record.key] == "own"
    }  # fmt: skip
    used = {
        record.key: record for (row, _, name, _), record in best.items()
        if origins[record.key] == "own" or (row, name) not in without_data
    }.values()  # fmt: skip
    whole = with_folds(table, at, used)
    old_points = {(record.row, record.seed) for record in used if record.parts.point and record.key in stale}
    stale |= {record.key for record in whole if (record.row, record.seed) in old_points}
    for record in whole:
        if record.key not in origins:
            of_points = {origins[each.key] for each in used if (each.row, each.seed) == (record.row, record.seed)}
            origins[record.key] = max(of_points, key=ORIGINS.index)
    kept = tuple(sorted(whole, key=lambda record: (record.row, record.seed, record.parts.data.name)))
    return Evidence(at, kept, stale, store, results, tuple(used), {record.key: origins[record.key] for record in kept})


def _known(table: Table, store: Store, results: Path, whose: Whose) -> tuple[dict[str, Record], dict[str, Origin]]:
    """The records of a table by key, and whose each is: one that is in both places is one's own."""
    found: list[tuple[Record, Origin]] = []
    if whose != "own":
        found += [(record, in_results(results)) for record in read_results(results, table.id)]
    if whose != "accepted":
        found += [(record, in_store(record)) for record in store.records(table.id)]
    wanted = [(record, origin) for record, origin in found if not record.beside and (whose != "own" or origin == "own")]
    return {record.key: record for record, _ in wanted}, {record.key: origin for record, origin in wanted}


def scales_run(table: Table, store: Store, results: Path, *, whose: Whose = "all") -> tuple[Profile, ...]:
    """The scales that anything of a table was run at, the largest first."""
    return _run_at(_known(table, store, results, whose)[0].values())


def _run_at(records: Iterable[Record]) -> tuple[Profile, ...]:
    run_at = {record.profile for record in records}
    return tuple(scale for scale in LARGEST_FIRST if scale in run_at)


class Current:
    """What the table and the code of today would make, read from specs and sources alone."""

    def __init__(self, table: Table) -> None:
        self._rows = {row.name: row for row in table.rows}
        self._table = table
        self._code = lru_cache(maxsize=None)(Fingerprinter().of)  # the seeds of a row have the same code
        self._found: dict[tuple[str, Profile], dict[bytes, list[Configuration]]] = {}

    def makes(self, record: Record) -> bool:
        """Whether a record is one that would be made today, as far as that can be told without importing a task."""
        at_point = self._configurations(record.row, record.profile).get(canonical(record.parts.point), [])
        return any(self._is_of(found, record.parts) for found in at_point)

    def has_left(self, record: Record) -> bool:
        """Whether a record is of a point that the grid of its row does not have any more: it is no part of the row."""
        if not record.parts.point or record.row not in self._rows or not self._rows[record.row].grid:
            return False
        return canonical(record.parts.point) not in self._configurations(record.row, record.profile)

    def _configurations(self, row: str, profile: Profile) -> Mapping[bytes, list[Configuration]]:
        """Those of a row by their point: a grid may have thousands."""
        if (row, profile) not in self._found:
            found = self._found[row, profile] = dict[bytes, list[Configuration]]()
            for each in configurations(self._table, self._rows[row], profile) if row in self._rows else ():
                found.setdefault(canonical(each.point), []).append(each)
        return self._found[row, profile]

    def _is_of(self, found: Configuration, parts: KeyParts) -> bool:
        return (
            set(found.columns) == set(parts.signatures)
            and factors(found) == parts.factors
            and (found.point, found.protocol) == (parts.point, parts.protocol)
            and (said(found.task), said(found.data)) == (parts.task, parts.data.name)
            and found.others.keys() == parts.others.keys()
            and self._trains(found.training, parts.training)
            and all(self._trains(other, parts.others[role]) for role, other in found.others.items())
            and self._code(of_measurement(found)).digest == parts.fingerprint.digest
        )

    def _trains(self, spec: TrainingSpec, parts: TrainingParts) -> bool:
        sees = sees_task(spec)
        return (
            (said(spec.method), spec.params, said(spec.data)) == (parts.method, parts.params, parts.data.name)
            and {role: said(name) for role, name in spec.also.items()} == {r: d.name for r, d in parts.also.items()}
            and ((said(spec.task), spec.view) if sees else ("", {})) == (parts.task, parts.view)
            and spec.precision == parts.precision
            and self._starts(spec.start, parts.start)
            and self._code(of_training(spec)).digest == parts.fingerprint.digest
        )

    def _starts(self, spec: TrainingSpec | Weights | None, parts: TrainingParts | WeightsUsed | None) -> bool:
        if isinstance(spec, TrainingSpec):
            return isinstance(parts, TrainingParts) and self._trains(spec, parts)
        return parts == (None if spec is None else weights_used(spec))
