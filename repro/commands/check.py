"""What `repro check` does, and the pytest plugin: make the new numbers, read the accepted ones, compare, publish."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from repro.commands.affected import Affected, affected, said
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, deliver, near, note, say
from repro.commands.progress import progress
from repro.commands.unfinished import stop_if_interrupted
from repro.evidence.folds import with_folds
from repro.evidence.joined import joined
from repro.gate.calibration import read_calibration
from repro.gate.compare import Side, compare
from repro.gate.model import COMPARED, JUDGED, Check, Outcome
from repro.places import results_of
from repro.spec.base import Profile
from repro.spec.load import load, shape, unchecked
from repro.spec.model import Table
from repro.spec.tables import all_paths, find, own_paths
from repro.store.accepted import read_results
from repro.store.record import Record
from repro.store.records import Store

if TYPE_CHECKING:
    from repro.engines.local import LocalEngine


@dataclass(frozen=True)
class Request:
    """How to come by the new numbers: at which scale, with how many seeds, on how many workers, or not at all."""

    profile: Profile
    seeds: int | None = None
    jobs: int | None = None
    no_run: bool = False
    fresh: bool = False
    affected: bool = False


def check_tables(names: Sequence[str] | None, request: Request) -> Check:
    """Compares tables with their accepted results; without names one's own that have any at this profile, else all."""
    paths = [find(name) for name in names] if names else _with_accepted(request.profile)
    tables = [load(path) for path in dict.fromkeys(paths)]
    accepted = {table.id: accepted_records(table, request.profile) for table in tables}
    for table in tables:
        if not accepted[table.id]:
            raise _nothing_accepted(table.id, request.profile)
    if not tables:
        raise _nothing_accepted("TABLE", request.profile)
    from repro.engines.drive import local_engine

    chosen = {table.id: _affected(table, accepted[table.id], request) for table in tables}
    with local_engine(request.jobs, fresh=request.fresh) as engine:
        sides = [_side(table, accepted[table.id], chosen[table.id], request, engine) for table in tables]
    notes = said({table: rows for table, rows in chosen.items() if rows is not None})
    return compare(sides, request.profile, [*notes, *(_unguarded(tables, request.profile) if not names else ())])


def _affected(table: Table, accepted: list[Record], request: Request) -> Affected | None:
    """The rows that are looked at; None for all."""
    if not request.affected:
        return None
    from repro.engines.drive import Selection, planned

    rows = {record.row for record in accepted}
    still = [row.name for row in table.rows if row.kind == "method" and row.name in rows]
    seeds = sorted({record.seed for record in accepted})
    if not still:
        return None
    found = planned(table, request.profile, Store(), Selection(rows=still, seeds=seeds))
    return affected(found.plan, [record for record in accepted if record.row in still])


def _of(accepted: list[Record], rows: Affected | None) -> list[Record]:
    """The accepted records of the rows that are looked at; those of rows that are gone stay, and are missed."""
    return accepted if rows is None else [record for record in accepted if record.row not in rows.left_out]


def accepted_records(table: Table, profile: Profile) -> list[Record]:
    """The accepted results of a table at a profile."""
    records = read_results(results_of(table.id), table.id)
    return [record for record in records if record.profile == profile and record.is_result]


def _side(table: Table, accepted: list[Record], rows: Affected | None, request: Request, engine: LocalEngine) -> Side:
    accepted = _of(accepted, rows)
    calibration = read_calibration(results_of(table.id), table.id, request.profile)
    new = _new_records(table, {record.row for record in accepted}, request, engine)
    before, now = (joined(with_folds(table, request.profile, records)) for records in (accepted, new))
    return Side(table, before, now, calibration, () if rows is None else rows.left_out)


