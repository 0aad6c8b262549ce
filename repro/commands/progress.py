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
        message = f": {event.message}" if event.message else ""
        sys.stderr.write(f"{event.table}  {_name(event)}  {event.outcome}{message}\n")
        sys.stderr.flush()


def _name(event: Event) -> str:
    seeds = ", ".join(map(str, event.seeds))
    return f"{'training of ' if event.is_training else ''}{event.row}, seed {seeds}"


@contextmanager
def _bars(title: str) -> Iterator[Draw]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[tuple[str, ...], TaskID] = {}

        def draw(event: Event) -> None:
            if event.kind == "started":
                tasks[event.keys] = bars.add_task(escape(f"{title}  {_name(event)}"), total=None)
            elif event.kind == "progress" and event.keys in tasks:
                bars.update(tasks[event.keys], completed=event.done, total=event.total)
            elif event.kind == "ended":
                _end(event)

        def _end(event: Event) -> None:
            for keys in [keys for keys in tasks if keys[-1] == event.keys[0]]:  # the last one of its pass
                bars.remove_task(tasks.pop(keys))
            if event.outcome != "ok":
                bars.console.print(escape(f"{_name(event)}: {event.outcome}: {event.message}"))

        yield draw
