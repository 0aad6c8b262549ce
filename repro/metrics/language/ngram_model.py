"""Interpolated modified Kneser-Ney n-gram models of texts of token ids, in sorted arrays.

Papers: An Empirical Study of Smoothing Techniques for Language Modeling (Chen and Goodman, 1999), equations 26 and 27
        Scalable Modified Kneser-Ney Language Model Estimation (Heafield et al., 2013)
Code:   kpu/kenlm, lmplz without pruning, lm/builder/adjust_counts.cc, for what the papers leave open: n-grams that
        begin a line keep their counts, discounts come from the adjusted counts of each order. SRILM's `ngram-count
        -interpolate -kndiscount` without count cut-offs is the same model but for `discounts`
Shapes: T tokens, G n-grams of one order, C histories of one order, N predictions, V vocabulary

    p(w | h) = (a(h w) - D(a(h w))) / a(h) + gamma(h) p(w | h')

where h' is h without its oldest word, a() counts occurrences for the longest n-grams and different words to the left
for shorter ones, a(h) is its sum over words, and gamma(h) what the discounts have taken, as a share of a(h). Below the
words themselves stands the uniform distribution, so that every word of the vocabulary has a probability.

A history ends where the line before ended, at the end token, which it includes; what begins with it has no word to the
left and keeps its occurrences as its count. So lines are modelled one by one, as with the usual <s>.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Discounts = tuple[float, float, float]
KENLM_FALLBACK: Discounts = (0.5, 1.0, 1.5)


@dataclass(frozen=True)
class Level:
    """The n-grams of one order. A history is known by its place in `histories`.

    `histories` (C,) sorted: V times the place, a level lower, of the history without its oldest word, plus that word.
    `grams` (G,) sorted: V times the place of the history, plus the word that follows.
    `shares` (G,): (a - D) / a(h). `rest` (C,): gamma. `discounts`: D of counts 1, 2, and 3 or more.
    """

    histories: np.ndarray
    grams: np.ndarray
    shares: np.ndarray
    rest: np.ndarray
    discounts: Discounts


@dataclass(frozen=True)
class NGramModel:
    """The levels of an n-gram model, the words alone first, and V, the number of `words`."""

    levels: list[Level]
    words: int

    @property
    def gram_count(self) -> int:
        """Different n-grams of all orders."""
        return sum(len(level.grams) for level in self.levels)

    def probabilities(self, text: np.ndarray) -> np.ndarray:
        """The probability of each token of a text (T,) after those before it: (T,)."""
        p = np.full(len(text), 1 / self.words)
        for level, places in zip(self.levels, self.histories(text), strict=True):
            known = places >= 0
            grams = places_of(level.grams, places[known] * self.words + text[known])
            p[known] *= level.rest[places[known]]
            p[known] += np.where(grams >= 0, level.shares[grams], 0)
        return p

    def distributions(self, histories: np.ndarray) -> np.ndarray:
        """The probabilities of all words after each of the histories (order, N): (N, V)."""
        unigrams = np.full(self.words, self.levels[0].rest[0] / self.words)
        unigrams[self.levels[0].grams] += self.levels[0].shares
        p = np.tile(unigrams, (histories.shape[1], 1))
        for level, places in zip(self.levels[1:], histories[1:], strict=True):
            rows = np.flatnonzero(places >= 0)
            p[rows] *= level.rest[places[rows], None]
            first, last = np.searchsorted(level.grams, np.stack([places[rows], places[rows] + 1]) * self.words)
            for row, grams in zip(rows, map(slice, first, last), strict=True):
                p[row, level.grams[grams] % self.words] += level.shares[grams]
        return p

    def histories(self, text: np.ndarray) -> np.ndarray:
        """For each order and token the place of the history before it, -1 where it was never seen: (order, T).

        No history that was counted reaches across an end of line, so none that does is found.
        """
        places = np.full((len(self.levels), len(text)), -1)
        places[0] = 0
        for k, level in enumerate(self.levels[1:], start=1):
            known = k + np.flatnonzero(places[k - 1, k:] >= 0)
            places[k, known] = places_of(level.histories, places[k - 1, known] * self.words + text[known - k])
        return places


def estimate(text: np.ndarray, words: int, order: int, end: int | None, fallback: Discounts | None) -> NGramModel:
    """The n-gram model of a text (T,) of ids below `words`, whose lines end with token `end`, or which is one line.

    An end token stands before the first line as before all others. Of a text without lines the first order - 1 tokens
    are context alone. For `fallback` see `discounts`. Raises ValueError for an order below 1, for a text without a word
    to predict, and for discounts that do not exist.
    """
    if order < 1:
        raise ValueError(f"order must be at least 1, it is {order}")
    histories, grams, counts = _counted(text, words, order, end)
    for k in range(order - 1):
        longer = grams[k + 1]
        shorter = histories[k + 1][longer // words] // words * words + longer % words
        lefts = np.bincount(np.searchsorted(grams[k], shorter), minlength=len(grams[k]))
        at_start = histories[k][grams[k] // words] % words == end if k else False
        counts[k] = np.where(at_start, counts[k], lefts)
    taken = [discounts(of_level, n, fallback) for n, of_level in enumerate(counts, start=1)]
    levels = [_level(h, g, a, D, words) for h, g, a, D in zip(histories, grams, counts, taken, strict=True)]
    return NGramModel(levels, words)


def discounts(counts: np.ndarray, order: int, fallback: Discounts | None = None) -> Discounts:
    """D1, D2 and D3+ of the adjusted counts (G,) of one order, by equation 26 of Chen and Goodman.

    There are none where a count of 1, 2 or 3 does not occur, or where one of them is negative: the text is too small or
    too repetitive. Then all three of this order, and of no other, are those of the `fallback`, as with lmplz's
    --discount_fallback, whose default is KENLM_FALLBACK; without one it is a ValueError, as lmplz refuses too.

    The conditions are lmplz's. Without a count of 4 it takes D3+ = 3, with which a gram that was seen thrice has no
    share of its own; SRILM refuses such an order. Both take a discount of exactly 0: a history all of whose words have
    it leaves nothing to other words, whose probability is then 0, and an error to `logarithms`.
    """
    n1, n2, n3, n4 = (int((counts == count).sum()) for count in range(1, 5))
    if n1 and n2 and n3:
        Y = n1 / (n1 + 2 * n2)
        found = (1 - 2 * Y * n2 / n1, 2 - 3 * Y * n3 / n2, 3 - 4 * Y * n4 / n3)
        if min(found) >= 0:
            return found
    if fallback is None:
        raise ValueError(
            f"{order}-grams have no Kneser-Ney discounts: {n1}, {n2} and {n3} of them occur once, twice and thrice; "
            f"the text is too repetitive or too short, or needs a fallback such as {KENLM_FALLBACK}"
        )
    return fallback


def logarithms(p: np.ndarray) -> np.ndarray:
    """log p in nats. Raises ValueError for a probability of 0, which is left where a discount is 0."""
    if not p.all():
        raise ValueError(
            "a word has probability 0 after words whose followers a discount of 0 leaves whole: the model needs more "
            f"text, a lower order, or a fallback above 0 such as {KENLM_FALLBACK}"
        )
    log_p: np.ndarray = np.log(p)
    return log_p


Arrays = list[np.ndarray]


def _counted(text: np.ndarray, words: int, order: int, end: int | None) -> tuple[Arrays, Arrays, Arrays]:
    """For each order the histories (C,), the n-grams (G,) and their occurrences (G,), keyed as in `Level`."""
    text = np.asarray(text, np.int64) if end is None else np.insert(np.asarray(text, np.int64), 0, end)
    lengths = _history_lengths(text, end)
    predicted = np.arange(order - 1 if end is None else 1, len(text))
    if not len(predicted):
        raise ValueError(f"{len(text)} tokens are too few for n-grams of order {order}")
    histories, grams, counts = [np.zeros(1, np.int64)], [], []
    places = np.zeros(len(text), np.int64)
    for k in range(order):
        if k:
            predicted = predicted[lengths[predicted] >= k]
            keys, places[predicted] = np.unique(places[predicted] * words + text[predicted - k], return_inverse=True)
            histories.append(keys)
        of_level, occurrences = np.unique(places[predicted] * words + text[predicted], return_counts=True)
        grams.append(of_level)
        counts.append(occurrences)
    return histories, grams, counts


def _history_lengths(text: np.ndarray, end: int | None) -> np.ndarray:
    """How many tokens there are before each token back to the last end token, which counts."""
    at = np.arange(len(text))
    last_end = np.maximum.accumulate(np.where(text == end, at, 0)) if end is not None else np.zeros_like(at)
    lengths = np.zeros_like(at)
    lengths[1:] = at[1:] - last_end[:-1]
    return lengths


def _level(histories: np.ndarray, grams: np.ndarray, counts: np.ndarray, D: Discounts, words: int) -> Level:
    of_history = grams // words
    totals = np.bincount(of_history, counts)
    taken = np.array([0.0, *D])[np.minimum(counts, 3)]
    shares = (counts - taken) / totals[of_history]
    return Level(histories, grams, shares, np.bincount(of_history, taken) / totals, D)


def places_of(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted key stands among the sorted ones, -1 for those that do not."""
    places = np.searchsorted(keys, wanted)
    found = np.append(keys, -1)[places] == wanted
    return np.where(found, places, -1)
