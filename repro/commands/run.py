"""What `repro run` does: carry out a plan, draw its progress, print the report of what came out."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from repro.commands.failure import Exit, Failure
from repro.commands.output import count, height, in_color, near, note, say, say_json, width
from repro.commands.progress import progress
from repro.commands.unfinished import stop_if_interrupted
from repro.engines.drive import Selection, Summary, local_engine, planned
from repro.engines.drive import run as run_table
from repro.engines.local import LocalEngine
from repro.evidence.judged import Reported, report_of
from repro.files import slug, write_atomic
from repro.places import reports_directory
from repro.report.page import LINES, page
from repro.report.render import render
from repro.spec.base import Profile
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from repro.store.records import Store
from repro.store.survey import Survey
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
    memory_bytes: int | None = None


def states(name: str, order: Order) -> Survey:
    """The jobs of a table and what earlier records say of each."""
    return _planned(load(find(name)), order)


def _planned(table: Table, order: Order) -> Survey:
    try:
        return planned(table, order.profile, Store(), order.selection)
    except ValueError as error:
        raise Failure(Exit.WRONG_USE, str(error)) from error


def dry(names: list[str], order: Order, *, as_json: bool) -> None:
    """Says of each table what is cached, stale and new, and how long the rest may take."""
    said: list[dict[str, Any]] = []
    for name in names:
        table = load(find(name))
        found = _planned(table, order)
        tally = Counter(state.state for state in found.jobs)
        seconds, unknown = found.estimate()
        training = len(found.to_train)
        said.append({"table": table.id, "profile": order.profile, "jobs": dict(sorted(tally.items())),
                     "trainings": training, "models_stored": len(found.trainings) - training,
                     "seconds": seconds, "jobs_without_estimate": unknown})  # fmt: skip
        if not as_json:
            parts = ", ".join(f"{number} {state}" for state, number in sorted(tally.items())) or "nothing runs"
            stored = len(found.trainings) - training
            rest = f"; {count(training, 'training')}" + (f", {count(stored, 'model')} stored" if stored else "")
            time = f"about {seconds / 60:.0f} minutes of one worker" if seconds else "no estimate"
            more = f", and {count(unknown, 'job')} without an estimate" if seconds and unknown else ""
            say(f"{table.id} ({order.profile}): {parts}" + (f"{rest}; {time}{more}" if found.left else ""))
    if as_json:
        say_json(said)


def execute(names: list[str], order: Order, *, as_json: bool) -> None:
    """Runs tables one after the other and prints the report of each; failed jobs make the exit code 3."""
    tables = [load(find(name)) for name in names]
    for table in tables:
        _planned(table, order)  # a wrong row name is an error before anything runs
    engine = local_engine(order.jobs, order.device, fresh=order.fresh, memory_limit_bytes=order.memory_bytes)
    summaries = list[Summary]()
    with engine if len(tables) > 1 else nullcontext():
        for table in tables:
            summaries.append(_carry_out(table, order, engine, quiet=as_json))
            if summaries[-1].is_interrupted:
                break
    if as_json:
        say_json([_as_json(summary) for summary in summaries])
    stop_if_interrupted(summaries[-1], [table.id for table in tables[len(summaries) :]])
    failed = [job for summary in summaries for job in summary.failed]
    if failed:
        first = failed[0]
        log = Store().log_file(next(s for s in summaries if first in s.failed).log_key(first))
        said = f"{count(len(failed), 'job')} failed, first {first.name}, seed {first.seed}"
        raise Failure(Exit.INCOMPLETE, said, f"its output: {near(log)}")
    if not any(summary.outcomes for summary in summaries):
        raise Failure(Exit.NOTHING, "no row of these tables runs")


def _carry_out(table: Table, order: Order, engine: LocalEngine, *, quiet: bool) -> Summary:
    tracker = open_tracker(order.track, Store().root / "track") if order.track else None
    jobs = [state.job for state in _planned(table, order).jobs] if tracker else []
    with progress(table.id) as draw, followed(tracker, jobs, Store(), draw, note) as on_event:
        summary = run_table(
            table, order.profile, store=Store(), selection=order.selection, engine=engine, on_event=on_event,
            together=order.together, force=order.force,
        )  # fmt: skip
    reported = report_of(table, order.profile, with_figures=True)
    path = _write_html(reported)
    if not quiet:
        rows, below = {job.row for job in summary.plan.jobs}, 3  # the lines that follow
        shown = page(reported.view, rows, width=width(), lines=(height() or LINES) - below, color=in_color())
        say(shown)
        trained = count(len(summary.trained), "training")
        measured = count(summary.measured, "measurement")
        say(f"\n{trained} and {measured} made, {len(summary.cached)} taken from earlier runs")
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
        "trainings": [
            {"key": each.key, "name": each.name, "seed": each.seed, "outcome": summary.outcomes[each.key]}
            for each in summary.plan.trainings if each.key in summary.outcomes
        ],
        "jobs": [
            {"key": job.key, "row": job.row, "seed": job.parts.seed, "outcome": summary.outcomes[job.key],
             "cached": job.key in summary.cached} for job in summary.plan.jobs
        ],
    }  # fmt: skip
