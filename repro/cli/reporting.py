"""`report` and `accept`: published beside measured, and what of it becomes the accepted result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from repro.cli.options import Format, Output, Scale, ScaleOrLargest, Standalone, TableName
from repro.commands.failure import Exit, Failure
from repro.commands.output import count, deliver, in_color, note, say, width

if TYPE_CHECKING:
    from repro.report.model import ReportView

REPORT_FORMATS = ("md", "html", "json", "csv", "tex")


def report(
    table: TableName,
    profile: ScaleOrLargest = None,
    format: Format = "text",  # noqa: A002
    output: Output = None,
    standalone: Standalone = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where a claim fails or a cell deviates.")] = False,
) -> None:  # fmt: skip
    """Print published numbers beside measured ones.

    With a verdict for every cell and every claim; html has the figures and every record too.

    Example: repro report dai2019/B.2 --format html --output b2.html
    """
    from repro.evidence.judged import report_of
    from repro.report.render import render
    from repro.spec.load import load
    from repro.spec.tables import find

    spec = find(table)
    reported = report_of(load(spec), profile, with_figures=format == "html", spec=spec)
    color = in_color() and output is None
    deliver(render(reported.view, format, width=width(), color=color, standalone=standalone), output)
    if not any(record.status == "ok" for record in reported.evidence.records):
        raise Failure(Exit.NOTHING, f"nothing of this table was measured at {reported.evidence.profile} scale",
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
) -> None:  # fmt: skip
    """Promote your own runs to the accepted results.

    Records go to the results folder, and the report in every format, with its figures, beside them. Stale records are
    refused.

    Example: repro accept cegan/kl-2d --profile paper
    """
    from repro.evidence.judged import report_of
    from repro.places import results_directory
    from repro.report.render import render
    from repro.spec.load import load
    from repro.spec.tables import find
    from repro.store.accepted import accept as promote
    from repro.store.records import Store

    loaded, results = load(find(table)), results_directory()
    done = promote(Store(), results, loaded, profile, allow_stale=allow_stale)
    for record, reasons in done.refused.items():
        note(f"refused {record}: {'; '.join(reasons)}")
    if not done.promoted and not done.unchanged:
        raise Failure(Exit.NOTHING, f"no finished run of {loaded.id} at {profile} scale",
                      f"repro run {loaded.id} --profile {profile}")  # fmt: skip
    reported = report_of(loaded, profile, with_figures=True, accepted_only=True)
    folder = results / loaded.id / "reports"
    for name in REPORT_FORMATS:
        deliver(render(reported.view, name), folder / f"{profile}.{name}")
    for figure in reported.view.figures:
        if figure.svg:
            deliver(figure.svg, folder / reported.view.file_of(figure))
    say(f"{loaded.id} ({profile}): {len(done.promoted)} accepted, {len(done.unchanged)} unchanged, "
        f"{len(done.refused)} refused")  # fmt: skip
    if done.refused:
        raise Failure(
            Exit.INCOMPLETE,
            f"refused as stale: {count(len(done.refused), 'record')}",
            "run them again, or --allow-stale",
        )
