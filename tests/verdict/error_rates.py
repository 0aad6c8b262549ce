"""How often the verdict of a cell is wrong, and what it sees, on tables like dai2019 B.2: simulated, told as Markdown.

python -m tests.verdict.error_rates [TABLES]

Such a table has 12 rows and 10 columns of divergences; their logarithms have a standard deviation over seeds of 0.17 in
four columns and 0.06 in six, and within a column of those a cell has up to several times more or less, as the accepted
results of B.2 have. The print is one run, its margin 25 %. A fifth of the cells is off by a factor, half of them for
the better. The rule is written once more here for whole arrays, with scipy; `test_error_rates.py` holds it to
`judge_cells`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import polygamma, psi, stdtr, stdtrit

from repro.verdict.stats import ALPHA, DEVIATES

Array = np.ndarray
Random = np.random.Generator

STATES = ("reproduced", "consistent", "inconclusive", "tension", "deviates better", "deviates worse")
ROWS, COLUMNS = 12, 10
MARGIN = np.log(1.25)
ROOM = min(3 * MARGIN, np.log(2))
OFF = 0.2
"""The share of cells that are off; of B.2's own, a fifth deviates."""


@dataclass(frozen=True)
class Noise:
    """What the logarithms of a cell's numbers scatter like, in deviations; `linear`: the numbers themselves do.

    `together` is the correlation of the cells of a row, `print_scatters` the deviation of the print's run over ours.
    """

    draw: Callable[[Random, tuple[int, ...]], Array]
    linear: bool = False
    together: float = 0.0
    print_scatters: float = 1.0


def _normal(random: Random, shape: tuple[int, ...]) -> Array:
    return random.normal(size=shape)


NOISE = {
    "lognormal": Noise(_normal),
    "normal": Noise(_normal, linear=True),
    "t with 3 degrees of freedom": Noise(lambda random, shape: random.standard_t(3, size=shape) / np.sqrt(3)),
    "skewed for the worse": Noise(lambda random, shape: random.exponential(size=shape) - 1),
    "skewed for the better": Noise(lambda random, shape: 1 - random.exponential(size=shape)),
    "rows of one piece": Noise(_normal, together=0.8),
    "print scatters half as much": Noise(_normal, print_scatters=0.5),
    "print scatters 1.5 times": Noise(_normal, print_scatters=1.5),
    "print scatters twice": Noise(_normal, print_scatters=2.0),
}


@dataclass(frozen=True)
class Simulated:
    """Tables: logarithms of runs (T, rows, columns, seeds) and prints (T, rows, columns); which cells are off, and
    whether for the worse (lower is better)."""

    runs: Array
    prints: Array
    off: Array
    worse: Array


def simulated(noise: Noise, seeds: int, factor: float, tables: int, seed: int = 1) -> Simulated:
    """So many tables with so many seeds a row, whose cells that are off are so by a factor."""
    random = np.random.default_rng(seed)
    shape = (tables, ROWS, COLUMNS)
    generators = np.arange(COLUMNS) < 4
    z = random.normal(size=shape)
    sigma = np.where(generators, 0.17 * np.exp(0.6 * z), np.minimum(0.06 * np.exp(1.5 * z), 1.0))
    sigma = np.minimum(sigma, 0.4) if noise.linear else sigma  # numbers stay positive
    own, common = noise.draw(random, (*shape, seeds + 1)), noise.draw(random, (tables, ROWS, 1, seeds + 1))
    x = np.sqrt(1 - noise.together) * own + np.sqrt(noise.together) * common
    x[..., -1] *= noise.print_scatters
    x = sigma[..., None] * x
    x = np.log(np.maximum(1 + x, 0.02)) if noise.linear else x
    off, worse = random.random(shape) < OFF, random.random(shape) < 0.5
    shift = np.where(off, np.where(worse, np.log(factor), -np.log(factor)), 0.0)
    return Simulated(x[..., :-1] + shift[..., None], x[..., -1], off, worse)


