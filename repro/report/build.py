"""From a table, its verdict and its records to the view that every renderer reads."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from repro.registry import FIGURES
from repro.report import escape, numbers, words
from repro.report.model import (
    CellView,
    ClaimView,
    ColumnView,
    FigureView,
    MeasuredCell,
    ProtocolView,
    PublishedNumber,
    PublishedView,
    ReportView,
    RowView,
    SeedValue,
)
from repro.report.records import anchor_of, curves, environment_line, record_view
from repro.spec.cell import PublishedCell
from repro.spec.claim import Claim
from repro.spec.model import Row, Table
from repro.store.origin import Origin, in_order, sentence
from repro.store.record import Record, total_seconds
from repro.verdict.model import CellStatus, CellVerdict, ClaimVerdict, Interval, TableVerdict

if TYPE_CHECKING:
    from numpy import ndarray

NAMED_DATA = 2
"""Data sets that a report's first line names; of more it says how many."""
Artifacts = Callable[[str], "Mapping[str, ndarray] | None"]


def published(table: Table) -> PublishedView:
    """The table as printed: printed columns and rows only, corrections and remarks as footnotes."""
    notes = _Footnotes()
    heading = heading_columns(table)
    return PublishedView(
        id=table.id,
        title=table.title,
        source=table.source,
        columns=tuple(c for c in _columns(table, heading) if not c.supplementary),
        groups=_groups(table),
        rows=tuple(_row(table, row, notes, heading) for row in table.rows if row.printed),
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
    judge = _Judge(table, verdict, used, origins or {})
    notes = _Footnotes()
    heading = heading_columns(table)
    rows = tuple(_row(table, row, notes, heading, judge) for row in table.rows)
    counts = _counts(rows)
    claims = claim_views(table, verdict.claims)
    stale = sum(cell.measured.stale for row in rows for cell in row.cells.values() if cell.measured)
    return ReportView(
        id=table.id,
        title=table.title,
        source=table.source,
        columns=_columns(table, heading),
        groups=_groups(table),
        rows=rows,
        footnotes=notes.texts,
        notes=table.notes,
        protocol=_protocol(table, verdict, used, sentence(judge.seen)),
        summary=_summary(counts, claims, stale),
        counts=counts,
        claims=claims,
        figures=_figures(table, artifacts),
        stale=stale,
    )


def claim_views(table: Table, verdicts: Sequence[ClaimVerdict]) -> tuple[ClaimView, ...]:
    """The claims of a table as a reader sees them, in the order of their verdicts."""
    return tuple(_claim(claim, table.claims[i:] + table.claims) for i, claim in enumerate(verdicts))


def redo_command(table: Table, row: Row, profile: str) -> str:
    """The command that runs one row, and so every cell of it, at a profile."""
    target = f"{table.source.document}/{table.source.table}"
    return shlex.join(["repro", "run", target, "--profile", profile, "--rows", row.name])


class _Footnotes:
    """Collects footnotes; the same words have one number."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def add(self, texts: Iterable[str]) -> tuple[int, ...]:
        return tuple(self._numbers.setdefault(text, len(self._numbers) + 1) for text in texts)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(self._numbers)


class _Judge:
    """What the verdict and the records say about a cell."""

    def __init__(
        self, table: Table, verdict: TableVerdict, records: Sequence[Record], origins: Mapping[str, Origin]
    ) -> None:
        self.table, self.verdict, self.origins = table, verdict, origins
        self.seen = in_order(origins[r.key] for r in records if r.status == "ok" and r.key in origins)
        self._styles = numbers.styles(table)
        self._records = {row.name: [r for r in records if r.row == row.name] for row in table.rows}

    def records(self, row: Row) -> list[Record]:
        return self._records[row.name]

    def cell(self, row: Row, column: str) -> MeasuredCell | None:
        """The measured side of a cell; None where there is no such cell to speak of."""
        judged = self.verdict.cells.get((row.name, column))
        if judged is None:
            if column not in row.published and not (column in row.texts and column in self.table.of_runs):
                return None
            judged = CellVerdict(row.name, column, "not run" if row.kind != "method" else "missing")
        style = self._styles[column]
        gap = None if judged.mean is None or judged.target is None else judged.mean - judged.target
        seeds = tuple(self._seed(r, column, style) for r in self.records(row) if column in r.parts.signatures)
        shown = [s for s in seeds if s.value is not None or s.words is not None] if judged.n else []
        origins = in_order(s.origin for s in shown if s.origin is not None)
        ratio = judged.mean / judged.target if judged.scale == "log" and judged.mean and judged.target else None
        distance = style.ratio if judged.scale == "log" else style.difference
        return MeasuredCell(
            status=judged.status,
            mean=judged.mean,
            std=judged.std,
            n=judged.n,
            text=_measured_text(judged, style) + self._mark(origins),
            stale=judged.stale,
            detail=judged.detail,
            seeds=seeds,
            target_text="" if judged.target is None else style.number(judged.target),
            difference=gap,
            ratio=ratio,
            difference_text=style.ratio(ratio) if ratio is not None else "" if gap is None else style.difference(gap),
            interval_text=_ends(judged.difference, distance),
            prediction_text=_ends(judged.prediction, style.number),
            margin_text=_margin(judged, style),
            p_text=_p(judged.p),
            adjusted_text=_p(judged.p_adjusted),
            seeds_needed=judged.seeds_needed,
            words=judged.words,
            origins=origins,
        )

    def _mark(self, origins: Sequence[Origin]) -> str:
        """Whose a number is, where the report has several; one's own are not marked."""
        return "" if len(self.seen) < 2 or tuple(origins) in ((), ("own",)) else f" {' + '.join(origins)}"

    def _seed(self, record: Record, column: str, style: numbers.Style) -> SeedValue:
        return _seed(record, column, style, self.origins.get(record.key))


def _measured_text(cell: CellVerdict, style: numbers.Style) -> str:
    """`0.38 ± 0.02 (3)`; of words the different ones, the most frequent first: `million, tons (3)`."""
    if cell.words:
        return f"{', '.join(word for word, _ in Counter(cell.words).most_common())} ({cell.n})"
    return numbers.DASH if cell.mean is None else style.measured(cell.mean, cell.std, cell.n)


def _seed(record: Record, column: str, style: numbers.Style, origin: Origin | None) -> SeedValue:
    if record.status == "ok" and column in record.texts:
        words = record.texts[column]
        return SeedValue(record.key, anchor_of(record), record.seed, record.status, None, words, words, origin)
    found = record.measured.get(column) if record.status == "ok" else None
    text = record.status if record.status != "ok" else "not measured" if found is None else style.number(found.value)
    value = None if found is None else found.value
    return SeedValue(record.key, anchor_of(record), record.seed, record.status, value, text, origin=origin)


def _ends(interval: Interval | None, number: Callable[[float], str]) -> str:
    return "" if interval is None else f"[{number(interval.low)}, {number(interval.high)}]"


def _margin(cell: CellVerdict, style: numbers.Style) -> str:
    if cell.margin is None:
        return ""
    return style.ratio(cell.margin) if cell.scale == "log" else f"± {cell.margin / style.scale:.4g}{style.unit}"


def _p(p: float | None) -> str:
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _groups(table: Table) -> tuple[str | None, ...]:
    return tuple(dict.fromkeys(_group(table, row) for row in table.rows))


def _group(table: Table, row: Row) -> str | None:
    if row.group is None:
        return None
    return table.groups[row.group].label if row.group in table.groups else row.group


def heading_columns(table: Table) -> frozenset[str]:
    """Columns that are printed in heading rows only; empty where every row of the table would be a heading."""
    printed = [row for row in table.rows if row.printed and row.published]

    def alone(row: Row) -> bool:
        others = [other for other in printed if other is not row and other.group == row.group]
        shared = any(row.published.keys() & other.published.keys() for other in others)
        return row.group is not None and bool(others) and not shared

    headings = [row for row in printed if alone(row)]
    body = {column for row in printed if row not in headings for column in row.published}
    return frozenset({column for row in headings for column in row.published} - body) if body else frozenset()


def is_heading(row: Row, heading: frozenset[str]) -> bool:
    """Whether a row prints nothing but heading columns."""
    return bool(row.published) and row.printed and row.published.keys() <= heading


def _columns(table: Table, heading: frozenset[str]) -> tuple[ColumnView, ...]:
    views = [
        ColumnView(
            id=name,
            label=column.label,
            metric=column.metric,
            unit=column.unit,
            better=column.better,
            supplementary=column.supplementary,
            heading=name in heading,
            margin=margin.why if (margin := table.margin_of(name)) is not None and not column.is_words else "",
            words=column.is_words,
        )
        for name, column in table.columns.items()
    ]
    return tuple(views)


def _row(table: Table, row: Row, notes: _Footnotes, heading: frozenset[str], judge: _Judge | None = None) -> RowView:
    alone = is_heading(row, heading)
    cells = {}
    row_notes = notes.add(_row_notes(row))
    for name, column in table.columns.items():
        printed = _printed(row, name)
        measured = judge.cell(row, name) if judge else None
        extra = (column.supplementary or not row.printed) and measured is not None
        if not row.published and not row.texts:  # a figure's row: there is nothing but what was measured, or failed
            extra = measured is not None and (measured.n > 0 or measured.status == "failed")
        if name in heading or (alone and measured is not None and measured.n == 0):
            extra = False
        if printed is None and not extra:
            continue
        cells[name] = CellView(
            column=name,
            anchor=f"cell-{_position(table, row)}-{list(table.columns).index(name) + 1}-{escape.slug(name)}",
            published=printed,
            measured=measured,
            footnotes=notes.add(_cell_notes(row.published[name])) if name in row.published else (),
        )
    records, origins = (judge.records(row), judge.origins) if judge else ([], {})
    return RowView(
        name=row.name,
        label=row.label,
        anchor=f"row-{_position(table, row)}-{escape.slug(row.name)}",
        group=_group(table, row),
        kind=row.kind,
        heading=alone,
        role=row.role,
        cells=cells,
        footnotes=row_notes,
        redo=redo_command(table, row, judge.verdict.profile) if judge and row.kind == "method" else "",
        records=tuple(record_view(record, table, origins.get(record.key)) for record in records),
        curves=curves(records),
    )


def _position(table: Table, row: Row) -> int:
    return next(i for i, other in enumerate(table.rows, start=1) if other is row)


def _printed(row: Row, column: str) -> PublishedNumber | None:
    if column in row.texts:
        return PublishedNumber(None, None, row.texts[column], words=True)
    cell = row.published.get(column)
    if cell is None:
        return None
    return PublishedNumber(cell.printed.value, numbers.published_std(cell), numbers.published_text(cell))


def _row_notes(row: Row) -> list[str]:
    said = [f"quoted from {row.quoted}" if row.quoted else "", f"planned: {row.planned}" if row.planned else ""]
    return [text for text in (*said, row.note or "") if text]


def _cell_notes(cell: PublishedCell) -> list[str]:
    found = []
    if cell.corrected:
        found.append(f"printed {cell.value}, read as {cell.corrected.value}: {cell.corrected.why}")
    if cell.selection:
        found.append(f"selection: {cell.selection}")
    if cell.runs is not None and cell.runs > 1:
        found.append(f"the print's number rests on {cell.runs} runs")
    return [*found, *([cell.note] if cell.note else [])]


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


def claims_by_origin(claims: Sequence[ClaimView]) -> list[tuple[str, list[ClaimView]]]:
    """The claims of the text, and apart from them those derived from it, each kind where there are any."""
    found = [claim for claim in claims if not claim.derived], [claim for claim in claims if claim.derived]
    return [(kind, some) for kind, some in zip(("claims", "derived claims"), found, strict=True) if some]


def _claim(claim: ClaimVerdict, stated: Sequence[Claim]) -> ClaimView:
    spec = next((c for c in stated if c.text == claim.text and c.kind == claim.kind), None)
    return ClaimView(
        text=claim.text,
        kind=claim.kind,
        where=(spec.where or "") if spec else "",
        verdict=claim.verdict,
        detail=claim.detail,
        in_print=claim.in_print,
        in_print_detail=claim.in_print_detail,
        control=claim.control or "",
        holds_from=spec.holds_from if spec else "",
        note=(spec.note or "") if spec else "",
        expression=(spec.expression or "") if spec else "",
        derived=(spec.derived or "") if spec else "",
        parts=claim.parts,
        refuted=claim.refuted,
    )


def _protocol(table: Table, verdict: TableVerdict, records: Sequence[Record], whose: str) -> ProtocolView:
    signatures = {
        column.label: tuple(sorted({way for r in records if (way := _way(r, name))}))
        for name, column in table.columns.items()
    }
    found = [record.status for record in records]
    seconds = total_seconds(records)
    return ProtocolView(
        profile=verdict.profile,
        seeds=tuple(sorted({record.seed for record in records})),
        note=table.profiles.of(verdict.profile).note or "",
        signatures=tuple((label, known) for label, known in signatures.items() if known),
        environments=tuple(sorted({environment_line(r.environment) for r in records if r.environment})),
        jobs=tuple((status, str(found.count(status))) for status in dict.fromkeys(sorted(found))),
        seconds=seconds,
        time=numbers.duration(seconds),
        data=_data(records),
        scale="" if verdict.profile == "paper" else _scale(verdict.profile, records),
        whose=whose,
    )


def _data(records: Sequence[Record]) -> tuple[str, ...]:
    """The data sets that numbers were measured on."""
    return tuple(sorted({record.parts.data.name for record in records if record.status == "ok"}))


def _scale(profile: str, records: Sequence[Record]) -> str:
    """What a report below paper scale rests on: `smoke: toy-language, 1 seed`."""
    data = _data(records)
    if not data:
        return f"{profile}: nothing measured"
    seeds = len({record.seed for record in records if record.status == "ok"})
    on = ", ".join(data) if len(data) <= NAMED_DATA else f"{len(data)} data sets"
    return f"{profile}: {on}, {seeds} {'seed' if seeds == 1 else 'seeds'}"


def _way(record: Record, column: str) -> str:
    """How a record came to its number or words of a column; empty where it has none."""
    if column in record.measured:
        return record.measured[column].signature
    return record.parts.signatures[column] if column in record.texts else ""


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
