"""Accepted results: the committed records that later runs are compared with, and how runs are promoted to them.

    results/<table id>/records/<row>--seed-0--<first 8 of the key>.json
    results/<table id>/artifacts/<row>--seed-0--<first 8 of the key>.npz    (for the lowest seed of each row)

A record is copied as it is. New files are written before the ones that they replace are removed, so that a crash leaves
the old result, the new one, or both: of both the later one counts, and the next `accept` tidies up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from repro.files import slug, write_atomic
from repro.plan.checksums import Checksums
from repro.plan.difference import difference
from repro.plan.graph import Job
from repro.plan.jobs import chosen, plan
from repro.plan.key import canonical
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.record import Record
from repro.store.records import Store, is_later, read_artifacts, read_record
from repro.store.written import written

if TYPE_CHECKING:
    import numpy as np

Place = tuple[str, int, Profile, str, tuple[str, ...]]
"""Row, seed, profile, point of a grid and columns: of one place one record is accepted."""


@dataclass(frozen=True)
class Accepted:
    """What `accept` did: records promoted, records that were accepted before, and those refused with the reasons."""

    promoted: tuple[Record, ...] = ()
    unchanged: tuple[Record, ...] = ()
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """`row, seed n` to what has changed since its record was made."""


def read_results(results: Path, table: str) -> list[Record]:
    """The accepted records of a table, one a place.

    A damaged file is left out with a warning.
    """
    latest: dict[Place, Record] = {}
    for record in sorted(_files(results, table).values(), key=lambda record: record.started):
        latest[_place(record)] = record
    return sorted(latest.values(), key=_place)


def all_results(results: Path) -> list[Record]:
    """The accepted records of all tables."""
    tables = sorted(folder.parent.relative_to(results).as_posix() for folder in results.glob("*/*/records"))
    return [record for table in tables for record in read_results(results, table)]


def result_artifacts(results: Path, record: Record) -> dict[str, np.ndarray]:
    """The arrays of an accepted record; empty for all but the lowest seed of a row."""
    return read_artifacts(_artifact_file(results, record), record)


def accept(store: Store, results: Path, table: Table, profile: Profile, *, allow_stale: bool = False) -> Accepted:
    """Promotes the ok records of a table and profile, in place of older ones of the same place.

    A record that the table's present code, data or parameters would not make is refused, unless `allow_stale` is set.
    """
    candidates, refused = _candidates(store, table, profile)
    if allow_stale:
        candidates = {**{_place(record): record for record, _ in refused}, **candidates}
        refused = []
    before = {_place(record): record for record in read_results(results, table.id)}
    unchanged = [record for place, record in candidates.items() if before.get(place) == record]
    promoted = [record for place, record in candidates.items() if before.get(place) != record]
    with_arrays = _lowest({**before, **candidates}.values())
    for record in candidates.values():
        _promote(store, results, record, arrays=record.key in with_arrays)
    _tidy(results, table.id, candidates, with_arrays)
    reasons = {f"{record.row}, seed {record.seed}": why for record, why in refused}
    return Accepted(tuple(promoted), tuple(unchanged), reasons)


def _candidates(
    store: Store, table: Table, profile: Profile
) -> tuple[dict[Place, Record], list[tuple[Record, tuple[str, ...]]]]:
    """The records that the present table would make, and the newest of all other rows and seeds with the reason."""
    own = [record for record in store.records(table.id) if not record.beside]
    records = [record for record in own if record.is_result and record.profile == profile]
    seeds = sorted({record.seed for record in records})
    if not seeds:
        return {}, []
    jobs = plan(table, profile, checksum=Checksums(store.checksums), seeds=seeds).jobs if chosen(table) else ()
    wanted = {_place(job): job for job in jobs}
    newest = {_place(record): record for record in records}
    current = {
        place: record for record in records if (job := wanted.get(place := _place(record))) and job.key == record.key
    }
    stale = [
        (record, _reasons(record, wanted.get(place) or _overlapping(record, jobs)))
        for place, record in newest.items()
        if place not in current and not _superseded(record, current.values())
    ]
    return current, stale


def _reasons(record: Record, job: Job | None) -> tuple[str, ...]:
    if job is None:
        return ("no such row, or not with these columns, any more",)
    return tuple(difference(record.parts, job.parts))


def replace_accepted(results: Path, old: Mapping[str, Record], new: Iterable[Record]) -> None:
    """Writes accepted records under new keys in place of those under old ones (`old`, by new key), arrays too."""
    for record in new:
        before = old[record.key]
        _write_if_other(_record_file(results, record), written(record))
        arrays = _artifact_file(results, before)
        if arrays.exists():
            arrays.replace(_artifact_file(results, record))
        _record_file(results, before).unlink(missing_ok=True)


def _overlapping(record: Record, jobs: Iterable[Job]) -> Job | None:
    """A job of the place of a record, but for its columns, that has some of them."""
    near = [job for job in jobs if _place(job)[:4] == _place(record)[:4]]
    return next((job for job in near if job.columns.keys() & record.parts.signatures.keys()), None)


def _superseded(record: Record, by: Iterable[Record]) -> bool:
    """Whether every column of a record is measured by others of its place."""
    others = [other for other in by if _place(other)[:4] == _place(record)[:4] and other.key != record.key]
    return record.parts.signatures.keys() <= {column for other in others for column in other.parts.signatures}


def _promote(store: Store, results: Path, record: Record, *, arrays: bool) -> None:
    source, target = store.artifact_file(record.key), _artifact_file(results, record)
    if is_later(_record_file(results, record), Record):
        raise ValueError(f"{_record_file(results, record)} is of a later version of repro, and stays: update repro")
    if arrays and record.artifacts and store.artifacts(record).keys() == record.artifacts.keys():
        _write_if_other(target, source.read_bytes())
    _write_if_other(_record_file(results, record), written(record))


def _tidy(results: Path, table: str, new: Mapping[Place, Record], with_arrays: set[str]) -> None:
    """Removes records that were replaced, and arrays that no lowest seed needs."""
    files = _files(results, table)
    latest = {_place(record): record for record in read_results(results, table)}
    kept = {
        record.key: record
        for place, record in {**latest, **new}.items()
        if place in new or not _superseded(record, new.values())
    }
    for file, record in files.items():
        if record.key not in kept:
            file.unlink()
    needed = {_artifact_file(results, record) for key, record in kept.items() if key in with_arrays}
    for file in (results / table / "artifacts").glob("*.npz"):
        if file not in needed:
            file.unlink()


def _lowest(records: Iterable[Record]) -> set[str]:
    """The keys of the lowest seed of each place but for the seed."""
    ordered = sorted(records, key=lambda record: record.seed, reverse=True)
    return set({(_place(record)[0], *_place(record)[2:]): record.key for record in ordered}.values())


def _write_if_other(file: Path, contents: bytes) -> None:
    if not file.exists() or file.read_bytes() != contents:
        write_atomic(file, contents)


def _files(results: Path, table: str) -> dict[Path, Record]:
    found = {file: read_record(file, aside=False) for file in sorted((results / table / "records").glob("*.json"))}
    return {file: record for file, record in found.items() if record is not None}


def _place(of: Record | Job) -> Place:
    parts = of.parts
    return of.row, of.seed, parts.profile, canonical(parts.point).decode(), tuple(sorted(parts.signatures))


def _record_file(results: Path, record: Record) -> Path:
    return results / record.table / "records" / f"{_stem(record)}.json"


def _artifact_file(results: Path, record: Record) -> Path:
    return results / record.table / "artifacts" / f"{_stem(record)}.npz"


def _stem(record: Record) -> str:
    return f"{slug(record.row)}--seed-{record.seed}--{record.key[:8]}"
