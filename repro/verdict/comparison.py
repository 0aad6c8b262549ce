"""One comparison of a claim on the runs: a weighted sum of cells tested against its bound on both sides.

- A one-sided t test: paired where all its rows have the same seeds, Welch otherwise, on logarithms for a ratio and in
  columns on a logarithmic scale. Cells without spread are compared exactly.
- Against a claim counts only what is beyond the margin that the spec states for the column: a difference within it is
  no refutation. An equality is one within the margin (two one-sided tests); without one it is exact.
- A number at the floor of its metric is an upper bound: a ratio to it may hold, and never fails.
- An invariant is no test: every single run keeps to it, or it fails.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from repro.spec.model import Table
from repro.verdict.atoms import Linear
from repro.verdict.decision import Part
from repro.verdict.power import seeds_for_order
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA, Difference, Sample, contrast, one_sample, shifted, wilson

ROUNDING = 1e-9


def compared(table: Table, atom: Linear, runs: Runs) -> Part:
    """Tests a comparison whose cells all have their numbers."""
    atom = on_scale(table, atom, runs)
    difference = _difference(table, atom, runs)
    if isinstance(difference, str):
        return Part(atom.text, blocked=difference)
    return _within_bounds(atom, _as_part(atom, difference, _margin(table, atom, runs)), runs)


def every_run(atom: Linear, runs: Runs) -> Part:
    """An invariant: each run on its own, to within the rounding of the arithmetic that made it."""
    row, column = atom.cells[0]
    cell = runs.cell(row.name, column)
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


def on_scale(table: Table, atom: Linear, runs: Runs) -> Linear:
    """The comparison of two cells, or of one with a number, by logarithms where ratios are what their columns compare.

    There the deviation of a number grows with it, so that a test of differences sees little of the smaller one.
    """
    scales = {table.columns[column].scale for _, column in atom.cells}
    values = (value for row, column in atom.cells for value in runs.cell(row.name, column).values())
    if atom.logs or atom.param is not None or scales != {"log"} or min(values) <= 0:
        return atom
    match atom.weights:
        case (first, second) if first == -second and atom.bound == 0:
            return replace(atom, weights=(math.copysign(1, first), math.copysign(1, second)), logs=True)
        case (weight,) if atom.bound * weight > 0:
            sign = math.copysign(1, weight)
            return replace(atom, weights=(sign,), bound=sign * math.log(atom.bound / weight), logs=True)
    return atom


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


def _within_bounds(atom: Linear, part: Part, runs: Runs) -> Part:
    """What a number that is only an upper bound leaves of a part: where it is divided by or subtracted, the true sum is
    larger still, so that the part may be right and is never refuted; where it is added it is never shown."""
    weights = zip(atom.cells, atom.weights, strict=True)
    bounded = [(row.label, weight) for (row, column), weight in weights if runs.is_bounded(row.name, column)]
    if not bounded:
        return part
    p_for = 1.0 if any(weight > 0 for _, weight in bounded) else part.p_for
    p_against = 1.0 if any(weight < 0 for _, weight in bounded) else part.p_against
    names = " and ".join(dict.fromkeys(label for label, _ in bounded))
    numbers = f"{part.numbers}; {names} at the floor of the metric, an upper bound"
    return replace(part, p_for=p_for, p_against=p_against, numbers=numbers)
