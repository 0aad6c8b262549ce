"""A claim on the runs: each atom tested on both sides, and the conjunction of all of them decided.

- An atom is a one-sided t test: paired where all its rows have the same seeds, Welch otherwise, on logarithms for a
  ratio. Cells without spread are compared exactly.
- Against a claim counts only what is beyond the margin that the spec states for the column: a difference within it is
  no refutation. An equality is one within the margin (two one-sided tests); without one it is exact.
- "At least so many of these", as a ranking by its pairwise orders, is a partial conjunction (Benjamini and Heller,
  2008), valid for dependent tests and without a bootstrap, which five seeds would not carry.
- A trend is its adjacent steps and its slope over equally spaced levels, all of them.
- What cannot be split is evaluated on resampled means (`repro.verdict.resampled`).
- The claim holds where every atom is decided for it at one-sided 0.05 (an intersection-union test: no correction is
  needed, Berger 1982). It fails where at least one is decided against it after Holm's correction over the atoms. It
  `mostly` holds where none is decided against it and at least MOST of them are decided for it.
- An invariant is no test: every single run keeps to it, or it fails.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from repro.spec.load import printed
from repro.spec.model import Table
from repro.spec.reading import Library
from repro.verdict.atoms import Atom, Cells, Linear, Several
from repro.verdict.decision import Counts, Decision, Part
from repro.verdict.power import seeds_for_order
from repro.verdict.resampled import evaluated
from repro.verdict.runs import Runs
from repro.verdict.stats import (
    ALPHA,
    Difference,
    Sample,
    contrast,
    holm,
    one_sample,
    partial_conjunction,
    shifted,
    wilson,
)

ROUNDING = 1e-9
MOST = 0.8


def part_of(table: Table, atom: Atom, runs: Runs, library: Library = printed) -> Part:
    """Tests one atom; `library` has the tables that an expression may quote."""
    if isinstance(atom, Several):
        return _several(table, atom, runs, library)
    if isinstance(atom, Linear) and atom.every_run:
        return _every_run(atom, runs)
    absent, blocked = obstacle(atom.cells, runs)
    if blocked:
        return Part(atom.text, blocked=blocked, absent=absent)
    if not isinstance(atom, Linear):
        return evaluated(table, atom, runs, library)
    difference = _difference(table, atom, runs)
    if isinstance(difference, str):
        return Part(atom.text, blocked=difference)
    return _as_part(atom, difference, _margin(table, atom, runs))


def _as_part(atom: Linear, d: Difference, margin: float) -> Part:
    tie = d.exact and d.estimate == 0
    leaning = (d.estimate > 0) - (d.estimate < 0)
    p_for, p_against = (0.0, 1.0) if tie and not atom.strict else (1.0, 0.0) if tie else (d.p_greater, d.p_less)
    if margin and (d.exact or d.sd):
        moved = shifted(d, margin)
        p_against = moved.p_less
        p_for = moved.p_greater if atom.equality else p_for
    elif d.estimate >= -margin:
        p_against = max(p_against, float(not tie or not atom.strict))
    seeds = seeds_for_order(d.estimate / d.sd) if d.sd > 0 else None
    unit = "log " if atom.logs else ""
    how = "exact" if d.exact else f"sd {d.sd:.3g}, n = {d.n}, p = {min(p_for, p_against):.2g}"
    numbers = f"{unit}distance {d.estimate:+.4g}, {how}"
    if margin and d.estimate < 0 and p_for >= ALPHA:
        numbers += f", margin {margin:.3g}"
    if atom.restates and p_against < ALPHA:
        p_against, numbers = 1.0, f"{numbers}; it restates printed numbers, which no run need equal"
    return Part(atom.text, p_for, p_against, numbers, leaning=leaning, seeds=seeds)


def obstacle(cells: Cells, runs: Runs) -> tuple[bool, str]:
    """Why cells cannot be tested, and whether that is because nothing ran; empty where they can."""
    for row, column in cells:
        if row.kind != "method":
            return True, f"{row.name} is {row.kind} and never runs"
        if not runs.seeds(row.name, column):
            return True, f"{row.name} has no number"
    for row, column in cells:
        if lacking := runs.lacking(row.name, column):
            return False, f"{row.name}: {lacking}"
        sample = runs.sample(row.name, column)
        if sample is not None and sample.n == 1 and not sample.constant:
            return False, f"{row.name} has one seed"
    for column in dict.fromkeys(column for _, column in cells):
        ways = {way for row, of in cells if of == column for way in runs.ways_of(row.name, column)}
        if len(ways) > 1:
            return False, "signatures differ: " + " | ".join(sorted(ways))
    return False, ""


def _difference(table: Table, atom: Linear, runs: Runs) -> Difference | str:
    """The atom's weighted sum less its bound, tested against 0; a text where a value does not allow it."""
    cells = [runs.cell(row.name, column) for row, column in atom.cells]
    random = [cell for cell, row in zip(cells, atom.rows, strict=True) if row.name not in runs.exact] or cells[:1]
    bounds = _bounds(atom, runs, list(random[0]))
    if isinstance(bounds, str):
        return bounds
    seeds = list(random[0])
    cells = [
        dict.fromkeys(seeds, next(iter(cell.values()))) if row.name in runs.exact else cell
        for cell, row in zip(cells, atom.rows, strict=True)
    ]
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


