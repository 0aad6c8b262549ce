"""What a row comes to under a profile: the resolved configurations that plan, evidence and compare read alike.

A spec leaves its stage here. A configuration is one measurement of one seed to be: which training, of which further
trained models, which task under which protocol, on which data, and which columns. Nothing in it needs the spec again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from repro.spec.base import Params, ParamValue, Profile
from repro.spec.model import Column, Row, Table
from repro.spec.resolve import data_sets, resolve
from repro.spec.signature import defaults

Precision = Literal["f32", "bf16-products", "bf16"]


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


def configurations(table: Table, row: Row, profile: Profile) -> tuple[Configuration, ...]:
    """What a row is run as: one configuration for each data set of its columns; none for a row that does not run."""
    if row.method is None:
        return ()
    return tuple(
        Configuration(
            row=row.name,
            profile=profile,
            training=TrainingSpec(row.method, _parameters(table, row, profile, data), data),
            task=table.task,
            data=data,
            columns={name: table.columns[name] for name in names},
            limit_seconds=table.profiles.of(profile).limit_minutes * 60,
        )
        for data, names in data_sets(table, row, profile).items()
    )


def _parameters(table: Table, row: Row, profile: Profile, data: str) -> Params:
    """All parameters, the method's own defaults among them: a default that changes changes the key."""
    assert row.method is not None
    known = defaults(row.method)
    written = resolve(table, row, profile, data)
    return {**known, **{name: _as(known.get(name), value) for name, value in written.items()}}


def _as(default: ParamValue, value: ParamValue) -> ParamValue:
    """A whole number for a parameter that is a float by default is that float: 3 and 3.0 have one key."""
    return float(value) if isinstance(default, float) and type(value) is int else value
