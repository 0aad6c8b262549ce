"""The records that a report rests on: accepted results and one's own runs together, and which of them are stale.

A record is stale where the table and the code of today would not make it: its method, parameters or one of the
definitions that its number depends on have changed. That is read from sources alone, so that a report imports no
framework; data and signatures, which need the task, are compared by `repro why` and before every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from repro.plan.fingerprint import Fingerprinter
from repro.plan.jobs import addresses_of
from repro.record import Fingerprint, Record
from repro.results import read_results, result_artifacts
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.spec.resolve import data_sets, resolve
from repro.spec.signature import defaults
from repro.store import Store

if TYPE_CHECKING:
    import numpy as np

LARGEST_FIRST: tuple[Profile, ...] = ("paper", "laptop", "smoke")


@dataclass(frozen=True)
class Evidence:
    """Records of one table at one profile; `stale` are the keys of those, and of older ones, that are stale."""

    profile: Profile
    records: tuple[Record, ...]
    stale: frozenset[str]
    store: Store
    results: Path

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
    accepted_only: bool = False,
    stale: frozenset[str] | None = None,
) -> Evidence:
    """The evidence of a table at a profile; by default the largest scale that anything was run at.

    Of several records of a row, seed and column the one that is not stale counts, then the latest. Which are stale is
    read from the sources unless it is given.
    """
    own = [] if accepted_only else store.records(table.id)
    known = {record.key: record for record in [*read_results(results, table.id), *own] if not record.is_beside}
    at = profile if profile is not None else _largest(known.values())
    records = [record for record in known.values() if record.profile == at]
    if stale is None:
        stale = _stale(table, records)
    best: dict[tuple[str, int, str], Record] = {}
    for record in sorted(records, key=lambda record: (record.key not in stale, record.started)):
        best.update(dict.fromkeys(((record.row, record.seed, name) for name in record.parts.signatures), record))
    used = {record.key: record for record in best.values()}.values()
    kept = tuple(sorted(used, key=lambda record: (record.row, record.seed, record.parts.data.name)))
    return Evidence(at, kept, stale, store, results)


def _largest(records: Iterable[Record]) -> Profile:
    run_at = {record.profile for record in records}
    for scale in LARGEST_FIRST:
        if scale in run_at:
            return scale
    return "paper"


def _stale(table: Table, records: Iterable[Record]) -> frozenset[str]:
    read = Fingerprinter()
    code = lru_cache(maxsize=None)(read.of)  # the seeds of a row have the same code
    return frozenset(record.key for record in records if not _is_current(table, record, code))


def _is_current(table: Table, record: Record, code: Callable[[tuple[str, ...]], Fingerprint]) -> bool:
    row, data = next((row for row in table.rows if row.name == record.row), None), record.parts.data.name
    if row is None or row.method is None or row.method != record.parts.method:
        return False
    columns = data_sets(table, row, record.profile).get(data, ())
    if set(columns) != set(record.parts.signatures):
        return False
    wanted = {**defaults(row.method), **resolve(table, row, record.profile, data)}
    addresses = addresses_of(row.method, table.task, [table.columns[name] for name in columns])
    return wanted == record.parts.params and code(addresses).digest == record.parts.fingerprint.digest
