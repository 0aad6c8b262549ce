"""The verdict of each cell: what was measured, and what that says about the number in print.

A cell is judged against print only at paper scale, complete, under one signature, and with two seeds or more. What is
judged then is tested in `repro.verdict.against_print`, together with the other cells of its table.

Cells without any spread (two or more equal numbers, or a deterministic row) are compared exactly: inside the margin is
reproduced, outside deviates. A share of 0 or 100 % in every run is no such cell: its spread is the one of a proportion.

A number at the floor of its metric is an upper bound: it may be shown to be off on the lower side, and nothing else.

A cell of words has no margin and no test: reproduced where every seed gives the printed words, deviates where none
does, tension where some do.
"""

from __future__ import annotations

from dataclasses import replace

from repro.spec.base import Profile
from repro.spec.cell import PublishedCell
from repro.spec.model import Column, Row, Table
from repro.spec.printed import parse
from repro.spec.resolve import measured_columns
from repro.verdict.against_print import Tested, deviates, joined, settled
from repro.verdict.model import CellStatus, CellVerdict, Interval
from repro.verdict.power import seeds_for_equivalence
from repro.verdict.prediction import Print, best_of
from repro.verdict.runs import Runs
from repro.verdict.scales import Scaled, scaled
from repro.verdict.stats import within

AGREEING: frozenset[CellStatus] = frozenset({"reproduced", "consistent", "within the margin (1 seed)"})


def judge_cells(table: Table, runs: Runs, profile: Profile) -> dict[tuple[str, str], CellVerdict]:
    """One verdict for each row and column of the table, in the table's order."""
    drafts = {
        (row.name, column): _draft(table, row, column, runs, profile) for row in table.rows for column in table.of_runs
    }
    tested = settled({key: draft for key, draft in drafts.items() if isinstance(draft, Tested)})
    verdicts = {key: tested[key] if isinstance(draft, Tested) else draft for key, draft in drafts.items()}
    return {key: _as_bound(said) if runs.is_bounded(*key) else said for key, said in verdicts.items()}


def _as_bound(verdict: CellVerdict) -> CellVerdict:
    """A mean of which a number is only an upper bound: the true one is lower, so that it may be shown to lie below the
    print, and is never shown to lie above it or to agree."""
    if verdict.p is None and verdict.difference is None and not verdict.status.endswith("(1 seed)"):
        return verdict  # nothing was held against the print
    assert verdict.mean is not None
    assert verdict.target is not None
    below = verdict.mean < verdict.target and verdict.status not in AGREEING
    detail = joined(verdict.detail, "at the floor of the metric, an upper bound")
    return replace(verdict, status=verdict.status if below else "inconclusive", seeds_needed=None, detail=detail)


def _draft(table: Table, row: Row, column: str, runs: Runs, profile: Profile) -> CellVerdict | Tested:
    """The cell's status where it follows without a test, in this order; else what is to be tested."""
    published = None if table.columns[column].supplementary else row.published.get(column)
    target = published.target.value if published else None
    printed = row.texts.get(column) if table.columns[column].is_words else None
    base = _numbers(CellVerdict(row.name, column, "missing", target=target), row, runs)
    lacking, ways = runs.lacking(row.name, column), runs.signatures_of(row.name, column)
    if row.kind != "method":
        return replace(base, status="not run", detail=f"{row.kind}: {row.quoted or row.planned}")
    statuses = runs.statuses.get(row.name, {}).get(column)
    if not statuses:
        why = table.waiting.get((row.name, column, profile))
        if why is None and column not in measured_columns(table, row, profile):
            why = "the row does not measure it"
        return base if why is None else replace(base, status="not run", detail=why)
    if base.n == 0:
        failed = any(status != "ok" for status in statuses.values())
        return replace(base, status="failed" if failed else "missing", detail=lacking or "")
    if lacking:
        return replace(base, status="partial", detail=lacking)
    if target is None and printed is None:
        return replace(base, status="measured")
    if profile != "paper" and not table.profiles.of(profile).equal_to_paper:
        return replace(base, status="reduced", detail=_correction(published))
    if len(ways) > 1:
        return replace(base, status="not comparable", detail="signatures differ: " + " | ".join(ways))
    if printed is not None:
        return _against_words(base, printed)
    assert published is not None
    return _against_number(table, base, published, runs)


