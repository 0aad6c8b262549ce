"""The n-gram model against the formulas written out over the text, and against the sum to one."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.metrics.language.kneser_ney import (
    BEGIN,
    END,
    KneserNey,
    reverse_perplexity_arae,
    reverse_perplexity_kneser_ney,
)

FALLBACK = (0.5, 1.0, 1.5)


def text(count: int, seed: int, words: int = 12) -> list[list[int]]:
    """Sentences with the frequencies of words that text has, a few empty."""
    random = np.random.default_rng(seed)
    return [(random.zipf(1.5, size=random.integers(0, 9)) % words).tolist() for _ in range(count)]


def written_out(sentences: list[list[int]], order: int, word: Any, context: tuple[Any, ...]) -> float:
    """Chen and Goodman's formulas, one pass over the text for every quantity."""
    padded = [(BEGIN, *sentence, END) for sentence in sentences]
    grams = {n: [words[i : i + n] for words in padded for i in range(len(words) - n + 1)] for n in range(1, order + 1)}

    def count(gram: tuple[Any, ...]) -> int:
        if len(gram) == order or gram[0] is BEGIN:
            return grams[len(gram)].count(gram)
        return len({longer[0] for longer in grams[len(gram) + 1] if longer[1:] == gram})

    def discount(n: int, of: int) -> float:
        counts = [count(gram) for gram in set(grams[n]) if gram != (BEGIN,)]
        t = [counts.count(k) for k in range(5)]
        if 0 in t[1:4]:
            return FALLBACK[min(of, 3) - 1]
        each = [k - (k + 1) * t[1] / (t[1] + 2 * t[2]) * t[k + 1] / t[k] for k in (1, 2, 3)]
        return (each if all(0 <= d <= k for k, d in enumerate(each, 1)) else FALLBACK)[min(of, 3) - 1]

    def p(history: tuple[Any, ...]) -> float:
        shorter = p(history[1:]) if history else 1 / (len({g for g in grams[1] if g != (BEGIN,)}) + 1)
        n = len(history) + 1
        followers = {gram for gram in grams[n] if gram[:-1] == history and gram != (BEGIN,)}
        if not followers:
            return shorter
        total = sum(map(count, followers))
        left = sum(discount(n, count(gram)) for gram in followers)
        seen = (*history, word) in followers
        own = count((*history, word)) - discount(n, count((*history, word))) if seen else 0.0
        return (own + left * shorter) / total

    return p(context[max(len(context) - order + 1, 0) :])


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_are_the_formulas_written_out(order: int) -> None:
    sentences = text(25, order)
    model = KneserNey(sentences, order, FALLBACK)
    for context in [(BEGIN,), (BEGIN, 1), (BEGIN, 1, 2), (BEGIN, 3, 1, 1, 2), (2, 1), (1, 1, 1), (BEGIN, 99, 1), (99,)]:
        for word in (0, 1, 2, 7, 99, END):
            expected = written_out(sentences, order, word, context)
            assert model.probability(word, context) == pytest.approx(expected, rel=1e-12)


@given(st.integers(1, 60), st.integers(1, 5), st.integers(0, 2**31))
def test_every_context_s_probabilities_sum_to_one(count: int, order: int, seed: int) -> None:
    sentences = text(count, seed)
    model = KneserNey(sentences, order, FALLBACK)
    words = {word for sentence in sentences for word in sentence}
    assert model.words == len(words) + 2
    for context in [(), (BEGIN,), *((BEGIN, *sentence) for sentence in sentences[:5]), (99, 1)]:
        each = [model.probability(word, context) for word in (*words, END, "unknown")]
        assert min(each) >= 0
        assert sum(each) == pytest.approx(1, rel=1e-12)


def test_a_text_with_all_counts_needs_no_fallback() -> None:
    sentences = text(2000, 0, words=3000)
    with_closed_form = KneserNey(sentences, 3)
    assert with_closed_form.discounts == KneserNey(sentences, 3, (-1.0, -1.0, -1.0)).discounts
    assert all(0 < one < 1 and 0 < two < 2 and 0 < three < 3 for one, two, three in with_closed_form.discounts)


def test_the_end_is_counted_or_left_out() -> None:
    """The two conventions (fact sheet text_models, section 1.4): they differ by the ends' nats and by N tokens."""
    generated, real = text(300, 1), text(20, 2)
    model = KneserNey(generated, 3, FALLBACK)
    ends = sum(-math.log(model.probability(END, (BEGIN, *sentence))) for sentence in real)
    counted, left_out = (
        reverse_perplexity_kneser_ney(generated, real, 3, end=end, fallback=FALLBACK) for end in (True, False)
    )
    words = sum(map(len, real))
    assert (counted.details["tokens"], left_out.details["tokens"]) == (words + 20, words)
    assert counted.details["nats"] - left_out.details["nats"] == pytest.approx(ends, rel=1e-12)
    assert counted.value == pytest.approx(math.exp(counted.details["nats"] / (words + 20)), rel=1e-14)
    assert counted.items is not None
    assert counted.items[3] == pytest.approx(model.nats([real[3]])[0], rel=1e-15)
    np.testing.assert_array_equal(left_out.items, model.nats(real, end=False))
    assert counted.signature != left_out.signature


def test_the_released_variant_knows_every_word_and_moves_its_frequencies() -> None:
    generated, real, vocabulary = text(300, 1, words=8), text(20, 2, words=12), list(range(12))
    released = reverse_perplexity_arae(generated, real, vocabulary, FALLBACK)
    appended = [*generated, *([word] for word in vocabulary)]
    assert released.value == reverse_perplexity_kneser_ney(appended, real, end=False, fallback=FALLBACK).value
    plain = reverse_perplexity_kneser_ney(generated, real, end=False, fallback=FALLBACK)
    assert released.value != pytest.approx(plain.value, rel=0.01)
    assert released.signature != plain.signature
    assert KneserNey(appended, 5, FALLBACK).words == KneserNey(generated, 5, FALLBACK).words + 4


def test_text_of_the_same_source_is_less_surprising_than_text_of_another() -> None:
    generated = text(2000, 3)
    same = reverse_perplexity_kneser_ney(generated, text(200, 4), fallback=FALLBACK).value
    other = reverse_perplexity_kneser_ney(
        [[11 - w for w in s] for s in generated], text(200, 4), fallback=FALLBACK
    ).value
    assert same < 0.5 * other


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda: KneserNey([[1, 2]] * 50), "1-grams have no Kneser-Ney discounts: 3, 0 and 0 of them occur once"),
        (lambda: KneserNey([]), "a model of no sentences has no probabilities"),
        (lambda: KneserNey([[1]], 0), "order must be at least 1, it is 0"),
        (lambda: reverse_perplexity_kneser_ney([[1]], [], fallback=FALLBACK), "the mean over no tokens"),
    ],
)
def test_what_has_no_model_is_refused(work: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        work()