def _new_records(table: Table, rows: set[str], request: Request, engine: LocalEngine) -> list[Record]:
    """The records of the present code, data and parameters, of the rows that are accepted and still run."""
    from repro.engines.drive import Selection, planned, run

    still = [row.name for row in table.rows if row.kind == "method" and row.name in rows]
    if not still:
        return []
    selection, here = Selection(rows=still, seeds=request.seeds), Store()
    if not request.no_run:
        with progress(table.id) as draw:
            done = run(table, request.profile, store=here, selection=selection, engine=engine, on_event=draw)
        stop_if_interrupted(done)
    keys = [state.job.key for state in planned(table, request.profile, here, selection).jobs]
    return [record for key in keys if (record := here.get(table.id, key)) is not None]


def _with_accepted(profile: Profile) -> list[Path]:
    for paths in (own_paths(), all_paths()):
        if found := [path for path in paths if accepted_records(unchecked(path), profile)]:
            return found
    return []


def _unguarded(tables: Sequence[Table], profile: Profile) -> list[str]:
    """A remark where tables run of which nothing is accepted: a check must not say more than it looked at.

    Where it looks at one's own tables, those that come with the project are not its matter.
    """
    guarded = {table.id for table in tables}
    own = own_paths()
    known = own if guarded & {unchecked(path).id for path in own} else all_paths()
    others = [table.id for path in known if (table := unchecked(path)).id not in guarded and _runs(table)]
    return [f"nothing is accepted at {profile} scale of {', '.join(others)}: not looked at"] if others else []


def _runs(table: Table) -> bool:
    return any(row.kind == "method" for row in table.rows)


def _nothing_accepted(table: str, profile: Profile) -> Failure:
    return Failure(Exit.NOTHING, f"nothing to compare with: no accepted result of {table} at {profile} scale",
                   f"repro run {table} --profile {profile}, then repro accept {table} --profile {profile}")  # fmt: skip


def publish(
    check: Check, names: Sequence[str], *, junit: Path | None, summary: Path | None, github: bool, quiet: bool
) -> None:
    """Writes the files that were asked for; annotations go to standard output, or to standard error if `quiet`."""
    from repro.gate import ci, words

    if junit is not None:
        deliver(ci.junit(check).decode(), junit)
    if summary is not None:
        deliver(words.as_markdown(check), summary)
    if not github:
        return
    files = {unchecked(path).id: path for path in map(find, names)}
    for line in ci.workflow_commands(check, lambda outcome: place_of(outcome, files)):
        (note if quiet else say)(line)
    if step := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(step).open("a", encoding="utf-8") as file:  # the steps of a job share this file
            file.write(words.as_markdown(check))


def place_of(outcome: Outcome, files: Mapping[str, Path]) -> tuple[str, int]:
    """File and line of the row of an outcome; the first line where the table has no such row any more."""
    path = files.get(outcome.table) or find(outcome.table)
    return str(near(path)), _lines(path).get(outcome.row, 1)


@lru_cache(maxsize=64)
def _lines(path: Path) -> dict[str, int]:
    table, positions = shape(path.read_text(encoding="utf-8-sig"), str(path))
    return {row.name: positions["rows", i].line for i, row in enumerate(table.rows)}


def conclude(check: Check) -> None:
    """The exit code: 1 for a regression, 3 where something is missing or failed, 4 where nothing could be compared."""
    judged = check.of(JUDGED)
    if judged:
        first = judged[0]
        said = f"{count(len(judged), 'cell')} worse than accepted, first {first.table}: {first.name}"
        why = f"repro why {first.table} {quote(first.row)} --profile {check.profile}"
        raise Failure(Exit.JUDGED, said, f"{why} names what changed")
    if check.verdict == "incomplete":
        hint = "`repro calibrate` measures the spread that one seed does not show" if check.counts["undecided"] else ""
        raise Failure(Exit.INCOMPLETE, "not all of what is accepted could be compared", hint)
    if not check.of(COMPARED):
        raise Failure(Exit.NOTHING, "nothing was compared: a comparison that cannot be made is not a pass",
                      "`repro calibrate` measures the spread that one seed does not show")  # fmt: skip
