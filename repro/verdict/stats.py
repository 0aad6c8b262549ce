"""Intervals and tests on the values of a few seeds. Pure functions; the caller says what the numbers mean.

Everything is in the unit of the values. `scipy.stats` and `statsmodels` are not imported, because that alone takes
longer than a report takes to write; the tests hold every number here against them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro.verdict.distributions import normal_quantile, t_cdf, t_quantile
from repro.verdict.model import Interval

ALPHA = 0.05
DEVIATES = 0.002
"""The p-value under which a cell deviates by more than its margin. With it a faithful cell deviates in at most 0.5 % of
cases under every noise that is simulated (`python -m tests.verdict.error_rates`); 0.003 would be 0.6 %."""


@dataclass(frozen=True)
class Spread:
    """A standard deviation of one seed, and the degrees of freedom that its estimate counts for."""

    sd: float
    df: float


@dataclass(frozen=True)
class Sample:
    """The values of one cell, one a seed. `exact`: the row draws no random numbers, so one run is all runs."""

    values: tuple[float, ...]
    exact: bool = False

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a sample has at least one value")

    @property
    def n(self) -> int:
        """How many seeds."""
        return len(self.values)

    @property
    def constant(self) -> bool:
        """True where no spread is to be expected: two or more equal values, or a row known to be deterministic."""
        return min(self.values) == max(self.values) and (self.n >= 2 or self.exact)

    @property
    def mean(self) -> float:
        """The mean; exactly the value itself where all values are equal."""
        return self.values[0] if min(self.values) == max(self.values) else math.fsum(self.values) / self.n

    @property
    def sd(self) -> float:
        """The sample standard deviation (n - 1); exactly 0 where all values are equal, and nowhere else: of those whose
        squares are below all floats it is their range."""
        if self.n < 2 or min(self.values) == max(self.values):
            return 0.0
        mean = self.mean
        squares = math.fsum((value - mean) ** 2 for value in self.values)
        return math.sqrt(squares / (self.n - 1)) or max(self.values) - min(self.values)

    @property
    def spread(self) -> Spread:
        """The deviation as it is estimated from these values alone."""
        return Spread(self.sd, self.n - 1)


@dataclass(frozen=True)
class Difference:
    """A difference tested against 0 on both sides.

    `p_greater` is the one-sided p-value of "it is above 0", `p_less` of "it is below 0". An `exact` difference has no
    spread: its p-values are 0 or 1, and both are 1 where it is exactly 0. `sd` is the standard deviation of one paired
    difference, or the value that gives the same standard error at `n` seeds a row.
    """

    estimate: float
    p_greater: float
    p_less: float
    sd: float
    df: float
    n: int
    exact: bool = False


def within(difference: float, margin: float, scale: float) -> bool:
    """|difference| <= margin, closed; the rounding of binary numbers of size `scale` decides nothing."""
    return abs(difference) <= margin + 1e-12 * max(abs(scale), margin)


def mean_interval(sample: Sample, level: float = 0.90, spread: Spread | None = None) -> Interval:
    """The two-sided t interval of the mean, with a better known deviation where there is one; needs two values or a
    constant sample."""
    if sample.constant:
        return Interval(sample.mean, sample.mean)
    known = spread or sample.spread
    half = t_quantile(0.5 + level / 2, known.df) * known.sd / math.sqrt(sample.n)
    return Interval(sample.mean - half, sample.mean + half)


def difference_interval(sample: Sample, target: float, level: float = 0.90, spread: Spread | None = None) -> Interval:
    """The t interval of mean - target, the target taken as a constant."""
    around = mean_interval(sample, level, spread)
    return Interval(around.low - target, around.high - target)


def tost_p(sample: Sample, target: float, margin: float) -> float:
    """The p-value of "mean - target lies within +-margin": the larger of two one-sided t tests (Schuirmann, 1987).

    It is below 0.05 exactly where the 90 % interval of the difference lies strictly inside the margin.
    """
    difference = sample.mean - target
    if sample.constant:
        return 0.0 if abs(difference) <= margin else 1.0
    error = sample.sd / math.sqrt(sample.n)
    return t_cdf((abs(difference) - margin) / error, sample.n - 1)


def one_sample(values: Sequence[float], exact: bool = False) -> Difference:
    """Tests the mean of `values` against 0: the paired t test where they are differences within seeds."""
    sample = Sample(tuple(values), exact)
    if sample.constant:
        return _exact(sample.mean, sample.n)
    return _tested(sample.mean, sample.sd / math.sqrt(sample.n), sample.n - 1, sample.n)


def welch(first: Sample, second: Sample) -> Difference:
    """Tests mean(first) - mean(second) with separate variances (Welch, 1947). A constant sample adds no variance."""
    return contrast((first, second), (1.0, -1.0))


def contrast(samples: Sequence[Sample], weights: Sequence[float], constant: float = 0.0) -> Difference:
    """Tests a weighted sum of independent means plus a constant; degrees of freedom after Welch and Satterthwaite."""
    estimate = math.fsum([constant, *(w * s.mean for w, s in zip(weights, samples, strict=True))])
    shares = [(w * w * s.sd**2 / s.n, s.n - 1) for w, s in zip(weights, samples, strict=True) if not s.constant]
    n = min(s.n for s in samples if not s.constant) if shares else max(s.n for s in samples)
    variance = math.fsum(share for share, _ in shares)
    if variance == 0.0:
        return _exact(estimate, n)
    df = variance**2 / math.fsum(share**2 / df for share, df in shares)
    return _tested(estimate, math.sqrt(variance), df, n)


def _exact(estimate: float, n: int) -> Difference:
    return Difference(estimate, 0.0 if estimate > 0 else 1.0, 0.0 if estimate < 0 else 1.0, 0.0, math.inf, n, True)


def _tested(estimate: float, error: float, df: float, n: int) -> Difference:
    t = estimate / error
    return Difference(estimate, t_cdf(-t, df), t_cdf(t, df), error * math.sqrt(n), df, n)


def shifted(d: Difference, by: float) -> Difference:
    """The same difference, moved by a constant."""
    if d.exact:
        return _exact(d.estimate + by, d.n)
    return _tested(d.estimate + by, d.sd / math.sqrt(d.n), d.df, d.n)


def benjamini_hochberg(p_values: Sequence[float], at_least: int = 0) -> list[float]:
    """P-values adjusted for the false discovery rate (Benjamini and Hochberg, 1995), in the order given.

    A family of fewer than `at_least` tests is corrected as if it were filled up with tests whose p is 1.
    """
    m = max(len(p_values), at_least)
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, least = [1.0] * len(p_values), 1.0
    for rank in range(len(order), 0, -1):
        least = min(least, p_values[order[rank - 1]] * m / rank)
        adjusted[order[rank - 1]] = least
    return adjusted


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for the family-wise error, step down (Holm, 1979), in the order given."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, most = [1.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        most = max(most, min(1.0, p_values[index] * (len(order) - rank)))
        adjusted[index] = most
    return adjusted


def partial_conjunction(p_values: Sequence[float], at_least: int) -> float:
    """The p-value of "at least so many of these are true", whatever their dependence (Benjamini and Heller, 2008)."""
    if at_least <= 0:
        return 0.0
    if at_least > len(p_values):
        return 1.0
    return min(1.0, (len(p_values) - at_least + 1) * sorted(p_values)[at_least - 1])


def kendall_tau(values: Sequence[float]) -> float:
    """Kendall's tau-a of the values with the order they are given in: 1 increasing, -1 decreasing; a tie counts 0."""
    pairs = [(low, high) for i, low in enumerate(values) for high in values[i + 1 :]]
    if not pairs:
        raise ValueError("a ranking needs two values")
    return sum((high > low) - (high < low) for low, high in pairs) / len(pairs)


def wilson(successes: float, trials: float, level: float = 0.95) -> Interval:
    """The score interval of a proportion, in [0, 1]; never of width 0 (Wilson, 1927)."""
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"a proportion has 0 <= successes <= trials and a trial; it is {successes} of {trials}")
    z, share = normal_quantile(0.5 + level / 2), successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    return Interval(max(0.0, centre - half), min(1.0, centre + half))
