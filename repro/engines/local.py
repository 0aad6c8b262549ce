"""The local engine: a process a pass, on this machine. A worker that crashes, hangs or is killed fails its own jobs.

Workers are forked from a warm parent where that is possible, and new processes where it is not. One loop in one thread
starts workers, reads what they say, enforces limits and notes how they ended. A first Ctrl-C asks the workers to write
a checkpoint and end; a second one ends them at once.
"""

from __future__ import annotations

import os
import select
import signal
import site
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

import repro
from repro.engines import Event, Frozen, OnEvent, Outcome
from repro.engines.process import Limits, WorkerProcess, spawn
from repro.engines.queue import Queue, needs_of
from repro.engines.warm import Parents, WarmParent, can_fork
from repro.plan.graph import Job, Training
from repro.store.record import Ran, Record, Status, TrainingRecord
from repro.store.records import Store
from repro.worker import exits

TICK_SECONDS = 0.1
BUSY_SECONDS = 0.5
TAIL_LINES = 30
# The C library's own limits, of 128 KiB to 32 MiB, give the memory of a step's large arrays back to the system, which
# then clears it for the next step: 130,000 page faults in a training step of the AWD-LSTM.
ALLOCATOR = dict.fromkeys(("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"), str(2**30))


@dataclass(frozen=True)
class LocalEngine:
    """Settings of the engine: how many workers at once, on which device, and what each may use.

    Inside of `with engine:` several runs share a warm parent. With `fresh` every worker is a new process.
    """

    slots: int = 1
    device: str = "cpu"
    gpus: tuple[str, ...] = ()
    threads: int = 1
    grace_seconds: float = 10.0
    memory_limit_bytes: int | None = None
    checkpoint_seconds: float = 60.0
    fresh: bool = False
    parents: Parents = field(default_factory=Parents, compare=False, repr=False)

    def __enter__(self) -> Self:
        self.parents.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parents.__exit__(kind, error, trace)

    def execute(
        self,
        frozen: Frozen,
        passes: Sequence[tuple[str, ...]],
        store: Store,
        on_event: OnEvent,
        *,
        force_before: str | None = None,
    ) -> dict[str, Outcome]:
        """What became of each job."""
        with self.parents, _interrupts() as interrupts:
            warm = self._warm_parent(store) if len(passes) > 1 or self.parents.is_shared else None
            queue = Queue(frozen.plan, passes)
            return _Loop(self, frozen, store, on_event, force_before, queue, warm).run(interrupts)

    def _warm_parent(self, store: Store) -> WarmParent | None:
        return None if self.fresh or not can_fork() else self.parents.of(worker_environment(self, None), store.root)


@dataclass
class _Running:
    """A worker with its jobs, the GPU it was lent, and when the records before it were started."""

    worker: WorkerProcess
    jobs: tuple[Training | Job, ...]
    gpu: str | None
    before: dict[str, str | None]
    started: str


RESTS_ON = "the training that it rests on"


class _Loop:
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
        ready = select.select([*handles, *told], [], [], TICK_SECONDS)[0]
        if self.warm:
            self.warm.listen()
        if handles and set(handles) <= set(ready):
            time.sleep(TICK_SECONDS / 10)  # closed pipes are readable for ever: do not spin until the worker is gone

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
        before, started = {job.key: self._attempt(job) for job in jobs}, _now()  # the worker may be done in no time
        start = self.warm.start if self.warm else spawn
        worker = WorkerProcess(
            partial(start, self._arguments(jobs), worker_environment(self.engine, gpu)),
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
            record = self._put(job, **_failure(run))
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
            self._put(job, status=outcome, message=said, started=_now(), seconds=0.0)
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


def _failure(run: _Running) -> dict[str, Any]:
    """What the record of a job says whose worker died before it could write one."""
    worker = run.worker
    status = cast(Status, worker.status)
    return {
        "status": status,
        "message": _explained(status, worker),
        "tail": worker.log.last_lines(TAIL_LINES),
        "started": run.started,
        "seconds": round(worker.seconds, 3),
        "peak_memory_bytes": worker.peak_bytes or None,
    }


def worker_environment(engine: LocalEngine, gpu: str | None) -> dict[str, str]:
    """The variables of a worker: the harness that the driver runs, a fixed number of threads, its GPU or none, and an
    allocator that keeps freed memory, unless the user has set one.
    """
    threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    env = {
        **ALLOCATOR,
        **os.environ,
        **dict.fromkeys(threads, str(engine.threads)),
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "TORCHINDUCTOR_DETERMINISTIC": "1",
    }
    if engine.device == "cpu" or gpu is not None:
        env["CUDA_VISIBLE_DEVICES"] = gpu or ""
    home = str(Path(repro.__file__).resolve().parent.parent)
    if home not in {str(Path(place).resolve()) for place in (*site.getsitepackages(), site.getusersitepackages())}:
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (home, env.get("PYTHONPATH"))))
    return env


def _explained(status: Status, worker: WorkerProcess) -> str:
    if status == "timeout":
        return f"did not end within its limit of {worker.limits.seconds:g} seconds"
    if status == "out of memory" and worker.ended_for:
        return f"held more than its limit of {worker.limits.memory_bytes} bytes"
    if status == "out of memory":
        return "killed by the system for want of memory"
    if worker.exit_code < 0:
        return f"ended by signal {signal.Signals(-worker.exit_code).name}"
    return f"ended with exit code {worker.exit_code} and left no record"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


@contextmanager
def _interrupts() -> Iterator[Callable[[], int]]:
    """Counts Ctrl-C and SIGTERM instead of letting them break the loop anywhere. Only the main thread can do so."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    earlier = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
