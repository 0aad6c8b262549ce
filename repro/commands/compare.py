"""What `repro compare` does: make the new row's numbers, compare them, print the comparison and keep it as a file."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from repro.commands.failure import Exit, Failure
from repro.commands.output import count, deliver, in_color, near, note, width
from repro.commands.progress import progress
from repro.commands.unfinished import stop_if_interrupted
from repro.compare.from_files import Files, measured
from repro.compare.judge import Wanted, compare
from repro.compare.model import Comparison, Versus
from repro.compare.render import render
from repro.compare.row import FILES, NewRow, WithNewRow, with_new_row
from repro.compare.rows import baselines, columns_meant
from repro.engines.drive import Selection, Summary, local_engine, planned
from repro.engines.drive import carry_out as execute
from repro.evidence.gather import Evidence, Whose, gather
from repro.files import slug, write_atomic
from repro.impersonal import impersonal_address
from repro.places import reports_directory, results_of
from repro.plan.addresses import said
from repro.plan.graph import Plan
from repro.report.configured import written
from repro.spec.base import Profile
from repro.spec.configuration import configurations
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from repro.store.origin import Origin, in_order
from repro.store.record import Record
from repro.store.records import Store
from repro.store.survey import Survey
from repro.track.sink import followed, open_tracker
from repro.verdict.runs import Runs, runs_from_records


@dataclass(frozen=True)
class Request:
    """What the command line asks for."""

    table: str
    row: NewRow
    predictions: tuple[Path, ...] = ()
    checkpoints: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    whose: Whose = "all"
    profile: Profile | None = None
    seeds: int | None = None
    baselines: bool = False
    jobs: int | None = None
    device: str = "cpu"
    force: bool = False
    track: str | None = None
    format: str = "text"
    output: Path | None = None

    @property
    def files(self) -> Files | None:
        """The files that stand for a training, where there are any."""
        if self.predictions:
            return Files("predictions", self.predictions)
        return Files("checkpoint", self.checkpoints) if self.checkpoints else None


def carry_out(request: Request) -> None:
    """Prints the comparison. Exit codes: 3 where a job of the new row failed, 4 where nothing could be compared."""
    table = load(find(request.table))
    profile = request.profile or _largest(table, request.whose)
    columns = columns_meant(table, request.columns)
    made = with_new_row(table, replace(request.row, columns=columns), profile)
    wanted = Wanted(
        rows={row.name: baselines(table, row.group, request.against) for row in made.rows},
        columns=columns, label=request.row.label, lacking={},
    )  # fmt: skip
    if made.dropped:
        note(f"parameters of {request.row.like} that {made.rows[0].method} does not have: {', '.join(made.dropped)}")
    if request.baselines:
        _train_baselines(table, profile, wanted, request)
    summary: Summary | None = None
    if request.files is not None:
        evidence = _evidence(table, request.whose, profile)
        found = measured(made, request.files, profile, wanted.columns)
        runs = found.added_to(runs_from_records(made.table, evidence.records, profile, stale=evidence.stale))
        wanted = replace(wanted, lacking=found.lacking)
    else:
        records, summary = _train(made, profile, request)
        evidence = _evidence(table, request.whose, profile)
        runs = runs_from_records(made.table, [*evidence.records, *records], profile, stale=evidence.stale)
    comparison = replace(
        with_origins(compare(made.table, wanted, runs, profile), evidence),
        origin=_origin(made, profile, request),
        notes=tuple(_notes(made.table, wanted, runs, evidence, request)),
        data=_data(made, profile),
    )
    _publish(comparison, made.table, request)
    _conclude(comparison, summary, wanted)


def _evidence(table: Table, whose: Whose, profile: Profile | None = None) -> Evidence:
    return gather(table, Store(), results_of(table.id), profile, whose=whose)


def _largest(table: Table, whose: Whose) -> Profile:
    """The largest scale at which anything of the table has a number, else the smallest of all."""
    evidence = _evidence(table, whose)
    return evidence.profile if evidence.records else "smoke"


def _train(made: WithNewRow, profile: Profile, request: Request) -> tuple[list[Record], Summary]:
    """The records of the new row, those that failed included, and what became of its jobs."""
    names = [row.name for row in made.rows]
    found = planned(made.table, profile, Store(), Selection(rows=names, seeds=request.seeds))
    again = redo(made.table.id, profile, request.row, request.columns)
    summary = _execute(made.table, _beside(found, again), request, request.force)
    keys = [job.key for job in summary.plan.jobs]
    return [record for key in keys if (record := Store().get(made.table.id, key)) is not None], summary


def _beside(found: Survey, command: str) -> Survey:
    """The same jobs, whose records will say that they are of a row beside the table, and the command that makes it."""
    states = [
        replace(state, job=state.job.model_copy(update={"redo": command, "beside": True})) for state in found.jobs
    ]
    plan = Plan(table=found.plan.table, profile=found.plan.profile, trainings=found.plan.trainings,
                jobs=tuple(state.job for state in states))  # fmt: skip
    return Survey(plan, tuple(states), found.trainings)


def redo(table: str, profile: Profile, row: NewRow, columns: Sequence[str] = ()) -> str:
    """The command that makes a new row and its comparison anew."""
    parts = ["repro", "compare", table, "--profile", profile, "--label", row.label]
    parts += ["--method", impersonal_address(row.method)] if row.method else []
    parts += ["--like", row.like] if row.like else []
    for name, value in row.params.items():
        parts += ["--params", f"{name}={written(value)}"]
    for option, names in (("--group", row.groups), ("--columns", columns)):
        for name in names:
            parts += [option, name]
    return shlex.join([*parts, *(["--deterministic"] if row.deterministic else []), "--force"])


def _train_baselines(table: Table, profile: Profile, wanted: Wanted, request: Request) -> None:
    """What the wanted columns of the other rows need, as the table runs it: `repro run` has its records too."""
    names = sorted({name for names in wanted.rows.values() for name in names})
    running = [name for name in names if table.row(name).kind == "method"]
    if running:
        found = planned(table, profile, Store(), Selection(rows=running, seeds=request.seeds))
        _execute(table, found.only(lambda job: not job.columns.keys().isdisjoint(wanted.columns)), request, False)


def _execute(table: Table, found: Survey, request: Request, force: bool) -> Summary:
    tracker = open_tracker(request.track, Store().root / "track") if request.track else None
    engine = local_engine(request.jobs, request.device)
    jobs = found.plan.jobs
    with progress(table.id) as draw, followed(tracker, jobs, Store(), draw, note) as on_event:
        summary = execute(
            found, store=Store(), engine=engine, on_event=on_event, together=request.device == "cuda", force=force
        )
    stop_if_interrupted(summary)
    return summary


def _data(made: WithNewRow, profile: Profile) -> tuple[str, ...]:
    """The data sets that the new row is measured on."""
    found = (said(each.data) for row in made.rows for each in configurations(made.table, row, profile))
    return tuple(dict.fromkeys(found))


def _origin(made: WithNewRow, profile: Profile, request: Request) -> tuple[tuple[str, str], ...]:
    """What the row is: method, parameters, and the command that makes it again; or the files that it came from."""
    given = [found for row in made.rows for found in row.params_for.values()]
    params = dict.fromkeys((f"parameter {name}", written(value)) for found in given for name, value in found.items())
    method = made.rows[0].method
    named = [("method", impersonal_address(method))] if method is not None and method != FILES else []
    if request.files is not None:
        return (*request.files.described(), *named, *params)
    return (*named, *params, ("again", redo(made.table.id, profile, request.row, request.columns)))


def _notes(table: Table, wanted: Wanted, runs: Runs, evidence: Evidence, request: Request) -> list[str]:
    """What lacks for a better comparison, and how it is had."""
    names = dict.fromkeys(name for names in wanted.rows.values() for name in names)
    absent = [name for name in names if table.row(name).kind == "method" and not runs.values.get(name)]
    said = []
    if absent:
        said.append(
            f"no records at {evidence.profile} scale of {', '.join(absent)}: `repro run {table.id} --profile "
            f"{evidence.profile}` or --baselines trains them, `repro import FILE` takes somebody else's"
        )
    if stale := dict.fromkeys(row for row, _ in runs.stale if row in names):
        said.append(f"made by code or settings that have changed since: {', '.join(sorted(stale))}")
    if request.files is not None and len(request.files.files) > 1:
        said.append("files are numbered as seeds in the order given, and paired with the seeds of the other rows")
    return said


def with_origins(comparison: Comparison, evidence: Evidence) -> Comparison:
    """A comparison that says of each number of the other rows whose it is."""
    found: dict[tuple[str, str], set[Origin]] = {}
    for record in evidence.records:
        for column in record.measured:
            found.setdefault((record.row, column), set()).add(evidence.origins[record.key])

    def marked(versus: Versus) -> Versus:
        return replace(versus, whose=in_order(found.get((versus.row, versus.column), ())) if versus.values else ())

    standings = (replace(each, against=tuple(map(marked, each.against))) for each in comparison.standings)
    return replace(comparison, standings=tuple(standings))


def _publish(comparison: Comparison, table: Table, request: Request) -> None:
    color = in_color() and request.output is None
    deliver(render(comparison, table, request.format, width(), color=color), request.output)
    path = reports_directory() / f"{slug(table.id)}--compare--{slug(comparison.label)}--{comparison.profile}.html"
    write_atomic(path, render(comparison, table, "html").encode())
    note(f"report: {near(path)}")


def _conclude(comparison: Comparison, summary: Summary | None, wanted: Wanted) -> None:
    if summary is not None and summary.failed:
        first = summary.failed[0]
        said = f"{count(len(summary.failed), 'job')} failed, first {first.row}, seed {first.seed}"
        raise Failure(Exit.INCOMPLETE, said, f"its output: {near(Store().log_file(summary.log_key(first)))}")
    if not comparison.compared:
        why = comparison.notes[0] if comparison.notes else _first_reason(comparison, wanted.lacking)
        raise Failure(Exit.NOTHING, "nothing could be compared", why)


def _first_reason(comparison: Comparison, lacking: Mapping[str, str]) -> str:
    return next((v.detail for v in comparison.against if v.detail), next(iter(lacking.values()), ""))
