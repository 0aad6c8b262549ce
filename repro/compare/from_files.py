"""A new row from files: predictions or checkpoints, measured here and now by the task's own protocol.

Files are numbered as seeds in the order given. What the protocol draws is drawn with that seed, as after a training.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

from repro.compare.loading import Loaded, ReadsCheckpoint, TaskFiles, sha256
from repro.compare.row import FILES, WithNewRow
from repro.contracts import Measurement
from repro.data.sources.tensors import tensors
from repro.impersonal import impersonal
from repro.metrics.score import OF
from repro.objects import build, load
from repro.plan.addresses import address
from repro.plan.units import factors
from repro.registry import DATASETS, LOADERS, METHODS, TASKS
from repro.spec.base import Profile
from repro.spec.configuration import Configuration, configurations
from repro.spec.model import Table
from repro.store.record import GREATEST, is_reckoned_with
from repro.tasks import protocol
from repro.verdict.runs import Runs
from repro.worker.seeding import for_measurement
from repro.worker.units import in_units

Measured = Mapping[str, Measurement]


@dataclass(frozen=True)
class Files:
    """What was handed over, one file a seed."""

    kind: Literal["predictions", "checkpoint"]
    files: tuple[Path, ...]

    def described(self) -> tuple[tuple[str, str], ...]:
        """Name and checksum of each."""
        return tuple(
            (f"{self.kind}, seed {i}", f"{impersonal(str(file))} (SHA-256 {sha256(file)})")
            for i, file in enumerate(self.files)
        )


@dataclass(frozen=True)
class FromFiles:
    """Numbers of one row by seed and column, and of each column that a file does not fill the reason."""

    row: str
    measured: Mapping[int, Measured]
    lacking: Mapping[str, str] = field(default_factory=dict)

    def added_to(self, runs: Runs) -> Runs:
        """Runs that have these numbers too."""
        values = {s: {name: m.value for name, m in found.items()} for s, found in self.measured.items()}
        signatures = {s: {name: m.signature for name, m in found.items()} for s, found in self.measured.items()}
        return replace(
            runs,
            values={**runs.values, self.row: values},
            signatures={**runs.signatures, self.row: signatures},
        )


def measured(made: WithNewRow, files: Files, profile: Profile, columns: Sequence[str]) -> FromFiles:
    """Measures every file in the columns that it fills. Raises ValueError for a file that is not in the task's form."""
    table, row = made.table, made.rows[0]
    if len(made.rows) > 1:
        raise ValueError(
            f"files are of one data set: say which by --group {' or '.join(str(r.group) for r in made.rows)}"
        )
    run_as = [_with(each, columns) for each in configurations(table, row, profile)]
    filled = [each for each in run_as if each.columns]
    if len(filled) > 1:
        names = ", ".join(filled[0].columns)
        raise ValueError(f"files are of one data set: say by --columns whether {names}, or the others")
    reader = _Reader(table, filled[0])
    found, lacking = {}, dict[str, str]()
    for seed, file in enumerate(files.files):
        loaded = reader.load(files.kind, file)
        lacking |= loaded.lacking
        found[seed] = reader.measure(loaded, file, seed)
    return FromFiles(row.name, found, lacking)


def _with(found: Configuration, columns: Sequence[str]) -> Configuration:
    """The same with only those of its columns that are wanted."""
    return replace(found, columns={name: column for name, column in found.columns.items() if name in columns})


class _Reader:
    """Reads and measures files as one configuration of a row says."""

    def __init__(self, table: Table, found: Configuration) -> None:
        self._found, self._columns = found, found.columns
        self._data = load(address(DATASETS, found.data))()
        self._task = build(address(TASKS, found.task), found.protocol)
        self._table, self._method_name, self._method = table, "", None
        if found.training.method != FILES:
            self._method_name = found.training.method
            self._method = build(address(METHODS, found.training.method), found.training.params)

    def load(self, kind: str, file: Path) -> Loaded:
        """The model of a file."""
        if not file.exists():
            raise ValueError(f"there is no file {str(file)!r}")
        if kind == "predictions":
            return self._of_task().predictions(file, self._data, self._columns)
        if file.is_dir():
            loader = self._of_task()
            if not hasattr(loader, "folder"):
                raise ValueError(f"{file} is a folder: task {self._table.task} reads checkpoints from files")
            found: Loaded = loader.folder(file, self._data, self._columns)
            return found
        read: ReadsCheckpoint = LOADERS.load(reader_of(self._table, self._method_name))
        try:
            return Loaded(read(tensors(file), self._data, self._method))
        except ValueError as error:
            raise ValueError(f"{file}: {str(error).removeprefix(f'{file}: ')}") from None

    def _of_task(self) -> TaskFiles:
        task = self._table.task
        if task not in LOADERS:
            known = ", ".join(name for name in LOADERS.entries if name in TASKS)
            raise ValueError(f"task {task} reads no such files yet (those that do: {known})")
        loader: TaskFiles = LOADERS.load(task)(self._task)
        return loader

    def measure(self, loaded: Loaded, file: Path, seed: int) -> Measured:
        """The numbers of a model; those of the columns that it cannot fill are not asked for."""
        wanted = {name: column for name, column in self._columns.items() if name not in loaded.lacking}
        if not wanted:
            return {}
        found = protocol.measured(
            self._task, loaded.model, self._data, wanted, partial(for_measurement, seed),
            protocols=self._found.column_protocols,
        )  # fmt: skip
        numbers = in_units(found.measured, factors(self._found))
        for name, number in numbers.items():
            if not is_reckoned_with(number.value):
                said = f"beyond {GREATEST:g}" if math.isfinite(number.value) else "no finite number"
                raise ValueError(f"{file}: column {name} comes to {number.value}, which is {said}")
        return {name: _remarked(number, loaded.remarks.get(name)) for name, number in numbers.items()}


def _remarked(number: Measurement, remark: str | None) -> Measurement:
    """A measurement whose signature says what else the number is of."""
    if remark is None:
        return number
    parts = number.signature.split("|")
    said = [f"{part}, {remark}" if part.startswith(f"{OF}:") else part for part in parts]
    return number.model_copy(update={"signature": "|".join(said if said != parts else [*parts, f"{OF}:{remark}"])})


def reader_of(table: Table, method: str) -> str:
    """The method whose family reads a checkpoint: the one that is named, else the one that the table's rows agree on.

    Raises ValueError where none of them reads checkpoints, or they are read in several ways.
    """
    if method in LOADERS:
        return method
    rows = [row.method for row in table.rows if row.method is not None and row.method in LOADERS]
    ways = {LOADERS.address(name): name for name in rows}
    if len(ways) == 1:
        return rows[0]
    if not ways:
        known = ", ".join(name for name in LOADERS.entries if name in METHODS)
        raise ValueError(f"no method of {table.id} reads checkpoints (those that do: {known}): name one with --method")
    raise ValueError(f"checkpoints of {table.id} are read in several ways: say by --method which of "
                     f"{', '.join(sorted(ways.values()))} it is of")  # fmt: skip
