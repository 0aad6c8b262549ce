"""One record a job: what ran, on what, how it ended, and what was measured. Plain data; files are the store's.

A record is never edited. A run that failed leaves a record too, with a status that is not `ok` and no numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from repro.contracts import Measurement
from repro.plan.key import KeyParts, TrainingParts
from repro.spec.base import Profile, Strict, as_tuple

Status = Literal["ok", "diverged", "failed", "killed", "out of memory", "timeout", "missing data", "missing device"]
STATUSES: tuple[Status, ...] = (
    "ok", "diverged", "failed", "killed", "out of memory", "timeout", "missing data", "missing device",
)  # fmt: skip

LONGEST_SECONDS, MOST_BYTES, EXACT = 1e12, 2**62, 2**53
"""What no job takes, and the whole numbers up to which floats have all: beyond are none of ours."""
GREATEST = 1e70
"""Of a measured number, either way: the fourth powers that verdicts reckon with are floats."""

Seconds = Annotated[float, Field(ge=0, le=LONGEST_SECONDS)]
CpuSeconds = Annotated[float | None, Field(ge=0, le=LONGEST_SECONDS, exclude_if=lambda seconds: seconds is None)]
"""CPU seconds; records of before they were counted have none."""
Bytes = Annotated[int | None, Field(ge=0, le=MOST_BYTES)]

Floats = Annotated[tuple[float, ...], BeforeValidator(as_tuple)]
Step = Annotated[int, Field(ge=-EXACT, le=EXACT)]


class Curve(Strict):
    """A quantity over training: `value[i]` was seen after `step[i]` steps."""

    step: Annotated[tuple[Step, ...], BeforeValidator(as_tuple)]
    value: Floats


class Environment(Strict):
    """Where a job ran."""

    python: str
    packages: dict[str, str]
    platform: str
    processor: str
    device: str
    threads: int


class Ran(Strict):
    """How a training or a measurement went. Its times are its own, those of what it rests on are not among them.

    `seconds` have passed on the clock; `cpu_seconds` are those of all cores, which a busy machine hardly changes.
    """

    key: str
    status: Status
    message: str = ""
    tail: str = ""
    curves: dict[str, Curve] = Field(default_factory=dict)
    environment: Environment | None = None
    commit: str | None = None
    started: str
    seconds: Seconds
    cpu_seconds: CpuSeconds = None
    peak_memory_bytes: Bytes = None


class TrainingRecord(Ran):
    """How a training went. Its model, where it has one, lies beside it."""

    schema_version: Literal[1] = 1
    parts: TrainingParts


class TrainingUsed(Strict):
    """A training that a measurement rests on: which one, where and when it was made, and what it cost."""

    key: str
    method: str
    data: str
    seed: int
    started: str
    seconds: Seconds
    cpu_seconds: CpuSeconds = None
    peak_memory_bytes: Bytes = None
    commit: str | None = None
    environment: Environment | None = None


class Carried(Strict):
    """How a record came over a change of code that moves no bit: from which key, and its evidence.

    The evidence are the keys of the accepted smoke records of the row, before the change, with those after it.
    """

    from_key: str
    evidence: dict[str, str]


class Record(Ran):
    """The whole story of one measurement (row x seed).

    `curves` are those of the training of the model that is measured. `texts` are the measured words of columns that are
    no numbers; how they came about stands in `parts.signatures`. What is `beside` a table is a new row of which the
    table itself knows nothing. A record that was `migrated_from` an earlier form of keys was measured under that key,
    by the same code; where it takes no time of its own, training and measurement were timed as one, which stands under
    the training. What was `imported` says from which bundle; a run of one's own takes its place without that.
    """

    schema_version: Literal[2] = 2
    table: str
    row: str
    parts: KeyParts
    trainings: tuple[TrainingUsed, ...] = ()
    measured: dict[str, Measurement] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict, exclude_if=lambda texts: not texts)
    artifacts: dict[str, str] = Field(default_factory=dict)
    redo: str
    beside: bool = Field(default=False, exclude_if=lambda beside: not beside)
    carried: Carried | None = Field(default=None, exclude_if=lambda carried: carried is None)
    migrated_from: str | None = Field(default=None, exclude_if=lambda key: key is None)
    imported: str | None = Field(default=None, exclude_if=lambda file: file is None)

    @property
    def profile(self) -> Profile:
        """The scale that the job ran at."""
        return self.parts.profile

    @property
    def seed(self) -> int:
        """The seed of the job."""
        return self.parts.seed

    @property
    def is_result(self) -> bool:
        """Whether it says what came of its job: a result, or that a point of a grid diverged, which its row counts."""
        return is_result(self.status, self.parts)


def is_result(status: str, parts: KeyParts) -> bool:
    """Whether an end of a job is one that its row counts: it went well, or a point of a grid diverged."""
    return status == "ok" or (status == "diverged" and bool(parts.point))


def is_reckoned_with(value: float) -> bool:
    """Whether a measured number is one that verdicts and reports can work with: finite, and not beyond GREATEST."""
    return abs(value) <= GREATEST  # false of NaN too


def total_seconds(records: Sequence[Record]) -> float:
    """What records cost in all: their own seconds, and those of each training that they rest on once."""
    trainings = {used.key: used.seconds for record in records for used in record.trainings}
    return sum(record.seconds for record in records) + sum(trainings.values())
