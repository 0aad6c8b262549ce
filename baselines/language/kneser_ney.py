"""Interpolated modified Kneser-Ney: the n-gram model that neural language models are measured against.

Paper:  An Empirical Study of Smoothing Techniques for Language Modeling (Chen and Goodman, 1999), section 3
        Improved Backing-off for M-gram Language Modeling (Kneser and Ney, 1995)
Code:   SRILM's `ngram-count -interpolate -kndiscount` without count cut-offs, and KenLM's lmplz, for what the papers
        leave open: sentence starts keep their counts, discounts come from the adjusted counts of each order
Shapes: T tokens, G n-grams of one order, C histories of one order, V vocabulary

    p(w | h) = (a(h w) - D(a(h w))) / a(h) + gamma(h) p(w | h')

where h' is h without its oldest word, a() counts occurrences for the longest n-grams and different words to the left
for shorter ones, a(h) is its sum over words, and gamma(h) what the discounts have taken, as a share of a(h). Below the
words themselves stands the uniform distribution, so that every word of the vocabulary has a probability.

A history ends where the line before ended, at the end token, which it includes; what begins with it has no word to the
left and keeps its occurrences as its count. So lines are modelled one by one, as with the usual <s>.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from repro.contracts import Context
from repro.data.corpus import Corpus

FALLBACK = (0.5, 1.0, 1.5)  # KenLM's, for texts too small to estimate discounts from
BLOCK = 256  # predictions whose distributions are held at a time


@dataclass(frozen=True)
class KneserNey:
    """An n-gram model with interpolated modified Kneser-Ney smoothing. Nothing in it is random.

    Attributes:
        order: n, the longest n-grams.
    """

    order: int = 5

    def __post_init__(self) -> None:
        if self.order < 1:
            raise ValueError(f"order must be 1 or more, it is {self.order}")

    def fit(self, data: Corpus, context: Context) -> NGramModel:  # noqa: ARG002
        """Counts the training text."""
        levels = _levels(data.splits["train"], len(data.vocabulary), self.order, data.end)
        return NGramModel(levels, len(data.vocabulary))


@dataclass(frozen=True)
class Level:
    """The n-grams of one order. A history is known by its place in `histories`.

    `histories` (C,) sorted: V times the place, a level lower, of the history without its oldest word, plus that word.
    `grams` (G,) sorted: V times the place of the history, plus the word that follows.
    `shares` (G,): (a - D) / a(h). `rest` (C,): gamma.
    """

    histories: np.ndarray
    grams: np.ndarray
    shares: np.ndarray
    rest: np.ndarray


class NGramModel:
    """What task language-modeling asks of a model: probabilities of the tokens of a text, read in parallel streams."""

    matrix_contexts = None

    def __init__(self, levels: list[Level], words: int) -> None:
        self.levels, self.words = levels, words
        self.unigrams = np.full(words, levels[0].rest[0] / words)
        self.unigrams[levels[0].grams] += levels[0].shares

    @property
    def parameter_count(self) -> int:
        """Different n-grams of all orders."""
        return sum(len(level.grams) for level in self.levels)

    @property
    def embedding_size(self) -> int:
        """Raises ValueError: there are no vectors."""
        raise ValueError("an n-gram model has no embedding: leave out the columns that compare with its size")

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of every token but the first of each stream: (N,), in the order of reading."""
        p = np.stack([self._of_targets(text) for text in _columns(tokens, streams)], axis=1)
        nll: np.ndarray = -np.log(p).ravel()
        return nll

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same predictions in blocks: targets (n,) and log-probabilities (n, V) in nats, float32."""
        texts = _columns(tokens, streams)
        places = np.stack([self._histories(text) for text in texts], axis=2)[:, 1:].reshape(len(self.levels), -1)
        targets = np.stack(texts, axis=1)[1:].ravel()
        for start in range(0, len(targets), BLOCK):
            block = slice(start, start + BLOCK)
            yield targets[block], np.log(self._distributions(places[:, block])).astype(np.float32)

    def _of_targets(self, text: np.ndarray) -> np.ndarray:
        p = np.full(len(text), 1 / self.words)
        for level, places in zip(self.levels, self._histories(text), strict=True):
            known = places >= 0
            grams = _places(level.grams, places * self.words + text)
            p[known] *= level.rest[places[known]]
            p[known] += np.where(grams >= 0, level.shares[grams], 0)[known]
        return p[1:]

    def _distributions(self, places: np.ndarray) -> np.ndarray:
        p = np.tile(self.unigrams, (places.shape[1], 1))
        for level, of_level in zip(self.levels[1:], places[1:], strict=True):
            rows = np.flatnonzero(of_level >= 0)
            p[rows] *= level.rest[of_level[rows], None]
            first, last = np.searchsorted(level.grams, np.stack([of_level[rows], of_level[rows] + 1]) * self.words)
            for row, grams in zip(rows, map(slice, first, last), strict=True):
                p[row, level.grams[grams] % self.words] += level.shares[grams]
        return p

    def _histories(self, text: np.ndarray) -> np.ndarray:
        """For each order and token the place of the history before it, -1 where it was never seen: (order, T).

        No history that was counted reaches across an end of line, so none that does is found.
        """
        places = np.full((len(self.levels), len(text)), -1)
        places[0] = 0
        for k, level in enumerate(self.levels[1:], start=1):
            known = k + np.flatnonzero(places[k - 1, k:] >= 0)
            places[k, known] = _places(level.histories, places[k - 1, known] * self.words + text[known - k])
        return places


def _levels(train: np.ndarray, words: int, order: int, end: int | None) -> list[Level]:
    text = np.asarray(train, dtype=np.int64) if end is None else np.concatenate([[end], train]).astype(np.int64)
    lengths = _history_lengths(text, order - 1, end)
    predicted = np.arange(order - 1 if end is None else 1, len(text))
    if not len(predicted):
        raise ValueError(f"{len(text)} tokens are too few for n-grams of order {order}")
    histories, grams, counts = [np.zeros(1, np.int64)], [], []
    places = np.zeros(len(text), np.int64)
    for k in range(order):
        if k:
            predicted = predicted[lengths[predicted] >= k]
            if not len(predicted):  # no line is that long
                break
            keys, places[predicted] = np.unique(places[predicted] * words + text[predicted - k], return_inverse=True)
            histories.append(keys)
        of_level, occurrences = np.unique(places[predicted] * words + text[predicted], return_counts=True)
        grams.append(of_level)
        counts.append(occurrences)
    for k in range(len(grams) - 1):
        longer = grams[k + 1]
        shorter = histories[k + 1][longer // words] // words * words + longer % words
        lefts = np.bincount(np.searchsorted(grams[k], shorter), minlength=len(grams[k]))
        at_start = histories[k][grams[k] // words] % words == end if k else False
        counts[k] = np.where(at_start, counts[k], lefts)
    return [_smoothed(*level, words) for level in zip(histories, grams, counts, strict=True)]


def _smoothed(histories: np.ndarray, grams: np.ndarray, counts: np.ndarray, words: int) -> Level:
    of_history = grams // words
    totals = np.bincount(of_history, counts)
    taken = np.array([0.0, *discounts(counts)])[np.minimum(counts, 3)]
    return Level(histories, grams, (counts - taken) / totals[of_history], np.bincount(of_history, taken) / totals)


def discounts(counts: np.ndarray) -> tuple[float, float, float]:
    """D1, D2 and D3+ of counts (G,), by equation 26 of Chen and Goodman.

    They are 0.5, 1 and 1.5 where a text is too small to estimate them: a count of 1 to 4 does not occur, or a discount
    is not in (0, count].
    """
    n1, n2, n3, n4 = (int((counts == count).sum()) for count in range(1, 5))
    if not n1 * n2 * n3 * n4:
        return FALLBACK
    Y = n1 / (n1 + 2 * n2)
    found = (1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3)
    return found if all(0 < D <= count for count, D in enumerate(found, start=1)) else FALLBACK


def _history_lengths(text: np.ndarray, longest: int, end: int | None) -> np.ndarray:
    """How many tokens before each token make up its history: back to the last end token, which counts."""
    at = np.arange(len(text))
    last_end = np.maximum.accumulate(np.where(text == end, at, 0)) if end is not None else np.zeros_like(at)
    lengths = np.zeros_like(at)
    lengths[1:] = np.minimum(at[1:] - last_end[:-1], longest)
    return lengths


def _places(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted key stands among the sorted ones, -1 for those that do not."""
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, -1)


def _columns(tokens: np.ndarray, streams: int) -> list[np.ndarray]:
    length = len(tokens) // streams
    if length < 2:
        raise ValueError(f"{len(tokens)} tokens in {streams} streams: each needs two or more")
    return [np.asarray(tokens[i * length : (i + 1) * length], dtype=np.int64) for i in range(streams)]
