"""Is a printed number what a faithful reproduction predicts? A print is a draw, not a constant.

Three models of the print, each giving the interval in which the mean of n faithful runs lies, and a two-sided p-value:
the mean of k runs (unknown counts as one), the best of m runs, and a share of items at 0 or 100 %. Everything is on the
column's scale; `half_width` is the rounding of the print, and the print is given the benefit of it. How likely it is
that the difference lies within a margin is asked in the same way, of a print that is known no better than that.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from repro.verdict.distributions import normal_cdf, normal_cdfs, normal_quantile, t_cdf, t_quantile
from repro.verdict.model import Interval
from repro.verdict.power import Array, chi_nodes
from repro.verdict.stats import ALPHA, Sample, Spread

_BEST_OF = re.compile(r"\bbest (?:of|out of) (\d+)\b", re.IGNORECASE)
_CHOSEN = re.compile(r"\bbest\b|\b(?:selected|tuned|chosen) on (?:the )?test\b", re.IGNORECASE)


@dataclass(frozen=True)
class Print:
    """How a printed number came about: the mean of `runs` with their `std` where printed, or the best of `best_of`.

    `sign` is +1 where the highest run is the best, -1 where the lowest is.
    """

    target: float
    half_width: float = 0.0
    runs: int | None = None
    std: float | None = None
    best_of: int = 1
    sign: int = 1

    @property
    def k(self) -> int:
        """The runs that the number rests on; an unknown number is taken as one."""
        return self.runs or 1

    @property
    def spread_known(self) -> bool:
        """True where the print's own deviation enters: printed, not rounded to 0, over two or more stated runs."""
        return self.k >= 2 and self.std is not None and self.std > 0 and self.best_of == 1


@dataclass(frozen=True)
class Prediction:
    """Where the mean of n faithful runs lies with 95 % probability, and the two-sided p-value of where it does lie.

    `reach`: how far the 95 % interval of the difference of the true means goes; None where that is not known.
    """

    interval: Interval
    p: float
    reach: float | None = None


def best_of(selection: str | None) -> int | None:
    """The m of "best of m"; 1 where nothing was selected, None where something was and m is not stated.

    Example:
        >>> best_of("best of 5 runs"), best_of(None), best_of("tuned on test"), best_of("mean over the last epochs")
        (5, 1, None, 1)
    """
    found = _BEST_OF.search(selection or "")
    if found:
        return max(1, int(found[1]))
    return None if _CHOSEN.search(selection or "") else 1


def predict(sample: Sample, printed: Print, spread: Spread | None = None) -> Prediction:
    """The prediction test of the print that fits how it came about; needs two values, or the print's own deviation.

    `spread` is the deviation of one of our runs, where more is known of it than the sample says.
    """
    spread = spread or sample.spread
    if printed.best_of > 1:
        return _predict_best(sample, printed)
    if printed.spread_known:
        return _predict_welch(sample, printed, spread)
    error = spread.sd * math.sqrt(1 / sample.n + 1 / printed.k)
    return _student(sample, printed, error, spread.df)


def _predict_welch(sample: Sample, printed: Print, spread: Spread) -> Prediction:
    """Both deviations, not pooled (Welch): a paper whose runs scatter more than ours is not a deviation of the mean."""
    assert printed.std is not None
    own = 0.0 if sample.constant else spread.sd**2 / sample.n
    theirs = printed.std**2 / printed.k
    shares = theirs**2 / (printed.k - 1) + (own**2 / spread.df if own else 0.0)
    return _student(sample, printed, math.sqrt(own + theirs), (own + theirs) ** 2 / shares)


def _student(sample: Sample, printed: Print, error: float, df: float) -> Prediction:
    half = t_quantile(1 - ALPHA / 2, df) * error
    off = max(0.0, abs(sample.mean - printed.target) - printed.half_width)
    p = min(1.0, 2 * t_cdf(-off / error, df))
    room = half + printed.half_width
    return Prediction(Interval(printed.target - room, printed.target + room), p, reach=off + half)


