"""What the generated pages show of a report: its first block turned on its side, its figures and its claims."""

from __future__ import annotations

from collections import Counter

from repro.commands.output import count
from repro.places import results_of
from repro.report.escape import code_span, markdown
from repro.report.markdown import picture
from repro.report.model import CellView, ClaimView, ReportView
from repro.report.words import CELL, CLAIM


def excerpt(view: ReportView, results: str) -> str:
    """Title, summary, the first block, figures and claims; `results` is the way from the page to `results/`."""
    said = f"**{_title(view)}** at profile {code_span(view.protocol.profile)}. {markdown(view.summary)}."
    whole = f"[The whole report]({_where(view, results)}); the HTML beside it has every record."
    return "\n\n".join([f"{said} {whole}", _block(view), *_pictures(view, results), _claims(view)])


def folded(view: ReportView, results: str) -> str:
    """The same of a table at reduced scale, folded away, with the claims that its runs could judge."""
    judged = [claim for claim in view.claims if claim.verdict != "not testable"]
    said = ", ".join(f"{n} {verdict}" for verdict, n in Counter(claim.verdict for claim in judged).items())
    summary = f"<summary>{_title(view)} ({count(len(judged), 'claim')} judged{': ' if said else ''}{said})</summary>"
    report = f"[Report]({_where(view, results)})\n</details>"
    return "\n\n".join(["<details>\n" + summary, _block(view), *_pictures(view, results), _claims(view), report])


def _pictures(view: ReportView, results: str) -> list[str]:
    """The figures whose files lie beside the accepted report."""
    there = results_of(view.id) / view.id / "reports"
    return [
        picture(figure, f"{results}{view.id}/reports/{view.file_of(figure)}")
        for figure in view.figures
        if (there / view.file_of(figure)).exists()
    ]


def _title(view: ReportView) -> str:
    return markdown(f"{view.source.document}, {view.source.label}: {view.title}")


def _where(view: ReportView, results: str) -> str:
    return f"{results}{view.id}/reports/{view.protocol.profile}.md"


def _block(view: ReportView) -> str:
    """The first group, turned on its side: a column for each row of the table."""
    group = view.groups[0]
    rows = [row for row in view.rows_of(group, heading=False) if row.cells and not row.role]
    columns = [column for column in view.body_columns if not column.supplementary]
    lines = [
        [markdown(column.label), *(_cell(row.cells.get(column.id)) for row in rows)]
        for column in columns
        if any(column.id in row.cells for row in rows)
    ]
    return table([markdown(group or ""), *(markdown(row.label) for row in rows)], lines)


def _cell(cell: CellView | None) -> str:
    if cell is None or cell.measured is None:
        return ""
    look = CELL[cell.measured.status]
    stale = " **stale**" if cell.measured.stale else ""
    off = f" {markdown(cell.measured.off)}" if cell.measured.off else ""
    printed = f"{markdown(cell.published.text)} → " if cell.published else ""
    return f"{printed}{markdown(cell.measured.text)} {look.mark} {look.short}{off}{stale}"


def _claims(view: ReportView) -> str:
    """A line a claim; where several read the same sentence, with what each reads in it."""
    sentences = Counter(claim.text for claim in view.claims)

    def line(claim: ClaimView) -> str:
        failing = " (fails in its own print)" if claim.in_print == "fails" else ""
        reading = f" ({claim.note})" if claim.note and sentences[claim.text] > 1 else ""
        about = ", ".join(filter(None, ("derived" if claim.derived else "", claim.tally or _why(claim))))
        said = f"{CLAIM[claim.verdict].mark} {CLAIM[claim.verdict].short}{failing}"
        return f"- {said}: {markdown(claim.text + reading + (f' ({about})' if about else ''))}"

    return "\n".join(line(claim) for claim in view.claims)


def _why(claim: ClaimView) -> str:
    """Why a claim is not judged, without the numbers of its parts."""
    return claim.detail.partition("; weakest: ")[0].partition("; worst: ")[0]


def table(head: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown."""
    rule = [":--"] * len(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))
