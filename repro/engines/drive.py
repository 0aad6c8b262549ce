"""Brings the records of a table up to date: plan, freeze, execute what is not cached, and say what became of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from repro.engines import Engine, Event, Frozen, OnEvent, Outcome
from repro.engines.local import LocalEngine
from repro.plan.checksums import Checksums
from repro.plan.jobs import Job, Plan, plan
from repro.plan.key import canonical
from repro.spec.base import Profile
from repro.spec.model import Table
from repro.store.records import Store
from repro.store.survey import Planned, survey


@dataclass(frozen=True)
class Selection:
    """Which jobs of a table: rows by name or pattern, and seeds as a number of them or exactly those."""

    rows: Sequence[str] | None = None
    seeds: int | Sequence[int] | None = None


@dataclass(frozen=True)
class Summary:
    """What became of a run: every job of the plan with its outcome. Those in `cached` were not trained."""

    plan: Plan
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    cached: frozenset[str] = frozenset()

    @property
    def failed(self) -> list[Job]:
        """The jobs that have no result and were not interrupted."""
        return [job for job in self.plan.jobs if self.outcomes[job.key] not in ("ok", "interrupted")]

    @property
    def is_interrupted(self) -> bool:
        """Whether jobs are left that a second run continues."""
        return "interrupted" in self.outcomes.values()


def planned(table: Table, profile: Profile, store: Store, selection: Selection | None = None) -> list[Planned]:
    """The jobs of a table and what earlier records say of each: all that a dry run shows, and nothing is run."""
    wanted = selection or Selection()
    made = plan(table, profile, checksum=Checksums(store.checksums), seeds=wanted.seeds, rows=wanted.rows)
    return survey(made, store.records())


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
    states = planned(table, profile, store, selection)
    return carry_out(
        table.id, profile, states, store=store, engine=engine, on_event=on_event, together=together,
        one_worker=one_worker, force=force,
    )  # fmt: skip


def carry_out(
    table: str,
    profile: Profile,
    states: Sequence[Planned],
    *,
    store: Store,
    engine: Engine | None = None,
    on_event: OnEvent | None = None,
    together: bool = False,
    one_worker: bool = False,
    force: bool = False,
) -> Summary:
    """Executes the jobs of a plan that have no result, or all of them with `force`."""
    made = Plan(table=table, profile=profile, jobs=tuple(state.job for state in states))
    cached = frozenset(state.job.key for state in states if state.state == "cached" and not force)
    frozen = Frozen(made, made.freeze(store.plans))
    left = [job for job in made.jobs if job.key not in cached]
    moment = datetime.now(UTC).isoformat(timespec="microseconds") if force else None
    outcomes = (engine or LocalEngine()).execute(
        frozen, passes(left, together, one_worker), store, on_event or _ignore, force_before=moment
    )
    return Summary(made, {**dict.fromkeys(cached, "ok"), **outcomes}, cached)


def passes(jobs: Sequence[Job], together: bool, one_worker: bool = False) -> list[tuple[str, ...]]:
    """The jobs one by one; those that differ in nothing but the seed as one, on request or where one pass fits them."""
    groups: dict[bytes, list[str]] = {}
    for job in jobs:
        shared = job.parts.model_dump(mode="json") | {"seed": None}
        group = canonical([job.row, shared]) if one_worker or (together and job.fits_many) else job.key.encode()
        groups.setdefault(group, []).append(job.key)
    return [tuple(keys) for keys in groups.values()]


def local_engine(jobs: int | None = None, device: str = "cpu", **settings: float | None) -> LocalEngine:
    """The local engine for a device: on `cpu` one job a core by default, on `cuda` one job a GPU."""
    gpus = visible_gpus() if device == "cuda" else ()
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
    return tuple(str(number) for number, _ in enumerate(listed.stdout.splitlines())) if not listed.returncode else ()


def _ignore(event: Event) -> None:
    del event
