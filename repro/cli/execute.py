"""What `repro run` does: carry out a plan, draw its progress, print the report of what came out."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repro.cli.failure import Exit, Failure
from repro.cli.output import count, in_color, near, note, say, say_json, width
from repro.cli.progress import progress
from repro.engines.local import LocalEngine
from repro.files import slug, write_atomic
from repro.judged import Reported, report_of
from repro.places import reports_directory, store
from repro.plan.state import Planned
from repro.report.render import render
from repro.run.run import Selection, Summary, local_engine, planned
from repro.run.run import run as run_table
from repro.spec.base import Profile
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from repro.track.sink import followed, open_tracker


@dataclass(frozen=True)
class Order:
    """What the command line asks for."""

    profile: Profile
    selection: Selection = field(default_factory=Selection)
    jobs: int | None = None
    device: str = "cpu"
    together: bool = False
    force: bool = False
    track: str | None = None
    fresh: bool = False


def states(name: str, order: Order) -> list[Planned]:
    """The jobs of a table and what earlier records say of each."""
    return _planned(load(find(name)), order)


def _planned(table: Table, order: Order) -> list[Planned]:
    try:
        return planned(table, order.profile, store(), order.selection)
    except ValueError as error:
        raise Failure(Exit.WRONG_USE, str(error)) from error


def dry(names: list[str], order: Order, *, as_json: bool) -> None:
    """Says of each table what is cached, stale and new, and how long the rest may take."""
    said: list[dict[str, Any]] = []
    for name in names:
        table = load(find(name))
        found = _planned(table, order)
        tally = Counter(state.state for state in found)
        left = [state for state in found if state.state != "cached"]
        known = [state.estimate_seconds for state in left if state.estimate_seconds is not None]
        unknown = len(left) - len(known)
        said.append({"table": table.id, "profile": order.profile, "jobs": dict(sorted(tally.items())),
                     "seconds": sum(known), "jobs_without_estimate": unknown})  # fmt: skip
        if not as_json:
            parts = ", ".join(f"{number} {state}" for state, number in sorted(tally.items())) or "nothing runs"
            time = f"about {sum(known) / 60:.0f} minutes of one worker" if known else "no estimate"
            more = f", and {count(unknown, 'job')} without an estimate" if known and unknown else ""
            say(f"{table.id} ({order.profile}): {parts}" + (f"; {time}{more}" if left else ""))
    if as_json:
        say_json(said)


def execute(names: list[str], order: Order, *, as_json: bool) -> None:
    """Runs tables one after the other and prints the report of each; failed jobs make the exit code 3."""
    tables = [load(find(name)) for name in names]
    for table in tables:
        _planned(table, order)  # a wrong row name is an error before anything runs
    engine = local_engine(order.jobs, order.device, fresh=order.fresh)
    with engine if len(tables) > 1 else nullcontext():
        summaries = [_carry_out(table, order, engine, quiet=as_json) for table in tables]
    if as_json:
        say_json([_as_json(summary) for summary in summaries])
    if any(summary.is_interrupted for summary in summaries):
        raise Failure(Exit.INTERRUPTED, "interrupted", "the same command continues from the last checkpoints")
    failed = [job for summary in summaries for job in summary.failed]
    if failed:
        first = failed[0]
        log = store().log_file(first.key)
        said = f"{count(len(failed), 'job')} failed, first {first.row}, seed {first.parts.seed}"
        raise Failure(Exit.INCOMPLETE, said, f"its output: {near(log)}")
    if not any(summary.outcomes for summary in summaries):
        raise Failure(Exit.NOTHING, "no row of these tables runs")


def _carry_out(table: Table, order: Order, engine: LocalEngine, *, quiet: bool) -> Summary:
    tracker = open_tracker(order.track, store().root / "track") if order.track else None
    jobs = [state.job for state in _planned(table, order)] if tracker else []
    with progress(table.id) as draw, followed(tracker, jobs, store(), draw, note) as on_event:
        summary = run_table(
            table, order.profile, store=store(), selection=order.selection, engine=engine, on_event=on_event,
            together=order.together, force=order.force,
        )  # fmt: skip
    reported = report_of(table, order.profile, with_figures=True)
    path = _write_html(reported)
    if not quiet:
        say(render(reported.view, "text", width=width(), color=in_color()))
        trained = len(summary.outcomes) - len(summary.cached)
        say(f"{count(trained, 'job')} run, {len(summary.cached)} taken from earlier runs")
        say(f"report: {near(path)}")
    else:
        note(f"report: {near(path)}")
    return summary


def _write_html(reported: Reported) -> Path:
    path = reports_directory() / f"{slug(reported.view.id)}--{reported.evidence.profile}.html"
    write_atomic(path, render(reported.view, "html").encode())
    return path


def _as_json(summary: Summary) -> dict[str, Any]:
    return {
        "table": summary.plan.table,
        "profile": summary.plan.profile,
        "jobs": [
            {"key": job.key, "row": job.row, "seed": job.parts.seed, "outcome": summary.outcomes[job.key],
             "cached": job.key in summary.cached} for job in summary.plan.jobs
        ],
    }  # fmt: skip
