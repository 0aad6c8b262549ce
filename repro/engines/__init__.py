"""How jobs are run. An engine gets a frozen plan and says what became of each job; the records are in the store.

The seam for other engines (a cluster's queue, ray) is the protocol below. Whatever an engine does, it runs
`python -m repro.worker.main PLAN_FILE KEY [KEY...]` for each pass, as a new process or a fork, and obeys four rules:

1. A pass has one key, or several that one worker does, together or in turn: trainings, or measurements. A pass starts
   when the trainings that it needs are done. One that fails, however it fails, must not touch the others, but for the
   measurements of its model: each gets a record with the status of the training, which says so.
2. The worker writes the record of each of its jobs. Where it died before it could, the engine writes one, with a status
   that says what happened. A job that was interrupted on request has no record: the next run continues it.
3. A worker that finds its job being done elsewhere exits with `repro.worker.exits.BUSY`: the pass is tried again later.
4. When the engine is gone, its workers die.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from repro.plan.graph import Plan
from repro.store.record import Status
from repro.store.records import Store

Outcome = Status | Literal["interrupted"]


@dataclass(frozen=True)
class Awaited:
    """A job that is to be run, and the seconds that it may take by what earlier ones took; None where none tells."""

    key: str
    name: str
    is_training: bool
    seconds: float | None = None


@dataclass(frozen=True)
class Event:
    """Something to draw: what is to be run, a pass over some jobs started, came further, or one job ended.

    `row` is a measurement's row, or the name of a training, which several trainings may have; `keys` are the jobs.
    What is `planned` has no row: `awaited` are all jobs that are to be run, by so many `workers` at once.
    """

    kind: Literal["planned", "started", "progress", "ended"]
    table: str
    row: str
    seeds: tuple[int, ...]
    keys: tuple[str, ...] = ()
    is_training: bool = False
    outcome: Outcome | None = None
    message: str = ""
    done: int = 0
    total: int = 0
    shown: Mapping[str, float] = field(default_factory=dict)
    awaited: tuple[Awaited, ...] = ()
    workers: int = 1


OnEvent = Callable[[Event], None]


@dataclass(frozen=True)
class Frozen:
    """A plan and the file that it is frozen in."""

    plan: Plan
    file: Path


class Engine(Protocol):
    """Runs passes over jobs of a frozen plan."""

    def execute(
        self,
        frozen: Frozen,
        passes: Sequence[tuple[str, ...]],
        store: Store,
        on_event: OnEvent,
        *,
        force_before: str | None,
    ) -> dict[str, Outcome]:
        """What became of each job. With `force_before`, results that were started before that moment do not count."""
