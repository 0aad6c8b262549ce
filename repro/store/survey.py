"""What is left to do of a plan: which jobs are cached, stale, new or failed before, why, and how long they may take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from repro.plan.jobs import Job, Plan
from repro.plan.key import difference
from repro.store.record import Record

State = Literal["cached", "stale", "new", "failed before"]


@dataclass(frozen=True)
class Planned:
    """A job with what earlier records say about it. A job is run unless it is cached."""

    job: Job
    state: State
    why: tuple[str, ...] = ()
    estimate_seconds: float | None = None


def survey(plan: Plan, records: Iterable[Record]) -> list[Planned]:
    """The state of every job, given the records at hand (of any table: they serve the estimates)."""
    known = sorted(records, key=lambda record: record.started)
    own = {record.key: record for record in known if record.table == plan.table}
    return [_planned(job, own.get(job.key), known) for job in plan.jobs]


def _planned(job: Job, own: Record | None, known: Sequence[Record]) -> Planned:
    estimate = estimate_seconds(job, known)
    if own is not None and own.status == "ok":
        return Planned(job, "cached", (), 0.0)
    if own is not None:
        return Planned(job, "failed before", (f"{own.status}: {own.message}",), estimate)
    stale = [record for record in known if record.status == "ok" and is_for(job, record)]
    if stale:
        return Planned(job, "stale", tuple(difference(stale[-1].parts, job.parts)), estimate)
    return Planned(job, "new", (), estimate)


def is_for(job: Job, record: Record) -> bool:
    """Whether a record, of whatever key, is for the job's row, seed and profile, and for some of its columns."""
    mine = (job.table, job.row, job.parts.seed, job.parts.profile)
    return mine == (record.table, record.row, record.seed, record.profile) and bool(
        job.columns.keys() & record.parts.signatures.keys()
    )


def estimate_seconds(job: Job, known: Sequence[Record]) -> float | None:
    """The median time of finished jobs of the same row and profile, else of the same method, data set and profile."""
    done = [record for record in known if record.status == "ok" and record.profile == job.parts.profile]
    same_row = [record.seconds for record in done if (record.table, record.row) == (job.table, job.row)]
    same_method = [record.seconds for record in done if record.parts.method == job.parts.method]
    times = same_row or same_method
    return median(times) if times else None
