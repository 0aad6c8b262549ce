"""Feeds a tracker from the records of a run, in the process that started it, after each job has ended.

Workers know nothing of it, no number depends on it, and whatever goes wrong with it is said once and fails no run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

from repro.engines import Event, OnEvent
from repro.plan.graph import Job
from repro.registry import TRACKERS
from repro.store.record import Record
from repro.store.records import Store

EXTRA = "track"


class Tracker(Protocol):
    """One library that shows runs."""

    def log(self, record: Record) -> None:
        """Adds one finished job: parameters, curves, numbers, and how it ended."""

    def close(self) -> None:
        """Writes what is left."""


def open_tracker(name: str, folder: Path) -> Tracker:
    """The tracker of a name, keeping its files in a folder. Raises ValueError where there is none."""
    TRACKERS.check(name)
    try:
        tracker: Tracker = TRACKERS.load(name)(folder)
    except ImportError as error:
        raise ValueError(f"--track {name} needs a library that is not here ({error}): "
                         f"pip install 'repro-tables[{EXTRA}]'") from None  # fmt: skip
    return tracker


@contextmanager
def followed(
    tracker: Tracker | None, jobs: Iterable[Job], store: Store, draw: OnEvent, warn: Callable[[str], None]
) -> Iterator[OnEvent]:
    """What to report events to: `draw` hears all of them, and the tracker of each job that ended."""
    if tracker is None:
        yield draw
        return
    sink = Sink(tracker, jobs, store, warn)

    def on_event(event: Event) -> None:
        draw(event)
        sink.hear(event)

    try:
        yield on_event
    finally:
        sink.close()


class Sink:
    """Tells a tracker of each job once. Records from before this run are not told."""

    def __init__(self, tracker: Tracker, jobs: Iterable[Job], store: Store, warn: Callable[[str], None]) -> None:
        self._tracker, self._store, self._warn = tracker, store, warn
        self._left: dict[str, Job] = {job.key: job for job in jobs}
        self._since = datetime.now(UTC).isoformat(timespec="microseconds")
        self._broken = False

    def hear(self, event: Event) -> None:
        """Tells of the jobs of an event that have a new record."""
        if event.kind != "ended" or event.is_training:
            return
        for job in [job for job in self._left.values() if job.name == event.row and job.seed in event.seeds]:
            record = self._store.get(job.table, job.key)
            if record is not None and record.started >= self._since:
                del self._left[job.key]
                self._try(partial(self._tracker.log, record))

    def close(self) -> None:
        """Closes the tracker."""
        self._try(self._tracker.close)

    def _try(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:
            if not self._broken:
                first = str(error).partition("\n")[0]
                self._warn(f"the tracker failed, the run does not: {type(error).__name__}: {first}")
            self._broken = True


def run_name(record: Record) -> str:
    """How a job is called among others of its table.

    The first letters of the key tell apart what other code, parameters or data made.
    """
    return f"{record.row}, seed {record.seed} [{record.key[:8]}]"


def facts(record: Record) -> dict[str, str]:
    """What a job was, beside its parameters."""
    said = {
        "table": record.table, "row": record.row, "profile": record.profile, "seed": str(record.seed),
        "data": record.parts.data.name, "method": record.parts.method, "status": record.status, "key": record.key,
        "commit": record.commit or "", "redo": record.redo, "message": record.message,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}
