"""The verdict of each cell: what was measured, and what that says about the number in print.

A cell is judged against print only at paper scale, complete, under one signature, and with two seeds or more:

- reproduced: the 90 % t interval of mean - target lies inside the margin (two one-sided tests at 5 %);
- consistent: not that, but inside the 95 % prediction interval, given how many runs the print rests on;
- tension:    outside it, but the interval of the difference touches the margin;
- deviates:   outside both, better or worse.

The last two are said only where the p-value of the prediction test stays below 0.05 after the correction for all
tested cells of the table (Benjamini-Hochberg). Where the table has fewer than SMALLEST_FAMILY of them, "deviates" needs
the p-value that as many cells would need: otherwise a lone faithful cell with a narrow margin would deviate in 5 % of
all reproductions, and one with a margin of two deviations still in 1.4 % at ten seeds.

Cells without any spread (two or more equal numbers, or a deterministic row) are compared exactly: inside the margin is
reproduced, outside deviates. A share of 0 or 100 % in every run is no such cell: its spread is the one of a proportion.

A cell of words has no margin and no test: reproduced where every seed gives the printed words, deviates where none
does, tension where some do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from repro.spec.base import Profile
from repro.spec.cell import PublishedCell
from repro.spec.model import Column, Row, Table
from repro.spec.printed import parse
from repro.spec.resolve import measured_columns
from repro.verdict.model import CellStatus, CellVerdict, Interval
from repro.verdict.power import seeds_for_deviation, seeds_for_equivalence
from repro.verdict.prediction import Prediction, Print, best_of, predict, predict_share
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA, Sample, benjamini_hochberg, difference_interval, wilson, within

SMALLEST_FAMILY = 6


@dataclass(frozen=True)
class Draft:
    """A cell before the correction for its table: it stands as it is, or becomes `alarm` if its p-value survives."""

    verdict: CellVerdict
    alarm: CellStatus | None = None


def judge_cells(table: Table, runs: Runs, profile: Profile) -> dict[tuple[str, str], CellVerdict]:
    """One verdict for each row and column of the table, in the table's order."""
    drafts = {
        (row.name, column): _draft(table, row, column, runs, profile) for row in table.rows for column in table.of_runs
    }
    tested = [key for key, draft in drafts.items() if draft.verdict.p is not None]
    p_values = [p for key in tested if (p := drafts[key].verdict.p) is not None]
    said = benjamini_hochberg(p_values)
    strict = benjamini_hochberg(p_values, at_least=SMALLEST_FAMILY)
    corrected = dict(zip(tested, zip(said, strict, strict=True), strict=True))
    return {key: _settle(draft, corrected.get(key), len(tested)) for key, draft in drafts.items()}


def _settle(draft: Draft, corrected: tuple[float, float] | None, family: int) -> CellVerdict:
    if corrected is None:
        return draft.verdict
    adjusted, strict = corrected
    verdict = replace(draft.verdict, p_adjusted=adjusted)
    if draft.alarm is None:
        return verdict
    if adjusted >= ALPHA:
        note = f"outside its own prediction interval (p = {verdict.p:.2g}), not after the correction for {family} cells"
        return replace(verdict, detail=_join(verdict.detail, note))
    if draft.alarm == "tension":
        return replace(verdict, status="tension")
    if strict >= ALPHA:
        note = f"with {family} tested cells a deviation is said below p = {ALPHA / SMALLEST_FAMILY:.2g}"
        return replace(verdict, status="tension", detail=_join(verdict.detail, note))
    return replace(verdict, status=draft.alarm, seeds_needed=None)


def _draft(table: Table, row: Row, column: str, runs: Runs, profile: Profile) -> Draft:
    """The cell's status where it follows without a test, in this order; else the test's draft."""
    published = None if table.columns[column].supplementary else row.published.get(column)
    target = published.target.value if published else None
    printed = row.texts.get(column) if table.columns[column].is_words else None
    base = _numbers(CellVerdict(row.name, column, "missing", target=target), row, runs)
    lacking, ways = runs.lacking(row.name, column), runs.signatures_of(row.name, column)
    if row.kind != "method":
        return Draft(replace(base, status="not run", detail=f"{row.kind}: {row.quoted or row.planned}"))
    statuses = runs.statuses.get(row.name, {}).get(column)
    if not statuses:
        why = table.waiting.get((row.name, column, profile))
        if why is None and column not in measured_columns(table, row, profile):
            why = "the row does not measure it"
        return Draft(base if why is None else replace(base, status="not run", detail=why))
    if base.n == 0:
        failed = any(status != "ok" for status in statuses.values())
        return Draft(replace(base, status="failed" if failed else "missing", detail=lacking or ""))
    if lacking:
        return Draft(replace(base, status="partial", detail=lacking))
    if target is None and printed is None:
        return Draft(replace(base, status="measured"))
    if profile != "paper" and not table.profiles.of(profile).equal_to_paper:
        return Draft(replace(base, status="reduced", detail=_correction(published)))
    if len(ways) > 1:
        return Draft(replace(base, status="not comparable", detail="signatures differ: " + " | ".join(ways)))
    if printed is not None:
        return Draft(_against_words(base, printed))
    assert published is not None
    return _against_print(table, base, published, runs)


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


