"""What a row comes to under a profile: the resolved configurations that plan, evidence and compare read alike.

A spec leaves its stage here. A configuration is one measurement of one seed to be: which training, of which further
trained models, which task under which protocol, on which data, and which columns. Nothing in it needs the spec again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from repro.spec.base import Params, Precision, Profile, everywhere, merged, only_at
from repro.spec.folds import at_a_point
from repro.spec.grid import as_params, points
from repro.spec.model import Column, Row, Table
from repro.spec.planned import planned_of_column, planned_of_row
from repro.spec.resolve import (
    also,
    data_choice,
    layers,
    measured_columns,
    method_of,
    protocol_layers,
    stacked,
    start_layers,
    start_of,
)
from repro.spec.signature import Signature, signature, task_signature
from repro.spec.start import Start


@dataclass(frozen=True)
class Weights:
    """Released weights, by the name of their entry (address and SHA-256)."""

    name: str


@dataclass(frozen=True)
class TrainingSpec:
    """What a training is, without seed, checksums and code.

    Attributes:
        method: as the spec names it: registered, `package.module:Class` or `file.py:Class`.
        params: all parameters, the method's own defaults among them.
        data: the name of the data set; the training sees the task's view of it.
        also: further data sets, by role.
        task: whose view it is.
        view: the task's parameters on which the view depends.
        start: the training, or the released weights, that it starts from.
        precision: of its arithmetic.
    """

    method: str
    params: Params
    data: str
    also: Mapping[str, str] = field(default_factory=dict)
    task: str = ""
    view: Params = field(default_factory=dict)
    start: TrainingSpec | Weights | None = None
    precision: Precision = "f32"


@dataclass(frozen=True)
class Configuration:
    """One measurement of a row, whatever the seed.

    Attributes:
        row: the row's name.
        profile: the scale.
        training: the model that is measured.
        others: further trained models that the task looks at, by role.
        task: the evaluation protocol's name.
        protocol: its parameters, its own defaults among them.
        column_protocols: what single columns have else.
        data: the data set that is measured on.
        columns: the columns that are measured.
        point: the point of a grid; empty outside grids.
        limit_seconds: for a training, and for a measurement.
    """

    row: str
    profile: Profile
    training: TrainingSpec
    task: str
    data: str
    columns: Mapping[str, Column]
    limit_seconds: float
    others: Mapping[str, TrainingSpec] = field(default_factory=dict)
    protocol: Params = field(default_factory=dict)
    column_protocols: Mapping[str, Params] = field(default_factory=dict)
    point: Params = field(default_factory=dict)


@dataclass(frozen=True)
class _Seen:
    """What a training sees: a data set by the view of a task."""

    data: str
    task: str
    view: Params


@dataclass(frozen=True)
class _Part:
    """What columns have in common that one training serves: what it sees, and its written parameters."""

    seen: _Seen
    written: Params


def configurations(table: Table, row: Row, profile: Profile) -> tuple[Configuration, ...]:
    """What a row is run as: one configuration for each training that its columns need, and for each point of its grid.

    A row that does not run has none; what is only planned, as a metric or a data set, is left out. Raises ValueError
    where the spec is wrong, which loading it says in better words.
    """
    if row.kind != "method" or planned_of_row(table, row, profile):
        return ()
    here = _Here(table, row, profile)
    parts = [(here.configuration(part, names), part.written) for part, names in here.parts()]
    return tuple(
        found if not point else here.at(found, written, point)
        for point in points(table, row, profile)
        for found, written in parts
    )


class _Here:
    """One row at one profile."""

    def __init__(self, table: Table, row: Row, profile: Profile) -> None:
        self.table, self.row, self.profile = table, row, profile
        self.settings, self.task = table.profiles.of(profile), task_signature(table.task)
        self.method = signature(str(row.method))
        self.protocol = self._protocol(None)

    def parts(self) -> list[tuple[_Part, list[str]]]:
        """The parts of the row, each with its columns."""
        found: list[tuple[_Part, list[str]]] = []
        for name in measured_columns(self.table, self.row, self.profile):
            if planned_of_column(self.table, self.row, name, self.profile):
                continue
            part = self._part(name)
            same = next((names for other, names in found if other == part), None)
            if same is None:
                found.append((part, [name]))
            else:
                same.append(name)
        return found

    def at(self, found: Configuration, written: Params, point: Params) -> Configuration:
        """A configuration at one point of a grid."""
        params = self.method.complete(merged(written, as_params(point)))
        return replace(found, training=replace(found.training, params=params), point=point)

    def configuration(self, part: _Part, names: Sequence[str]) -> Configuration:
        """The measurement of some columns."""
        protocol = {**self.protocol, **part.seen.view}
        minutes = self.row.limit_minutes or self.settings.limit_minutes
        return Configuration(
            row=self.row.name,
            profile=self.profile,
            training=self._training(part),
            task=self.table.task,
            data=part.seen.data,
            columns={name: at_a_point(self.table.columns[name]) for name in names},
            limit_seconds=minutes * 60,
            others={role: self._other(start, part.seen) for role, start in self.row.beside.items()},
            protocol=protocol,
            column_protocols=dict(self._column_protocols(names, protocol)),
        )

    def _part(self, column: str) -> _Part:
        table, row, profile = self.table, self.row, self.profile
        data = data_choice(table, row, column).of(profile)
        written = stacked(layers(table, row, profile, data, (), column))
        return _Part(_Seen(data, table.task, _view(self.task, self._protocol(column))), written)

    def _protocol(self, column: str | None) -> Params:
        found = protocol_layers(self.table, self.row, self.profile, (), column)
        return self.task.complete(stacked(found))

    def _column_protocols(self, names: Sequence[str], protocol: Params) -> Iterator[tuple[str, Params]]:
        for name in names:
            own = self._protocol(name) if self.table.columns[name].protocol else protocol
            if differs := {key: value for key, value in own.items() if value != protocol.get(key)}:
                yield name, differs

    def _training(self, part: _Part) -> TrainingSpec:
        table, row = self.table, self.row
        start = start_of(table, row)
        return TrainingSpec(
            method=str(row.method),
            params=self.method.complete(part.written),
            data=part.seen.data,
            also=also(table, row, self.profile),
            task=table.task,
            view=part.seen.view,
            start=None if start is None else self._start(start, part.seen),
            precision=row.precision or self.settings.precision or "f32",
        )

    def _other(self, start: Start, seen: _Seen) -> TrainingSpec:
        """A trained model that the task looks at beside the row's own."""
        found = self._start(start, seen)
        assert isinstance(found, TrainingSpec)
        return found

    def _start(self, start: Start, heir: _Seen) -> TrainingSpec | Weights:
        """What a training starts from. It sees what its heir sees, unless it says that it sees something else."""
        if start.weights is not None:
            return Weights(start.weights)
        method = method_of(self.table, start)
        if method is None:
            raise ValueError(f"{self.table.id}, row {self.row.name!r}: there is no configuration {start.config!r}")
        seen = self._seen(start, heir)
        found = start_layers(self.table, self.row, start, self.profile, seen.data)
        before = start_of(self.table, start)
        return TrainingSpec(
            method=method,
            params=signature(method).complete(stacked(found)),
            data=seen.data,
            also={role: choice.of(self.profile) for role, choice in start.also.items()},
            task=seen.task,
            view=seen.view,
            start=None if before is None else self._start(before, seen),
            precision=start.precision or self.settings.precision or "f32",
        )

    def _seen(self, start: Start, heir: _Seen) -> _Seen:
        data = start.data.of(self.profile) if start.data is not None else heir.data
        if start.task is None and not start.protocol:
            return replace(heir, data=data)
        task = start.task or heir.task
        known = task_signature(task)
        written = merged(everywhere(start.protocol), only_at(start.protocol, self.profile))
        return _Seen(data, task, _view(known, known.complete(merged(heir.view if task == heir.task else {}, written))))


def _view(task: Signature, protocol: Params) -> Params:
    """The parameters of a task that decide what a training sees."""
    return {name: protocol[name] for name in task.names("VIEW") if name in protocol}
