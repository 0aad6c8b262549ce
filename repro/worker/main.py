"""Trains and measures one job of a frozen plan, or several, and writes their records.

    python -m repro.worker.main PLAN_FILE KEY [KEY...]

Every engine runs jobs through this command. A worker holds the locks of its jobs while it lives; jobs that have their
result already are left alone. Its exit code tells the class of what happened, the record tells the story.
"""

from __future__ import annotations

import argparse
import faulthandler
import math
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from repro.contracts import Diverged, Evaluation, MissingData, MissingDevice
from repro.plan.fingerprint import Fingerprinter
from repro.plan.jobs import Job, thaw
from repro.plan.key import difference
from repro.store.record import Record, Status
from repro.store.records import Store, checksum
from repro.worker.checkpoints import Checkpoints
from repro.worker.context import RunContext, Stopped
from repro.worker.environment import commit, environment, peak_memory_bytes
from repro.worker.kept import kept_model
from repro.worker.lifeline import hold
from repro.worker.load import build, load
from repro.worker.seeding import seed_globals

EXIT_CODES: dict[Status, int] = {
    "ok": 0,
    "failed": 1,
    "diverged": 10,
    "missing data": 11,
    "missing device": 12,
    "out of memory": 13,
}
EXIT_STOPPED = 14  # asked to stop, checkpoint written: a later run continues
EXIT_BUSY = 15  # another process trains one of these jobs
TAIL_LINES = 30


@dataclass(frozen=True)
class Settings:
    """How a worker runs, none of which may move a number."""

    device: str = "cpu"
    threads: int = 1
    checkpoint_seconds: float = 60.0


@dataclass
class Pass:
    """One fit over jobs that differ in nothing but the seed, and what is needed to write their records."""

    jobs: list[Job]
    context: RunContext
    settings: Settings
    store: Store
    started: str
    commit: str | None = field(default_factory=commit)

    def record(self, job: Job, status: Status, message: str = "", tail: str = "", **results: Any) -> Record:
        """A record of one job of the pass. The time of a pass is shared evenly by its jobs."""
        return Record(
            key=job.key,
            table=job.table,
            row=job.row,
            parts=job.parts,
            status=status,
            message=message,
            tail=tail,
            curves=self.context.curves(job.parts.seed),
            environment=environment(self.settings.device, self.settings.threads),
            commit=self.commit,
            started=self.started,
            seconds=round(self.context.seconds / len(self.jobs), 3),
            peak_memory_bytes=peak_memory_bytes(),
            redo=job.redo,
            **results,
        )


class Stop:
    """Whether SIGTERM has come. It is looked at when the method offers a checkpoint, never in between."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True

    def __call__(self) -> bool:
        """True from the first SIGTERM on."""
        return self.asked


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line above, and gives the exit code."""
    options = _parser().parse_args(arguments)
    if options.lifeline is not None:
        hold(options.lifeline)
    faulthandler.enable()
    settings = Settings(options.device, options.threads, options.checkpoint_seconds)
    plan = thaw(options.plan)
    store = Store(options.store or options.plan.absolute().parent.parent)
    with ExitStack() as locks:
        try:
            for key in sorted(options.keys):
                locks.enter_context(store.lock(key).acquire(timeout=1.0))
        except TimeoutError:
            return EXIT_BUSY
        jobs = [job for key in options.keys if not is_finished(store, job := plan.job(key), options.force_before)]
        anew, stop, code = options.force_before is not None, Stop(), 0
        for group in _passes(jobs):
            if stop():
                return EXIT_STOPPED
            code = max(code, work(group, store, settings, options.progress, stop, anew=anew))
        return code


def _passes(jobs: list[Job]) -> list[list[Job]]:
    """Jobs whose method fits many seeds in one pass, others one after another."""
    return [jobs] if jobs and all(job.fits_many for job in jobs) else [[job] for job in jobs]


def is_finished(store: Store, job: Job, force_before: str | None) -> bool:
    """Whether a job has its result; one from before the moment at which a run was forced does not count."""
    record = store.get(job.table, job.key)
    done = record is not None and record.status == "ok"
    return done and not (force_before and record is not None and record.started < force_before)


def work(jobs: list[Job], store: Store, settings: Settings, progress: int | None, stop: Stop, *, anew: bool) -> int:
    """Trains, measures and records jobs that differ in nothing but the seed, in one pass; gives the exit code.

    With `anew` a model that was kept from an earlier job of the same training does not spare this one.
    """
    keys = [job.key for job in jobs]
    context = RunContext(
        seeds=tuple(job.parts.seed for job in jobs),
        device=settings.device,
        checkpoints=Checkpoints(store.checkpoints(keys)),
        interval_seconds=settings.checkpoint_seconds,
        progress_handle=progress,
        stop_requested=stop,
    )
    run = Pass(jobs, context, settings, store, datetime.now(UTC).isoformat(timespec="microseconds"))
    try:
        statuses = _fit_and_measure(run, anew)
    except Stopped:
        return EXIT_STOPPED
    except (Exception, SystemExit) as error:
        statuses = [_record_failure(run, job, error) for job in jobs]
    if all(status == "ok" for status in statuses):
        store.forget_checkpoints(keys)
    return max(EXIT_CODES[status] for status in statuses)