def states(runs: Array, prints: Array) -> Array:
    """The state of each cell, as an index into STATES; all in logarithms."""
    n = runs.shape[-1]
    d, s, df = runs.mean(-1) - prints, *_moderated(runs.var(-1, ddof=1), n - 1)
    far, error, own = np.abs(d), s * np.sqrt(1 + 1 / n), stdtrit(df, 1 - ALPHA) * s / np.sqrt(n)
    p, beyond = (2 * stdtr(df, -np.maximum(far - room, 0) / error) for room in (0.0, MARGIN))
    deviates = (_corrected(beyond.reshape(len(runs), -1)).reshape(beyond.shape) < ALPHA) & (beyond < DEVIATES)
    near = (far - own <= MARGIN) & (far + stdtrit(df, 1 - ALPHA / 2) * error <= ROOM)
    found = np.select(
        [far + own <= MARGIN, deviates, p < ALPHA, near], [0, np.where(d < 0, 4, 5), 3, 1], default=2
    )  # fmt: skip
    return np.asarray(found)


def _moderated(variances: Array, df: int) -> tuple[Array, Array]:
    """Deviations and degrees of freedom, moderated over the rows of each column, as limma's squeezeVar has them."""
    logs = np.log(variances) - psi(df / 2) + np.log(df / 2)
    mean = logs.mean(1, keepdims=True)
    excess = logs.var(1, ddof=1, keepdims=True) - polygamma(1, df / 2)
    prior_df = 2 * _trigamma_inverse(np.maximum(excess, 1e-12))
    prior = np.exp(mean + psi(prior_df / 2) - np.log(prior_df / 2))
    known = excess > 0
    moderated = np.where(known, (prior_df * prior + df * variances) / (prior_df + df), np.exp(mean))
    most = df * variances.shape[1]
    return np.sqrt(moderated), np.broadcast_to(np.where(known, np.minimum(prior_df + df, most), most), variances.shape)


def _trigamma_inverse(x: Array) -> Array:
    """By the Newton steps of Smyth (2004), which go up from 0.5 + 1 / x."""
    y = 0.5 + 1 / x
    for _ in range(50):
        tri = polygamma(1, y)
        y = y + tri * (1 - tri / x) / polygamma(2, y)
    return np.asarray(y)


def _corrected(p: Array) -> Array:
    """Benjamini and Hochberg's adjusted p-values along the last axis."""
    order = np.argsort(p, axis=-1)
    ranked = np.take_along_axis(p, order, -1) * p.shape[-1] / np.arange(1, p.shape[-1] + 1)
    ranked = np.minimum.accumulate(ranked[..., ::-1], axis=-1)[..., ::-1]
    out = np.empty_like(p)
    np.put_along_axis(out, order, ranked, -1)
    return out


@dataclass(frozen=True)
class Rates:
    """In % of cells: the states of faithful ones, and what is said of those that are off."""

    faithful: tuple[float, ...]
    found_better: float
    found_worse: float
    consistent: float
    reproduced: float

    @property
    def false(self) -> float:
        """Faithful cells that deviate."""
        return self.faithful[4] + self.faithful[5]


def rates(noise: str, seeds: int, factor: float, tables: int) -> Rates:
    """The rates of one kind of noise, where a fifth of the cells is off by a factor."""
    found = simulated(NOISE[noise], seeds, factor, tables)
    state = states(found.runs, found.prints)

    def share(of: Array, number: int) -> float:
        return 100 * float((state[of] == number).mean())

    off, worse = found.off, found.worse
    return Rates(
        faithful=tuple(share(~off, number) for number in range(len(STATES))),
        found_better=share(off & ~worse, 4),
        found_worse=share(off & worse, 5),
        consistent=share(off, 1),
        reproduced=share(off, 0),
    )


def table(seeds: int, tables: int) -> Iterator[str]:
    """A table of rates: a row for each kind of noise."""
    yield f"{seeds} seeds, {tables} tables of {ROWS * COLUMNS} cells for every kind of noise and factor; in % of cells."
    yield ""
    yield "| noise | faithful: reproduced | consistent | inconclusive | tension | deviates | off by 4.5: found (better, worse) | off by 2: found | consistent | reproduced |"  # noqa: E501
    yield "|:--" * 1 + "|--:" * 9 + "|"
    for noise in NOISE:
        far, near = rates(noise, seeds, 4.5, tables), rates(noise, seeds, 2.0, tables)
        said = [f"{share:.0f}" for share in far.faithful[:4]]
        said += [f"{max(far.false, near.false):.2f}", f"{far.found_better:.0f}, {far.found_worse:.0f}"]
        said += [
            f"{(near.found_better + near.found_worse) / 2:.0f}",
            f"{near.consistent:.1f}",
            f"{near.reproduced:.1f}",
        ]
        yield f"| {noise} | {' | '.join(said)} |"


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for count in (5, 3, 10):
        for line in (*table(count, number), ""):
            print(line, flush=True)
