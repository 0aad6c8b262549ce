"""A plan: trainings, the measurements that rest on them, and what must be there before each may start.

A plan is frozen into a file when a run starts. Workers read that file and never the spec, so that what is edited while
jobs wait in the queue cannot change what they do.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

from pydantic import Field

from repro.files import readable_json, write_atomic
from repro.plan.key import KeyParts, TrainingParts
from repro.spec.base import Params, Profile, Strict, Texts
from repro.spec.model import Column


class Training(Strict):
    """One fit, ready to run.

    `starts_from` is the key of the training that it starts from, `weights` are released ones by name, or by an absolute
    address.
    """

    key: str
    parts: TrainingParts
    method_address: str
    task_address: str = ""
    data_addresses: dict[str, str] = Field(default_factory=dict)
    addresses: Texts
    starts_from: str | None = None
    weights: str = ""
    fits_many: bool = False
    evaluates: bool = False
    limit_seconds: float = Field(gt=0)

    @property
    def name(self) -> str:
        """How it is called where people read: method and data set."""
        return f"{self.parts.method} on {self.parts.data.name}"

    @property
    def seed(self) -> int:
        """The seed."""
        return self.parts.seed

    @property
    def needs(self) -> tuple[str, ...]:
        """The trainings that must be done before."""
        return () if self.starts_from is None else (self.starts_from,)


class Job(Strict):
    """One measurement of a row (and seed, and point of a grid): it makes a record."""

    key: str
    table: str
    row: str
    parts: KeyParts
    columns: dict[str, Column]
    column_protocols: dict[str, Params] = Field(default_factory=dict)
    task_address: str
    data_address: str
    addresses: Texts
    training: str
    others: dict[str, str] = Field(default_factory=dict)
    limit_seconds: float = Field(gt=0)
    redo: str
    beside: bool = False

    @property
    def name(self) -> str:
        """How it is called where people read: its row, and the point of a grid."""
        at = ", ".join(f"{name} {value}" for name, value in self.parts.point.items())
        return f"{self.row} [{at}]" if at else self.row

    @property
    def seed(self) -> int:
        """The seed."""
        return self.parts.seed

    @property
    def needs(self) -> tuple[str, ...]:
        """The trainings that must be done before."""
        return (self.training, *self.others.values())


class Plan(Strict):
    """All trainings and measurements of a table at one scale, a training before what needs it."""

    table: str
    profile: Profile
    trainings: tuple[Training, ...] = ()
    jobs: tuple[Job, ...] = ()

    @cached_property
    def _by_key(self) -> dict[str, Training | Job]:
        found: dict[str, Training | Job] = {training.key: training for training in self.trainings}
        return {**found, **{job.key: job for job in self.jobs}}

    def __getitem__(self, key: str) -> Training | Job:
        """The training or the measurement of a key."""
        return self._by_key[key]

    def job(self, key: str) -> Job:
        """The measurement of a key."""
        found = self._by_key[key]
        assert isinstance(found, Job)
        return found

    def training(self, key: str) -> Training:
        """The training of a key."""
        found = self._by_key[key]
        assert isinstance(found, Training)
        return found

    def trainings_of(self, job: Job) -> list[Training]:
        """The trainings that a measurement rests on, those that they start from included, each once."""
        found: dict[str, Training] = {}
        waiting = list(job.needs)
        while waiting:
            training = self.training(waiting.pop(0))
            found[training.key] = training
            waiting += training.needs
        return list(found.values())

    def needed(self, jobs: Iterable[Job], is_trained: Callable[[str], bool]) -> dict[str, bool]:
        """The trainings that measurements rest on, and whether each has its model; one that has needs no start."""
        stored: dict[str, bool] = {}
        waiting = [need for job in jobs for need in job.needs]
        while waiting:
            key = waiting.pop()
            if key not in stored:
                stored[key] = is_trained(key)
                waiting += () if stored[key] else self.training(key).needs
        return stored

    def freeze(self, folder: Path) -> Path:
        """Writes the plan under the hash of its contents, and gives the file. One that was damaged is written anew."""
        # Not the canonical JSON of keys: that spells 3.0 as 3, and a method must get the number that the spec has.
        contents = readable_json(self.model_dump(mode="json"))
        file = folder / f"{hashlib.sha256(contents).hexdigest()[:32]}.json"
        if not file.exists() or file.read_bytes() != contents:
            write_atomic(file, contents)
        return file


def thaw(file: Path) -> Plan:
    """The plan in a frozen file, checked against the hash that the file is named by."""
    contents = file.read_bytes()
    if hashlib.sha256(contents).hexdigest()[:32] != file.stem:
        raise ValueError(f"{file}: the plan was changed after it was frozen; run again to make a new one")
    return Plan.model_validate_json(contents)