def _margin(table: Table, atom: Linear, runs: Runs) -> float:
    """By how much a weighted sum may fall short and refute nothing: the margins of its cells, on the larger side of it.

    Of a ratio it is the logarithm by which a margin raises the larger number.
    """
    sides = [0.0, 0.0]
    for (row, column), weight in zip(atom.cells, atom.weights, strict=True):
        sample, stated = runs.sample(row.name, column), table.margin_of(column)
        if sample is None or stated is None:
            continue
        margin = stated.around(sample.mean)
        room = math.log1p(margin / sample.mean) if atom.logs else margin
        sides[weight < 0] += abs(weight) * room
    return max(sides)


def _bounds(atom: Linear, runs: Runs, seeds: Sequence[int]) -> dict[int, float] | str:
    """The bound of each seed: a number, or the parameter that the run of that seed really had."""
    if atom.param is None:
        return dict.fromkeys(seeds, atom.bound)
    row, column = atom.cells[0]
    of_runs = runs.params.get(row.name, {}).get(column, {})
    found: dict[int, float] = {}
    for seed in seeds:
        value = of_runs.get(seed, {}).get(atom.param.param)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return f"{row.name} has no parameter {atom.param.param} that is a number"
        found[seed] = atom.sign * (value + atom.param.plus)
    return found


def _boundary_slack(table: Table, atom: Linear, runs: Runs) -> float:
    """How far a sum of shares at 0 or 100 % may really be off: the Wilson intervals, one item a run where unknown."""
    slack = 0.0
    for (row, key), weight in zip(atom.cells, atom.weights, strict=True):
        column, sample = table.columns[key], runs.sample(row.name, key)
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
    row, column = atom.cells[0]
    cell = runs.cell(row.name, column)
    if not cell:
        return Part(atom.text, blocked=obstacle(atom.cells, runs)[1], absent=True)
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


def _several(table: Table, atom: Several, runs: Runs, library: Library) -> Part:
    parts = [part_of(table, part, runs, library) for part in atom.parts]
    blocked = next((part for part in parts if part.blocked), None)
    if blocked:
        return Part(atom.text, blocked=blocked.blocked, absent=all(part.absent for part in parts if part.blocked))
    total, needed = len(parts), atom.needed
    p_for = partial_conjunction([part.p_for for part in parts], needed)
    p_against = partial_conjunction([part.p_against for part in parts], total - needed + 1)
    right = sum(part.leaning > 0 for part in parts)
    wrong = sum(part.leaning < 0 for part in parts)
    means = f"{right} of {total} are true" if atom.tau is None else f"tau of the means {(right - wrong) / total:.3g}"
    numbers = f"{means}, p = {min(p_for, p_against):.2g}"
    leaning = 1 if right >= needed else -1
    wanted = sorted(part.seeds for part in parts if part.leaning == leaning and part.seeds)
    return Part(atom.text, p_for, p_against, numbers, leaning=leaning, seeds=wanted[-1] if wanted else None)


def decide(parts: Sequence[Part]) -> Decision:
    """The conjunction of the parts."""
    if not parts:
        return Decision("not testable", "there is nothing to compare: no other row, or a column without a better side")
    against = [p < ALPHA for p in holm([part.p_against for part in parts])]
    wrong = [part for part, is_against in zip(parts, against, strict=True) if is_against]
    right = [part for part in parts if part.p_for < ALPHA]
    open_ = [part for part, is_against in zip(parts, against, strict=True) if not is_against and part.p_for >= ALPHA]
    counts = Counts(len(right), len(wrong), len(open_))
    absent = [part for part in open_ if part.absent]
    if absent and not wrong:
        tested = f"{counts}; " if len(absent) < len(parts) else ""
        return Decision("not testable", f"{tested}{absent[0].blocked}", counts if tested else None)
    if wrong:
        worst = min(wrong, key=lambda part: part.p_against)
        return Decision("fails", f"{counts}; worst: {_shown(worst)}", counts, tuple(part.text for part in wrong))
    if open_:
        worst = max(open_, key=lambda part: (bool(part.blocked), part.p_for))
        mostly = len(right) >= MOST * len(parts) and not any(part.blocked for part in open_)
        said = f"{counts}; worst: {_shown(worst)}{_seeds(open_)}"
        return Decision("mostly" if mostly else "undecided", said, counts)
    weakest = max(right, key=lambda part: part.p_for)
    return Decision("holds", f"{counts}; weakest: {_shown(weakest)}", counts)


def _shown(part: Part) -> str:
    return f"{part.text}: {part.blocked or part.numbers}"


def _seeds(parts: Sequence[Part]) -> str:
    """How many seeds would probably decide it: all parts that lean for it, or the first one that leans against it."""
    against = [part.seeds for part in parts if part.leaning < 0 and part.seeds]
    if against:
        return f"; about {min(against)} seeds would decide it (against)"
    if any(part.blocked or not part.foreseeable for part in parts):
        return ""
    wanted = [part.seeds for part in parts]
    known = [seeds for seeds in wanted if seeds]
    return (
        f"; about {max(known)} seeds would decide it" if len(known) == len(wanted) else "; more than 1000 seeds needed"
    )
