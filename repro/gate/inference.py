"""Is a cell worse than before? One family of tests for all cells of a check, with at most 5 % false alarms in it.

Of each cell there are reference values (accepted seeds, and those of the calibration) and new values. Where the code
did not get worse, all of them are draws from one distribution, and which of them are the new ones is arbitrary. So the
seeds of all cells with the same numbers of seeds are divided anew together, and a cell's p-value is the share of
divisions in which the most extreme of all cells is as extreme as this cell is now (max-T: Westfall and Young,
Resampling-Based Multiple Testing, 1993). That holds for any distribution, skewed, heavy-tailed, with ties or of two
outcomes, and for cells that depend on each other.

The largest of so many divisions comes by chance once in as many times. Where the seeds can be divided in fewer than
1 / ALPHA ways, no test without a model of the noise can say anything, and none is made: two seeds against four may
both have gone the rare way. Three against three, 20 ways, are the fewest that suffice (40 where both sides are alike
and the column has no better side). A t test would go further down; with noise of two outcomes it alarms in every check.

The statistic is the t statistic, on logarithms where all values of a cell are positive, and put on the scale of a
normal one so that cells with few seeds and with many can be compared. A cell's deviation is never taken to be below
ROUNDING of its values: what the order of additions moves is no regression.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np

from repro.verdict.stats import ALPHA

ROUNDING = 1e-6
"""Sums of float32 numbers in another order differ by about 1e-7 of their value."""
DIVISIONS = 4000
"""All divisions of the seeds are looked at up to this number, else as many random ones: 0.05 is known to 0.0035."""
GROSS = 0.4
"""Of a t, the least it counts as a normal deviate: with 4 degrees of freedom from t = 8, which one in 1500 exceeds.

So a gross change of a cell with few seeds is seen among cells with many, whose 4000 divisions hold deviates of 4.5.
"""
NEVER = -1e99
"""The statistic of "better" in a column that has no better side."""
FEW = "too few seeds to know its spread"
HIDDEN = "too few seeds to tell it from cells that moved further"

Better = Literal["lower", "higher"] | None
Array = np.ndarray


@dataclass(frozen=True)
class Contrast:
    """The values of one cell, one a seed, and which direction is better; None: any change is for the worse."""

    reference: tuple[float, ...]
    new: tuple[float, ...]
    better: Better = "lower"

    @property
    def sizes(self) -> tuple[int, int]:
        """How many reference and how many new values there are."""
        return len(self.reference), len(self.new)

    @property
    def divisions(self) -> int:
        """In how many ways the seeds can be divided into reference and new ones."""
        return math.comb(sum(self.sizes), len(self.new))

    @property
    def is_decidable(self) -> bool:
        """Whether a lone cell could alarm. Without a better side a division into halves is its mirror image as well."""
        alike = 2 if self.better is None and len(self.reference) == len(self.new) else 1
        return alike <= ALPHA * self.divisions


@dataclass(frozen=True)
class Tested:
    """The p-values of "worse" and "better", corrected for all cells tested together; None: the seeds are too few.

    `test` names the test, or says what the seeds are too few for.
    """

    worse: float | None
    better: float | None
    test: str


def infer(contrasts: Sequence[Contrast]) -> list[Tested]:
    """Tests all cells of a check together: in the order given, with at most ALPHA of checks having any false alarm.

    With few divisions one cell that moved far can hide another that is worse. What would be worse without the cells
    that were found to have moved has no p-values.
    """
    decidable = [i for i, contrast in enumerate(contrasts) if contrast.is_decidable]
    tested = [Tested(None, None, FEW)] * len(contrasts)
    if not decidable:
        return tested
    worse, better, said = _divided([contrasts[i] for i in decidable])
    both = np.array([_exceeded(worse), _exceeded(better)])
    hidden = both.min(axis=0) > ALPHA
    hidden[hidden] = _exceeded(worse[hidden]) <= ALPHA
    for i, (w, b), is_hidden in zip(decidable, both.T.tolist(), hidden, strict=True):
        tested[i] = Tested(None, None, HIDDEN) if is_hidden else Tested(w, b, said)
    return tested


def _divided(contrasts: Sequence[Contrast]) -> tuple[Array, Array, str]:
    """How much worse and how much better every cell (rows) is under every division (columns), and the test's name."""
    blocks: dict[tuple[int, int], list[int]] = {}
    for i, contrast in enumerate(contrasts):
        blocks.setdefault(contrast.sizes, []).append(i)
    exact = len(blocks) == 1 and contrasts[0].divisions <= DIVISIONS
    worse, better = np.empty((2, len(contrasts), contrasts[0].divisions if exact else DIVISIONS))
    for sizes, members in blocks.items():
        z = _statistics([contrasts[i] for i in members], _all_divisions(sizes) if exact else _some_divisions(sizes))
        sided = np.array([[contrasts[i].better is not None] for i in members])
        worse[members] = np.where(sided, z, np.abs(z))
        better[members] = np.where(sided, -z, NEVER)
    return worse, better, f"max-T, {worse.shape[1]} {'' if exact else 'random '}divisions, {len(contrasts)} cells"


