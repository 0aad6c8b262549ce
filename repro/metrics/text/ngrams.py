"""Counts of n-grams of many sentences at once, by sorting: what BLEU against thousands of references rests on.

An n-gram of order n + 1 is numbered by the number of its first n words and its last word, so that each order costs one
sort of as many integers as there are words. Shapes: T words, N sentences, G different n-grams of an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class Counts(NamedTuple):
    """How often n-grams of one order stand in sentences: an entry for each pair that occurs, by sentence and gram."""

    sentence: np.ndarray
    gram: np.ndarray
    times: np.ndarray
    grams: int

    def of(self, first: int, last: int) -> Counts:
        """Those of sentences first..last - 1, renumbered from 0."""
        low, high = np.searchsorted(self.sentence, [first, last])
        return Counts(self.sentence[low:high] - first, self.gram[low:high], self.times[low:high], self.grams)


def counts(words: np.ndarray, lengths: np.ndarray, vocabulary: int, orders: int) -> Iterator[Counts]:
    """The counts of orders 1 to `orders` of sentences given as word numbers (T,) in a row and lengths (N,)."""
    sentence = np.repeat(np.arange(len(lengths)), lengths)
    ends = np.repeat(np.cumsum(lengths), lengths)
    start, gram, grams = np.arange(len(words)), words, max(vocabulary, 1)
    for order in range(1, orders + 1):
        if order > 1:
            longer = start + order <= ends[start]
            start = start[longer]
            extended = gram[longer] * vocabulary + words[start + order - 1]
            different, gram = np.unique(extended, return_inverse=True)
            grams = max(len(different), 1)
        pair, times = np.unique(sentence[start] * grams + gram, return_counts=True)
        yield Counts(pair // grams, pair % grams, times, grams)


def ngram_keys(words: np.ndarray, vocabulary: int, n: int) -> np.ndarray:
    """A number (T,) for the n-gram that begins at each place of a text, the same for equal ones.

    The last n - 1 places have none, and hold anything, as do those whose n-grams reach into the next sentence.
    """
    size = max(vocabulary, 1)
    keys, numbers = words, size
    for order in range(1, n):
        if numbers > np.iinfo(np.int64).max // size:
            different, keys = np.unique(keys, return_inverse=True)
            numbers = len(different)
        keys, numbers = keys * size, numbers * size
        keys[: max(len(words) - order, 0)] += words[order:]
    return keys
