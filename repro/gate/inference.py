"""Is a cell worse than before? One family of tests for all cells of a check, with at most 5 % false alarms in it.

Of each cell there are reference values (accepted seeds, and those of the calibration) and new values. Where the code
did not get worse, all of them are draws from one distribution, and which of them are the new ones is arbitrary:

- **Permutations**, where the seeds can be divided in more than 1 / ALPHA ways. The seeds of all cells with the same
  numbers of seeds are divided anew together, and a cell's p-value is the share of divisions in which the most extreme
  of all cells is as extreme as this cell is now (max-T: Westfall and Young, Resampling-Based Multiple Testing, 1993).
  That holds for any distribution, skewed, heavy-tailed or with ties, and for cells that depend on each other.
- **Bounded t**, where there are fewer ways: the t test with a pooled deviation, whose degrees of freedom are cut to the
  size of the smaller side minus a half, since so few values say nothing of the tails; corrected after Holm.

The statistic of both is the t statistic, on logarithms where all values of a cell are positive. A cell's deviation is
never taken to be below ROUNDING of its values: what the order of additions moves is no regression.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np

from repro.verdict.distributions import t_cdf
from repro.verdict.stats import ALPHA, holm

ROUNDING = 1e-6
"""Sums of float32 numbers in another order differ by about 1e-7 of their value."""
DIVISIONS = 4000
"""All divisions of the seeds are looked at up to this number, else as many random ones: 0.05 is known to 0.0035."""
FEWEST = 2
"""Seeds of each side below which the bounded t says nothing: one value of a skewed cell may lie anywhere."""
NEVER = -1e99
"""The statistic of "better" in a column that has no better side."""

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


@dataclass(frozen=True)
class Tested:
    """The p-values of "worse" and "better", corrected for all cells tested together; None: too few seeds to say."""

    worse: float | None
    better: float | None
    test: str


def infer(contrasts: Sequence[Contrast]) -> list[Tested]:
    """Tests all cells of a check together: in the order given, with at most ALPHA of checks having any false alarm."""
    permuted = [i for i, c in enumerate(contrasts) if c.divisions > 1 / ALPHA]
    bounded = [i for i, c in enumerate(contrasts) if c.divisions <= 1 / ALPHA and min(c.sizes) >= FEWEST]
    shares = _shares([contrasts[i] for i in permuted], len(bounded))
    found = [Tested(None, None, "too few seeds")] * len(contrasts)
    for family, share, test in ((permuted, shares[0], _permute), (bounded, shares[1], _bound)):
        for i, tested in zip(family, test([contrasts[i] for i in family], share), strict=True):
            found[i] = tested
    return found


def _shares(permuted: Sequence[Contrast], bounded: int) -> tuple[float, float]:
    """How ALPHA is divided: by numbers of cells, but so that permutations can reach their part of it."""
    if not permuted or not bounded:
        return 1.0, 1.0
    reach = 1.1 / (ALPHA * min(contrast.divisions for contrast in permuted))
    share = max(len(permuted) / (len(permuted) + bounded), min(reach, 0.95))
    return share, 1.0 - share


def _permute(contrasts: Sequence[Contrast], share: float) -> list[Tested]:
    if not contrasts:
        return []
    blocks: dict[tuple[int, int], list[int]] = {}
    for i, contrast in enumerate(contrasts):
        blocks.setdefault(contrast.sizes, []).append(i)
    exact = len(blocks) == 1 and all(contrast.divisions <= DIVISIONS for contrast in contrasts)
    worse, better = np.empty((2, len(contrasts), contrasts[0].divisions if exact else DIVISIONS))
    for sizes, members in blocks.items():
        t = _statistics([contrasts[i] for i in members], _all_divisions(sizes) if exact else _some_divisions(sizes))
        sided = np.array([[contrasts[i].better is not None] for i in members])
        worse[members] = np.where(sided, t, np.abs(t))
        better[members] = np.where(sided, -t, NEVER)
    said = f"max-T, {worse.shape[1]} {'' if exact else 'random '}divisions, {len(contrasts)} cells"
    both = zip(_exceeded(worse, share), _exceeded(better, share), strict=True)
    return [Tested(w, b, said) for w, b in both]


def _exceeded(t: Array, share: float) -> list[float]:
    """The share of divisions whose largest statistic is not below a cell's own, which is the first division's."""
    largest = np.sort(t.max(axis=0))
    reached = t[:, 0] - 1e-9 * np.maximum(np.abs(t[:, 0]), 1.0)  # equal statistics, whatever the rounding
    count = len(largest) - np.searchsorted(largest, reached)
    return [min(1.0, float(exceeded) / len(largest) / share) for exceeded in count]


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
    """The present division and DIVISIONS - 1 random ones, always the same: a check says the same twice."""
    n, k = sum(sizes), sizes[1]
    present = (np.arange(n) >= n - k).astype(float)
    divisions = np.tile(present, (DIVISIONS, 1))
    divisions[1:] = np.random.default_rng([n, k]).permuted(divisions[1:], axis=1)
    return divisions


def _statistics(contrasts: Sequence[Contrast], divisions: Array) -> Array:
    """The t statistic of every cell (rows) under every division (columns); positive is worse."""
    n, k = divisions.shape[1], len(contrasts[0].new)
    values, floors = zip(*(_scaled(contrast) for contrast in contrasts), strict=True)
    x, floor = np.array(values), np.array(floors)[:, None]
    new = x @ divisions.T / k
    old = (x.sum(axis=1, keepdims=True) - k * new) / (n - k)
    squares = (x**2).sum(axis=1, keepdims=True) - k * new**2 - (n - k) * old**2
    deviation = np.sqrt(np.maximum(squares, 0.0) / (n - 2) + floor**2)
    t: Array = (new - old) / (deviation * math.sqrt(1 / k + 1 / (n - k)))
    return t


def _scaled(contrast: Contrast) -> tuple[Array, float]:
    """All values, reference first, so that larger is worse, centred and of size 1; and the deviation by rounding."""
    values = np.array(contrast.reference + contrast.new)
    floor = ROUNDING * float(np.abs(values).max())
    if values.min() > 0:
        values, floor = np.log(values), ROUNDING
    values = values - values.mean()
    scale = float(np.abs(values).max()) or 1.0
    sign = -1.0 if contrast.better == "higher" else 1.0
    return sign * values / scale, max(floor / scale, np.finfo(float).tiny)


def _bound(contrasts: Sequence[Contrast], share: float) -> list[Tested]:
    both = [_bounded(contrast) for contrast in contrasts]
    worse, better = holm([p for p, _ in both]), holm([p for _, p in both])
    said = f"bounded t, {len(contrasts)} cells"
    return [Tested(min(1.0, w / share), min(1.0, b / share), said) for w, b in zip(worse, better, strict=True)]


def _bounded(contrast: Contrast) -> tuple[float, float]:
    """The p-values of "worse" and "better" of one cell alone; without any spread those of its ranks at best."""
    present = _some_divisions(contrast.sizes)[:1]
    t = float(_statistics([contrast], present)[0, 0])
    df = min(contrast.sizes) - 0.5
    constant = all(len(set(side)) == 1 for side in (contrast.reference, contrast.new))
    least = 1 / contrast.divisions if constant else 0.0
    if contrast.better is None:
        return max(least, 2 * t_cdf(-abs(t), df)), 1.0
    return max(least, t_cdf(-t, df)), max(least, t_cdf(t, df))
