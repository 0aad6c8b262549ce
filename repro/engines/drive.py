"""Brings the records of a table up to date: plan, freeze, execute what is not cached, and say what became of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field

from repro.devices import device_named
from repro.distribution import require
from repro.engines import Awaited, Engine, Event, Frozen, OnEvent, Outcome
from repro.engines.local import LocalEngine
from repro.places import results_of
from repro.plan.checksums import Checksums
from repro.plan.graph import Job, Plan, Training
from repro.plan.jobs import plan
from repro.plan.key import configuration, seedless, training_key
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.accepted import read_results
from repro.store.models import budget_bytes
from repro.store.record import Ran, Record, TrainingRecord, is_result
from repro.store.records import Store, is_later
from repro.store.survey import Survey, survey


@dataclass(frozen=True)
class Selection:
    """Which jobs of a table: rows by name or pattern, and seeds as a number of them or exactly those."""

    rows: Sequence[str] | None = None
    seeds: int | Sequence[int] | None = None


@dataclass(frozen=True)
class Summary:
    """What became of a run: every training and measurement with its outcome. What is in `cached` was not made anew."""

    plan: Plan
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    cached: frozenset[str] = frozenset()

    @property
    def failed(self) -> list[Job]:
        """The measurements that have no result and were not interrupted."""
        ended = {job.key: self.outcomes[job.key] for job in self.plan.jobs}
        jobs = [job for job in self.plan.jobs if ended[job.key] != "interrupted"]
        return [job for job in jobs if not is_result(ended[job.key], job.parts)]

    @property
    def is_interrupted(self) -> bool:
        """Whether jobs are left that a second run continues."""
        return "interrupted" in self.outcomes.values()

    @property
    def measured(self) -> int:
        """How many measurements were tried."""
        tried = [job for job in self.plan.jobs if job.key not in self.cached]
        return sum(self.outcomes[job.key] != "interrupted" for job in tried)

    @property
    def trained(self) -> list[Training]:
        """The trainings that were done."""
        return [each for each in self.plan.trainings if self.outcomes.get(each.key) == "ok"]

    def log_key(self, job: Job) -> str:
        """Under which key the log of a failed measurement lies: its own, or that of the training that failed."""
        bad = [each for each in self.plan.trainings_of(job) if self.outcomes.get(each.key, "ok") != "ok"]
        return bad[-1].key if bad else job.key


def planned(table: Table, profile: Profile, store: Store, selection: Selection | None = None) -> Survey:
    """The jobs of a table and what earlier records say of each: all that a dry run shows, and nothing is run."""
    wanted = selection or Selection()
    made = plan(table, profile, checksum=Checksums(store.checksums), seeds=wanted.seeds, rows=wanted.rows)
    accepted = read_results(results_of(table.id), table.id)
    return survey(made, store.records(), store.is_trained, timed=accepted)


def run(
    table: Table,
    profile: Profile,
    *,
    store: Store,
    selection: Selection | None = None,
    engine: Engine | None = None,
    on_event: OnEvent | None = None,
    together: bool = False,
    one_worker: bool = False,
    force: bool = False,
) -> Summary:
    """Trains and measures all jobs that have no result. `together` fits the seeds of a row in one pass where its method
    can; with `one_worker` they share a process in any case, and one that crashes takes those after it along; `force`
    makes results anew that are there already.
    """
    found = planned(table, profile, store, selection)
    return carry_out(
        found, store=store, engine=engine, on_event=on_event, together=together, one_worker=one_worker, force=force
    )


def carry_out(
    found: Survey,
    *,
    store: Store,
    engine: Engine | None = None,
    on_event: OnEvent | None = None,
    together: bool = False,
    one_worker: bool = False,
    force: bool = False,
) -> Summary:
    """Executes what has no result, or all of it with `force`. Models beyond the budget go when all is done."""
    made, budget = found.plan, budget_bytes()
    jobs = made.jobs if force else tuple(state.job for state in found.left)
    with store.models.leased({each.key for job in jobs for each in made.trainings_of(job)}):
        stored = made.needed(jobs, lambda key: not force and store.is_trained(key))
        trainings = [each for each in made.trainings if not stored.get(each.key, True)]
        _refuse_later(store, trainings, jobs)
        if jobs:
            require("torch")  # which keeps every model
        frozen = Frozen(made, made.freeze(store.plans))
        moment = _later_than_all(store, trainings, jobs) if force else None
        work = [*passes(jobs, together, one_worker), *passes(trainings, together, one_worker)]
        runner, tell = engine or LocalEngine(), on_event or _ignore
        tell(Event("planned", made.table, "", (), awaited=_awaited(found, [*trainings, *jobs]),
                   workers=getattr(runner, "slots", 1)))  # fmt: skip
        outcomes = runner.execute(frozen, work, store, tell, force_before=moment)
    store.models.prune(budget_bytes=budget)
    cached = frozenset(job.key for job in made.jobs) - {job.key for job in jobs}
    return Summary(made, {**dict.fromkeys(cached, "ok"), **outcomes}, cached)


def _refuse_later(store: Store, trainings: Sequence[Training], jobs: Sequence[Job]) -> None:
    """Raises ValueError where what is to be made is there already from a later version, whose work it is."""
    models = (store.training_file(each.key) for each in trainings)
    results = (store.record_file(job.table, job.key) for job in jobs)
    later = [file for file in models if is_later(file, TrainingRecord)]
    if later := later + [file for file in results if is_later(file, Record)]:
        others = f" and {len(later) - 1} more" if later[1:] else ""
        raise ValueError(f"{later[0]}{others}: written by a later version of repro, and left as it is: update repro, "
                         "or give this run a store of its own by REPRO_STORE")  # fmt: skip


def _later_than_all(store: Store, trainings: Sequence[Training], jobs: Sequence[Job]) -> str:
    """A moment before which all results that these have now were started, whatever clock said when."""
    records: list[Ran | None] = [store.get_training(each.key) for each in trainings]
    records += [store.get(job.table, job.key) for job in jobs]
    return store.moment(after=max((record.started for record in records if record), default=""))


def _awaited(found: Survey, left: Sequence[Training | Job]) -> tuple[Awaited, ...]:
    """What is to be run, with what a survey expects each to take."""
    seconds = {state.job.key: state.estimate_seconds for state in found.jobs}
    seconds |= {state.training.key: state.estimate_seconds for state in found.trainings}
    return tuple(Awaited(each.key, each.name, isinstance(each, Training), seconds.get(each.key)) for each in left)


def passes(jobs: Sequence[Training] | Sequence[Job], together: bool, one_worker: bool = False) -> list[tuple[str, ...]]:
    """The jobs one by one; those that differ in nothing but the seed as one, on request or where one pass fits them."""
    groups: dict[str, list[str]] = {}
    for job in jobs:
        fits_many = isinstance(job, Training) and job.fits_many
        group = _but_for_the_seed(job) if one_worker or (together and fits_many) else job.key
        groups.setdefault(group, []).append(job.key)
    return [tuple(keys) for keys in groups.values()]


def _but_for_the_seed(job: Training | Job) -> str:
    return configuration(job.parts) if isinstance(job, Job) else training_key(seedless(job.parts))


def local_engine(jobs: int | None = None, device: str = "cpu", **settings: float | None) -> LocalEngine:
    """The local engine for a device: on `cpu` one job a core by default, on `cuda` one job a GPU.

    Raises ValueError for a device that there is none of.
    """
    gpus = visible_gpus() if device_named(device) == "cuda" else ()
    slots = jobs or len(gpus) or os.cpu_count() or 1
    return LocalEngine(slots=slots, device=device, gpus=gpus, **settings)  # type: ignore[arg-type]


def visible_gpus() -> tuple[str, ...]:
    """The GPUs that may be lent to workers: those that CUDA_VISIBLE_DEVICES names, else all that the driver lists."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return tuple(name.strip() for name in named.split(",") if name.strip())
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30, check=False)  # noqa: S607
    except (OSError, subprocess.TimeoutExpired):
        return ()
    gpus = [line for line in listed.stdout.splitlines() if line.startswith("GPU ")]  # below them stand their MIG slices
    return tuple(str(number) for number, _ in enumerate(gpus)) if not listed.returncode else ()


def _ignore(event: Event) -> None:
    del event
