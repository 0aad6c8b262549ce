"""Progress of a run: how many of how many, and the time left by what earlier ones took.

On a terminal the jobs that run have bars of their own, trainings and measurements, and those that have ended stay as
lines. A bar shows the share that its job says is done; of one that says nothing, such as a measurement, the share of
the time that such a job took earlier. Without a terminal there are only the lines.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import fmean

from repro.engines import Awaited, Event
from repro.report.numbers import duration

Draw = Callable[[Event], None]


@contextmanager
def progress(title: str) -> Iterator[Draw]:
    """What the engine reports its events to while the run lasts."""
    if sys.stderr.isatty():
        with _bars(title) as draw:
            yield draw
    else:
        tally = Tally()

        def line(event: Event) -> None:
            tally.hear(event)
            if event.kind == "ended":
                sys.stderr.write(f"{event.table}  {ending(event, tally)}\n")
                sys.stderr.flush()

        yield line


@dataclass
class Tally:
    """How many jobs of a run have ended, and how long the rest may take.

    Of a job that no earlier record tells about, those of its kind that have ended meanwhile do.
    """

    clock: Callable[[], float] = time.monotonic
    awaited: dict[str, Awaited] = field(default_factory=dict)
    workers: int = 1
    ended: set[str] = field(default_factory=set)
    took: dict[str, float] = field(default_factory=dict)
    _started: dict[str, float] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Takes note of an event."""
        if event.kind == "planned":
            self.awaited |= {each.key: each for each in event.awaited}
            self.workers = event.workers
        elif event.kind == "started":
            self._started |= dict.fromkeys(event.keys, self.clock())
        elif event.kind == "ended":
            for key in event.keys:
                self.ended.add(key)
                if key in self._started and event.outcome == "ok":
                    self.took[key] = self.clock() - self._started[key]

    @property
    def counted(self) -> str:
        """`3 of 12`."""
        return f"{len(self.ended)} of {max(len(self.awaited), len(self.ended))}"

    @property
    def left(self) -> str:
        """`about 3 min left`; `more than` where of some jobs nothing is known, and nothing where of none is."""
        times = [self._left_of(each) for key, each in self.awaited.items() if key not in self.ended]
        known = [seconds for seconds in times if seconds is not None]
        if not known:
            return ""
        seconds = sum(known) / max(1, min(self.workers, len(times)))
        return f"{'about' if len(known) == len(times) else 'more than'} {about(seconds)} left"

    def expected(self, key: str) -> float | None:
        """The seconds that a job takes by what earlier ones took; None where nothing tells."""
        job = self.awaited.get(key)
        return self._expected(job) if job is not None else None

    def _expected(self, job: Awaited) -> float | None:
        return job.seconds if job.seconds is not None else self._of_its_kind(job)

    def _left_of(self, job: Awaited) -> float | None:
        seconds = self._expected(job)
        if seconds is None or job.key not in self._started:
            return seconds
        return max(0.0, seconds - (self.clock() - self._started[job.key]))

    def _of_its_kind(self, job: Awaited) -> float | None:
        done = [(self.awaited[key], took) for key, took in self.took.items() if key in self.awaited]
        alike = [(each, took) for each, took in done if each.is_training == job.is_training]
        same = [took for each, took in alike if each.name == job.name] or [took for _, took in alike]
        return fmean(same) if same else None


def about(seconds: float) -> str:
    """A time that is not known to the second.

    Example:
        >>> about(0.2), about(75), about(200), about(9000)
        ('1 s', '75 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def ending(event: Event, tally: Tally) -> str:
    """The line of a job that has ended."""
    took = [tally.took[key] for key in event.keys if key in tally.took]
    said = f": {event.message}" if event.message else f", {duration(max(took))}" if took else ""
    left = f"; {tally.left}" if tally.left and len(tally.ended) < len(tally.awaited) else ""
    return f"[{tally.counted}] {name(event)}  {event.outcome}{said}{left}"


def name(event: Event) -> str:
    """What a job is called."""
    seeds = ", ".join(map(str, event.seeds))
    return f"{'training of ' if event.is_training else ''}{event.row}, seed {seeds}"


@contextmanager
def _bars(title: str) -> Iterator[Draw]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, Task, TaskID, TextColumn, TimeElapsedColumn
    from rich.progress_bar import ProgressBar

    class Bar(BarColumn):
        def render(self, task: Task) -> ProgressBar:
            expected, elapsed = task.fields["expected"], task.elapsed or 0.0
            if task.total is None and expected is not None and elapsed < expected:
                return ProgressBar(total=expected, completed=elapsed, width=self.bar_width)
            return super().render(task)

    columns = (TextColumn("{task.description}"), Bar(), TimeElapsedColumn(), TextColumn("{task.fields[left]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tally, jobs = Tally(), dict[tuple[str, ...], TaskID]()
        whole = bars.add_task(escape(title), total=None, left="", expected=None)

        def draw(event: Event) -> None:
            tally.hear(event)
            if event.kind == "started":
                doing = "" if event.is_training else "measuring "
                expected = tally.expected(event.keys[0])
                jobs[event.keys] = bars.add_task(
                    escape(f"  {doing}{name(event)}"), total=None, expected=expected,
                    left="" if expected is None else f"of about {about(expected)}",
                )  # fmt: skip
            elif event.kind == "progress" and event.keys in jobs:
                bars.update(jobs[event.keys], completed=event.done, total=event.total)
            elif event.kind == "ended":
                for keys in [keys for keys in jobs if keys[-1] == event.keys[0]]:  # the last one of its pass
                    bars.remove_task(jobs.pop(keys))
                bars.console.print(escape(ending(event, tally)), highlight=False, soft_wrap=True)
            bars.update(
                whole, description=escape(f"{title}  {tally.counted}"), left=tally.left,
                completed=len(tally.ended), total=len(tally.awaited) or None,
            )  # fmt: skip

        yield draw
