"""How often a check alarms at nothing, and what it sees, over all numbers of seeds: simulated, and told as Markdown.

python -m tests.gate.error_rates [CHECKS]

A check is simulated without its bookkeeping, many at a time: with one pair of sizes the t statistic orders divisions
as the correlation with them does. `test_error_rates.py` holds that shortcut to the decisions of `infer`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from repro.gate.inference import DIVISIONS, ROUNDING, Contrast, _all_divisions, _some_divisions, infer
from repro.verdict.stats import ALPHA

Array = np.ndarray
Random = np.random.Generator
Noise = Callable[[Random, tuple[int, ...]], Array]

CALIBRATION = 24
"""The further seeds of `repro calibrate` with its 12 pairs of one seed."""
SEEDS = range(1, 11)
SIZES = [(accepted, new) for accepted in SEEDS for new in SEEDS]
CELLS = 80
AGAIN = 10


def _correlated(random: Random, shape: tuple[int, ...]) -> Array:
    checks, _, seeds = shape
    return 10 + 0.9 * random.normal(size=(checks, 1, seeds)) + 0.4 * random.normal(size=shape)


def _two_outcomes(random: Random, shape: tuple[int, ...]) -> Array:
    return 10.0 + (random.random(shape) < 0.5) + 0.001 * random.normal(size=shape)


NOISE: dict[str, Noise] = {
    "normal": lambda random, shape: 10 + random.normal(size=shape),
    "lognormal": lambda random, shape: np.exp(random.normal(size=shape)),
    "skewed for the worse": lambda random, shape: 100 + np.exp(random.normal(size=shape)),
    "skewed for the better": lambda random, shape: 100 - np.exp(random.normal(size=shape)),
    "t with 3 degrees of freedom": lambda random, shape: 100 + random.standard_t(3, size=shape),
    "correlated cells": _correlated,
    "rare steps": lambda random, shape: 400.0 + (random.random(shape) < 0.1),
    "two outcomes": _two_outcomes,
    "proportions near 0 %": lambda random, shape: random.binomial(1000, 0.001, size=shape) / 10,
    "proportions near 100 %": lambda random, shape: random.binomial(1000, 0.999, size=shape) / 10,
}


@dataclass(frozen=True)
class Rate:
    """So many alarms in so many checks."""

    alarms: int
    checks: int

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.alarms + other.alarms, self.checks + other.checks)

    @property
    def percent(self) -> float:
        """In % of checks."""
        return 100 * self.alarms / self.checks


def most(checks: int, looks: int = 1, risk: float = 1e-4) -> int:
    """So many alarms are exceeded with that risk by any of so many looks, where the rate is 5 % in each."""
    return int(binom.ppf(1 - risk / looks, checks, ALPHA))


def decidable(sizes: tuple[int, int]) -> bool:
    """Whether a cell of these sizes, which has a better side, can be tested at all."""
    return Contrast((0.0,) * sizes[0], (0.0,) * sizes[1]).is_decidable


def found(values: Array, new: int, cell: int | None = None) -> Array:
    """Which checks (B,) alarm, at any cell or at a certain one; values (B, cells, seeds), the new seeds last."""
    checks, cells, seeds = values.shape
    sizes = (seeds - new, new)
    exact = Contrast((0.0,) * sizes[0], (0.0,) * new).divisions <= DIVISIONS
    divisions = (_all_divisions if exact else _some_divisions)(sizes)
    centred = divisions.T - new / seeds  # (seeds, divisions)
    x = _unit(values)
    own = x @ centred[:, 0]
    reached = (own.max(axis=1) if cell is None else own[:, cell]) - 1e-12  # equal ones, whatever the rounding
    exceeded, alive = np.zeros(checks, int), np.arange(checks)
    for part in np.array_split(centred, max(1, len(divisions) // 500), axis=1):
        if not len(alive):
            break
        largest = (x[alive].reshape(-1, seeds) @ part).reshape(len(alive), cells, -1).max(axis=1)
        exceeded[alive] += (largest >= reached[alive, None]).sum(axis=1)
        alive = alive[exceeded[alive] <= ALPHA * len(divisions)]  # the others alarm no more
    alarms: Array = exceeded <= ALPHA * len(divisions)
    return alarms


def _unit(values: Array) -> Array:
    """The cells' values as `infer` scales them, but centred and of length 1; less where rounding is much of that.

    With r the correlation and s the length, t^2 / (n - 2) = r^2 / (1 - r^2 + (n - 2) floor^2 / s^2) is a monotone
    function of r^2 / (1 + (n - 2) floor^2 / s^2).
    """
    positive = values.min(axis=-1, keepdims=True) > 0
    floor = np.where(positive, ROUNDING, ROUNDING * np.abs(values).max(axis=-1, keepdims=True))
    x = np.where(positive, np.log(np.where(positive, values, 1.0)), values)
    x = x - x.mean(axis=-1, keepdims=True)
    squares = (x**2).sum(axis=-1, keepdims=True) + (values.shape[-1] - 2) * floor**2
    unit: Array = x / np.sqrt(np.where(squares > 0, squares, 1.0))
    return unit


def alarms(noise: str, sizes: tuple[int, int], checks: int, cells: int = CELLS, seed: int = 1) -> Rate:
    """How many checks of unchanged code have an alarm; sizes that cannot be tested never have one."""
    if not decidable(sizes):
        return Rate(0, checks)
    random, total = np.random.default_rng([seed, list(NOISE).index(noise), *sizes]), 0
    for batch in _batches(checks):
        total += int(found(NOISE[noise](random, (batch, cells, sum(sizes))), sizes[1]).sum())
    return Rate(total, checks)


def seen(sizes: tuple[int, int], cells: int, checks: int, sigmas: float = 3.0, seed: int = 2) -> Rate:
    """How many checks find the one cell that is worse by so many deviations, among cells that are not; normal noise."""
    random, total = np.random.default_rng([seed, *sizes]), 0
    for batch in _batches(checks):
        values = NOISE["normal"](random, (batch, cells, sum(sizes)))
        values[:, 0, sizes[0] :] += sigmas
        total += int(found(values, sizes[1], cell=0).sum())
    return Rate(total, checks)


def mixed_alarms(noise: str, sizes: list[tuple[int, int]], cells: int, checks: int, seed: int = 3) -> Rate:
    """Checks with as many cells of each of several sizes, the seeds of all drawn from the same runs: by `infer`."""
    random, total = np.random.default_rng(seed), 0
    most_old, most_new = (max(side) for side in zip(*sizes, strict=True))
    for _ in range(checks):
        values = NOISE[noise](random, (1, cells * len(sizes), most_old + most_new))[0].tolist()
        tested = infer([
            Contrast(tuple(v[:old]), tuple(v[most_old : most_old + new]))
            for (old, new), v in zip(sizes * cells, values, strict=True)
        ])  # fmt: skip
        total += any(t.worse is not None and t.worse <= ALPHA for t in tested)
    return Rate(total, checks)


def _batches(checks: int, size: int = 50) -> Iterator[int]:
    yield from (min(size, checks - start) for start in range(0, checks, size))


def false_alarms(checks: int) -> Iterator[str]:
    """The rows of a table: a kind of noise, its rate over all sizes, and the size with the highest, measured again.

    The highest of so many rates is high by chance; with new noise and AGAIN times the checks it is not.
    """
    tested = {0: [s for s in SIZES if decidable(s)], CALIBRATION: [(a + CALIBRATION, n) for a, n in SIZES]}
    yield f"False alarms of checks of {CELLS} cells, in %: {checks} checks for every kind of noise and pair of sizes."
    yield ""
    yield "| noise | 1 to 10 seeds a side | highest | again | 24 further seeds | highest | again |"
    yield "|:--|--:|:--|--:|--:|:--|--:|"
    for noise in NOISE:
        told = []
        for sizes in tested.values():
            rates = {s: alarms(noise, s, checks) for s in sizes}
            top = max(rates, key=lambda s: rates[s].alarms)
            told += [
                f"{sum(rates.values(), Rate(0, 0)).percent:.2f}",
                f"{rates[top].percent:.1f} ({top[0]} v {top[1]})",
                f"{alarms(noise, top, AGAIN * checks, seed=5).percent:.1f}",
            ]
        yield f"| {noise} | {' | '.join(told)} |"
    looks = len(NOISE) * sum(map(len, tested.values()))
    chance = 100 * most(checks, looks, risk=0.5) / checks
    yield ""
    yield f"The highest of {looks} rates is {chance:.1f} in half of all studies where each is 5 % exactly."
    yield f"Undecided without further seeds: {', '.join(f'{a} v {n}' for a, n in SIZES if not decidable((a, n)))}."


def power(checks: int) -> Iterator[str]:
    """The rows of a table: what is seen of one worse cell, by sizes and number of cells."""
    yield f"Seen of one cell that is worse, in % of {checks} checks; normal noise."
    yield ""
    yield "| accepted, calibration | new | deviations | 1 cell | 10 cells | 21 cells | 80 cells |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    for sizes, sigmas in (
        ((3, 3), 3), ((3, 3), 6), ((5, 3), 3), ((5, 5), 3), ((10, 3), 3), ((27, 3), 3), ((25, 1), 3), ((25, 1), 6),
    ):  # fmt: skip
        rates = [f"{seen(sizes, cells, checks, sigmas).percent:.0f}" for cells in (1, 10, 21, 80)]
        yield f"| {sizes[0]} | {sizes[1]} | {sigmas} | {' | '.join(rates)} |"


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for line in (*power(2 * number), ""):
        print(line, flush=True)
    for line in false_alarms(number):
        print(line, flush=True)
