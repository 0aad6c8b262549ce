"""The loop of the local engine: it starts workers, reads what they say, enforces limits and notes how they ended.

One loop in one thread. A first Ctrl-C asks the workers to write a checkpoint and end; a second one ends them at once.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from repro.engines import Event, Frozen, OnEvent, Outcome
from repro.engines.ending import failure
from repro.engines.environment import worker_environment
from repro.engines.process import Limits, WorkerProcess, spawn
from repro.engines.queue import Queue, needs_of
from repro.engines.warm import WarmParent
from repro.plan.graph import Job, Training
from repro.store.record import Ran, Record, TrainingRecord
from repro.store.records import Store
from repro.worker import exits

if TYPE_CHECKING:
    from repro.engines.local import LocalEngine

TICK_SECONDS = 0.1
BUSY_SECONDS = 0.5
RESTS_ON = "the training that it rests on"


@dataclass
class _Running:
    """A worker with its jobs, the GPU it was lent, and when the records before it were started."""

    worker: WorkerProcess
    jobs: tuple[Training | Job, ...]
    gpu: str | None
    before: dict[str, str | None]
    started: str


class Loop:
    """One execution of a frozen plan: what waits, what runs, and what became of each job."""

    def __init__(
        self,
        engine: LocalEngine,
        frozen: Frozen,
        store: Store,
        on_event: OnEvent,
        force_before: str | None,
        waiting: Queue,
        warm: WarmParent | None,
    ) -> None:
        self.engine, self.frozen, self.store, self.on_event = engine, frozen, store, on_event
        self.force_before, self.waiting, self.warm = force_before, waiting, warm
        self.running: list[_Running] = []
        self.outcomes: dict[str, Outcome] = {}
        self.gpus = list(engine.gpus)
        self.slots = min(engine.slots, len(engine.gpus)) if engine.gpus else engine.slots
        self.look_again = 0.0

    def run(self, interrupts: Callable[[], int]) -> dict[str, Outcome]:
        """Runs all passes; whatever goes wrong here, no worker is left behind."""
        if self.warm:
            self.warm.prepare(self.frozen.file)
        try:
            while self.waiting or self.running:
                if interrupts():
                    self._interrupt(at_once=interrupts() > 1)
                elif time.monotonic() >= self.look_again and (not self.warm or self.warm.is_ready(self.frozen.file)):
                    self._fill_slots()
                self._wait()
                for run in list(self.running):
                    self._attend(run)
        finally:
            for run in self.running:
                run.worker.close()
        return self.outcomes

    def _interrupt(self, at_once: bool) -> None:
        self.outcomes.update(dict.fromkeys(self.waiting.clear(), "interrupted"))
        for run in self.running:
            run.worker.stop("interrupted")
            if at_once:
                run.worker.kill()

    def _wait(self) -> None:
        handles = [handle for run in self.running for handle in run.worker.handles]
        told = self.warm.handles if self.warm else []
        nearly_gone = any(not run.worker.handles for run in self.running)
        select.select([*handles, *told], [], [], TICK_SECONDS / 10 if nearly_gone else TICK_SECONDS)
        if self.warm:
            self.warm.listen()

    def _fill_slots(self) -> None:
        """Starts what can be started. A pass whose job is done by another run goes to the end of the queue."""
        busy = False
        for _ in range(len(self.waiting)):
            if len(self.running) >= self.slots or not len(self.waiting):
                return
            keys = self._left(self.waiting.pop())
            if not keys:
                continue
            if any(self.store.is_locked(key) for key in keys):
                self.waiting.again(keys)
                busy = True
            elif lacking := self._lacking(keys):
                self._cannot_start(keys, lacking)
            else:
                self._start(tuple(self.frozen.plan[key] for key in keys))
        if busy:
            self.look_again = time.monotonic() + BUSY_SECONDS

    def _left(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        """The jobs of a pass that nobody else has finished in the meantime."""
        for key in keys:
            job = self.frozen.plan[key]
            record = self._record(job)
            there = isinstance(job, Job) or self.store.models.has(key)
            if record and record.status == "ok" and there and not self._is_old(record):
                self._end(job, "ok", "from another run")
        return tuple(key for key in keys if key not in self.outcomes)

    def _lacking(self, keys: tuple[str, ...]) -> str | None:
        """A training that the pass needs, that is no part of this execution, and whose model is not there."""
        needs = needs_of(self.frozen.plan, keys) - self.outcomes.keys()
        return next((need for need in sorted(needs) if not self.store.is_trained(need)), None)

    def _is_old(self, record: Ran) -> bool:
        return self.force_before is not None and record.started < self.force_before

    def _record(self, job: Training | Job) -> Ran | None:
        if isinstance(job, Training):
            return self.store.get_training(job.key)
        return self.store.get(job.table, job.key)

    def _start(self, jobs: tuple[Training | Job, ...]) -> None:
        gpu = self.gpus.pop(0) if self.gpus else None
        limits = Limits(
            seconds=sum(job.limit_seconds for job in jobs),
            grace_seconds=self.engine.grace_seconds,
            memory_bytes=self.engine.memory_limit_bytes,
        )
        before = {job.key: self._attempt(job) for job in jobs}  # the worker may be done in no time
        started = self.store.moment()
        start = self.warm.start if self.warm else spawn
        worker = WorkerProcess(
            partial(start, self._arguments(jobs), worker_environment(self.engine.device, self.engine.threads, gpu)),
            self.store.log_file(jobs[0].key),
            limits,
        )
        self.running.append(_Running(worker, jobs, gpu, before, started))
        self._tell("started", jobs)

    def _arguments(self, jobs: tuple[Training | Job, ...]) -> list[str]:
        return [
            *(str(self.frozen.file), *(job.key for job in jobs)),
            *("--store", str(self.store.root), "--device", self.engine.device),
            *("--threads", str(self.engine.threads), "--checkpoint-seconds", str(self.engine.checkpoint_seconds)),
            *(("--force-before", self.force_before) if self.force_before else ()),
        ]

    def _attend(self, run: _Running) -> None:
        ended, news = run.worker.tick()
        for said in news[-1:]:
            done, total = int(said.get("done", 0)), int(said.get("total", 0))
            self._tell("progress", run.jobs, done=done, total=total, shown=said.get("shown", {}))
        if not ended:
            return
        run.worker.close()
        self.running.remove(run)
        if run.gpu is not None:
            self.gpus.append(run.gpu)
        self.look_again = 0.0
        if run.worker.exit_code == exits.BUSY or run.worker.is_lost:
            self.waiting.again(tuple(job.key for job in run.jobs))
            self.look_again = time.monotonic() + BUSY_SECONDS
            return
        for job in run.jobs:
            self._conclude(run, job)

    def _conclude(self, run: _Running, job: Training | Job) -> None:
        """The outcome of one job of a worker that has ended: what its record says, or what its end says."""
        record = self._record(job)
        is_new = record is not None and record.started != run.before[job.key]
        if record is None or not (is_new or (record.status == "ok" and not self._is_old(record))):
            if run.worker.exit_code == exits.STOPPED and run.worker.ended_for is None:
                run.worker.ended_for = "interrupted"  # somebody else sent SIGTERM
            if run.worker.status == "interrupted":
                self._end(job, "interrupted")
                return
            record = self._put(job, **failure(run.worker, run.started))
        self._end(job, record.status, record.message)

    def _cannot_start(self, keys: Sequence[str], lacking: str) -> None:
        """Ends jobs that need a model which is not there: each says so, with the training's status."""
        training, outcome = self.frozen.plan.training(lacking), self.outcomes.get(lacking, "failed")
        record = self.store.get_training(lacking)
        why = record.message if record is not None and record.status != "ok" else "its model is not there"
        for key in keys:
            job = self.frozen.plan[key]
            if outcome == "interrupted" or outcome == "ok":
                self._end(job, "interrupted")
                continue
            of_training = f"{RESTS_ON} ({training.name}, seed {training.seed}) ended as {outcome}: {why}"
            said = why if why.startswith(RESTS_ON) else of_training  # the first in a chain is what went wrong
            self._put(job, status=outcome, message=said, started=self.store.moment(), seconds=0.0)
            self._end(job, outcome, said)

    def _put(self, job: Training | Job, **ended: Any) -> Ran:
        record: Ran
        if isinstance(job, Training):
            record = TrainingRecord(key=job.key, parts=job.parts, **ended)
            self.store.put_training(record)
        else:
            record = Record(key=job.key, table=job.table, row=job.row, parts=job.parts, redo=job.redo,
                            beside=job.beside, **ended)  # fmt: skip
            self.store.put(record)
        return record

    def _attempt(self, job: Training | Job) -> str | None:
        record = self._record(job)
        return record.started if record else None

    def _tell(
        self, kind: Literal["started", "progress", "ended"], jobs: tuple[Training | Job, ...], **said: Any
    ) -> None:
        first, table = jobs[0], self.frozen.plan.table
        keys, seeds = tuple(job.key for job in jobs), tuple(job.seed for job in jobs)
        self.on_event(Event(kind, table, first.name, seeds, keys, is_training=isinstance(first, Training), **said))

    def _end(self, job: Training | Job, outcome: Outcome, message: str = "") -> None:
        self.outcomes[job.key] = outcome
        self._tell("ended", (job,), outcome=outcome, message=message)
        if lost := self.waiting.ended(job.key, well=outcome == "ok"):
            self._cannot_start(lost, job.key)
