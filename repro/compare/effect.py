"""Standardised differences with exact intervals.

Source: Hedges (1981) for the correction of small samples; Cumming and Finch (2001) and Steiger (2004) for intervals by
inverting the noncentral t distribution, which are exact for normal values (and equal variances, where two rows differ).
"""

from __future__ import annotations

import math

from repro.compare.model import Effect
from repro.verdict.model import Interval
from repro.verdict.stats import Difference, Sample

LEVEL = 0.95
LARGEST = 1000.0
"""Above this t the noise of the mean is nothing beside that of the deviation: t / noncentrality is chi / sqrt(df)."""


def paired(difference: Difference) -> Effect | None:
    """The mean of the differences within seeds over their standard deviation; None where they have no spread."""
    if difference.exact:
        return None
    return _effect("paired g", difference.estimate / difference.sd, difference.n - 1, 1 / math.sqrt(difference.n))


def unpaired(new: Sample, old: Sample) -> Effect | None:
    """The difference of the means over the pooled standard deviation; a constant row adds nothing to it."""
    noisy = [sample for sample in (new, old) if not sample.constant]
    df = sum(sample.n - 1 for sample in noisy)
    squares = math.fsum((sample.n - 1) * sample.sd**2 for sample in noisy)
    if squares == 0.0:
        return None
    error = math.sqrt(math.fsum(1 / sample.n for sample in noisy))
    return _effect("g", (new.mean - old.mean) / math.sqrt(squares / df), df, error)


def _effect(name: str, d: float, df: int, error: float) -> Effect:
    """`error` is the standard error of d for a deviation that is known: d / error is t."""
    noncentral, shrunk = noncentrality(d / error, df), correction(df)
    scale = error * shrunk
    return Effect(name, d * shrunk, Interval(noncentral.low * scale, noncentral.high * scale))


def correction(df: int) -> float:
    """Hedges' factor, which makes a standardised difference unbiased; 1 for one degree of freedom, which has none.

    Example:
        >>> round(correction(4), 4)  # sqrt(2 / pi)
        0.7979
    """
    if df < 2:
        return 1.0
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)


def noncentrality(t: float, df: int, level: float = LEVEL) -> Interval:
    """The interval of the noncentrality parameter of a t distribution that t was drawn from."""
    if t < 0:
        mirrored = noncentrality(-t, df, level)
        return Interval(-mirrored.high, -mirrored.low)
    from scipy.optimize import brentq
    from scipy.special import chdtri, nctdtr

    tails = ((1 + level) / 2, (1 - level) / 2)
    if t > LARGEST:
        low, high = (t * math.sqrt(float(chdtri(df, tail)) / df) for tail in tails)
        return Interval(low, high)

    def below(centre: float) -> float:
        chance = float(nctdtr(df, centre, t))
        return 1.0 if math.isnan(chance) else chance  # scipy's: of a centre far below t

    widest = 10 + 10 * t
    low, high = (float(brentq(lambda centre, tail=tail: below(centre) - tail, -10.0, widest)) for tail in tails)
    return Interval(low, high)
