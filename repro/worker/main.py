"""Trains or measures jobs of a frozen plan, and writes their records.

    python -m repro.worker.main PLAN_FILE KEY [KEY...]

Every engine runs jobs through this command. A worker holds the locks of its jobs while it lives; jobs that have their
result already are left alone. Its exit code tells the class of what happened, the record tells the story.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from repro.plan.fingerprint import Fingerprinter
from repro.plan.graph import Job, Plan, Training, thaw
from repro.store.record import Status
from repro.store.records import Store
from repro.worker import exits
from repro.worker.lifeline import hold
from repro.worker.measure import measure
from repro.worker.session import Session, Settings, Stop
from repro.worker.train import train


def main(arguments: Sequence[str] | None = None, code: Callable[[], Fingerprinter] = Fingerprinter) -> int:
    """Runs the command line above, and gives the exit code. `code` makes what reads the sources before each job."""
    options = _parser().parse_args(arguments)
    if options.lifeline is not None:
        hold(options.lifeline)
    faulthandler.enable()
    plan = thaw(options.plan)
    store = Store(options.store or options.plan.absolute().parent.parent)
    with ExitStack() as locks:
        try:
            for key in sorted(options.keys):
                locks.enter_context(store.lock(key).acquire(timeout=1.0))
        except TimeoutError:
            return exits.BUSY
        settings = Settings(options.device, options.threads, options.checkpoint_seconds)
        session = Session(store, settings, Stop(), options.progress, options.force_before, code)
        return work(plan, options.keys, session)


def work(plan: Plan, keys: Sequence[str], session: Session) -> int:
    """Trains and measures what has no result yet; the exit code."""
    trainings, jobs = [], []
    for key in keys:
        each = plan[key]
        if isinstance(each, Training):
            trainings += [] if is_trained(session, each) else [each]
        else:
            jobs += [] if is_measured(session, each) else [each]
    code = 0
    for group in _fits(trainings):
        if session.stop():
            return exits.STOPPED
        statuses = train(plan, group, session)
        if statuses is None:
            return exits.STOPPED
        code = max([code, *map(_code, statuses)])
    for job in jobs:
        if session.stop():
            return exits.STOPPED
        code = max(code, _code(measure(plan, job, session)))
    return code


def _fits(trainings: list[Training]) -> list[list[Training]]:
    """Trainings whose method fits many seeds in one pass, others one after another."""
    together = bool(trainings) and all(training.fits_many for training in trainings)
    return [trainings] if together else [[training] for training in trainings]


def is_trained(session: Session, training: Training) -> bool:
    """Whether a training has its model; one from before the moment at which a run was forced does not count."""
    record = session.store.get_training(training.key)
    done = record is not None and record.status == "ok" and session.store.models.has(training.key)
    return done and record is not None and not session.is_old(record.started)


def is_measured(session: Session, job: Job) -> bool:
    """Whether a measurement has its result; one from before the moment at which a run was forced does not count."""
    record = session.store.get(job.table, job.key)
    return record is not None and record.status == "ok" and not session.is_old(record.started)


def _code(status: Status) -> int:
    return exits.OF_STATUS[status]


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
