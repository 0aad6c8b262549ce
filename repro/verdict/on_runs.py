"""A claim on the runs: each atom tested on both sides, and the conjunction of all of them decided.

- An atom is a one-sided t test: paired where all its rows have the same seeds, Welch otherwise, on logarithms for a
  ratio. Cells without spread are compared exactly.
- A ranking counts pairwise orders: "at least c of K pairs are concordant" is a partial conjunction (Benjamini and
  Heller, 2008), valid for dependent tests and without a bootstrap, which five seeds would not carry.
- A trend is its adjacent steps and its slope over equally spaced levels, all of them.
- The claim holds where every atom is decided for it at one-sided 0.05 (an intersection-union test: no correction is
  needed, Berger 1982). It fails where at least one is decided against it after Holm's correction over the atoms.
- An invariant is no test: every single run keeps to it, or it fails.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro.spec.model import Row, Table
from repro.verdict.atoms import Atom, Linear, Ranked
from repro.verdict.decision import Decision
from repro.verdict.power import seeds_for_order
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA, Difference, Sample, contrast, holm, one_sample, partial_conjunction, wilson

ROUNDING = 1e-9


@dataclass(frozen=True)
class Part:
    """One atom on the runs: the one-sided p-values for and against it, its numbers, and why it could not be tested.

    `absent`: there are no runs at all to test it on. `leaning` is the sign of the estimate, `seeds` the number of seeds
    a row at which an effect of the measured size would probably be decided.
    """

    text: str
    p_for: float = 1.0
    p_against: float = 1.0
    numbers: str = ""
    blocked: str = ""
    absent: bool = False
    leaning: int = 0
    seeds: int | None = None


def part_of(table: Table, atom: Atom, runs: Runs) -> Part:
    """Tests one atom."""
    if isinstance(atom, Ranked):
        return _ranked(table, atom, runs)
    if atom.every_run:
        return _every_run(atom, runs)
    absent, blocked = _obstacle(atom.rows, atom.column, runs)
    if blocked:
        return Part(atom.text, blocked=blocked, absent=absent)
    difference = _difference(table, atom, runs)
    if isinstance(difference, str):
        return Part(atom.text, blocked=difference)
    return _as_part(atom, difference)


def _as_part(atom: Linear, d: Difference) -> Part:
    tie = d.exact and d.estimate == 0
    leaning = (d.estimate > 0) - (d.estimate < 0)
    p_for, p_against = (0.0, 1.0) if tie and not atom.strict else (1.0, 0.0) if tie else (d.p_greater, d.p_less)
    seeds = seeds_for_order(d.estimate / d.sd) if d.sd > 0 else None
    unit = "log " if atom.logs else ""
    how = "exact" if d.exact else f"sd {d.sd:.3g}, n = {d.n}, p = {min(p_for, p_against):.2g}"
    numbers = f"{unit}distance {d.estimate:+.4g}, {how}"
    return Part(atom.text, p_for, p_against, numbers, leaning=leaning, seeds=seeds)


def _obstacle(rows: Sequence[Row], column: str, runs: Runs) -> tuple[bool, str]:
    """Why rows cannot be tested in a column, and whether that is because nothing ran; empty where they can."""
    for row in rows:
        if row.kind != "method":
            return True, f"{row.name} is {row.kind} and never runs"
        if not runs.cell(row.name, column):
            return True, f"{row.name} has no number"
    for row in rows:
        sample = runs.sample(row.name, column)
        assert sample is not None
        if lacking := runs.lacking(row.name, column):
            return False, f"{row.name}: {lacking}"
        if sample.n == 1 and not sample.constant:
            return False, f"{row.name} has one seed"
    ways = {way for row in rows for way in runs.ways_of(row.name, column)}
    if len(ways) > 1:
        return False, "signatures differ: " + " | ".join(sorted(ways))
    return False, ""


def _difference(table: Table, atom: Linear, runs: Runs) -> Difference | str:
    """The atom's weighted sum less its bound, tested against 0; a text where a value does not allow it."""
    cells = [runs.cell(row.name, atom.column) for row in atom.rows]
    bounds = _bounds(atom, runs, list(cells[0]))
    if isinstance(bounds, str):
        return bounds
    if atom.logs:
        if min(value for cell in cells for value in cell.values()) <= 0:
            return "a ratio needs positive values"
        cells = [{seed: math.log(value) for seed, value in cell.items()} for cell in cells]
    samples = [Sample(tuple(c.values()), exact=r.name in runs.exact) for c, r in zip(cells, atom.rows, strict=True)]
    if all(sample.constant for sample in samples) and len(set(bounds.values())) == 1:
        slack = _boundary_slack(table, atom, runs)
        return _shrunk(contrast(samples, atom.weights, -next(iter(bounds.values()))), slack)
    if all(list(cell) == list(cells[0]) for cell in cells):
        sums = [math.fsum(w * c[s] for w, c in zip(atom.weights, cells, strict=True)) - bounds[s] for s in cells[0]]
        return one_sample(sums)
    return contrast(samples, atom.weights, -math.fsum(bounds.values()) / len(bounds))


