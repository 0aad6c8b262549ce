"""How a command ends whose run was interrupted: it says what was not run."""

from __future__ import annotations

from collections.abc import Sequence

from repro.commands.failure import Exit, Failure
from repro.engines.drive import Summary

NAMED = 4
"""Rows that are named; of more it says how many."""


def stop_if_interrupted(summary: Summary, tables: Sequence[str] = ()) -> None:
    """Raises the end of an interrupted command; `tables` are those that it had not come to."""
    if summary.is_interrupted:
        hint = "the same command continues from the last checkpoints"
        raise Failure(Exit.INTERRUPTED, f"interrupted: {'; '.join([not_run(summary), *_not_begun(tables)])}", hint)


def not_run(summary: Summary) -> str:
    """`3 of 8 results are not there: MoC (seeds 0, 1), MoS (seed 2)`."""
    seeds: dict[str, list[int]] = {}
    left = [job for job in summary.plan.jobs if summary.outcomes.get(job.key) == "interrupted"]
    for job in left:
        seeds.setdefault(job.row, []).append(job.seed)
    named = [f"{row} ({_seeds(found)})" for row, found in list(seeds.items())[:NAMED]]
    more = [f"and {len(seeds) - NAMED} rows more"] if len(seeds) > NAMED else []
    return f"{len(left)} of {len(summary.plan.jobs)} results are not there: {', '.join([*named, *more])}"


def _seeds(seeds: Sequence[int]) -> str:
    different = sorted(set(seeds))
    return f"seed{'s' if len(different) > 1 else ''} {', '.join(map(str, different))}"


def _not_begun(tables: Sequence[str]) -> list[str]:
    return [f"not begun: {', '.join(tables)}"] if tables else []
