"""A comparison in words: blocks of one column each, which every format lays out in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from repro.compare.grid import Grid, GridCell
from repro.compare.model import FINDINGS, Comparison, Finding, Rank, Standing, Versus
from repro.report.numbers import Style, styles
from repro.spec.model import Column, Table
from repro.verdict.model import Interval
from repro.verdict.stats import Sample

HEAD = ("Against", "Measured", "Difference [95 %]", "Effect [95 %]", "p", "Holm", "New row is")
RANKS = ("Group", "Column", "New row", "Rank", "95 %", "Better than", "Worse than", "Not shown")
MARKS: dict[Finding, str] = {
    "better": "▲", "worse": "▼", "differs": "≠", "no difference shown": "·", "one seed": "·", "incomplete": "◐",
    "not comparable": "≁", "no records": "○",
}  # fmt: skip


@dataclass(frozen=True)
class Block:
    """One column of one group: where, which way is better, what the new row has there, and a line a baseline."""

    place: str
    direction: str
    mine: str
    lines: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]


def blocks(comparison: Comparison, table: Table) -> Iterator[Block]:
    """All columns in order."""
    looks = styles(table)
    for standing in comparison.standings:
        column, style = table.columns[standing.column], looks[standing.column]
        shown = [v for v in standing.against if v.values or v.published]
        remarks = dict.fromkeys(_remark(v, standing.row) for v in shown if v.detail)
        yield Block(
            place=", ".join(part for part in (standing.group, column.label) if part),
            direction=_direction(column),
            mine=_mine(standing, style),
            lines=tuple(_line(table.row(v.row).label, v, style) for v in shown),
            remarks=tuple(remarks),
        )


def ranks(comparison: Comparison, table: Table) -> list[tuple[str, ...]]:
    """One line a column: the new row's number, its rank, and over how many rows something is shown."""
    looks = styles(table)
    return [
        _rank_line(standing, table.columns[standing.column], looks[standing.column])
        for standing in comparison.standings
    ]


def summary(comparison: Comparison) -> str:
    """One line: how many comparisons came out in which way."""
    counts = comparison.counts
    said = ", ".join(f"{counts[finding]} {finding}" for finding in FINDINGS if counts[finding])
    if not comparison.tests and not comparison.compared:
        return f"{comparison.label}: nothing could be compared ({said or 'no other row'})"
    corrected = f"; {comparison.tests} tests, corrected together (Holm, 0.05)" if comparison.tests else ""
    return f"{comparison.label} against {sum(counts.values())} cells: {said}{corrected}"


def as_json(comparison: Comparison, grid: Grid) -> dict[str, Any]:
    """Everything, for programs; numbers by seed as lists of pairs.

    `columns` are the new row's numbers with the tests, `rows` the one table.
    """
    return {
        "table": comparison.table,
        "row": comparison.label,
        "profile": comparison.profile,
        "origin": dict(comparison.origin),
        "tests": comparison.tests,
        "counts": {finding: comparison.counts[finding] for finding in FINDINGS},
        "notes": list(comparison.notes),
        "columns": [
            {"row": s.row, "group": s.group, "column": s.column, **_sample(s.values), "lacking": s.lacking or None,
             "rank": asdict(s.rank) if s.rank else None, "against": [_versus(v) for v in s.against]}
            for s in comparison.standings
        ],
        "rows": [
            {"label": row.label, "group": label, "kind": row.kind, "new": row.is_new,
             "cells": {grid.columns[name]: _cell(cell) for name, cell in row.cells.items()}}
            for label, row in grid.rows
        ],
    }  # fmt: skip


def _cell(cell: GridCell) -> dict[str, Any]:
    sample = cell.sample
    return {
        "printed": cell.printed or None,
        "mean": sample.mean if sample else None,
        "std": sample.sd if sample and sample.n > 1 else None,
        "n": sample.n if sample else 0,
        "best": cell.best,
    }


def _versus(versus: Versus) -> dict[str, Any]:
    said = {key: value for key, value in asdict(versus).items() if key not in ("values", "column")}
    return {**said, "published": versus.published or None, **_sample(versus.values)}


def _sample(values: Any) -> dict[str, Any]:
    sample = Sample(tuple(values.values())) if values else None
    return {
        "mean": sample.mean if sample else None,
        "std": sample.sd if sample and sample.n > 1 else None,
        "n": len(values),
        "values": [[seed, value] for seed, value in values.items()],
    }


def _direction(column: Column) -> str:
    unit = f", in {column.unit}" if column.unit else ""
    return (f"{column.better} is better" if column.better else "neither side is better") + unit


def _mine(standing: Standing, style: Style) -> str:
    return f"not available: {standing.lacking}" if standing.lacking else _measured(standing.values, style)


def _measured(values: Any, style: Style) -> str:
    sample = Sample(tuple(values.values()))
    return style.measured(sample.mean, sample.sd, sample.n)


def _line(name: str, versus: Versus, style: Style) -> tuple[str, ...]:
    finding = f"{MARKS[versus.finding]} {versus.finding}" + (", stale" if versus.stale else "")
    measured = _measured(versus.values, style) if versus.values else f"{versus.published} in print"
    difference = effect = ""
    if versus.difference is not None:
        spread = versus.interval if versus.interval and versus.interval.low < versus.interval.high else None
        difference = style.difference(versus.difference) + _ends(spread, style.difference)
    if versus.effect is not None:
        effect = f"{_short(versus.effect.value)}{_ends(versus.effect.interval, _short)}"
    return name, measured, difference, effect, _p(versus.p) or versus.test, _p(versus.p_adjusted), finding


def _remark(versus: Versus, new: str) -> str:
    """Why a number was not compared; what is about the new row is one remark, whatever it was compared with."""
    about = versus.detail.startswith((f"{new} ", f"{new}:", f"{versus.row} ", f"{versus.row}:"))
    return versus.detail if about else f"{versus.row}: {versus.detail}"


def _rank_line(standing: Standing, column: Column, style: Style) -> tuple[str, ...]:
    findings = [versus.finding for versus in standing.against]
    counts = [str(findings.count(finding)) for finding in ("better", "worse", "no difference shown")]
    place, interval = _place(standing.rank)
    mine = "not available" if standing.lacking else _measured(standing.values, style)
    return standing.group or "", column.label, mine, place, interval, *counts


def _place(rank: Rank | None) -> tuple[str, str]:
    return ("", "") if rank is None else (f"{rank.place} of {rank.of}", f"{rank.best} to {rank.worst}")


def _ends(interval: Interval | None, number: Any) -> str:
    return "" if interval is None else f" [{number(interval.low)}, {number(interval.high)}]"


def _short(value: float) -> str:
    text = f"{value:+.1f}" if abs(value) < 100 else f"{value:+.0f}"
    return text.replace("-", "−")


def _p(value: float | None) -> str:
    return "" if value is None else "<0.001" if value < 0.001 else f"{value:.3f}"


def padded(lines: Sequence[Sequence[str]], left: int) -> list[str]:
    """Lines of cells as wide as their columns, the first `left` of them and the last set to the left."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    last = len(widths) - 1
    return [
        "  ".join(
            cell.ljust(width) if i < left or i == last else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
