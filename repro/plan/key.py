"""What a number depends on, and the keys that are hashes of it: a training's, and a measurement's that rests on it.

A training makes a model, whoever asks for it: no row, table or metric is in its key. A measurement is of a trained
model (and of others beside it), by a task under its protocol, for one row. Keys are hashes over canonical JSON
(RFC 8785). What stands at its default is left out, so that a field more changes no key.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from pydantic import Field

from repro.spec.base import Params, ParamValue, Precision, Profile, Strict

KEY_LENGTH = 32


class DataUsed(Strict):
    """A data set: its name and the SHA-256 over its contents."""

    name: str
    checksum: str


class WeightsUsed(Strict):
    """Released weights: the name of their entry and the SHA-256 of the file."""

    weights: str
    sha256: str


class Fingerprint(Strict):
    """The code of a job: a hash of all that is reached, and of each definition its own, by name, to tell what changed.

    The names are for people: the digest, and with it the key, does not depend on them. Definitions of one name share an
    entry.
    """

    digest: str
    definitions: dict[str, str] = Field(default_factory=dict)


class TrainingParts(Strict):
    """Everything that a training depends on.

    `task` and `view` are there where the training sees a view of its data (100 labels of 50,000), or asks the task for
    numbers while it trains. `also` are further data sets, by role. `start` is what it starts from.
    """

    method: str
    params: Params
    data: DataUsed
    also: dict[str, DataUsed] = Field(default_factory=dict)
    seed: int
    task: str = ""
    view: Params = Field(default_factory=dict)
    start: TrainingParts | WeightsUsed | None = None
    precision: Precision = "f32"
    fingerprint: Fingerprint


class KeyParts(Strict):
    """Everything that a measurement's key is a hash of, so that `repro why` can name the part that differs.

    Two rows of one configuration share the training; their measurements differ by `row`. `point` is the point of a
    grid, `others` are further trained models that the task looks at, by role. `factors` lead from a metric's own unit
    to that of a column, where they differ: 100 from a share to percent.
    """

    training: TrainingParts
    others: dict[str, TrainingParts] = Field(default_factory=dict)
    row: str
    point: Params = Field(default_factory=dict)
    data: DataUsed
    profile: Profile
    task: str
    protocol: Params = Field(default_factory=dict)
    signatures: dict[str, str]
    factors: dict[str, float] = Field(default_factory=dict, exclude_if=lambda factors: not factors)
    fingerprint: Fingerprint

    @property
    def method(self) -> str:
        """The method of the model that is measured."""
        return self.training.method

    @property
    def params(self) -> dict[str, ParamValue]:
        """The parameters of the model that is measured."""
        return self.training.params

    @property
    def seed(self) -> int:
        """The seed of the model that is measured."""
        return self.training.seed


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON: the same bytes for equal data, whatever the order of keys or the spelling of numbers."""
    return rfc8785.dumps(value)


def training_key(parts: TrainingParts) -> str:
    """The key of a training and of the model that it makes."""
    return _hash(_training(parts))


def key_of(parts: KeyParts) -> str:
    """The key of a measurement: its own parts, and the keys of the trainings that it rests on."""
    said = parts.model_dump(mode="json", exclude_defaults=True, exclude={"training", "others", "fingerprint"})
    others = {role: training_key(other) for role, other in parts.others.items()}
    more = {"training": training_key(parts.training), "others": others, "code": parts.fingerprint.digest}
    return _hash({**said, **{name: value for name, value in more.items() if value}})


def configuration(parts: KeyParts) -> str:
    """A hash over all of a key but the seed: runs with one configuration differ in nothing but their random numbers."""
    return key_of(parts.model_copy(update={
        "training": seedless(parts.training), "others": {role: seedless(other) for role, other in parts.others.items()},
    }))  # fmt: skip


def seedless(parts: TrainingParts) -> TrainingParts:
    """The same training whatever the seed: all that it starts from too."""
    start = seedless(parts.start) if isinstance(parts.start, TrainingParts) else parts.start
    return parts.model_copy(update={"seed": -1, "start": start})


def _training(parts: TrainingParts) -> dict[str, Any]:
    said = parts.model_dump(mode="json", exclude_defaults=True, exclude={"start", "fingerprint"})
    if isinstance(parts.start, TrainingParts):
        said["start"] = training_key(parts.start)
    elif parts.start is not None:
        said["start"] = {"weights": parts.start.sha256}
    return {**said, "code": parts.fingerprint.digest}


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:KEY_LENGTH]
