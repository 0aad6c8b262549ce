"""From a table to a plan: the configurations of its rows, with checksums, seeds and the code that they depend on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from shlex import quote

from repro.objects import build
from repro.plan import addresses
from repro.plan.fingerprint import Fingerprinter
from repro.plan.fits import wrong_data
from repro.plan.graph import Job, Plan, Training
from repro.plan.key import DataUsed, Fingerprint, KeyParts, TrainingParts, WeightsUsed, key_of, training_key
from repro.plan.units import factors
from repro.registry import DATASETS, METHODS, TASKS, did_you_mean
from repro.registry.addresses import absolute
from repro.spec.base import Profile
from repro.spec.configuration import Configuration, TrainingSpec, Weights, configurations
from repro.spec.model import Row, Table
from repro.tasks import protocol

MOST_SEEDS, EXACT = 100_000, 2**53
"""How many seeds a plan may have, and the greatest whole number that keys can be made of (RFC 8785)."""

Checksum = Callable[[str], str]
"""A data set's name to the SHA-256 over its contents: `repro.plan.checksums` has the one that remembers."""


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
    making = _Making(table.id, checksum)
    for row in chosen(table, rows):
        found = [(each, signatures(each)) for each in configurations(table, row, profile)]
        for each, _ in found:
            if problem := wrong_data(each):
                raise ValueError(f"row {row.name!r}: {problem}")
        for seed in wanted:
            for configuration, said in found:
                making.add(configuration, said, seed)
    return Plan(table=table.id, profile=profile, trainings=tuple(making.trainings.values()), jobs=tuple(making.jobs))


def chosen(table: Table, names: Sequence[str] | None = None) -> list[Row]:
    """The rows that run: all of them, or those of the names (`group/label`, a label, or a pattern such as `*/GAN`).

    A whole name is that row's and no pattern, whatever characters are in it.
    """
    running = [row for row in table.rows if row.kind == "method"]
    if not names:
        return running
    meant: set[str] = set()
    for name in names:
        found = [row.name for row in running if row.name == name] or [r.name for r in running if _is_called(r, name)]
        if not found:
            raise ValueError(_no_such_row(table, name))
        meant |= set(found)
    return [row for row in running if row.name in meant]


def redo(table: str, row: str, profile: Profile, seed: int) -> str:
    """The command that makes one record anew."""
    return f"repro run {table} --profile {profile} --rows {quote(row)} --only-seeds {seed} --force"


@dataclass
class _Making:
    """The trainings so far by key, each once however many rows rest on it, and the measurements in order."""

    table: str
    checksum: Checksum
    trainings: dict[str, Training] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    _read: Fingerprinter = field(default_factory=Fingerprinter)
    _code: dict[tuple[str, ...], Fingerprint] = field(default_factory=dict)
    _sums: dict[str, str] = field(default_factory=dict)

    def add(self, found: Configuration, signatures: Mapping[str, str], seed: int) -> None:
        """One measurement, and the trainings that it rests on."""
        training = self._training(found.training, seed, found.limit_seconds)
        others = {role: self._training(spec, seed, found.limit_seconds) for role, spec in found.others.items()}
        code = addresses.of_measurement(found)
        parts = KeyParts(
            training=training.parts,
            others={role: other.parts for role, other in others.items()},
            row=found.row,
            point=found.point,
            data=self._data(found.data),
            profile=found.profile,
            task=addresses.said(found.task),
            protocol=found.protocol,
            signatures=dict(signatures),
            factors=factors(found),
            fingerprint=self._fingerprint(code),
        )
        job = Job(
            key=key_of(parts),
            table=self.table,
            row=found.row,
            parts=parts,
            columns=dict(found.columns),
            column_protocols=dict(found.column_protocols),
            task_address=code[0],
            data_address=addresses.address(DATASETS, found.data),
            addresses=code,
            training=training.key,
            others={role: other.key for role, other in others.items()},
            limit_seconds=found.limit_seconds,
            redo=redo(self.table, found.row, found.profile, seed),
        )
        self.jobs.append(job)

    def _training(self, spec: TrainingSpec, seed: int, limit_seconds: float) -> Training:
        start = spec.start
        before = self._training(start, seed, limit_seconds) if isinstance(start, TrainingSpec) else None
        sees, code = addresses.sees_task(spec), addresses.of_training(spec)
        parts = TrainingParts(
            method=addresses.said(spec.method),
            params=spec.params,
            data=self._data(spec.data),
            also={role: self._data(name) for role, name in spec.also.items()},
            seed=seed,
            task=addresses.said(spec.task) if sees else "",
            view=spec.view if sees else {},
            start=before.parts if before is not None else _weights(start),
            precision=spec.precision,
            fingerprint=self._fingerprint(code),
        )
        key = training_key(parts)
        if key not in self.trainings:
            names = {"": spec.data, **spec.also}
            self.trainings[key] = Training(
                key=key,
                parts=parts,
                method_address=addresses.address(METHODS, spec.method),
                task_address=addresses.address(TASKS, spec.task) if sees else "",
                data_addresses={role: addresses.address(DATASETS, name) for role, name in names.items()},
                addresses=code,
                starts_from=before.key if before is not None else None,
                weights=absolute(start.name) if isinstance(start, Weights) else "",
                fits_many=before is None and not sees and addresses.fits_many(spec.method),
                evaluates=addresses.evaluates(spec.method),
                limit_seconds=limit_seconds,
            )
        return self.trainings[key]

    def _data(self, name: str) -> DataUsed:
        if name not in self._sums:
            self._sums[name] = self.checksum(name)
        return DataUsed(name=addresses.said(name), checksum=self._sums[name])

    def _fingerprint(self, code: tuple[str, ...]) -> Fingerprint:
        if code not in self._code:
            self._code[code] = self._read.of(code)
        return self._code[code]


def signatures(found: Configuration) -> dict[str, str]:
    """The metric signature of each column, from the task with the parameters that it measures the column with."""
    task = build(addresses.address(TASKS, found.task), found.protocol)
    return protocol.signatures(task, found.columns, found.column_protocols)


def _weights(start: TrainingSpec | Weights | None) -> WeightsUsed | None:
    return addresses.weights_used(start) if isinstance(start, Weights) else None


def _seeds(seeds: int | Sequence[int]) -> list[int]:
    if (isinstance(seeds, int) and seeds > MOST_SEEDS) or (
        not isinstance(seeds, int) and max(seeds, default=0) > EXACT
    ):
        raise ValueError(f"at most {MOST_SEEDS:,} seeds are planned, and none beyond {EXACT}; got {seeds}")
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
