"""Distinct-n: how many different n-grams a set of generated sentences has.

Paper: A Diversity-Promoting Objective Function for Neural Conversation Models (Li et al., 2016), section 5.3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.ngrams import ngram_keys
from repro.metrics.text.sentences import Sentence, check, numbered_sentences

Per = Literal["ngrams", "tokens"]


def distinct_n(sentences: Sequence[Sentence], n: int, *, per: Per = "ngrams", tokens: str = "given") -> Score:
    """The different n-grams of all sentences together over all their n-grams; 0 to 1, higher is more diverse.

    `per="tokens"` divides by the number of tokens, as the paper says; the two agree for n = 1 only, and libraries
    divide by n-grams. It falls as sentences are added: compare only equal numbers of sentences, which `details` has.
    Time grows as T log T with T words, by a sort. Raises ValueError for no sentences, and for nothing to divide by.
    """
    (words, lengths), vocabulary = numbered_sentences(sentences, "sentences")
    if n < 1 or per not in ("ngrams", "tokens"):
        raise ValueError(f"distinct-{n} per {per!r}: n is 1 or more, per is ngrams or tokens")
    whole = int(np.maximum(lengths - n + 1, 0).sum() if per == "ngrams" else lengths.sum())
    if whole == 0:
        raise ValueError(f"distinct-{n} of no {per}: all {len(sentences)} sentences are too short")
    within = np.arange(len(words)) + n <= np.repeat(np.cumsum(lengths), lengths)
    different = vocabulary if n == 1 else _different(ngram_keys(words, vocabulary, n)[within])
    how = signature(f"distinct-{n}", "repro/1", per=per, over="corpus", tokens=tokens, dtype="float64")
    return Score(different / whole, how, details={"different": different, "sentences": len(sentences)})


def _different(keys: np.ndarray) -> int:
    """How many different ones there are; np.unique hashes them, and needs 100 times as long where most are."""
    ordered = np.sort(keys)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + (len(keys) > 0)


def distinct_n_by_sentence(sentences: Sequence[Sentence], n: int, *, tokens: str = "given") -> Score:
    """The mean over sentences of each one's distinct-n (`items`): no word about repetition between sentences.

    A sentence shorter than n counts 0. It is the other number that papers call distinct-n; higher is more diverse.
    """
    check(sentences, "sentences")
    if n < 1:
        raise ValueError(f"distinct-{n}: n is 1 or more")
    items = np.zeros(len(sentences))
    for number, sentence in enumerate(sentences):
        found = [tuple(sentence[start : start + n]) for start in range(len(sentence) - n + 1)]
        items[number] = len(set(found)) / max(len(found), 1)
    how = signature(f"distinct-{n}", "repro/1", per="ngrams", over="sentences", tokens=tokens, dtype="float64")
    return Score(float(items.mean()), how, items)
