"""Progress of a run: bars on a terminal, a plain line a job without one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from repro.engines import Event

Draw = Callable[[Event], None]


@contextmanager
def progress(title: str) -> Iterator[Draw]:
    """What the engine reports its events to while the run lasts."""
    if sys.stderr.isatty():
        with _bars(title) as draw:
            yield draw
    else:
        yield _lines


def _lines(event: Event) -> None:
    if event.kind == "ended":
        seeds = ", ".join(map(str, event.seeds))
        message = f": {event.message}" if event.message else ""
        sys.stderr.write(f"{event.table}  {event.row}, seed {seeds}  {event.outcome}{message}\n")
        sys.stderr.flush()


@contextmanager
def _bars(title: str) -> Iterator[Draw]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[tuple[str, tuple[int, ...]], TaskID] = {}

        def draw(event: Event) -> None:
            key = (event.row, event.seeds)
            if event.kind == "started":
                name = f"{title}  {event.row}, seed {', '.join(map(str, event.seeds))}"
                tasks[key] = bars.add_task(escape(name), total=None)
            elif event.kind == "progress" and key in tasks:
                bars.update(tasks[key], completed=event.done, total=event.total)
            elif event.kind == "ended":
                _end(event)

        def _end(event: Event) -> None:
            for key in [key for key in tasks if key[0] == event.row and set(event.seeds) <= set(key[1])]:
                if len(key[1]) == 1:
                    bars.remove_task(tasks.pop(key))
            if event.outcome != "ok":
                bars.console.print(escape(f"{event.row}, seed {event.seeds[0]}: {event.outcome}: {event.message}"))

        yield draw
