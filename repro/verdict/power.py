"""What the verdicts can see: power of the tests, seeds needed, and the chance of each state of a cell.

All lengths are in standard deviations of one seed. Nothing is simulated: given the estimated deviation every state is
an interval of the difference, so a normal probability; the deviation is integrated out by the trapezoid rule over its
logarithm, where the density decays exponentially on both sides and the rule is exact to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from repro.verdict.distributions import normal_cdfs, t_quantile
from repro.verdict.stats import ALPHA, DEVIATES

MOST_SEEDS = 1000
POWER = 0.8

Array = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True)
class States:
    """The probabilities of the states of a cell; they add up to 1."""

    reproduced: float
    consistent: float
    inconclusive: float
    tension: float
    deviates: float


@lru_cache(maxsize=256)
def chi_nodes(df: float) -> tuple[Array, Array]:
    """Nodes u and weights (sum 1) of the distribution of s / sigma with `df` degrees of freedom."""
    low = -36 / df - 9 / math.sqrt(df)
    high = 0.5 * math.log(1 + 80 / df + 14 / math.sqrt(df))
    log_u = np.linspace(low, high, 401)
    weight = np.exp(df * (log_u - 0.5 * np.exp(2 * log_u) + 0.5))
    return np.exp(log_u), weight / weight.sum()


def tost_power(n: int, bias: float, margin: float) -> float:
    """The chance that `n` seeds show equivalence with a constant that is `bias` away, within +-`margin`."""
    u, weight = chi_nodes(n - 1)
    room = margin * math.sqrt(n) - t_quantile(1 - ALPHA, n - 1) * u
    centre = bias * math.sqrt(n)
    return float(weight @ np.where(room > 0, normal_cdfs(room - centre) - normal_cdfs(-room - centre), 0.0))


def order_power(n: int, effect: float) -> float:
    """The chance that a one-sided paired test decides a mean difference of `effect` deviations of one difference."""
    u, weight = chi_nodes(n - 1)
    return float(weight @ normal_cdfs(effect * math.sqrt(n) - t_quantile(1 - ALPHA, n - 1) * u))


def state_probabilities(n: int, k: float, bias: float, margin: float, room: float, drawn: bool = False) -> States:
    """The rule of `repro.verdict.against_print` for a lone cell of `n` seeds, without moderation and correction.

    The print rests on `k` runs and is `bias` away in the mean; consistent is what is shown to be within `room`.
    `drawn`: the print is given, and `bias` is the distance from this very print; otherwise it is one draw of many.
    """
    u, weight = chi_nodes(n - 1)
    own, error = t_quantile(1 - ALPHA, n - 1) * u / math.sqrt(n), u * math.sqrt(1 / n + 1 / k)
    prediction = t_quantile(1 - ALPHA / 2, n - 1) * error
    alarm = margin + t_quantile(1 - DEVIATES / 2, n - 1) * error
    near = np.minimum(np.minimum(prediction, margin + own), room - prediction)
    spread = math.sqrt(1 / n + (0 if drawn else 1 / k))

    def inside(half: Array) -> Array:
        chance = normal_cdfs((half - bias) / spread) - normal_cdfs((-half - bias) / spread)
        return np.where(half > 0, chance, 0.0)

    reproduced = inside(margin - own)
    calm = np.maximum(inside(near), reproduced)
    open_ = np.maximum(inside(prediction), calm)
    quiet = np.maximum(inside(alarm), open_)
    parts = (reproduced, calm - reproduced, open_ - calm, quiet - open_, 1 - quiet)
    return States(*(float(weight @ part) for part in parts))


def seeds_for_equivalence(bias: float, margin: float) -> int | None:
    """The fewest seeds that show equivalence with power 0.8; None where no number up to 1000 does."""
    return None if abs(bias) >= margin else _fewest(lambda n: tost_power(n, bias, margin))


def seeds_for_deviation(bias: float, margin: float, k: float) -> int | None:
    """The fewest seeds that call a print deviating that is `bias` away, with power 0.8; None where none up to 1000 do.

    The print's own noise does not shrink with our seeds: below about 2 / sqrt(k) deviations nothing can be decided.
    """
    return _fewest(lambda n: state_probabilities(n, k, abs(bias), margin, margin, drawn=True).deviates)


def seeds_for_order(effect: float) -> int | None:
    """The fewest seeds a row that decide an order with power 0.8; None where none up to 1000 do."""
    return _fewest(lambda n: order_power(n, abs(effect)))


def _fewest(power: Callable[[int], float]) -> int | None:
    if power(MOST_SEEDS) < POWER:
        return None
    low, high = 1, 2
    while power(high) < POWER:
        low, high = high, min(2 * high, MOST_SEEDS)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high


def power_table(margin: float = 2.0, seeds: tuple[int, ...] = (3, 5, 10), prints: tuple[int, ...] = (1, 3)) -> str:
    """The chance of each state of one cell, as text: rows are print and bias, a block of columns a number of seeds.

    Example:
        >>> print(power_table(seeds=(5,), prints=(1,)))
        margin 2 sd            5 seeds
        print   bias    repr cons inco tens devi
        1 run   0 sd    .666 .256 .041 .036 .000
        1 run   2 sd    .213 .353 .155 .277 .001
        1 run   4 sd    .005 .063 .155 .757 .020
        1 run   6 sd    .000 .001 .021 .861 .117
        1 run   8 sd    .000 .000 .001 .665 .334
    """
    width = len("repr cons inco tens devi")
    lines = [f"margin {margin:g} sd    " + "  ".join(f"{f'{n} seeds':^{width}}" for n in seeds)]
    lines.append("print   bias    " + "  ".join(["repr cons inco tens devi"] * len(seeds)))
    for k in prints:
        for bias in (0, 2, 4, 6, 8):
            blocks = []
            for n in seeds:
                state = state_probabilities(n, k, bias, margin, 3 * margin)
                shares = (state.reproduced, state.consistent, state.inconclusive, state.tension, state.deviates)
                blocks.append(" ".join(f"{share:.3f}".removeprefix("0") for share in shares))
            lines.append(f"{k} run{'s' if k > 1 else ' '}  {bias} sd    " + "  ".join(blocks))
    return "\n".join(line.rstrip() for line in lines)
