"""Sentence and corpus BLEU as nltk computes them.

Paper: BLEU: a Method for Automatic Evaluation of Machine Translation (Papineni et al., 2002)
Code:  nltk/translate/bleu_score.py (3.10.4)
One sentence pair has as many BLEU scores as there are flavours: which one is in the signature. Scores of MT scripts are
in `bleu_scripts`, those of text GANs and dialogue, against whole sets, in `bleu_sets`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from repro.metrics.score import Score, library, signature
from repro.metrics.text.bleu_smoothing import orders_needed, smoothed_precisions
from repro.metrics.text.bleu_statistics import Statistics, against_own
from repro.metrics.text.sentences import Sentence, check_pairs

DEFAULT = (0.25, 0.25, 0.25, 0.25)
OF_COUNTS = ("method0", "method1", "method2", "method3", "method4")
"""Smoothings of a corpus that look at nothing but its sums."""


def uniform(order: int, length: int | None = None) -> tuple[float, ...]:
    """The weights of BLEU-`order`: 1 / order for orders 1 to `order`, then zeros up to `length`.

    Zeros matter: method5 and method7 of `uniform(2)` take the 5-gram precision for the neighbour of the bigrams, those
    of `uniform(2, 4)` the trigram precision.

    Example:
        >>> uniform(2, 4)
        (0.5, 0.5, 0.0, 0.0)
    """
    if order < 1 or (length is not None and length < order):
        raise ValueError(f"BLEU-{order} of {length} weights: the order is 1 or more, and no more than the weights")
    return (1 / order,) * order + (0.0,) * ((length or order) - order)


def sentence_bleu(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    weights: Sequence[float] = DEFAULT,
    *,
    smoothing: str = "method0",
    auto_reweigh: bool = False,
    tokens: str = "given",
) -> Score:
    """The mean of nltk's `sentence_bleu` over hypotheses, each against its own references; `items` (N,) are those.

    In 0 to 1, higher is better; smoothings other than method0 to method3 can exceed 1. An empty hypothesis and one
    without a word of its references score 0. `smoothing` is a name of `bleu_smoothing`. `auto_reweigh`
    gives hypotheses of less than 4 tokens, under the default weights, uniform weights up to their length. nltk's
    warning about empty orders becomes `details["unmatched"]`: how many hypotheses have an order without a match.
    `tokens` names the tokenisation, for the signature. Raises ValueError for bad input, and where method6 is undefined.
    """
    weights = _checked(weights)
    statistics = against_own(hypotheses, references, orders_needed(len(weights), smoothing))
    metric, refs = f"bleu-{len(weights)}", reference_numbers(references)
    return averaged(metric, statistics, weights, smoothing, refs=refs, tokens=tokens, auto_reweigh=auto_reweigh)


def corpus_bleu(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    weights: Sequence[float] = DEFAULT,
    *,
    smoothing: str = "method0",
    tokens: str = "given",
) -> Score:
    """nltk's `corpus_bleu`: matches and totals are summed over the corpus before the one division.

    In 0 to 1, higher is better. Smoothings are nltk's own method0 to method7; it takes the 5-grams of method5 and
    method7 and the totals of method6 from the last hypothesis alone, so those belong to single sentences, and are left
    to nltk. Unlike in `multi_bleu`, an order for which a hypothesis is too short counts as one n-gram without a match.
    """
    weights = _checked(weights)
    if smoothing not in {f"method{number}" for number in range(8)}:
        raise ValueError(f"unknown smoothing {smoothing!r} of corpus BLEU (known: method0 to method7)")
    if smoothing in OF_COUNTS:
        statistics, by = against_own(hypotheses, references, len(weights)), "repro/1"
        pooled = replace(statistics, total=np.maximum(statistics.total, 1)).pooled()
        value = float(scores(pooled, weights, smoothing)[0])
    else:
        check_pairs(hypotheses, references)
        value, by = _nltk_corpus_bleu(hypotheses, references, weights, smoothing), library("nltk")
    said = signature(
        f"corpus-bleu-{len(weights)}", by, refs=reference_numbers(references), weights=weights_word(weights),
        smoothing=smoothing, tokens=tokens, dtype="float64",
    )  # fmt: skip
    return Score(value, said)


def _nltk_corpus_bleu(
    hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], weights: Sequence[float], smoothing: str
) -> float:
    from nltk.translate import bleu_score

    method = getattr(bleu_score.SmoothingFunction(), smoothing)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="\nThe hypothesis contains 0 counts")
        try:
            return float(bleu_score.corpus_bleu(references, hypotheses, tuple(weights), method))
        except (AssertionError, IndexError) as error:
            raise ValueError(f"{smoothing} is undefined for this corpus: it needs trigram matches") from error


def scores(statistics: Statistics, weights: Sequence[float], smoothing: str, auto_reweigh: bool = False) -> np.ndarray:
    """The BLEU score (N,) of each row of statistics, float64."""
    order = len(weights)
    precision = smoothed_precisions(statistics, order, smoothing)
    log = np.log(precision, out=np.zeros_like(precision), where=precision > 0)
    by_row = np.tile(np.asarray(weights, dtype=np.float64), (len(log), 1))
    if auto_reweigh and tuple(weights) == DEFAULT:
        short = (statistics.length > 0) & (statistics.length < order)
        inside = np.arange(order) < statistics.length[short, None]
        by_row[short] = inside / statistics.length[short, None]
    bleu = brevity_penalty(statistics.length, statistics.closest) * np.exp((by_row * log).sum(axis=1))
    scored: np.ndarray = np.where(statistics.matched[:, 0] > 0, bleu, 0.0)
    return scored


def brevity_penalty(length: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """1 for a hypothesis as long as the reference or longer, else exp(1 - reference / length); 0 for an empty one."""
    penalty = np.exp(np.minimum(1 - reference / np.maximum(length, 1), 0.0))
    return np.where(length > 0, penalty, 0.0)


def averaged(
    metric: str,
    statistics: Statistics,
    weights: Sequence[float],
    smoothing: str,
    *,
    refs: str,
    tokens: str,
    auto_reweigh: bool = False,
) -> Score:
    """The mean of the sentence scores with the scores, under a signature of this project's own code."""
    items = scores(statistics, weights, smoothing, auto_reweigh)
    unmatched = (statistics.matched[:, : len(weights)] == 0).any(axis=1).sum()
    how = signature(
        metric,
        "repro/1",
        refs=refs,
        weights=weights_word(weights),
        reweigh=auto_reweigh,
        smoothing=smoothing,
        tokens=tokens,
        average="sentences",
        dtype="float64",
    )
    return Score(float(items.mean()), how, items, {"unmatched": float(unmatched)})


def weights_word(weights: Sequence[float]) -> str:
    """The weights in a signature, to six digits."""
    return ",".join(f"{weight:.6g}" for weight in weights)


def reference_numbers(references: Sequence[Sequence[Sentence]]) -> str:
    """How many references the hypotheses have, in a signature: `3` or `1-5`, each its own."""
    numbers = [len(each) for each in references]
    return f"{numbers[0]}" if min(numbers) == max(numbers) else f"{min(numbers)}-{max(numbers)}"


def _checked(weights: Sequence[float]) -> tuple[float, ...]:
    if not weights or not np.isfinite(weights).all() or min(weights) < 0 or max(weights) == 0:
        raise ValueError(f"weights must be finite, none negative, not all zero, they are {tuple(weights)}")
    return tuple(weights)