def _predict_best(sample: Sample, printed: Print) -> Prediction:
    """The print is the extreme of m runs: (print - mean) / s, of our own s, has a law of n and m alone."""
    n, m, h, s = sample.n, printed.best_of, printed.half_width, sample.sd
    low, high = (_extreme_quantile(n, m, level) for level in (ALPHA / 2, 1 - ALPHA / 2))
    ends = sorted((printed.target - printed.sign * low * s, printed.target - printed.sign * high * s))
    ahead = printed.sign * (printed.target - sample.mean)
    below = _extreme_cdf(n, m, (ahead + h) / s)
    above = 1 - _extreme_cdf(n, m, (ahead - h) / s)
    reach = max(0.0, max(abs(ahead - low * s), abs(ahead - high * s)) - h)
    return Prediction(Interval(ends[0] - h, ends[1] + h), min(1.0, 2 * min(below, above)), reach)


@lru_cache(maxsize=64)
def expected_extreme(m: int) -> tuple[float, float]:
    """Mean and standard deviation of the largest of `m` standard normal draws.

    Example:
        >>> [round(number, 4) for number in expected_extreme(5)]  # 1.16296 and 0.66898 in tables of order statistics
        [1.163, 0.669]
    """
    x = np.linspace(-12.0, 12.0, 2401)
    density = m * np.exp(-x * x / 2) / math.sqrt(2 * math.pi) * normal_cdfs(x) ** (m - 1) * (x[1] - x[0])
    mean = float(density @ x)
    return mean, math.sqrt(float(density @ (x - mean) ** 2))


@lru_cache(maxsize=4)
def _normal_nodes() -> tuple[Array, Array]:
    z = np.linspace(-8.5, 8.5, 121)
    weight = np.exp(-z * z / 2)
    return z, weight / weight.sum()


def _extreme_cdf(n: int, m: int, x: float) -> float:
    """P((largest of m - mean of n) / s <= x), the mean and s of n other draws integrated out."""
    u, weight = chi_nodes(n - 1)
    z, weight_z = _normal_nodes()
    return float(weight @ (normal_cdfs(x * u[:, None] + z / math.sqrt(n)) ** m @ weight_z))


@lru_cache(maxsize=256)
def _extreme_quantile(n: int, m: int, level: float) -> float:
    low, high = -1.0, 1.0
    while _extreme_cdf(n, m, low) > level:
        low *= 2
    while _extreme_cdf(n, m, high) < level:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _extreme_cdf(n, m, middle) < level else (low, middle)
    return (low + high) / 2


def predict_share(percent: float, printed: Print, n: int, items: int | None) -> Prediction:
    """The prediction for a share that is 0 or 100 % in all of n runs, so that its own spread says nothing.

    The score test of two proportions, over `items` an evaluation; where their number is not known a run counts as one
    item, the most cautious reading. A quadratic in the difference gives the interval; it is never of width 0.
    """
    ours, theirs = n * (items or 1), printed.k * (items or 1)
    target = min(100.0, max(0.0, printed.target)) / 100
    moved = _towards(percent / 100, target, printed.half_width / 100)
    pooled = (ours * percent / 100 + theirs * moved) / (ours + theirs)
    error = math.sqrt(pooled * (1 - pooled) * (1 / ours + 1 / theirs))
    # No error is left only where both shares are the same end of the scale, to within rounding.
    p = 1.0 if error == 0.0 else 2 * normal_cdf(-abs(percent / 100 - moved) / error)
    c = normal_quantile(1 - ALPHA / 2) ** 2 * (1 / ours + 1 / theirs)
    w = ours / (ours + theirs)
    a, b = 1 + c * w * w, c * w * (1 - 2 * target)
    root = math.sqrt(b * b + 4 * a * c * target * (1 - target))
    low, high = (100 * (target + (b + side * root) / (2 * a)) for side in (-1, 1))
    h = printed.half_width
    return Prediction(Interval(max(0.0, low - h), min(100.0, high + h)), p)


def _towards(value: float, target: float, room: float) -> float:
    """The number within `room` of the target that is nearest to `value`."""
    return min(max(value, target - room), target + room)
