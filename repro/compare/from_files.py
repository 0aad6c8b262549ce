"""A new row from files: predictions or checkpoints, measured here and now by the task's own protocol.

Files are numbered as seeds in the order given. What the protocol draws is drawn with that seed, as after a training.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from repro.compare.loading import Loaded, Loader, sha256
from repro.compare.row import FILES, WithNewRow
from repro.contracts import Measurement
from repro.plan.jobs import addresses_of, parameters
from repro.registry import DATASETS, LOADERS, TASKS
from repro.spec.base import Profile
from repro.spec.model import Column, Row, Table
from repro.spec.resolve import data_sets
from repro.verdict.runs import Runs
from repro.worker.load import build
from repro.worker.streams import generator

Measured = Mapping[str, Measurement]


@dataclass(frozen=True)
class Files:
    """What was handed over, one file a seed."""

    kind: Literal["predictions", "checkpoint"]
    files: tuple[Path, ...]

    def described(self) -> tuple[tuple[str, str], ...]:
        """Name and checksum of each."""
        return tuple(
            (f"{self.kind}, seed {i}", f"{file} (SHA-256 {sha256(file)})") for i, file in enumerate(self.files)
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
    if table.task not in LOADERS.entries:
        raise ValueError(f"task {table.task} reads no files yet (those that do: {', '.join(sorted(LOADERS.entries))})")
    if len(made.rows) > 1:
        raise ValueError(
            f"files are of one data set: say which by --group {' or '.join(str(r.group) for r in made.rows)}"
        )
    by_data = {name: [c for c in found if c in columns] for name, found in data_sets(table, row, profile).items()}
    (data, names), *others = [(name, found) for name, found in by_data.items() if found]
    if others:
        raise ValueError(f"files are of one data set: say by --columns whether {', '.join(names)}, or the others")
    reader = _Reader(table, row, profile, data, {name: table.columns[name] for name in names})
    found, lacking = {}, dict[str, str]()
    for seed, file in enumerate(files.files):
        loaded = reader.load(files.kind, file)
        lacking |= loaded.lacking
        found[seed] = reader.measure(loaded, file, seed)
    return FromFiles(row.name, found, lacking)


class _Reader:
    """Reads and measures files for one row on one data set."""

    def __init__(self, table: Table, row: Row, profile: Profile, data: str, columns: Mapping[str, Column]) -> None:
        self._task = TASKS.load(table.task)()
        self._data, self._columns = DATASETS.load(data)(), columns
        self._loader: Loader = LOADERS.load(table.task)(self._task)
        self._method: Any = None
        if row.method is not None and row.method != FILES:
            address = addresses_of(row.method, table.task, columns.values())[0]
            self._method = build(address, parameters(table, row, profile, data))

    def load(self, kind: str, file: Path) -> Loaded:
        """The model of a file."""
        if not file.exists():
            raise ValueError(f"there is no file {str(file)!r}")
        if kind == "predictions":
            return self._loader.predictions(file, self._data, self._columns)
        return self._loader.checkpoint(file, self._data, self._method)

    def measure(self, loaded: Loaded, file: Path, seed: int) -> Measured:
        """The numbers of a model; those of the columns that it cannot fill are not asked for."""
        wanted = {name: column for name, column in self._columns.items() if name not in loaded.lacking}
        if not wanted:
            return {}
        numbers: Measured = self._task.measure(loaded.model, self._data, wanted, generator(seed, "measure")).measured
        for name, number in numbers.items():
            if not math.isfinite(number.value):
                raise ValueError(f"{file}: column {name} comes to {number.value}, which is no finite number")
        return numbers
