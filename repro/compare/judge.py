"""A new row against the rows of its table, column by column: tests, differences, effects and ranks.

- Seeds pair: where two rows share two seeds or more, the t test is that of the differences within the shared seeds;
  else Welch's. A row known to be deterministic is a constant: the other row is tested against it.
- All p-values of a comparison are corrected together (Holm, 1979), two-sided, at 0.05. A difference between two rows
  without any spread is exact: it is no test and takes no place in the correction.
- The rank's interval follows from the same tests (Mogstad, Romano, Shaikh and Wilhelm, 2024): a row that is shown to be
  better than so many of the others and worse than so many has its place between them. With probability 0.95 all ranks
  of a comparison lie in their intervals.
- Two numbers compare only where their signatures agree, and both rows have no failed seeds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from repro.compare import effect
from repro.compare.model import Comparison, Effect, Finding, Rank, Standing, Versus
from repro.report.numbers import published_text
from repro.spec.base import Profile
from repro.spec.model import Row, Table
from repro.verdict.distributions import t_quantile
from repro.verdict.model import Interval
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA, Difference, Sample, contrast, holm, one_sample, welch

ROUNDING = 1e-6
"""What the order of float32 additions moves: a smaller difference, relative to the values, is none."""


@dataclass(frozen=True)
class Wanted:
    """What is compared: new rows of the table, one a group, with their baselines, and the columns by key.

    `lacking` says of a column why the new row has no number in it.
    """

    rows: Mapping[str, Sequence[str]]
    columns: Sequence[str]
    label: str
    lacking: Mapping[str, str]


def compare(table: Table, wanted: Wanted, runs: Runs, profile: Profile) -> Comparison:
    """Compares the new rows, which the table has, with the baselines. `runs` holds the numbers of both."""
    drafts = [
        _standing(table, table.row(name), column, [table.row(other) for other in baselines], wanted, runs)
        for name, baselines in wanted.rows.items()
        for column in wanted.columns
    ]
    p_values = [versus.p for standing in drafts for versus in standing.against if versus.p is not None]
    adjusted = iter(holm(p_values))
    standings = []
    for standing in drafts:
        against = tuple(_found(table, v, next(adjusted) if v.p is not None else None) for v in standing.against)
        standings.append(replace(standing, against=against, rank=_rank(table, standing, against)))
    return Comparison(table.id, table.title, wanted.label, profile, tuple(standings), len(p_values))


def _standing(table: Table, new: Row, column: str, baselines: Iterable[Row], wanted: Wanted, runs: Runs) -> Standing:
    values = runs.cell(new.name, column)
    group = table.groups[new.group].label if new.group in table.groups else new.group
    lacking = "" if values else wanted.lacking.get(column) or runs.lacking(new.name, column) or "no number"
    against = tuple(_versus(new, old, column, runs) for old in baselines)
    return Standing(new.name, group, column, values, against, lacking=lacking)


def _versus(new: Row, old: Row, column: str, runs: Runs) -> Versus:
    """The new row against one other, before the correction."""
    cell = old.published.get(column)
    ours, theirs = runs.cell(new.name, column), runs.cell(old.name, column)
    draft = Versus(
        old.name, column, "no records", published_text(cell) if cell else "", theirs,
        stale=(old.name, column) in runs.stale,
    )  # fmt: skip
    obstacle = _obstacle(new, old, column, runs)
    if obstacle is not None:
        finding, detail = obstacle
        return replace(draft, finding=finding, detail=detail)
    a, b = Sample(tuple(ours.values()), new.name in runs.exact), Sample(tuple(theirs.values()), old.name in runs.exact)
    if any(sample.n == 1 and not sample.constant for sample in (a, b)):
        which = new if a.n == 1 and not a.constant else old
        return replace(
            draft,
            finding="one seed",
            difference=a.mean - b.mean,
            detail=f"{which.name} has one seed: nothing is tested",
        )
    return _tested(draft, a, b, [(ours[seed], theirs[seed]) for seed in ours if seed in theirs])


def _obstacle(new: Row, old: Row, column: str, runs: Runs) -> tuple[Finding, str] | None:
    """Why two rows cannot be compared in a column."""
    if not runs.cell(old.name, column):
        why = f"{old.kind} row: it never runs" if old.kind != "method" else runs.lacking(old.name, column) or ""
        return "no records", why
    if not runs.cell(new.name, column):
        return "no records", f"{new.name} has no number"
    ways = {way for row in (new, old) for way in runs.ways_of(row.name, column)}
    if len(ways) > 1:
        return "not comparable", "signatures differ: " + " | ".join(sorted(ways))
    for row in (new, old):
        ended = runs.statuses.get(row.name, {}).get(column, {})
        if bad := sorted({status for status in ended.values() if status != "ok"}):
            return (
                "incomplete",
                f"{row.name}: {len(runs.cell(row.name, column))} of {len(ended)} seeds ({', '.join(bad)})",
            )
    return None


def _tested(draft: Versus, a: Sample, b: Sample, pairs: Sequence[tuple[float, float]]) -> Versus:
    size = ROUNDING * max(map(abs, (*a.values, *b.values)))
    found: Difference
    standardised: Effect | None
    if a.constant and b.constant:
        found, standardised, test = contrast((a, b), (1.0, -1.0)), None, "exact"
    elif len(pairs) >= 2:
        found = one_sample([ours - theirs for ours, theirs in pairs])
        standardised, test = effect.paired(found), f"paired t, {len(pairs)} seeds"
    else:
        found, standardised = welch(a, b), effect.unpaired(a, b)
        test = (
            f"t against a constant, {found.n} seeds"
            if a.constant or b.constant
            else f"Welch's t, {a.n} and {b.n} seeds"
        )
    half = 0.0 if found.exact else t_quantile(1 - ALPHA / 2, found.df) * found.sd / math.sqrt(found.n)
    tested = replace(
        draft, finding="no difference shown", difference=found.estimate, effect=standardised, test=test,
        interval=Interval(found.estimate - half, found.estimate + half),
        p=None if found.exact else min(1.0, 2 * min(found.p_less, found.p_greater)),
    )  # fmt: skip
    if max(abs(found.estimate), half) <= size:
        return replace(tested, test="equal to rounding", p=None, effect=None)
    return replace(tested, test="exact") if found.exact else tested


def _found(table: Table, versus: Versus, p_adjusted: float | None) -> Versus:
    """The words for what a test found."""
    if versus.finding != "no difference shown" or versus.difference is None:
        return versus
    shown = versus.test == "exact" and versus.difference != 0 if p_adjusted is None else p_adjusted < ALPHA
    finding: Finding = "no difference shown"
    if shown:
        better = table.columns[versus.column].better
        lower = versus.difference < 0
        finding = "differs" if better is None else "better" if lower == (better == "lower") else "worse"
    return replace(versus, finding=finding, p_adjusted=p_adjusted)


def _rank(table: Table, standing: Standing, against: Sequence[Versus]) -> Rank | None:
    """The place among all rows whose numbers compare; None in a column without a better side, or without others."""
    better = table.columns[standing.column].better
    known = [v for v in against if v.difference is not None]
    if better is None or not known:
        return None
    sign = 1.0 if better == "lower" else -1.0
    ahead = sum(sign * v.difference > 0 for v in known if v.difference is not None and v.test != "equal to rounding")
    findings = [v.finding for v in known]
    of = len(known) + 1
    return Rank(1 + ahead, 1 + findings.count("worse"), of - findings.count("better"), of)
