"""What the verdict and the records say about a cell, as a reader sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from repro.report import numbers
from repro.report.model import MeasuredCell, SeedValue
from repro.report.records import anchor_of
from repro.spec.model import Row, Table
from repro.store.origin import Origin, in_order
from repro.store.record import Record
from repro.verdict.model import CellVerdict, Interval, TableVerdict


class Judge:
    """What the verdict and the records say about a cell."""

    def __init__(
        self, table: Table, verdict: TableVerdict, records: Sequence[Record], origins: Mapping[str, Origin]
    ) -> None:
        self.table, self.verdict, self.origins = table, verdict, origins
        self.seen = in_order(origins[r.key] for r in records if r.status == "ok" and r.key in origins)
        self._styles = numbers.styles(table)
        self._records = {row.name: [r for r in records if r.row == row.name] for row in table.rows}

    def records(self, row: Row) -> list[Record]:
        """Those of a row, in order."""
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
