"""What cannot be split into inequalities, evaluated on means that are drawn as the means of so many seeds scatter.

A draw moves every mean by (sum over seeds of z * (value - mean)) / sqrt(n (n - 1)), z standard normal and the same for
all cells of a seed, and divides the move by an independent sqrt(chi2 / (n - 1)). For one inequality between means the
share of draws against it is then the p-value of the paired t test; for anything else it is a share of the same kind,
without a guarantee where several inequalities meet. Words have no mean: the seeds vote on them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from repro.spec.expression import ExpressionError
from repro.spec.forms import Cell
from repro.spec.formulas import is_true
from repro.spec.model import Row, Table
from repro.spec.reading import Library, NoNumberError, PrintedNumbers, Reader
from repro.spec.sheet import Sheet, words_of
from repro.verdict.atoms import Unsplit
from repro.verdict.decision import Part
from repro.verdict.runs import Runs
from repro.verdict.stats import ALPHA

DRAWS = 1000
SEED = 0

Means = Mapping[Cell, float]


class _Numbers:
    """Given numbers of cells, and words of one seed."""

    def __init__(self, means: Means, words: Mapping[tuple[str, str], str]) -> None:
        self._means = means
        self._words = words

    def value(self, table: Table, row: Row, column: str) -> Decimal:  # noqa: ARG002 - it is the own table
        """The number of a cell."""
        return self.of(Cell(row.name, column))

    def of(self, cell: Cell) -> Decimal:
        """The same."""
        return Decimal(repr(self._means[cell]))

    def deviation(self, table: Table, row: Row, column: str) -> Decimal:
        """A mean of runs is compared with no deviation."""
        raise NoNumberError(f"{row.name} has no deviation in {table.columns[column].label}")

    def has(self, table: Table, row: Row, column: str) -> bool:
        """The cells of a column are those that the paper prints."""
        return PrintedNumbers().has(table, row, column)

    def words(self, sheet: Sheet, row: Row) -> tuple[str, ...]:
        """The words of the columns that print words for the row."""
        return words_of(self._words[row.name, key] for key in sheet.table.columns if key in row.texts)


def evaluated(table: Table, atom: Unsplit, runs: Runs, library: Library) -> Part:
    """Tests a statement as a whole."""
    numbers = {cell: runs.cell(row.name, column) for cell, (row, column) in atom.read.items()}
    words = {cell: runs.words(row.name, column) for cell, (row, column) in atom.read.items()}
    try:
        if any(words.values()):
            return _voted(atom, table, library, runs, numbers, words)
        return _drawn(atom, table, library, numbers)
    except (NoNumberError, ExpressionError, KeyError) as error:
        return Part(atom.text, blocked=f"it cannot be evaluated: {error}")


def _truth(atom: Unsplit, table: Table, library: Library, means: Means, words: Mapping[Cell, str]) -> bool:
    given = _Numbers(means, {(cell.row, cell.column): text for cell, text in words.items()})
    return atom.whole is not None and is_true(atom.whole, Reader(table, library, given), given.of)


def _drawn(atom: Unsplit, table: Table, library: Library, numbers: Mapping[Cell, Mapping[int, float]]) -> Part:
    means = {cell: math.fsum(values.values()) / len(values) for cell, values in numbers.items()}
    true = _truth(atom, table, library, means, {})
    random = np.random.default_rng(SEED)
    if all(len(set(values.values())) == 1 for values in numbers.values()):
        return Part(atom.text, float(not true), float(true), "compared exactly", leaning=1 if true else -1)
    found = sum(_truth(atom, table, library, _moved(random, means, numbers), {}) for _ in range(DRAWS))
    p_for, p_against = ((1 + share) / (1 + DRAWS) for share in (DRAWS - found, found))
    said = f"true of the means: {'yes' if true else 'no'}, of {found} in {DRAWS} resampled ones"
    return Part(atom.text, p_for, p_against, said, leaning=1 if true else -1, foreseeable=False)


def _moved(random: np.random.Generator, means: Means, numbers: Mapping[Cell, Mapping[int, float]]) -> Means:
    """One draw of all means."""
    seeds = sorted({seed for values in numbers.values() for seed in values})
    z = dict(zip(seeds, random.standard_normal(len(seeds)), strict=True))
    scale: dict[tuple[int, ...], float] = {}
    moved: dict[Cell, float] = {}
    for cell, values in numbers.items():
        n, ran = len(values), tuple(values)
        if n < 2 or len(set(values.values())) == 1:
            moved[cell] = means[cell]
            continue
        if ran not in scale:
            scale[ran] = math.sqrt(random.chisquare(n - 1) / (n - 1))
        move = math.fsum(z[seed] * (value - means[cell]) for seed, value in values.items())
        moved[cell] = float(means[cell] + move / math.sqrt(n * (n - 1)) / scale[ran])
    return moved


def _voted(atom: Unsplit, table: Table, library: Library, runs: Runs,
           numbers: Mapping[Cell, Mapping[int, float]], words: Mapping[Cell, Mapping[int, str]]) -> Part:  # fmt: skip
    """Each seed by itself: a sign test, of which one seed without random numbers is all seeds."""
    random = [cell for cell, (row, _) in atom.read.items() if row.name not in runs.exact]
    found = [set(numbers[cell] or words[cell]) for cell in random]
    seeds = sorted(set.intersection(*found)) if found else [0]
    truths = []
    for seed in seeds:
        ours = {cell: _of(values, seed) for cell, values in numbers.items() if values}
        said = {cell: _of(values, seed) for cell, values in words.items() if values}
        truths.append(_truth(atom, table, library, ours, said))
    n, right = len(truths), sum(truths)
    counts = f"true of {right} of {n} {'seed' if n == 1 else 'seeds'}"
    p_for, p_against = (0.5**n if all(truth is side for truth in truths) and n else 1.0 for side in (True, False))
    if not random:
        p_for, p_against = float(not all(truths)), float(all(truths))
    hint = "" if min(p_for, p_against) < ALPHA else "; five seeds that agree decide it"
    return Part(atom.text, p_for, p_against, counts + hint, leaning=1 if 2 * right > n else -1, foreseeable=False)


def _of(values: Mapping[int, Any], seed: int) -> Any:
    """The value of a seed; of a row without random numbers its only one."""
    return values[seed] if seed in values else next(iter(values.values()))
