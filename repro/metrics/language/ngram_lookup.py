"""The probabilities of an n-gram model's words by tables, a few lookups a word, for texts that are scored often.

`NGramModel.probabilities` finds histories and n-grams by binary search, two searches of each order for each word. Here
an n-gram is one lookup, and knows the history that it is for the next word; where a shorter one was never seen, no
longer one is looked for. Values are the same to the last bit; tests/benchmarks/peers.py has kenlm beside it.
Shapes: T tokens, G n-grams of one order, S slots of all orders
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from repro.compiled import compiled
from repro.metrics.language.ngram_model import Level, NGramModel, places_of

ENTRY = np.dtype([("key", np.int64), ("share", np.float64), ("leads_to", np.int64), ("rest", np.float64)])
"""An n-gram: its key and share in its level, the history of the next order that it is for the word after it, or -1, and
what that history leaves to shorter ones. One stands in one line of a processor's cache."""
FREE = -1


class Tables(NamedTuple):
    """The n-grams of all levels in `slots` (S,): those of a level in 2 to the power of its `bits` from its `first`.

    `rest` is what is left to the uniform distribution where nothing of the history is known.
    """

    slots: np.ndarray
    first: np.ndarray
    bits: np.ndarray
    rest: float


def tabled(model: NGramModel) -> Tables:
    """The tables of a model of lines, all of whose histories were predicted too: 64 to 128 bytes an n-gram."""
    levels = model.levels
    bits = np.array([(2 * len(level.grams)).bit_length() for level in levels])
    slots = np.zeros(int((1 << bits).sum()), dtype=ENTRY)
    slots["key"] = FREE
    first = np.cumsum(1 << bits) - (1 << bits)
    longer: list[Level | None] = [*levels[1:], None]
    leads: np.ndarray | None = None
    for order, level in enumerate(levels):
        leads = _leads(levels, order, leads, model.words)
        entries = np.zeros(len(level.grams), dtype=ENTRY)
        entries["key"], entries["share"], entries["leads_to"] = level.grams, level.shares, leads
        if (above := longer[order]) is not None:
            entries["rest"] = np.append(above.rest, 0)[leads]
        _fill(entries, slots[first[order] :], bits[order])
    return Tables(slots, first, bits, float(levels[0].rest[0]))


def probabilities(tables: Tables, words: int, text: np.ndarray) -> np.ndarray:
    """The probability of each token of a text (T,) after those before it: (T,), as `NGramModel.probabilities`."""
    found = np.empty(len(text))
    _score(*tables, words, text, found)
    return found


def _leads(levels: list[Level], order: int, shorter: np.ndarray | None, words: int) -> np.ndarray:
    """For each n-gram hw of a level its place (G,) among the next one's histories, or -1.

    Its key there is its oldest word before the place of the rest, to which the n-gram without that word leads.
    """
    grams = levels[order].grams
    if order + 1 == len(levels):
        return np.full(len(grams), -1)
    history, last = np.divmod(grams, words)
    rest, oldest = np.zeros_like(last), last
    if shorter is not None:
        history_without, oldest = np.divmod(levels[order].histories[history], words)
        rest = shorter[np.searchsorted(levels[order - 1].grams, history_without * words + last)]
    found = places_of(levels[order + 1].histories, rest * words + oldest)
    return np.where(rest >= 0, found, -1)


@compiled
def _slot(key: int, slots: np.ndarray, first: int, bits: int) -> int:
    """Where the n-gram of a key stands among its level's slots, or the free one that it would take."""
    at = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))
    while slots[first + at].key != key and slots[first + at].key != FREE:
        at = (at + 1) & ((1 << bits) - 1)
    return int(first + at)


@compiled
def _fill(entries: np.ndarray, slots: np.ndarray, bits: int) -> None:
    for place in range(len(entries)):
        slots[_slot(entries[place].key, slots, 0, bits)] = entries[place]


@compiled
def _score(
    slots: np.ndarray, first: np.ndarray, bits: np.ndarray, rest: float, words: int, text: np.ndarray, found: np.ndarray
) -> None:
    """Writes the probabilities (T,). `history` and `left` are the known histories of a word, and what these leave."""
    history, following = np.full(len(bits) + 1, -1), np.full(len(bits) + 1, -1)
    left, leaving = np.zeros(len(bits) + 1), np.zeros(len(bits) + 1)
    history[0], following[0], left[0], leaving[0] = 0, 0, rest, rest
    for at in range(len(text)):
        p, seen = 1 / words, True
        following[1:] = -1
        for level in range(len(bits)):
            if history[level] < 0:
                break
            p *= left[level]
            if seen:
                key = history[level] * words + text[at]
                entry = slots[_slot(key, slots, first[level], bits[level])]
                seen = entry.key == key
                if seen:
                    p += entry.share
                    following[level + 1], leaving[level + 1] = entry.leads_to, entry.rest
        history, following, left, leaving = following, history, leaving, left
        found[at] = p