def classify(error: BaseException) -> Status:
    """The status that an exception of a method or a task stands for."""
    if isinstance(error, Diverged):
        return "diverged"
    if isinstance(error, MissingData):
        return "missing data"
    if isinstance(error, MissingDevice):
        return "missing device"
    no_memory = ("out of memory", "can't allocate memory", "not enough memory")
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error).lower() for words in no_memory)
    ):
        return "out of memory"
    return "failed"


def _fit_and_measure(run: Pass, anew: bool) -> list[Status]:
    first = run.jobs[0]
    _check_code(first)
    method = build(first.method_address, first.parts.params)
    task = load(first.task_address)()
    _prepare(run.settings)
    data = load(first.data_address)()
    _check_data(first, data.checksum)
    seed_globals(run.context.seeds[0], "fit", *run.context.seeds[1:])
    models = [_fit(run, method, data, anew)] if len(run.jobs) == 1 else method.fit_many(data, run.context)
    if len(models) != len(run.jobs):
        raise ValueError(f"fit_many gave {len(models)} models for {len(run.jobs)} seeds")
    return [_measure(run, job, task, model, data) for job, model in zip(run.jobs, models, strict=True)]


def _fit(run: Pass, method: Any, data: Any, anew: bool) -> Any:
    """One trained model, made here or kept from an earlier job."""
    kept, checkpoints = kept_model(run.jobs[0], method, run.store), run.context.checkpoints.folder
    if kept is not None and not anew:
        kept.lend(checkpoints)
    model = method.fit(data, run.context)
    if kept is not None:
        kept.take(checkpoints)
    return model


def _measure(run: Pass, job: Job, task: Any, model: Any, data: Any) -> Status:
    """Measures and records one model. What goes wrong with one seed of a pass is no matter of the others."""
    try:
        if isinstance(model, Diverged):
            raise model
        seed_globals(job.parts.seed, "measure")
        measured: Evaluation = task.measure(model, data, job.columns, run.context.generator(job.parts.seed, "measure"))
        _check_numbers(job, measured)
        artifacts = {name: checksum(array) for name, array in measured.artifacts.items()}
        record = run.record(job, "ok", measured=measured.measured, texts=measured.texts, artifacts=artifacts)
    except (Exception, SystemExit) as error:
        return _record_failure(run, job, error)
    run.store.put(record, measured.artifacts)
    return "ok"


def _record_failure(run: Pass, job: Job, error: BaseException) -> Status:
    status = classify(error)
    message = str(error) if status in ("diverged", "missing data", "missing device") else ""
    lines = "".join(traceback.format_exception(error)).rstrip().splitlines()
    print("\n".join(lines), file=sys.stderr, flush=True)
    message = message or f"{type(error).__name__}: {error}"
    run.store.put(run.record(job, status, message, "\n".join(lines[-TAIL_LINES:])))
    return status


def _check_code(job: Job) -> None:
    """Numbers must not be filed under the code of the plan when they come from code that has changed since."""
    now = job.parts.model_copy(update={"fingerprint": Fingerprinter().of(job.addresses)})
    changed = difference(job.parts, now)
    if changed:
        raise RuntimeError(f"{'; '.join(changed)} since the plan was made: run again to make a new plan")


def _check_data(job: Job, found: str) -> None:
    if found != job.parts.data.checksum:
        raise RuntimeError(
            f"data set {job.parts.data.name} has checksum {found[:12]}, the plan was made with "
            f"{job.parts.data.checksum[:12]}: remove checksums.json in the store and run again"
        )


def _check_numbers(job: Job, measured: Evaluation) -> None:
    for kind, given in (("number", measured.measured.keys()), ("words", measured.texts.keys())):
        missing = [n for n, column in job.columns.items() if column.is_words == (kind == "words") and n not in given]
        if missing:
            raise ValueError(f"the task gave no {kind} for column {', '.join(missing)}")
    wrong = [name for name, found in measured.measured.items() if not math.isfinite(found.value)]
    if wrong:
        raise ValueError(f"column {', '.join(wrong)} is not a finite number")


def _prepare(settings: Settings) -> None:
    """Threads, determinism and the device, for methods that are written in torch; the others do without it."""
    if settings.device != "cpu":
        import torch  # noqa: F401 - to ask for its devices
    torch_module: Any = sys.modules.get("torch")
    if torch_module is None:
        return
    torch_module.set_num_threads(settings.threads)
    torch_module.use_deterministic_algorithms(True, warn_only=True)
    torch_module.backends.cudnn.benchmark = False
    if settings.device.startswith("cuda") and not torch_module.cuda.is_available():
        raise MissingDevice(f"device {settings.device} was asked for, and there is no GPU here: only cpu")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m repro.worker.main", description="Runs jobs of a frozen plan.")
    parser.add_argument("plan", type=Path, metavar="PLAN_FILE")
    parser.add_argument("keys", nargs="+", metavar="KEY")
    parser.add_argument("--store", type=Path, help="the store; by default the one that the plan lies in")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--checkpoint-seconds", type=float, default=float(os.environ.get("REPRO_CHECKPOINT_SECONDS", "60"))
    )
    parser.add_argument("--force-before", help="results that were started before this moment are made anew")
    parser.add_argument("--progress", type=int, help="a file descriptor that takes JSON lines")
    parser.add_argument("--lifeline", type=int, help="a file descriptor; when its other end closes, the worker dies")
    return parser


if __name__ == "__main__":
    sys.exit(main())