def _bounds(atom: Linear, runs: Runs, seeds: Sequence[int]) -> dict[int, float] | str:
    """The bound of each seed: a number, or the parameter that the run of that seed really had."""
    if atom.param is None:
        return dict.fromkeys(seeds, atom.bound)
    of_runs = runs.params.get(atom.rows[0].name, {}).get(atom.column, {})
    found: dict[int, float] = {}
    for seed in seeds:
        value = of_runs.get(seed, {}).get(atom.param.param)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{atom.rows[0].name} has no parameter {atom.param.param} that is a number"
        found[seed] = atom.sign * (value + atom.param.plus)
    return found


def _boundary_slack(table: Table, atom: Linear, runs: Runs) -> float:
    """How far a sum of shares at 0 or 100 % may really be off: the Wilson intervals, one item a run where unknown."""
    column = table.columns[atom.column]
    slack = 0.0
    for row, weight in zip(atom.rows, atom.weights, strict=True):
        sample = runs.sample(row.name, atom.column)
        if sample is None or column.unit != "%" or sample.mean not in (0.0, 100.0):
            continue
        trials = sample.n * (column.items or 1)
        slack += abs(weight) * 100 * wilson(0, trials, 0.90).high
    return math.inf if slack and atom.logs else slack


def _shrunk(d: Difference, slack: float) -> Difference:
    """An exact difference that is only decided where it is larger than `slack`."""
    if slack == 0.0:
        return d
    return Difference(d.estimate, float(d.estimate <= slack), float(d.estimate >= -slack), 0.0, d.df, d.n)


def _every_run(atom: Linear, runs: Runs) -> Part:
    """An invariant: each run on its own, to within the rounding of the arithmetic that made it."""
    row, cell = atom.rows[0], runs.cell(atom.rows[0].name, atom.column)
    if not cell:
        return Part(atom.text, blocked=_obstacle(atom.rows, atom.column, runs)[1], absent=True)
    bounds = _bounds(atom, runs, list(cell))
    if isinstance(bounds, str):
        return Part(atom.text, blocked=bounds)
    beyond = {
        seed: value
        for seed, value in cell.items()
        if atom.weights[0] * value < bounds[seed] - ROUNDING * max(1.0, abs(bounds[seed]))
    }
    if beyond:
        shown = ", ".join(f"{value:.6g} (seed {seed})" for seed, value in beyond.items())
        return Part(atom.text, 1.0, 0.0, f"{len(beyond)} of {len(cell)} runs break it: {shown}", leaning=-1)
    return Part(atom.text, 0.0, 1.0, f"{row.label}: all {len(cell)} runs", leaning=1)


def _ranked(table: Table, atom: Ranked, runs: Runs) -> Part:
    parts = [part_of(table, pair, runs) for pair in atom.pairs]
    blocked = next((part for part in parts if part.blocked), None)
    if blocked:
        return Part(atom.text, blocked=blocked.blocked, absent=all(part.absent for part in parts if part.blocked))
    total, needed = len(parts), atom.needed
    p_for = partial_conjunction([part.p_for for part in parts], needed)
    p_against = partial_conjunction([part.p_against for part in parts], total - needed + 1)
    right = sum(part.leaning > 0 for part in parts)
    wrong = sum(part.leaning < 0 for part in parts)
    numbers = f"tau of the means {(right - wrong) / total:.3g}, p = {min(p_for, p_against):.2g}"
    leaning = 1 if right >= needed else -1
    wanted = sorted(part.seeds for part in parts if part.leaning == leaning and part.seeds)
    return Part(atom.text, p_for, p_against, numbers, leaning=leaning, seeds=wanted[-1] if wanted else None)


def decide(parts: Sequence[Part]) -> Decision:
    """The conjunction of the parts."""
    if not parts:
        return Decision("not testable", "there is nothing to compare: no other row, or a column without a better side")
    if all(part.blocked and part.absent for part in parts):
        return Decision("not testable", parts[0].blocked)
    against = [p < ALPHA for p in holm([part.p_against for part in parts])]
    wrong = [part for part, is_against in zip(parts, against, strict=True) if is_against]
    right = [part for part in parts if part.p_for < ALPHA]
    open_ = [part for part, is_against in zip(parts, against, strict=True) if not is_against and part.p_for >= ALPHA]
    counts = f"{len(right)} of {len(parts)} parts for, {len(wrong)} against, {len(open_)} undecided"
    if wrong:
        worst = min(wrong, key=lambda part: part.p_against)
        return Decision("fails", f"{counts}; worst: {_shown(worst)}")
    if open_:
        worst = max(open_, key=lambda part: (bool(part.blocked), part.p_for))
        return Decision("undecided", f"{counts}; worst: {_shown(worst)}{_seeds(open_)}")
    weakest = max(right, key=lambda part: part.p_for)
    return Decision("holds", f"{counts}; weakest: {_shown(weakest)}")


def _shown(part: Part) -> str:
    return f"{part.text}: {part.blocked or part.numbers}"


def _seeds(parts: Sequence[Part]) -> str:
    """How many seeds would probably decide it: all parts that lean for it, or the first one that leans against it."""
    against = [part.seeds for part in parts if part.leaning < 0 and part.seeds]
    if against:
        return f"; about {min(against)} seeds would decide it (against)"
    if any(part.blocked for part in parts):
        return ""
    wanted = [part.seeds for part in parts]
    known = [seeds for seeds in wanted if seeds]
    return (
        f"; about {max(known)} seeds would decide it" if len(known) == len(wanted) else "; more than 1000 seeds needed"
    )
