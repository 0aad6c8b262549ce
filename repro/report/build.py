"""From a table, its verdict and its records to the view that every renderer reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from repro.registry import FIGURES
from repro.report import escape, words
from repro.report.claims import claim_views, claims_by_origin
from repro.report.measured import Judge
from repro.report.model import ClaimView, FigureView, PublishedView, ReportView, RowView
from repro.report.protocol import protocol
from repro.report.rows import Footnotes, columns, groups, heading_columns, row_view
from repro.spec.model import Table
from repro.store.origin import Origin, sentence
from repro.store.record import Record
from repro.verdict.model import CellStatus, TableVerdict

if TYPE_CHECKING:
    from numpy import ndarray


Artifacts = Callable[[str], "Mapping[str, ndarray] | None"]


def published(table: Table) -> PublishedView:
    """The table as printed: printed columns and rows only, corrections and remarks as footnotes."""
    notes = Footnotes()
    heading = heading_columns(table)
    return PublishedView(
        id=table.id,
        title=table.title,
        source=table.source,
        columns=tuple(c for c in columns(table, heading) if not c.supplementary),
        groups=groups(table),
        rows=tuple(row_view(table, row, notes, heading) for row in table.rows if row.printed),
        footnotes=notes.texts,
        notes=table.notes,
    )


def build(
    table: Table,
    verdict: TableVerdict,
    records: Sequence[Record],
    artifacts: Artifacts | None = None,
    origins: Mapping[str, Origin] | None = None,
) -> ReportView:
    """Published beside measured. `records` are those that the verdict rests on, failed ones included.

    Figures are drawn where `artifacts` (row name to the arrays of one of its records) is given, else only named.
    `origins` say by key whose each record is; without them the report does not.
    """
    if verdict.table != table.id:
        raise ValueError(f"the verdict is about {verdict.table}, the table is {table.id}")
    used = [r for r in records if r.table == table.id and r.profile == verdict.profile]
    used.sort(key=lambda r: (r.seed, r.key))
    judge = Judge(table, verdict, used, origins or {})
    notes = Footnotes()
    heading = heading_columns(table)
    rows = tuple(row_view(table, row, notes, heading, judge) for row in table.rows)
    counts = _counts(rows)
    claims = claim_views(table, verdict.claims)
    stale = sum(cell.measured.stale for row in rows for cell in row.cells.values() if cell.measured)
    return ReportView(
        id=table.id,
        title=table.title,
        source=table.source,
        columns=columns(table, heading),
        groups=groups(table),
        rows=rows,
        footnotes=notes.texts,
        notes=table.notes,
        protocol=protocol(table, verdict, used, sentence(judge.seen)),
        summary=_summary(counts, claims, stale),
        counts=counts,
        claims=claims,
        figures=_figures(table, artifacts),
        stale=stale,
    )


def _counts(rows: Sequence[RowView]) -> tuple[tuple[CellStatus, int], ...]:
    """How many printed cells have each status, in the order of the vocabulary."""
    cells = [c for row in rows for c in row.cells.values() if c.is_printed and c.measured is not None]
    found = [c.measured.status for c in cells if c.measured is not None]
    return tuple((status, found.count(status)) for status in words.CELL if status in found)


def _summary(counts: Sequence[tuple[CellStatus, int]], claims: Sequence[ClaimView], stale: int) -> str:
    total = sum(count for _, count in counts)
    said = ", ".join(f"{count} {status}" for status, count in counts)
    parts = [f"{total} printed cells: {said}" if counts else "no printed cells"]
    if stale:
        parts.append(f"{stale} stale")
    for kind, some in claims_by_origin(claims):
        found = [claim.verdict for claim in some]
        said = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in words.CLAIM if verdict in found)
        parts.append(f"{len(some)} {kind}: {said}")
    return "; ".join(parts)


def _figures(table: Table, artifacts: Artifacts | None) -> tuple[FigureView, ...]:
    def svg(index: int) -> str | None:
        if artifacts is None or table.figures[index].draw not in FIGURES.entries:
            return None
        from repro.report.figures import draw  # matplotlib, only where a figure is asked for

        return draw(table.figures[index], table, artifacts)

    return tuple(
        FigureView(figure.label, figure.title, f"figure-{i + 1}-{escape.slug(figure.label)}", svg(i))
        for i, figure in enumerate(table.figures)
    )
