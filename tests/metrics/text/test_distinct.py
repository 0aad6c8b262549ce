"""Distinct-n: by hand, against counting with sets, and what must be refused."""

from __future__ import annotations

from typing import Any

import pytest
from nltk.util import ngrams

from repro.metrics.text.distinct import distinct_n, distinct_n_by_sentence
from tests.metrics.text.sentence_cases import assert_items, generated


def test_repetition_between_sentences_counts_in_the_corpus_and_not_by_sentence() -> None:
    sentences = [["a", "b"], ["a", "b"], ["a", "a"]]
    assert distinct_n(sentences, 1).value == 2 / 6
    assert distinct_n(sentences, 2).value == 2 / 3
    assert_items(distinct_n_by_sentence(sentences, 1), [1, 1, 0.5], 0)
    assert distinct_n(sentences, 1).signature != distinct_n_by_sentence(sentences, 1).signature


@pytest.mark.parametrize("n", [1, 2, 3])
def test_distinct_counts_nltk_s_ngrams(n: int) -> None:
    sentences = [hypothesis for hypothesis, _ in generated(3000, seed=n)]
    found = [gram for sentence in sentences for gram in ngrams(sentence, n)]
    score = distinct_n(sentences, n)
    assert score.value == len(set(found)) / len(found)
    assert score.details == {"different": len(set(found)), "sentences": len(sentences)}
    assert distinct_n(sentences, n, per="tokens").value == len(set(found)) / sum(map(len, sentences))
    each = [list(ngrams(sentence, n)) for sentence in sentences]
    assert_items(distinct_n_by_sentence(sentences, n), [len(set(own)) / len(own) if own else 0 for own in each], 0)


def test_the_papers_and_the_libraries_denominators_agree_for_single_words_only() -> None:
    sentences = [["a", "b", "c"]]
    assert distinct_n(sentences, 1).value == distinct_n(sentences, 1, per="tokens").value
    assert (distinct_n(sentences, 2).value, distinct_n(sentences, 2, per="tokens").value) == (1, 2 / 3)
    assert distinct_n(sentences, 4, per="tokens").value == 0  # no n-gram, of three words


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distinct_n([], 1), "sentences: a list of sentences is needed"),
        (lambda: distinct_n([["a"]], 0), "distinct-0"),
        (lambda: distinct_n([["a"]], 1, per="words"), "distinct-1 per 'words'"),  # type: ignore[arg-type]  # what a user may well pass
        (lambda: distinct_n([["a"], []], 2), "distinct-2 of no ngrams: all 2 sentences are too short"),
        (lambda: distinct_n([[]], 1, per="tokens"), "distinct-1 of no tokens"),
        (lambda: distinct_n_by_sentence([["a"]], 0), "distinct-0: n is 1 or more"),
        (lambda: distinct_n(["a b"], 1), r"sentences\[0\] is the text 'a b'"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
