"""A table as jobs: one for each row, data set and seed, with everything resolved that its numbers depend on.

A plan is frozen into one file when a run starts. Workers read that file and never the spec, so that what is edited
while jobs wait in the queue cannot change what they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from shlex import quote
from typing import Any

from pydantic import Field

from repro.files import readable_json, write_atomic
from repro.plan.fingerprint import Fingerprinter
from repro.plan.key import key_of
from repro.registry import DATASETS, METHODS, METRICS, TASKS, did_you_mean
from repro.spec.base import Params, ParamValue, Profile, Strict
from repro.spec.model import Column, Row, Table
from repro.spec.resolve import data_sets, resolve
from repro.spec.signature import defaults, has_fit_many
from repro.store.record import DataUsed, KeyParts

Checksum = Callable[[str, str], str]
"""(task, data set) to the SHA-256 over the contents: `repro.plan.checksums` has the one that remembers."""


class Job(Strict):
    """One row, data set and seed, ready to run: nothing in it needs the spec any more."""

    key: str
    table: str
    row: str
    parts: KeyParts
    columns: dict[str, Column]
    method_address: str
    task_address: str
    data_address: str
    addresses: tuple[str, ...]
    fits_many: bool = False
    limit_seconds: float = Field(gt=0)
    redo: str


class Plan(Strict):
    """All jobs of a table at one scale, in the order of rows and seeds."""

    table: str
    profile: Profile
    jobs: tuple[Job, ...]

    def job(self, key: str) -> Job:
        """The job of a key."""
        return next(job for job in self.jobs if job.key == key)

    def freeze(self, folder: Path) -> Path:
        """Writes the plan under the hash of its contents, and gives the file."""
        # Not the canonical JSON of keys: that spells 3.0 as 3, and a method must get the number that the spec has.
        contents = readable_json(self.model_dump(mode="json"))
        file = folder / f"{hashlib.sha256(contents).hexdigest()[:32]}.json"
        if not file.exists():
            write_atomic(file, contents)
        return file


def thaw(file: Path) -> Plan:
    """The plan in a frozen file, checked against the hash that the file is named by."""
    contents = file.read_bytes()
    if hashlib.sha256(contents).hexdigest()[:32] != file.stem:
        raise ValueError(f"{file}: the plan was changed after it was frozen; run again to make a new one")
    return Plan.model_validate_json(contents)


def plan(
    table: Table,
    profile: Profile,
    *,
    checksum: Checksum,
    seeds: int | Sequence[int] | None = None,
    rows: Sequence[str] | None = None,
) -> Plan:
    """The jobs of a table: seeds 0..n-1 (n is the profile's, or given) or exactly those given, of rows that run."""
    wanted = _seeds(table.profiles.of(profile).seeds if seeds is None else seeds)
    code = Fingerprinter()
    jobs = [
        _job(table, row, profile, parts, addresses)
        for row in chosen(table, rows)
        for parts, addresses in _parts(table, row, profile, wanted, checksum, code)
    ]
    return Plan(table=table.id, profile=profile, jobs=tuple(jobs))


def chosen(table: Table, names: Sequence[str] | None = None) -> list[Row]:
    """The rows that run: all of them, or those of the names (`group/label`, a label, or a pattern such as `*/GAN`)."""
    running = [row for row in table.rows if row.kind == "method"]
    if not names:
        return running
    for name in names:
        if not any(_is_called(row, name) for row in running):
            raise ValueError(_no_such_row(table, name))
    return [row for row in running if any(_is_called(row, name) for name in names)]


def addresses_of(method: str, task: str, columns: Iterable[Column]) -> tuple[str, ...]:
    """Where the code of a job is: its method, its task and its metrics.

    The code that reads the data set is not: its contents are in the key by their checksum, and a task that computes
    with a data set imports its type, so that code counts.
    """
    metrics = sorted({column.metric for column in columns})
    found = [_method_address(method), _address(TASKS.address(task))]
    found += [_address(METRICS.address(name)) for name in metrics]
    return tuple(dict.fromkeys(found))


def _parts(
    table: Table, row: Row, profile: Profile, seeds: Sequence[int], checksum: Checksum, code: Fingerprinter
) -> list[tuple[KeyParts, tuple[str, ...]]]:
    """The key parts of a row's jobs, seed by seed, and where the code of each is."""
    assert row.method is not None
    task, made = TASKS.load(table.task)(), []
    for data, names in data_sets(table, row, profile).items():
        columns = {name: table.columns[name] for name in names}
        addresses = addresses_of(row.method, table.task, columns.values())
        shared: dict[str, Any] = {
            "method": _method_name(row.method),
            "params": parameters(table, row, profile, data),
            "data": DataUsed(name=data, checksum=checksum(table.task, data)),
            "profile": profile,
            "task": table.task,
            "twin": _twin(table, row, profile, data),
            "signatures": {name: task.signature(column) for name, column in columns.items()},
            "fingerprint": code.of(addresses),
        }
        made.append([(KeyParts(seed=seed, **shared), addresses) for seed in seeds])
    return [job for of_one_seed in zip(*made, strict=True) for job in of_one_seed]


def _twin(table: Table, row: Row, profile: Profile, data: str) -> int:
    """How many rows before this one have the same configuration, in the whole table, whatever rows are asked for."""

    def runs_alike(other: Row) -> bool:
        if other.method != row.method or data not in data_sets(table, other, profile):
            return False
        return parameters(table, other, profile, data) == parameters(table, row, profile, data)

    return sum(runs_alike(other) for other in table.rows[: table.rows.index(row)])


def parameters(table: Table, row: Row, profile: Profile, data: str) -> Params:
    """All parameters, the method's own defaults among them: a default that changes changes the key."""
    assert row.method is not None
    known = defaults(row.method)
    written = resolve(table, row, profile, data)
    return {**known, **{name: _as(known.get(name), value) for name, value in written.items()}}


def _as(default: ParamValue, value: ParamValue) -> ParamValue:
    """A whole number for a parameter that is a float by default is that float: 3 and 3.0 have one key."""
    return float(value) if isinstance(default, float) and type(value) is int else value


def _job(table: Table, row: Row, profile: Profile, parts: KeyParts, addresses: tuple[str, ...]) -> Job:
    assert row.method is not None
    return Job(
        key=key_of(parts),
        table=table.id,
        row=row.name,
        parts=parts,
        columns={name: table.columns[name] for name in parts.signatures},
        method_address=addresses[0],
        task_address=addresses[1],
        data_address=_address(DATASETS.address(parts.data.name)),
        addresses=addresses,
        fits_many=has_fit_many(row.method),
        limit_seconds=table.profiles.of(profile).limit_minutes * 60,
        redo=redo(table.id, row.name, profile, parts.seed),
    )


def redo(table: str, row: str, profile: Profile, seed: int) -> str:
    """The command that makes one record anew."""
    return f"repro run {table} --profile {profile} --rows {quote(row)} --only-seeds {seed} --force"


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    wanted = list(range(seeds)) if isinstance(seeds, int) else list(dict.fromkeys(seeds))
    if not wanted or min(wanted) < 0:
        raise ValueError(f"seeds are counted from 0, and at least one is needed; got {seeds}")
    return wanted


def _is_called(row: Row, name: str) -> bool:
    return name in (row.name, row.label) or fnmatchcase(row.name, name)


def _no_such_row(table: Table, name: str) -> str:
    other = next((row for row in table.rows if _is_called(row, name)), None)
    if other is not None:
        return f"{table.id}: row {name!r} is {other.kind}: there is nothing to run"
    known = [row.name for row in table.rows if row.kind == "method"]
    return f"{table.id}: no row {name!r}{did_you_mean(name, known)} (rows that run: {', '.join(known)})"


def _method_name(method: str) -> str:
    """A method from a file goes by the file's own name: the folder it lies in moves no number."""
    place, _, attribute = method.rpartition(":")
    return f"{Path(place).name}:{attribute}" if place.endswith(".py") else method


def _method_address(method: str) -> str:
    place, _, attribute = method.rpartition(":")
    return f"{Path(place).resolve()}:{attribute}" if place.endswith(".py") else _address(METHODS.address(method))


def _address(found: tuple[str, str]) -> str:
    return ":".join(found)
