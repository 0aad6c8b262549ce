"""Deviations of a few seeds, moderated by those of the other cells of their column.

Three or five seeds say little of a standard deviation. The cells of a column are of one metric, and of trainings that
have nothing in common, so that their variances tell how far such variances differ at all: where they hardly do, each is
mostly the common one and counts with many degrees of freedom; where they do, each stays what it was. Under the model
that a true variance is drawn from a scaled inverse chi-square distribution the moderated variance has a t test with
`df + prior df` degrees of freedom that is exact (Smyth, 2004, Linear models and empirical Bayes methods; limma).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from repro.verdict.distributions import digamma, trigamma, trigamma_inverse
from repro.verdict.stats import Sample, Spread

LEAST_CELLS = 3
"""Variances of fewer cells are not moderated: two that are alike by chance would pass for one that is known."""


@dataclass(frozen=True)
class Prior:
    """What the cells of a column say of a variance before it is estimated: `df` may be infinite, or 0 for nothing."""

    variance: float
    df: float


def moderated(samples: Sequence[Sample]) -> list[Spread]:
    """The deviation of each sample, in the order given; each has two values or more and none is constant."""
    if len(samples) < LEAST_CELLS:
        return [sample.spread for sample in samples]
    prior = prior_of([sample.sd**2 for sample in samples], [sample.n - 1 for sample in samples])
    most = sum(sample.n - 1 for sample in samples)
    return [_posterior(sample, prior, most) for sample in samples]


def prior_of(variances: Sequence[float], dfs: Sequence[float]) -> Prior:
    """Fits location and degrees of freedom of the prior to log variances, by their first two moments (Smyth, 6.2).

    Needs two positive variances or more.
    """
    logs = [math.log(v) - digamma(df / 2) + math.log(df / 2) for v, df in zip(variances, dfs, strict=True)]
    mean = math.fsum(logs) / len(logs)
    expected = math.fsum(trigamma(df / 2) for df in dfs) / len(dfs)
    excess = math.fsum((each - mean) ** 2 for each in logs) / (len(logs) - 1) - expected
    if excess <= 0:
        return Prior(math.exp(mean), math.inf)
    df = 2 * trigamma_inverse(excess)
    return Prior(math.exp(mean + digamma(df / 2) - math.log(df / 2)), df)


def _posterior(sample: Sample, prior: Prior, most: float) -> Spread:
    """Never more degrees of freedom than the cells have together."""
    if math.isinf(prior.df):
        return Spread(math.sqrt(prior.variance), most)
    df = sample.n - 1
    variance = (prior.df * prior.variance + df * sample.sd**2) / (prior.df + df)
    return Spread(math.sqrt(variance), min(prior.df + df, most))
