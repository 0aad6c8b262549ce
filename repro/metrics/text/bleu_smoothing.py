"""The smoothing methods of sentence BLEU as nltk has them, for many hypotheses at once, and as nltk 3.2.5 had them.

Paper: A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU (Chen and Cherry, 2014)
Code:  nltk/translate/bleu_score.py, `SmoothingFunction` of 3.10.4, and of 3.2.5 (September 2017) for the names that end
       in `-nltk3.2.5`, which text-GAN and dialogue papers of 2016 to 2018 used without saying so (geek-ai/Texygen#37,
       CR-Gjx/LeakGAN#30, nltk/nltk#1554)
Shapes: N hypotheses, K orders
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from repro.metrics.text.bleu_statistics import Statistics

Precisions = NDArray[np.float64]
EPSILON, ALPHA, K4 = 0.1, 5, 5
"""nltk's defaults, those of the paper: what method1 adds, the weight of method6's prior, the divisor of method4."""

_NEIGHBOUR = 5
"""nltk's method5 takes the 5-gram precision as upper neighbour of the last order, whichever that is."""


def orders_needed(order: int, smoothing: str) -> int:
    """How many orders of n-grams must be counted for `order` precisions."""
    return max(order, _NEIGHBOUR) if smoothing.startswith(("method5", "method7")) else order


def smoothed_precisions(statistics: Statistics, order: int, smoothing: str) -> Precisions:
    """Precisions (N, order) of orders 1 to `order`. A 0 means that the order is left out of the geometric mean.

    Smoothings: `method0` (none: an order without a match counts the smallest normal float, so the score is positive,
    about 1e-77 for one order of four) to `method7`; and for old results
    `method0-nltk3.2.5` (the orders from the first without a match on are left out, which raises the score),
    `method2-nltk3.2.5` (adds one to unigrams too), `method4-nltk3.2.5` (puts 1 / (n - 1 + 5 / ln length) for the
    precision of order n) and `method7-nltk3.2.5`. Methods 1, 3, 5 and 6 have not changed.
    """
    if smoothing not in SMOOTHINGS:
        raise ValueError(f"unknown smoothing {smoothing!r} (known: {', '.join(SMOOTHINGS)})")
    return SMOOTHINGS[smoothing](statistics, order)


def _plain(s: Statistics, order: int) -> Precisions:
    return s.matched[:, :order] / _denominator(s, order)


def _denominator(s: Statistics, order: int) -> NDArray[np.int64]:
    return np.maximum(s.total[:, :order], 1)


def _tiny(s: Statistics, order: int) -> Precisions:
    return np.where(s.matched[:, :order] > 0, _plain(s, order), sys.float_info.min)


def _epsilon(s: Statistics, order: int) -> Precisions:
    return np.where(s.matched[:, :order] > 0, s.matched[:, :order], EPSILON) / _denominator(s, order)


def _add_one(s: Statistics, order: int) -> Precisions:
    return (s.matched[:, :order] + 1) / (_denominator(s, order) + 1)


def _add_one_above_unigrams(s: Statistics, order: int) -> Precisions:
    precision = _add_one(s, order)
    precision[:, 0] = _plain(s, 1)[:, 0]
    return precision


def _halved(s: Statistics, order: int) -> Precisions:
    """One half, a quarter, ... of a match for the first, second, ... order without a match."""
    empty = s.matched[:, :order] == 0
    matched = np.where(empty, 0.5 ** empty.cumsum(axis=1), s.matched[:, :order])
    return matched / _denominator(s, order)


def _halved_by_length(s: Statistics, order: int) -> Precisions:
    """As `_halved`, times ln(length) / 5; a hypothesis of one token is not smoothed, so its empty orders drop out."""
    empty = s.matched[:, :order] == 0
    by_length = np.log(np.maximum(s.length, 1))[:, None] / K4
    matched = np.where(empty, by_length * 0.5 ** empty.cumsum(axis=1), s.matched[:, :order])
    return matched / _denominator(s, order)


def _by_length_of_3_2_5(s: Statistics, order: int) -> Precisions:
    empty = (s.matched[:, :order] == 0) & (s.matched[:, :1] > 0)
    undefined = empty.any(axis=1) & (s.length == 1)
    if undefined.any():
        raise ValueError(
            f"hypotheses[{undefined.argmax()}] has one token: method4 of nltk 3.2.5 divides by its logarithm, 0"
        )
    rate = K4 / np.log(np.where(s.length > 1, s.length, np.e))[:, None]
    return np.where(empty, 1 / (np.arange(order) + rate), _plain(s, order))


def _averaged(precision: Precisions, s: Statistics) -> Precisions:
    """Each order's mean with the averaged one below (for unigrams: its own precision plus one) and the one above."""
    upper = np.concatenate([precision[:, 1:], _plain(s, _NEIGHBOUR)[:, -1:]], axis=1)
    averaged = np.empty_like(precision)
    below = precision[:, 0] + 1
    for column in range(precision.shape[1]):
        below = averaged[:, column] = (below + precision[:, column] + upper[:, column]) / 3
    return averaged


def _with_prior(s: Statistics, order: int) -> Precisions:
    """From trigrams on, the precision drawn to a geometric continuation of the two orders below."""
    if order < 3:
        raise ValueError(f"method6 starts at trigrams: BLEU of order {order} cannot use it")
    scored = s.matched[:, 0] > 0
    lacking = scored & (s.matched[:, 2] == 0)
    if lacking.any():
        raise ValueError(
            f"hypotheses[{lacking.argmax()}] has no trigram match: method6 is undefined there, and for "
            f"{lacking.sum()} of {len(lacking)} hypotheses"
        )
    precision = _plain(s, order)
    for column in range(2, order):
        below, above = precision[:, column - 2], precision[:, column - 1]
        prior = np.divide(above**2, below, out=np.zeros_like(above), where=below > 0)
        precision[:, column] = (s.matched[:, column] + ALPHA * prior) / (s.total[:, column] + ALPHA)
    return precision


def _dropped(s: Statistics, order: int) -> Precisions:
    """An order without a match has none above it with one, so leaving out zeros leaves out all from the first on."""
    return _plain(s, order)


SMOOTHINGS: dict[str, Callable[[Statistics, int], Precisions]] = {
    "method0": _tiny,
    "method1": _epsilon,
    "method2": _add_one_above_unigrams,
    "method3": _halved,
    "method4": _halved_by_length,
    "method5": lambda s, order: _averaged(_plain(s, order), s),
    "method6": _with_prior,
    "method7": lambda s, order: _averaged(_halved_by_length(s, order), s),
    "method0-nltk3.2.5": _dropped,
    "method2-nltk3.2.5": _add_one,
    "method4-nltk3.2.5": _by_length_of_3_2_5,
    "method7-nltk3.2.5": lambda s, order: _averaged(_by_length_of_3_2_5(s, order), s),
}
