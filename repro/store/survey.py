"""What is left to do of a plan: which jobs are cached, stale, new or failed before, why, and how long they may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from repro.plan.difference import difference
from repro.plan.graph import Job, Plan, Training
from repro.plan.key import canonical, seedless, training_key
from repro.spec.base import Profile
from repro.store.record import Record

State = Literal["cached", "stale", "new", "failed before"]
Place = tuple[str, str, int, Profile, bytes]


@dataclass(frozen=True)
class Planned:
    """A measurement with what earlier records say about it. It is run unless it is cached."""

    job: Job
    state: State
    why: tuple[str, ...] = ()
    estimate_seconds: float | None = None


@dataclass(frozen=True)
class PlannedTraining:
    """A training that a measurement which is to be run rests on; `stored` if its model is there."""

    training: Training
    stored: bool
    estimate_seconds: float | None = None


@dataclass(frozen=True)
class Survey:
    """The measurements of a plan, and the trainings that those which are to be run rest on, each once."""

    plan: Plan
    jobs: tuple[Planned, ...]
    trainings: tuple[PlannedTraining, ...] = ()

    @property
    def left(self) -> list[Planned]:
        """The measurements that are to be run."""
        return [state for state in self.jobs if state.state != "cached"]

    @property
    def to_train(self) -> list[PlannedTraining]:
        """The trainings that are to be run."""
        return [state for state in self.trainings if not state.stored]

    def only(self, wanted: Callable[[Job], bool]) -> Survey:
        """The same of some of the measurements, with the trainings that they rest on."""
        jobs = tuple(state for state in self.jobs if wanted(state.job))
        left = [state.job for state in jobs if state.state != "cached"]
        needed = {each.key for job in left for each in self.plan.trainings_of(job)}
        made = self.plan
        plan = Plan(table=made.table, profile=made.profile, trainings=made.trainings,
                    jobs=tuple(state.job for state in jobs))  # fmt: skip
        return Survey(plan, jobs, tuple(state for state in self.trainings if state.training.key in needed))

    def estimate(self) -> tuple[float, int]:
        """The seconds of one worker for all that is to be run, and how many parts of it have no estimate."""
        parts: list[Planned | PlannedTraining] = [*self.left, *self.to_train]
        times = [part.estimate_seconds for part in parts]
        known = [seconds for seconds in times if seconds is not None]
        return sum(known), len(times) - len(known)


def survey(
    plan: Plan,
    records: Iterable[Record],
    is_trained: Callable[[str], bool] = lambda _: False,
    timed: Iterable[Record] = (),
) -> Survey:
    """The state of every job, given the records at hand (of any table: they serve the estimates).

    What was `timed` elsewhere, as shipped results were, serves the estimates only, and those of what was not made here.
    """
    known = sorted(records, key=lambda record: record.started)
    own = {record.key: record for record in known if record.table == plan.table}
    times = _Times(known, plan.profile, timed)
    places = _by_place(known)
    jobs = tuple(_planned(job, own.get(job.key), places, times) for job in plan.jobs)
    stored = plan.needed([state.job for state in jobs if state.state != "cached"], is_trained)
    trainings = tuple(
        PlannedTraining(training, stored[training.key], times.of_training(training))
        for training in plan.trainings if training.key in stored
    )  # fmt: skip
    return Survey(plan, jobs, trainings)


def _planned(job: Job, own: Record | None, places: Mapping[Place, Sequence[Record]], times: _Times) -> Planned:
    estimate = times.of_job(job)
    if own is not None and own.is_result:
        return Planned(job, "cached", (), estimate)
    if own is not None:
        return Planned(job, "failed before", (f"{own.status}: {own.message}",), estimate)
    stale = [record for record in places.get(_place(job), ()) if is_for(job, record)]
    if stale:
        return Planned(job, "stale", tuple(difference(stale[-1].parts, job.parts)), estimate)
    return Planned(job, "new", (), estimate)


def is_for(job: Job, record: Record) -> bool:
    """Whether a record, of whatever key, is for the job's row, seed, profile and point, and some of its columns."""
    return _place(job) == _place(record) and bool(job.columns.keys() & record.parts.signatures.keys())


def _place(of: Job | Record) -> Place:
    return of.table, of.row, of.seed, of.parts.profile, canonical(of.parts.point)


def _by_place(records: Iterable[Record]) -> dict[Place, list[Record]]:
    found: dict[Place, list[Record]] = {}
    for record in records:
        if record.status == "ok":
            found.setdefault(_place(record), []).append(record)
    return found


class _Times:
    """How long things took: medians of finished ones, of the same configuration, else of the same kind; else of those
    that were made elsewhere.
    """

    def __init__(self, records: Sequence[Record], profile: Profile, elsewhere: Iterable[Record] = ()) -> None:
        self._profile = profile
        self._elsewhere = _Times(tuple(elsewhere), profile) if elsewhere else None
        ok = [record for record in records if record.status == "ok"]
        self._measuring: dict[object, list[float]] = {}
        self._training: dict[object, dict[str, float]] = {}
        for record in ok:
            for name in (record.table, record.row, record.profile), (record.parts.task, record.profile):
                self._measuring.setdefault(name, []).append(record.seconds)
            used = {each.key: each.seconds for each in record.trainings}
            for parts in (record.parts.training, *record.parts.others.values()):
                seconds = used.get(training_key(parts))
                if seconds is not None:
                    for kind in training_key(seedless(parts)), (parts.method, parts.data.name, record.profile):
                        self._training.setdefault(kind, {})[training_key(parts)] = seconds

    def of_job(self, job: Job) -> float | None:
        """Of a measurement: those of its row, else of its task at its scale."""
        times = self._measuring.get((job.table, job.row, job.parts.profile))
        times = times or self._measuring.get((job.parts.task, job.parts.profile))
        if times:
            return median(times)
        return self._elsewhere.of_job(job) if self._elsewhere else None

    def of_training(self, training: Training) -> float | None:
        """Of a training: those of other seeds, else of its method and data set at the plan's scale."""
        parts = training.parts
        times = self._training.get(training_key(seedless(parts)))
        times = times or self._training.get((parts.method, parts.data.name, self._profile))
        if times:
            return median(times.values())
        return self._elsewhere.of_training(training) if self._elsewhere else None
