"""`report` and `accept`: published beside measured, and what of it becomes the accepted result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from repro.cli.options import Format, Output, Own, Scale, ScaleOrLargest, Standalone, TableName, format_for
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, deliver, in_color, note, say, width

if TYPE_CHECKING:
    from pathlib import Path

    from repro.evidence.gather import Whose
    from repro.report.model import ReportView
    from repro.spec.base import Profile
    from repro.spec.model import Table


def report(
    table: TableName,
    profile: ScaleOrLargest = None,
    format: Format = None,  # noqa: A002
    output: Output = None,
    standalone: Standalone = False,
    own: Own = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where a claim fails or a cell deviates.")] = False,
) -> None:  # fmt: skip
    """Print published numbers beside measured ones.

    With a verdict for every cell and every claim; html has the figures and every record too. Numbers that you have not
    made yourself are marked: shipped with repro, accepted in your project, imported from a bundle, stale.

    Example: repro report dai2019/B.2 --output b2.html
    """
    from repro.evidence.judged import report_of
    from repro.report.render import render
    from repro.spec.load import load
    from repro.spec.tables import find

    spec, asked = find(table), format_for(format, output)
    whose: Whose = "own" if own else "all"
    reported = report_of(load(spec), profile, with_figures=asked == "html", spec=spec, whose=whose)
    color = in_color() and output is None
    deliver(render(reported.view, asked, width=width(), color=color, standalone=standalone), output)
    if not any(record.status == "ok" for record in reported.evidence.records):
        mine = " by you" if own else ""
        raise Failure(Exit.NOTHING, f"nothing of this table was measured{mine} at {reported.evidence.profile} scale",
                      f"repro run {table} --profile {reported.evidence.profile}")  # fmt: skip
    if strict:
        _judge_strictly(reported.view)


def _judge_strictly(view: ReportView) -> None:
    claims = [claim.text for claim in view.claims if claim.verdict == "fails"]
    cells = sum(count for status, count in view.counts if status.startswith("deviates"))
    if claims or cells:
        raise Failure(Exit.JUDGED, f"claims that fail: {len(claims)}; cells that deviate: {cells}")


def accept(
    table: TableName,
    profile: Scale = "paper",
    allow_stale: Annotated[bool, typer.Option("--allow-stale", help="Also records that are stale.")] = False,
    carry: Annotated[
        bool, typer.Option("--carry", help="Carry accepted records over a change of code that moves no bit.")
    ] = False,
) -> None:  # fmt: skip
    """Promote your own runs to the accepted results.

    Records go to the results folder, and the report in every format, with its figures, beside them. Stale records are
    refused.

    With --carry nothing of one's own is promoted: the accepted records of the profile whose code alone has changed are
    carried over, where the smoke jobs of their row, run again, equal the accepted smoke results to the last bit.

    Example: repro accept cegan/kl-2d --profile paper
    """
    from repro.commands.reports import write_reports
    from repro.places import results_directory
    from repro.spec.load import load
    from repro.spec.tables import find
    from repro.store.accepted import accept as promote
    from repro.store.records import Store

    loaded, results = load(find(table)), results_directory()
    if carry:
        _carry(loaded, profile, results)
        return
    done = promote(Store(), results, loaded, profile, allow_stale=allow_stale)
    for record, reasons in done.refused.items():
        note(f"refused {record}: {'; '.join(reasons)}")
    if not done.promoted and not done.unchanged:
        raise Failure(Exit.NOTHING, f"no finished run of {loaded.id} at {profile} scale",
                      f"repro run {loaded.id} --profile {profile}")  # fmt: skip
    write_reports(loaded, profile, results)
    say(f"{loaded.id} ({profile}): {len(done.promoted)} accepted, {len(done.unchanged)} unchanged, "
        f"{len(done.refused)} refused")  # fmt: skip
    if done.refused:
        raise Failure(
            Exit.INCOMPLETE,
            f"refused as stale: {count(len(done.refused), 'record')}",
            "run them again, or --allow-stale",
        )


def _carry(table: Table, profile: Profile, results: Path) -> None:
    from repro.commands.carry import carry
    from repro.commands.reports import write_reports
    from repro.store.accepted import read_results, replace_accepted
    from repro.store.records import Store

    if profile == "smoke":
        raise Failure(Exit.WRONG_USE, "smoke results are the evidence: run them again and accept them",
                      f"repro run {table.id} --profile smoke")  # fmt: skip
    accepted = read_results(results, table.id)
    done = carry(table, profile, accepted, Store())
    for named, why in done.refused.items():
        note(f"not carried, {named}: {why}")
    by_key = {record.key: record for record in accepted}
    old = {record.key: by_key[record.carried.from_key] for record in done.carried if record.carried is not None}
    replace_accepted(results, old, done.carried)
    if done.carried:
        write_reports(table, profile, results)
    say(f"{table.id} ({profile}): {len(done.carried)} carried, {done.current} current, {len(done.refused)} stale")
    if done.refused:
        raise Failure(Exit.INCOMPLETE, f"not carried: {count(len(done.refused), 'record')}", "run them again")
