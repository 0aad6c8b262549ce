"""What every flavour of BLEU is made of: clipped n-gram matches, n-gram totals, and the length to compare with.

Paper: BLEU: a Method for Automatic Evaluation of Machine Translation (Papineni et al., 2002), sections 2.1 and 2.2
Code:  nltk/translate/bleu_score.py (3.10), `modified_precision` and `closest_ref_length`; the same integers
Shapes: N hypotheses, K orders
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from repro.metrics.text.ngrams import Counts, counts
from repro.metrics.text.sentences import Sentence, check, check_pairs, numbered


@dataclass(frozen=True)
class Statistics:
    """Integers of N hypotheses, from which all BLEU scores follow.

    `matched` and `total` (N, K) are the n-grams of a hypothesis, `matched` clipped by the greatest count in any one
    reference. `length`, `closest` and `shortest` (N,) are the lengths of the hypothesis, of the reference closest to it
    (the shorter of two that are equally close) and of the shortest reference.
    """

    matched: NDArray[np.int64]
    total: NDArray[np.int64]
    length: NDArray[np.int64]
    closest: NDArray[np.int64]
    shortest: NDArray[np.int64]

    def pooled(self) -> Statistics:
        """The sums over all hypotheses, as one row: the statistics of the corpus."""
        rows = (self.matched, self.total, self.length, self.closest, self.shortest)
        return Statistics(*(row.sum(axis=0, keepdims=True) for row in rows))


def against_own(hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], orders: int) -> Statistics:
    """Each hypothesis against its own references; ValueError if one has none."""
    check_pairs(hypotheses, references)
    owner = np.repeat(np.arange(len(references)), [len(own) for own in references])
    everything = list(chain.from_iterable(references))
    lengths = [[len(reference) for reference in own] for own in references]
    pairs = zip(map(len, hypotheses), lengths, strict=True)
    closest = [min((abs(length - ours), length) for length in own)[1] for ours, own in pairs]
    return _statistics(
        hypotheses,
        everything,
        orders,
        lambda one, other: _greatest_of_group(one, one.sentence, other, owner[other.sentence]),
        np.array(closest),
        np.array([min(own) for own in lengths]),
    )


def against_all(hypotheses: Sequence[Sentence], references: Sequence[Sentence], orders: int) -> Statistics:
    """Every hypothesis against all of the references, whose greatest counts are found once."""
    check(hypotheses, "hypotheses")
    check(references, "references")
    lengths = np.unique([len(reference) for reference in references])
    own = np.array([len(hypothesis) for hypothesis in hypotheses])
    return _statistics(
        hypotheses,
        references,
        orders,
        lambda one, other: _greatest_of_group(one, np.zeros_like(one.gram), other, np.zeros_like(other.gram)),
        _closest(lengths, own),
        np.full(len(own), lengths[0]),
    )


def against_others(sentences: Sequence[Sentence], orders: int) -> Statistics:
    """Every sentence against all the others, itself left out; an equal sentence elsewhere in the list stays in."""
    check(sentences, "sentences")
    if len(sentences) == 1:
        raise ValueError("one sentence has no others to be compared with: give two or more")
    own = np.array([len(sentence) for sentence in sentences])
    lengths, times = np.unique(own, return_counts=True)
    closest, shortest = {}, {}
    for length, number in zip(lengths, times, strict=True):
        others = lengths if number > 1 else lengths[lengths != length]
        closest[length], shortest[length] = _closest(others, np.array([length]))[0], others[0]
    return _statistics(
        sentences,
        [],
        orders,
        lambda one, _: _greatest_elsewhere(one),
        np.array([closest[length] for length in own]),
        np.array([shortest[length] for length in own]),
    )


def _statistics(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sentence],
    orders: int,
    limit: Callable[[Counts, Counts], np.ndarray],
    closest: np.ndarray,
    shortest: np.ndarray,
) -> Statistics:
    ((words, lengths),), vocabulary = numbered(chain(hypotheses, references))
    size = len(hypotheses)
    length = lengths[:size]
    matched, total = np.zeros((size, orders), dtype=np.int64), np.zeros((size, orders), dtype=np.int64)
    for column, found in enumerate(counts(words, lengths, vocabulary, orders)):
        one, other = found.of(0, size), found.of(size, len(lengths))
        clipped = np.minimum(one.times, limit(one, other))
        matched[:, column] = np.bincount(one.sentence, weights=clipped, minlength=size)  # whole numbers below 2^53
        total[:, column] = np.maximum(length - column, 0)
    return Statistics(matched, total, length, closest, shortest)


def _greatest_of_group(one: Counts, group_of_one: np.ndarray, other: Counts, group_of_other: np.ndarray) -> np.ndarray:
    """For each entry of `one` the greatest count that its n-gram has in any sentence of `other` of the same group."""
    if len(other.gram) == 0:
        return np.zeros_like(one.times)
    keys = group_of_other * other.grams + other.gram
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    keys, greatest = keys[first], np.maximum.reduceat(other.times[order], first)
    wanted = group_of_one * one.grams + one.gram
    place = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return np.where(keys[place] == wanted, greatest[place], 0)


def _greatest_elsewhere(found: Counts) -> np.ndarray:
    """For each entry the greatest count that its n-gram has in another sentence: the first or the second of all."""
    elsewhere = np.zeros_like(found.times)
    if len(found.gram) == 0:
        return elsewhere
    order = np.lexsort((-found.times, found.gram))
    gram, count = found.gram[order], found.times[order]
    is_first = np.concatenate([[True], gram[1:] != gram[:-1]])
    first = np.flatnonzero(is_first)
    second = first + 1
    has_second = np.zeros(len(first), dtype=bool)
    has_second[second < len(gram)] = ~is_first[second[second < len(gram)]]
    greatest = np.repeat(count[first], np.diff(np.append(first, len(gram))))
    greatest[first] = np.where(has_second, count[second.clip(max=len(gram) - 1)], 0)
    elsewhere[order] = greatest
    return elsewhere


def _closest(candidates: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """For each length the closest of the candidates (ascending), the shorter one of two that are equally close."""
    different, place = np.unique(lengths, return_inverse=True)
    nearest: np.ndarray = candidates[np.abs(candidates[None] - different[:, None]).argmin(axis=1)]
    return nearest[place]
