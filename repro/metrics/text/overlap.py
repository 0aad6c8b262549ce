"""How many n-grams the sentences of many pairs share: a table of each reference's, in which the hypothesis' are found.

Time grows with the words, whatever n. tests/benchmarks/peers.py measures it against rouge-score-rs.
"""

from __future__ import annotations

import numpy as np

from repro.compiled import compiled
from repro.metrics.text.ngrams import ngram_keys
from repro.metrics.text.sentences import Numbered


def shared_ngrams(first: Numbered, second: Numbered, vocabulary: int, n: int) -> np.ndarray:
    """The n-grams (N,) that each of N > 0 pairs shares, each as often as both sentences have it; see `numbered`."""
    keys = ngram_keys(np.concatenate([first[0], second[0]]), vocabulary, n)
    slots = 2 << int(second[1].max()).bit_length()
    table = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    shared = np.zeros(len(first[1]), dtype=np.int64)
    _all_pairs(keys[: len(first[0])], first[1], keys[len(first[0]) :], second[1], n, table, shared)
    return shared


Table = tuple[np.ndarray, np.ndarray, np.ndarray]
"""For each slot the pair that it was filled for, plus one, the n-gram, and how often that one is left."""


@compiled
def _all_pairs(
    a: np.ndarray, a_lengths: np.ndarray, b: np.ndarray, b_lengths: np.ndarray, n: int, table: Table, shared: np.ndarray
) -> None:
    owner, gram, left = table
    a_start, b_start = 0, 0
    for pair in range(len(a_lengths)):
        bits = 1
        while 1 << bits < 2 * b_lengths[pair]:
            bits += 1
        for at in range(b_start, b_start + b_lengths[pair] - n + 1):
            slot = _slot(b[at], bits, pair + 1, owner, gram)
            if owner[slot] != pair + 1:
                owner[slot], gram[slot], left[slot] = pair + 1, b[at], 0
            left[slot] += 1
        for at in range(a_start, a_start + a_lengths[pair] - n + 1):
            slot = _slot(a[at], bits, pair + 1, owner, gram)
            if owner[slot] == pair + 1 and left[slot] > 0:
                left[slot] -= 1
                shared[pair] += 1
        a_start, b_start = a_start + a_lengths[pair], b_start + b_lengths[pair]


@compiled
def _slot(wanted: int, bits: int, pair: int, owner: np.ndarray, gram: np.ndarray) -> int:
    """Where an n-gram stands among the 2^bits slots, or the free one that it would take."""
    slot = np.int64((np.uint64(wanted) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))
    while owner[slot] == pair and gram[slot] != wanted:
        slot = (slot + 1) & ((1 << bits) - 1)
    return int(slot)
