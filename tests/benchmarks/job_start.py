"""What a job costs beside its work: a method that imports torch and does nothing, in new and in forked processes."""

from __future__ import annotations

import resource
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from repro.engines import Event
from repro.engines.drive import run
from repro.engines.local import LocalEngine
from repro.store.records import Store
from tests.benchmarks.clock import table
from tests.worker.tables import registered, toy_table

JOBS = 12
METHOD = '''
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tests.worker.toy import Toy, Walked


@dataclass(frozen=True)
class Idle(Toy):
    """Notes when it is called."""

    times: str = ""

    def fit(self, data, context):
        with Path(self.times).open("a") as file:
            print(time.time(), file=file)
        return Walked(np.zeros(5))
'''


def main() -> str:
    """Seconds from the end of one job to the first line of the next one's `fit`, and to its end; CPU seconds a job.

    The CPU seconds are of all processes of the jobs, imports of the warm parent among them; the others medians.
    """
    with registered():
        found = {fresh: _measured(fresh) for fresh in (True, False)}
    titles = ("until `fit` begins", "from end to end", f"CPU time a job, {JOBS} of them")
    return "\n\n".join(
        table(title, {"new processes": (fresh, "s"), "forked": (forked, "s")}, "new processes")
        for title, fresh, forked in zip(titles, found[True], found[False], strict=True)
    )


def _measured(fresh: bool) -> tuple[float, float, float]:
    """One job after another."""
    with TemporaryDirectory() as folder:
        method, times = Path(folder, "idle.py"), Path(folder, "times")
        method.write_text(METHOD)
        jobs = toy_table({"label": "A", "method": f"{method}:Idle", "params": {"times": str(times)}}, seeds=JOBS)
        ends: list[float] = []

        def note(event: Event) -> None:
            if event.kind == "ended":
                assert event.outcome == "ok", event.message
                ends.append(time.time())

        before = _cpu_seconds()
        run(jobs, "smoke", store=Store(folder), engine=LocalEngine(fresh=fresh), on_event=note)
        spent = _cpu_seconds() - before
        begun = [float(line) for line in times.read_text().split()]
    starts = [begin - end for begin, end in zip(begun[1:], ends, strict=False)]
    wholes = [after - end for end, after in pairwise(ends)]
    return median(starts), median(wholes), spent / JOBS


def _cpu_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
