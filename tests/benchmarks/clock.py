"""Timing in one process: alternating runs of ours and the reference, so that a machine that drifts drifts for both."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median

Work = Callable[[], object]


def compare(
    works: Mapping[str, Work],
    repeats: int = 7,
    inner: int = 1,
    of: Callable[[list[float]], float] = median,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """Seconds of one call of each: the median or another statistic `of` the rounds."""
    return {name: of(times) for name, times in rounds(works, repeats, inner, clock).items()}


def rounds(
    works: Mapping[str, Work], repeats: int = 7, inner: int = 1, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of one call of each in each of `repeats` rounds of `inner` calls; one round before them to warm up.

    Work on one thread that never waits may be timed by the process's own clock.
    """
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(repeats + 1):
        for name, work in works.items():
            start = clock()
            for _ in range(inner):
                work()
            if number:
                taken[name].append((clock() - start) / inner)
    return taken


def table(title: str, rows: Mapping[str, tuple[float, str]], reference: str) -> str:
    """A Markdown table of figures in a unit, each with its ratio to the reference's."""
    base = rows[reference][0]
    lines = [f"**{title}**", "", "| | figure | ratio |", "|---|---:|---:|"]
    lines += [f"| {name} | {value:.3g} {unit} | {value / base:.2f} |" for name, (value, unit) in rows.items()]
    return "\n".join(lines)
