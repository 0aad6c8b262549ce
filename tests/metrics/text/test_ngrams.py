"""Counts of n-grams by sorting against counting them one by one."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from repro.metrics.text.ngrams import counts
from repro.metrics.text.sentences import numbered


@pytest.mark.parametrize("vocabulary", [1, 2, 3, 7])
def test_every_n_gram_of_every_sentence_is_counted_as_by_hand(vocabulary: int) -> None:
    choose = random.Random(vocabulary)
    sentences = [[str(choose.randrange(vocabulary)) for _ in range(choose.randrange(9))] for _ in range(200)]
    ((words, lengths),), size = numbered(sentences)
    for order, found in enumerate(counts(words, lengths, size, 6), start=1):
        each = [Counter(zip(*(s[i:] for i in range(order)), strict=False)) for s in sentences]
        expected = Counter((i, times) for i, own in enumerate(each) for times in own.values())
        assert Counter(zip(found.sentence.tolist(), found.times.tolist(), strict=True)) == expected
        assert len(set(found.gram.tolist())) == len({gram for own in each for gram in own})
        assert found.grams >= len(set(found.gram.tolist()))
        spread = Counter(found.gram.tolist())
        assert sorted(spread.values()) == sorted(Counter(gram for own in each for gram in own).values())


def test_no_words_at_all_have_no_n_grams() -> None:
    ((words, lengths),), size = numbered([[], []])
    assert [len(found.gram) for found in counts(words, lengths, size, 3)] == [0, 0, 0]