def _against_print(table: Table, base: CellVerdict, published: PublishedCell, runs: Runs) -> Draft:
    column, target = table.columns[base.column], published.target
    sample = runs.sample(base.row, base.column)
    assert sample is not None
    assert target.value is not None
    stated = table.margin_of(base.column)
    margin = (stated.around(target.value) if stated else 0.0) + target.half_width
    notes = [_correction(published), "" if stated else "no margin is stated: the rounding of the print alone"]
    base = replace(base, margin=margin, detail=_join(*notes))
    printed, doubt = _print(published, column)
    share = column.unit == "%" and sample.n >= 2 and sample.constant and sample.mean in (0.0, 100.0)
    if share:
        trials = sample.n * (column.items or 1)
        around = wilson(trials * sample.mean / 100, trials, 0.90)
        difference = Interval(100 * around.low - target.value, 100 * around.high - target.value)
        return _four_states(base, difference, predict_share(sample.mean, printed, sample.n, column.items), column)
    if sample.constant and not printed.spread_known:
        return Draft(_exactly(base, sample, target.value, margin, column))
    if sample.n == 1 and not sample.constant:
        return Draft(_one_seed(base, sample, printed, margin))
    draft = _four_states(base, difference_interval(sample, target.value), predict(sample, printed), column)
    if doubt:
        return _doubted(draft, doubt)
    return Draft(_with_seeds(draft, sample, printed, margin), draft.alarm)


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


def _four_states(base: CellVerdict, difference: Interval, prediction: Prediction, column: Column) -> Draft:
    assert base.margin is not None
    assert base.target is not None
    slack = 1e-12 * max(abs(base.target), base.margin)
    margin = base.margin + slack
    verdict = replace(base, status="consistent", difference=difference, prediction=prediction.interval, p=prediction.p)
    if -margin <= difference.low and difference.high <= margin:
        return Draft(replace(verdict, status="reproduced"))
    if prediction.p >= ALPHA:
        return Draft(verdict)
    touches = difference.low <= margin and difference.high >= -margin
    return Draft(verdict, "tension" if touches else _deviates(base, column))


def _deviates(verdict: CellVerdict, column: Column) -> CellStatus:
    assert verdict.mean is not None
    assert verdict.target is not None
    if column.better is None:
        return "deviates"
    lower = verdict.mean < verdict.target
    return "deviates better" if lower == (column.better == "lower") else "deviates worse"


def _exactly(base: CellVerdict, sample: Sample, target: float, margin: float, column: Column) -> CellVerdict:
    difference = sample.mean - target
    base = replace(base, difference=Interval(difference, difference))
    same = within(difference, margin, target)
    why = "deterministic" if sample.exact else f"{sample.n} equal numbers"
    detail = _join(base.detail, f"{why}: compared exactly")
    return replace(base, status="reproduced" if same else _deviates(base, column), detail=detail)


def _one_seed(base: CellVerdict, sample: Sample, printed: Print, margin: float) -> CellVerdict:
    """One number has no spread. The print's deviation plans the seeds, else half the margin does (margin = 2 sd)."""
    difference = sample.mean - printed.target
    inside = within(difference, margin, printed.target)
    sd = printed.std or margin / 2
    return replace(
        base,
        status="within the margin (1 seed)" if inside else "outside the margin (1 seed)",
        seeds_needed=seeds_for_equivalence(0.0, margin / sd) if sd > 0 else None,
    )


def _doubted(draft: Draft, doubt: str) -> Draft:
    """A print selected in an unstated way is never shown equal, nor a worse number than it shown to deviate."""
    verdict = replace(draft.verdict, status="consistent", detail=_join(draft.verdict.detail, doubt))
    calm: bool = draft.alarm in (None, "deviates better")
    return Draft(verdict, draft.alarm if calm else "tension")


def _with_seeds(draft: Draft, sample: Sample, printed: Print, margin: float) -> CellVerdict:
    """How many seeds would decide the cell if its true mean and deviation are the measured ones."""
    verdict = draft.verdict
    if verdict.status == "reproduced" or sample.sd == 0:
        return verdict
    bias, room = abs(sample.mean - printed.target) / sample.sd, margin / sample.sd
    seeds = seeds_for_equivalence(bias, room) if bias < room else seeds_for_deviation(bias, room, printed.k)
    if seeds is not None:
        return replace(verdict, seeds_needed=max(seeds, sample.n + 1))
    if draft.alarm in (None, "tension"):
        print_runs = "one run" if printed.k == 1 else f"{printed.k} runs"
        note = f"no number of seeds would probably decide it: the print counts as {print_runs}"
        return replace(verdict, detail=_join(verdict.detail, note))
    return verdict


def _correction(published: PublishedCell | None) -> str:
    if published is None or published.corrected is None:
        return ""
    return f"print corrected from {published.value} to {published.corrected.value}: {published.corrected.why}"


def _join(*notes: str) -> str:
    return "; ".join(note for note in notes if note)


def counted(cells: Mapping[tuple[str, str], CellVerdict]) -> dict[str, int]:
    """How many cells have each status, in the order of first appearance; statuses without a cell are left out."""
    counts: dict[str, int] = {}
    for verdict in cells.values():
        counts[verdict.status] = counts.get(verdict.status, 0) + 1
    return counts