def _exceeded(z: Array) -> Array:
    """The share of divisions whose largest statistic is not below a cell's own, which is the first division's."""
    largest = np.sort(z.max(axis=0, initial=NEVER))
    reached = z[:, 0] - 1e-9 * np.maximum(np.abs(z[:, 0]), 1.0)  # equal statistics, whatever the rounding
    shares: Array = (len(largest) - np.searchsorted(largest, reached)) / len(largest)
    return shares


@lru_cache(maxsize=8)
def _all_divisions(sizes: tuple[int, int]) -> Array:
    """Every division as a row of 0 and 1 (new), the present one first; the new seeds come last."""
    n, k = sum(sizes), sizes[1]
    chosen = np.array(list(combinations(range(n - 1, -1, -1), k)))
    divisions = np.zeros((len(chosen), n))
    np.put_along_axis(divisions, chosen, 1.0, axis=1)
    return divisions


@lru_cache(maxsize=64)
def _some_divisions(sizes: tuple[int, int]) -> Array:
    """The present division and DIVISIONS - 1 random ones, always the same: a check says the same twice.

    Where there are fewer different ones, all of them equally often, so that the present one has no more than its share.
    """
    n, k = sum(sizes), sizes[1]
    random = np.random.default_rng([n, k])
    if math.comb(n, k) <= DIVISIONS:
        places = np.arange(DIVISIONS) % math.comb(n, k)
        places[1:] = random.permutation(places[1:])
        return _all_divisions(sizes)[places]
    present = (np.arange(n) >= n - k).astype(float)
    divisions = np.tile(present, (DIVISIONS, 1))
    divisions[1:] = random.permuted(divisions[1:], axis=1)
    return divisions


def _statistics(contrasts: Sequence[Contrast], divisions: Array) -> Array:
    """The t statistic of every cell (rows) under every division (columns); positive is worse.

    It is given as the normal deviate that is about as rare (Wallace, Ann. Math. Statist. 30, 1959), or GROSS of itself.
    """
    n, k = divisions.shape[1], len(contrasts[0].new)
    values, floors = zip(*(_scaled(contrast) for contrast in contrasts), strict=True)
    x, floor = np.array(values), np.array(floors)[:, None]
    new = x @ divisions.T / k
    old = (x.sum(axis=1, keepdims=True) - k * new) / (n - k)
    squares = (x**2).sum(axis=1, keepdims=True) - k * new**2 - (n - k) * old**2
    deviation = np.sqrt(np.maximum(squares, 0.0) / (n - 2) + floor**2)
    t = (new - old) / (deviation * math.sqrt(1 / k + 1 / (n - k)))
    df = n - 2
    z = (8 * df + 1) / (8 * df + 3) * np.sqrt(df * np.log1p(t**2 / df))
    deviates: Array = np.sign(t) * np.maximum(z, GROSS * np.abs(t))
    return deviates


def _scaled(contrast: Contrast) -> tuple[Array, float]:
    """All values, reference first, so that larger is worse, centred and of size 1; and the deviation by rounding."""
    values = np.array(contrast.reference + contrast.new)
    floor = ROUNDING * float(np.abs(values).max())
    if values.min() > 0:
        values, floor = np.log(values), ROUNDING
    values = values - values.mean()
    scale = float(np.abs(values).max()) or 1.0
    sign = -1.0 if contrast.better == "higher" else 1.0
    return sign * values / scale, floor / scale or 1.0  # all values 0: no difference, whatever the deviation
