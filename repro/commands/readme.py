"""The parts of the README that state results, generated from specs and accepted records.

`python -m repro.commands.readme FILE` rewrites what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, for
the names `coverage` and `report`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from repro.commands.output import count
from repro.evidence.judged import report_of
from repro.files import write_atomic
from repro.places import results_of
from repro.report.escape import code_span, markdown
from repro.report.markdown import picture
from repro.report.model import CellView, ClaimView, ReportView
from repro.report.words import CELL, CLAIM
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import all_paths
from repro.store.accepted import read_results
from repro.verdict.claims import audit

NOTHING = "*Nothing is accepted yet: what a run of your own gives is the example above.*"


def coverage() -> str:
    """The totals, and folded away a line a table: rows by kind, claims, the scale at which results are accepted."""
    head = [
        "Table",
        "In print",
        "Task",
        "Rows: run",
        "planned",
        "quoted",
        "Printed cells",
        "Claims",
        "Accepted results",
    ]
    tables = _tables()
    lines = _table(head, [_coverage(table) for table in tables])
    return f"{_totals(tables)}\n\n<details>\n<summary>Every table</summary>\n\n{lines}\n\n</details>"


def _totals(tables: list[Table]) -> str:
    rows = [row for table in tables for row in table.rows if row.printed]
    kinds = Counter(row.kind for row in rows)
    claims = Counter(claim.in_print for table in tables for claim in audit(table))
    scales = Counter(view.protocol.profile for view in _accepted_views())
    watched = f"; {scales['smoke']} more watched by the gate at smoke scale" if scales["smoke"] else ""
    cells = sum(len(row.published) for row in rows)
    return (
        f"{len(tables)} tables and figures with {cells} printed cells and {len(rows)} rows: {kinds['method']} run, "
        f"{kinds['planned']} are planned, {kinds['quoted']} are quoted from other papers. {claims.total()} claims: "
        f"{claims['holds']} hold and {claims['fails']} fail in their own print, {claims[None]} have no number there. "
        f"{count(scales['paper'] + scales['laptop'], 'table')} with accepted results{watched}."
    )


def _coverage(table: Table) -> list[str]:
    rows = [row for row in table.rows if row.printed]
    kinds = Counter(row.kind for row in rows)
    failing = sum(claim.in_print == "fails" for claim in audit(table))
    claims = f"{len(table.claims)}" + (f" ({failing} fail in print)" if failing else "")
    numbers = [kinds["method"], kinds["planned"], kinds["quoted"], sum(len(row.published) for row in rows)]
    printed_as = f"{table.source.document}/{table.source.table}"
    return [code_span(table.id), printed_as, table.task, *map(str, numbers), claims, _accepted(table)]


def _accepted(table: Table) -> str:
    view = _view(table)
    return f"{view.protocol.profile}, {count(len(view.protocol.seeds), 'seed')}" if view else "none yet"


def report() -> str:
    """Of tables at paper scale the summary, the first block and the claims; those at laptop scale folded away.

    Smoke scale says nothing of a paper, and is left out.
    """
    views = _accepted_views()
    whole = [_excerpt(view) for view in views if view.protocol.profile == "paper"]
    reduced = [_folded(view) for view in views if view.protocol.profile == "laptop"]
    if reduced:
        whole.append("At `laptop` scale numbers are not comparable, and claims are judged that hold at reduced scale.")
    return "\n\n".join([*whole, *reduced]) or NOTHING


def _accepted_views() -> list[ReportView]:
    return [view for table in _tables() if (view := _view(table)) is not None]


def _view(table: Table) -> ReportView | None:
    """The report of the accepted records at the largest scale; None where there are none."""
    if not read_results(results_of(table.id), table.id):
        return None
    return report_of(table, None, with_figures=False, accepted_only=True).view


def _excerpt(view: ReportView) -> str:
    said = f"**{_title(view)}** at profile {code_span(view.protocol.profile)}. {markdown(view.summary)}."
    whole = f"[The whole report]({_where(view)}); the HTML beside it has every record."
    return "\n\n".join([f"{said} {whole}", _block(view), *_pictures(view), _claims(view)])


def _folded(view: ReportView) -> str:
    """The same of a table at reduced scale, folded away, with the claims that its runs could judge."""
    judged = [claim for claim in view.claims if claim.verdict != "not testable"]
    said = ", ".join(f"{n} {verdict}" for verdict, n in Counter(claim.verdict for claim in judged).items())
    summary = f"<summary>{_title(view)} ({count(len(judged), 'claim')} judged{': ' if said else ''}{said})</summary>"
    report = f"[Report]({_where(view)})\n</details>"
    return "\n\n".join(["<details>\n" + summary, _block(view), *_pictures(view), _claims(view), report])


def _pictures(view: ReportView) -> list[str]:
    """The figures whose files lie beside the accepted report."""
    there = results_of(view.id) / view.id / "reports"
    return [
        picture(figure, f"results/{view.id}/reports/{view.file_of(figure)}")
        for figure in view.figures
        if (there / view.file_of(figure)).exists()
    ]


def _title(view: ReportView) -> str:
    return markdown(f"{view.source.document}, {view.source.label}: {view.title}")


def _where(view: ReportView) -> str:
    return f"results/{view.id}/reports/{view.protocol.profile}.md"


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
    return _table([markdown(group or ""), *(markdown(row.label) for row in rows)], lines)


def _cell(cell: CellView | None) -> str:
    if cell is None or cell.measured is None:
        return ""
    look = CELL[cell.measured.status]
    stale = " **stale**" if cell.measured.stale else ""
    printed = f"{markdown(cell.published.text)} → " if cell.published else ""
    return f"{printed}{markdown(cell.measured.text)} {look.mark} {look.short}{stale}"


def _claims(view: ReportView) -> str:
    """A line a claim; where several read the same sentence, with what each reads in it."""
    sentences = Counter(claim.text for claim in view.claims)

    def line(claim: ClaimView) -> str:
        failing = " (fails in its own print)" if claim.in_print == "fails" else ""
        reading = f" ({claim.note})" if claim.note and sentences[claim.text] > 1 else ""
        return f"- {CLAIM[claim.verdict].mark} {claim.verdict}{failing}: {markdown(claim.text + reading)}"

    return "\n".join(line(claim) for claim in view.claims)


def _tables() -> list[Table]:
    return [load(path) for path in all_paths()]


def _table(head: list[str], lines: list[list[str]]) -> str:
    rule = [":--"] * len(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, rule, *lines))


REGIONS: dict[str, Callable[[], str]] = {"coverage": coverage, "report": report}


def rewritten(text: str) -> str:
    """The text with every generated region as it would be now. Raises ValueError where a marker is missing."""
    for name, made in REGIONS.items():
        begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        if text.count(begin) != 1 or text.count(end) != 1 or end not in rest:
            raise ValueError(f"expected one region {name!r}, between {begin.strip()} and {end}")
        text = f"{before}{begin}{made()}\n{end}{after}"
    return text


if __name__ == "__main__":
    for name in sys.argv[1:]:
        file = Path(name)
        write_atomic(file, rewritten(file.read_text(encoding="utf-8")).encode())