def _numbers(verdict: CellVerdict, row: Row, runs: Runs) -> CellVerdict:
    sample, words = runs.sample(row.name, verdict.column), runs.words(row.name, verdict.column)
    stale = (row.name, verdict.column) in runs.stale
    if words:
        return replace(verdict, words=tuple(words.values()), n=len(words), stale=stale)
    if sample is None:
        return verdict
    spread = sample.sd if sample.n > 1 else None
    return replace(verdict, mean=sample.mean, std=spread, n=sample.n, stale=stale)


def _against_words(base: CellVerdict, printed: str) -> CellVerdict:
    same = base.words.count(printed)
    status: CellStatus = "reproduced" if same == base.n else "tension" if same else "deviates"
    return replace(base, status=status, detail=f"the printed words in {same} of {base.n} seeds")


def _against_number(table: Table, base: CellVerdict, published: PublishedCell, runs: Runs) -> CellVerdict | Tested:
    column, target = table.columns[base.column], published.target
    sample = runs.sample(base.row, base.column)
    assert sample is not None
    assert target.value is not None
    printed, doubt = _print(published, column)
    stated = table.margin_of(base.column)
    cell = scaled(column.scale, sample, printed, stated)
    notes = [
        _correction(published),
        "" if stated else "no margin is stated: the rounding of the print alone",
        "" if cell.scale == column.scale else "a number that is not positive: compared by its difference",
    ]
    base = replace(base, margin=cell.said_margin, scale=cell.scale, detail=joined(*notes))
    tested = Tested(base, column, cell, doubt)
    if tested.is_end_of_scale or (sample.constant and printed.spread_known):
        return tested
    if sample.constant:
        return _exactly(base, cell, column)
    return _one_seed(base, cell) if sample.n == 1 else tested


def _print(published: PublishedCell, column: Column) -> tuple[Print, str]:
    """How the print came about, and the reason where an unknown selection keeps it from being shown equal."""
    target = published.target
    std = parse(published.std).value if published.std else target.std
    m = best_of(published.selection)
    doubt = ""
    if m is None or (m > 1 and column.better is None):
        doubt, m = f"the print was selected ({published.selection}) in a way that cannot be modelled", 1
    sign = -1 if column.better == "lower" else 1
    assert target.value is not None
    return Print(target.value, target.half_width, published.runs, std, m, sign), doubt


def _exactly(base: CellVerdict, cell: Scaled, column: Column) -> CellVerdict:
    assert base.mean is not None
    assert base.target is not None
    gap = cell.sample.mean - cell.printed.target
    same = within(gap, cell.margin, cell.printed.target)
    why = "deterministic" if cell.sample.exact else f"{cell.sample.n} equal numbers"
    return replace(
        base,
        status="reproduced" if same else deviates(base.mean, base.target, column),
        difference=cell.said(Interval(gap, gap)),
        detail=joined(base.detail, f"{why}: compared exactly"),
    )


def _one_seed(base: CellVerdict, cell: Scaled) -> CellVerdict:
    """One number has no spread. The print's deviation plans the seeds, else half the margin does (margin = 2 sd)."""
    inside = within(cell.sample.mean - cell.printed.target, cell.margin, cell.printed.target)
    sd = cell.printed.std or cell.margin / 2
    return replace(
        base,
        status="within the margin (1 seed)" if inside else "outside the margin (1 seed)",
        seeds_needed=seeds_for_equivalence(0.0, cell.margin / sd) if sd > 0 else None,
    )


def _correction(published: PublishedCell | None) -> str:
    if published is None or published.corrected is None:
        return ""
    return f"print corrected from {published.value} to {published.corrected.value}: {published.corrected.why}"
