"""One record a job: what ran, on what, how it ended, and what was measured. Plain data; files are the store's.

A record is never edited. A run that failed leaves a record too, with a status that is not `ok` and no numbers.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from repro.contracts import Measurement
from repro.spec.base import ParamValue, Profile, Strict, as_tuple

Status = Literal["ok", "diverged", "failed", "killed", "out of memory", "timeout", "missing data", "missing device"]
STATUSES: tuple[Status, ...] = (
    "ok", "diverged", "failed", "killed", "out of memory", "timeout", "missing data", "missing device",
)  # fmt: skip
SCHEMA = 1

Floats = Annotated[tuple[float, ...], BeforeValidator(as_tuple)]


class DataUsed(Strict):
    """The data set of a job: its name and the SHA-256 over its contents."""

    name: str
    checksum: str


class Curve(Strict):
    """A quantity over training: `value[i]` was seen after `step[i]` steps."""

    step: Annotated[tuple[int, ...], BeforeValidator(as_tuple)]
    value: Floats


class Environment(Strict):
    """Where a job ran."""

    python: str
    packages: dict[str, str]
    platform: str
    processor: str
    device: str
    threads: int


class KeyParts(Strict):
    """Everything that a job's key is a hash of, so that `repro why` can name the part that differs.

    Rows of a table that come to the same configuration (a scale may override all that tells them apart) are told apart
    by `twin`, the number of such rows before this one.
    """

    method: str
    params: dict[str, ParamValue]
    data: DataUsed
    seed: int
    profile: Profile
    task: str
    signatures: dict[str, str]
    fingerprint: dict[str, str]
    twin: int = Field(default=0, ge=0)


class Record(Strict):
    """The whole story of one job (row x seed).

    `texts` are the measured words of columns that are no numbers; how they came about stands in `parts.signatures`.
    """

    schema_version: Literal[1] = 1
    key: str
    table: str
    row: str
    parts: KeyParts
    status: Status
    message: str = ""
    tail: str = ""
    measured: dict[str, Measurement] = Field(default_factory=dict)
    texts: dict[str, str] = Field(default_factory=dict, exclude_if=lambda texts: not texts)
    curves: dict[str, Curve] = Field(default_factory=dict)
    artifacts: dict[str, str] = Field(default_factory=dict)
    environment: Environment | None = None
    commit: str | None = None
    started: str
    seconds: float = Field(ge=0)
    peak_memory_bytes: int | None = Field(default=None, ge=0)
    redo: str

    @property
    def profile(self) -> Profile:
        """The scale that the job ran at."""
        return self.parts.profile

    @property
    def seed(self) -> int:
        """The seed of the job."""
        return self.parts.seed

    @property
    def is_beside(self) -> bool:
        """Whether the job was a new row beside a table, of which the table itself knows nothing."""
        return self.redo.startswith("repro compare ")
