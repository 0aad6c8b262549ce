"""METEOR: nltk's values with and without synonyms, and a signature that says which."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import nltk
import pytest
from nltk.translate import meteor_score as nltk_meteor

from repro.metrics.text import meteor as module
from repro.metrics.text.meteor import meteor_score
from tests.metrics.text.sentence_cases import Words, assert_items, generated

EXACT = 1e-12  # the mean of the same float64 numbers


class Thesaurus:
    """A stub of WordNet: the words of a group are each other's synonyms."""

    def __init__(self, *groups: Words) -> None:
        self.groups = groups

    def synsets(self, word: str) -> list[Any]:
        names = [
            [SimpleNamespace(name=lambda name=name: name) for name in group] for group in self.groups if word in group
        ]
        return [SimpleNamespace(lemmas=lambda lemmas=lemmas: lemmas) for lemmas in names]

    def get_version(self) -> str:
        return "stub"


@pytest.fixture
def no_wordnet(monkeypatch: pytest.MonkeyPatch) -> None:
    """nltk finds no data, wherever the tests run."""
    monkeypatch.setattr(nltk.data, "path", [])
    monkeypatch.setattr(
        nltk.corpus, "wordnet", nltk.corpus.util.LazyCorpusLoader("wordnet", nltk.corpus.CorpusReader, r".*")
    )


def inflected(seed: int) -> list[tuple[Words, list[Words]]]:
    """Pairs whose words share stems and differ in case."""
    forms = ("talk", "talks", "Talking", "talked", "cat", "Cats", "running", "run", "RUNS", "of")
    return [
        ([forms[(len(w) + ord(w[-1])) % 10] for w in h], [[forms[ord(w[-1]) % 10] for w in r] for r in own])
        for h, own in generated(1500, seed=seed)
        if len(h) < 300
    ]


@pytest.mark.usefixtures("no_wordnet")
def test_without_wordnet_the_score_is_nltk_s_with_a_stub_and_says_so() -> None:
    pairs = [pair for pair in generated(1500, seed=1) if len(pair[0]) < 300] + inflected(2)
    expected = [
        nltk_meteor.meteor_score(references, hypothesis, wordnet=Thesaurus()) for hypothesis, references in pairs
    ]
    score = meteor_score([h for h, _ in pairs], [r for _, r in pairs])
    assert_items(score, expected, EXACT)
    assert "|stems:porter|synonyms:none|" in score.signature


def test_with_wordnet_synonyms_match_and_the_signature_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    thesaurus = Thesaurus(["w0", "w1"], ["w2", "w3", "w4"])
    monkeypatch.setattr(module, "synonym_source", lambda: (thesaurus, "wordnet-stub"))
    pairs = [pair for pair in generated(1500, seed=3) if len(pair[0]) < 300]
    expected = [nltk_meteor.meteor_score(references, hypothesis, wordnet=thesaurus) for hypothesis, references in pairs]
    score = meteor_score([h for h, _ in pairs], [r for _, r in pairs])
    assert_items(score, expected, EXACT)
    assert "|synonyms:wordnet-stub|" in score.signature
    monkeypatch.setattr(module, "synonym_source", lambda: (Thesaurus(), "none"))
    assert meteor_score([h for h, _ in pairs], [r for _, r in pairs]).value < score.value


def test_wordnet_is_used_where_nltk_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    found = SimpleNamespace(ensure_loaded=lambda: None, get_version=lambda: "3.0")
    monkeypatch.setattr(nltk.corpus, "wordnet", found)
    assert module.synonym_source() == (found, "wordnet-3.0")


@pytest.mark.usefixtures("no_wordnet")
def test_one_chunk_of_stems_by_hand() -> None:
    """Four of four words match in one chunk: F is 1 and the penalty 0.5 (1 / 4)^3."""
    score = meteor_score([["the", "cats", "were", "talking"]], [[["The", "cat", "were", "talked"]]])
    assert score.value == pytest.approx(1 - 0.5 / 64, abs=EXACT)


@pytest.mark.usefixtures("no_wordnet")
def test_scattered_matches_and_recall_weigh_as_in_the_paper() -> None:
    """By hand: the words reversed make four chunks of four matches; two of two words of a reference of four."""
    assert meteor_score([["a", "b", "c", "d"]], [[["d", "c", "b", "a"]]]).value == pytest.approx(0.5, abs=EXACT)
    half = 1 * 0.5 / (0.9 * 1 + 0.1 * 0.5)
    assert meteor_score([["a", "b"]], [[["a", "b", "c", "d"]]]).value == pytest.approx(half * (1 - 0.5 / 8), abs=EXACT)


@pytest.mark.usefixtures("no_wordnet")
def test_nothing_in_common_is_zero_and_the_best_reference_counts() -> None:
    assert_items(meteor_score([[], ["x"], ["a"]], [[["a"]], [["y"], []], [["b"], ["a"]]]), [0, 0, 0.5], EXACT)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: meteor_score([], []), "hypotheses: a list of sentences is needed"),
        (lambda: meteor_score(["a b"], [[["a"]]]), r"hypotheses\[0\] is the text 'a b'"),
        (lambda: meteor_score([["a"]], [[]]), r"references\[0\] is empty"),
        (lambda: meteor_score([["a"]], [[["a"]]], alpha=1.0), "alpha 1.0 must lie inside 0 and 1"),
        (lambda: meteor_score([["a"]], [[["a"]]], gamma=2.0), "gamma 2.0 lie in 0 to 1"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
