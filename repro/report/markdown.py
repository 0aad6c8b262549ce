"""The table in Markdown (tables as GitHub reads them). A report's cell has three lines: printed, measured, verdict."""

from __future__ import annotations

from collections.abc import Sequence

from repro.report.escape import code_span, markdown
from repro.report.model import CellView, FigureView, PublishedView, ReportView, RowView
from repro.report.words import CELL, CLAIM


def markdown_text(view: PublishedView) -> str:
    """The whole view as one Markdown document."""
    source = view.source
    arxiv = f", [arXiv:{markdown(source.arxiv)}](https://arxiv.org/abs/{_url(source.arxiv)})" if source.arxiv else ""
    out = [
        f"# {markdown(view.heading if isinstance(view, ReportView) else view.title)}",
        f"{code_span(view.id)}: {source.document}, {markdown(source.label)}. {markdown(source.paper)}{arxiv}",
    ]
    if isinstance(view, ReportView):
        whose = f" {markdown(view.protocol.whose.capitalize())}." if view.protocol.whose else ""
        out.append(f"Profile {code_span(view.protocol.profile)}. {markdown(view.summary)}.{whose}")
        out.append(
            "Each cell: the printed number; mean ± standard deviation over seeds (seeds); the verdict, and how far the "
            "mean is off the print, as a ratio or a difference."
        )
    out += [_headings(view), _body(view), _notes(view)]
    if isinstance(view, ReportView):
        out += [_claims(view), _figures(view), _protocol(view), _redo(view)]
    return "\n\n".join(part for part in out if part) + "\n"


def _headings(view: PublishedView) -> str:
    report = isinstance(view, ReportView)
    head = ["Group", "Column", "Printed", *(["Measured", "Verdict"] if report else [])]
    lines = []
    for row in view.rows:
        for name, cell in row.cells.items():
            if row.heading and view.column(name).heading:
                line = [markdown(row.group or row.label), markdown(view.column(name).label), _printed(cell)]
                measured = cell.measured
                lines.append(line + ([markdown(measured.text), _verdict(cell)] if report and measured else []))
    return _table(head, lines) if lines else ""


def _body(view: PublishedView) -> str:
    rows = [row for row in view.rows if any(not view.column(name).heading for name in row.cells)]
    grouped = any(row.group for row in rows)
    head = [*(["Group"] if grouped else []), "", *(markdown(column.label) for column in view.body_columns)]
    lines = []
    last: str | None = None
    for row in rows:
        group = [markdown(row.group or "") if row.group != last else ""] if grouped else []
        cells = [_cell(row.cells[c.id]) if c.id in row.cells else "" for c in view.body_columns]
        lines.append([*group, _label(row), *cells])
        last = row.group
    return _table(head, lines, left=1 + grouped)


def _table(head: Sequence[str], lines: Sequence[Sequence[str]], left: int = 2) -> str:
    rule = [":--" if i < left else "--:" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


def _label(row: RowView) -> str:
    kind = row.role or (row.kind if row.kind != "method" else "")
    return markdown(row.label) + _marks(row.footnotes) + (f" ({kind})" if kind else "")


def _cell(cell: CellView) -> str:
    if cell.measured is None:
        return _printed(cell)
    return "<br>".join(part for part in (_printed(cell), markdown(cell.measured.text), _verdict(cell)) if part)


def _printed(cell: CellView) -> str:
    return f"{markdown(cell.published.text)}{_marks(cell.footnotes)}" if cell.published else ""


def _verdict(cell: CellView) -> str:
    assert cell.measured is not None
    found = cell.measured
    off = f" {markdown(found.off)}" if found.off else ""
    return f"*{markdown(CELL[found.status].short)}*{off}" + (" **stale**" if found.stale else "")


def _marks(footnotes: Sequence[int]) -> str:
    return f"<sup>{','.join(map(str, footnotes))}</sup>" if footnotes else ""


def _notes(view: PublishedView) -> str:
    numbered = [f"<sup>{i}</sup> {markdown(note)}" for i, note in enumerate(view.footnotes, start=1)]
    return "\n\n".join([*numbered, *(markdown(note) for note in view.notes)])


def _claims(view: ReportView) -> str:
    lines = []
    for claim in view.claims:
        in_print = claim.in_print or "cannot be read"
        detail = f" ({markdown(claim.in_print_detail)})" if claim.in_print_detail else ""
        text = markdown(claim.text) + (f" ({markdown(claim.origin)})" if claim.origin else "")
        said = markdown(claim.said) + (f"<br>control: {markdown(claim.control)}" if claim.control else "")
        lines.append([text, f"{CLAIM[claim.verdict].mark} {CLAIM[claim.verdict].short}", said, f"{in_print}{detail}"])
    return "## Claims\n\n" + _table(["Claim", "Here", "Detail", "In print"], lines, left=4) if lines else ""


def _figures(view: ReportView) -> str:
    """Those that are drawn as pictures of the files beside the report; the others by name."""
    drawn = [picture(figure, view.file_of(figure)) for figure in view.figures if figure.svg]
    named = [f"- {_name(figure)}" for figure in view.figures if not figure.svg]
    rest = ["Drawn in the HTML report.", "\n".join(named)] if named else []
    return "\n\n".join(["## Figures", *drawn, *rest]) if view.figures else ""


def picture(figure: FigureView, file: str) -> str:
    """A figure's file with its name below."""
    return f"![{_name(figure)}]({file})\n\n{_name(figure)}"


def _name(figure: FigureView) -> str:
    return f"Figure {markdown(figure.label)}: {markdown(figure.title)}"


def _protocol(view: ReportView) -> str:
    protocol = view.protocol
    jobs = ", ".join(f"{count} {status}" for status, count in protocol.jobs) or "none"
    lines = [f"- jobs: {jobs}", f"- seeds: {', '.join(map(str, protocol.seeds)) or 'none'}"]
    lines += [f"- note: {markdown(protocol.note)}"] if protocol.note else []
    lines += [f"- total time: {protocol.time}"]
    lines += [f"- machine: {markdown(machine)}" for machine in protocol.environments]
    known = dict.fromkeys(signature for _, found in protocol.signatures for signature in found)
    return "\n".join(["## Protocol", "", *lines, *(f"- metric: {code_span(signature)}" for signature in known)])


def _redo(view: ReportView) -> str:
    commands = [f"- {_where(row)}: {code_span(row.redo)}" for row in view.rows if row.redo]
    return "\n".join(["## Redo a row", "", *commands]) if commands else ""


def _where(row: RowView) -> str:
    return markdown(f"{row.group}, {row.label}" if row.group else row.label)


def _url(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="/.")
