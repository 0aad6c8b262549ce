"""ROUGE: rouge-score's values on thousands of pairs, the published examples, and what must be refused."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from repro.metrics.score import Score
from repro.metrics.text.lcs import lcs_lengths
from repro.metrics.text.overlap import shared_ngrams
from repro.metrics.text.rouge import SIDES, Side, rouge_l, rouge_lsum, rouge_n
from repro.metrics.text.sentences import numbered
from repro.metrics.text.tokens import tokenise
from tests.metrics.text.sentence_cases import Words, assert_items, generated, lines

EXACT = 1e-12  # the same divisions of the same whole numbers


class Given:
    """Tokens are given to rouge-score as they are."""

    def tokenize(self, tokens: Words) -> Words:
        return tokens


def by_rouge_score(kind: str, hypothesis: Any, references: Any, tokenizer: Any = None) -> dict[Side, float]:
    scorer = RougeScorer([kind], tokenizer=tokenizer or Given())
    found = scorer.score_multi(references, hypothesis)[kind]
    return {"f1": found.fmeasure, "recall": found.recall, "precision": found.precision}


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_rouge_n_is_rouge_score_s_on_the_same_tokens(n: int, side: Side) -> None:
    pairs = generated(1000, seed=n)
    expected = [by_rouge_score(f"rouge{n}", hypothesis, references)[side] for hypothesis, references in pairs]
    assert_items(rouge_n([h for h, _ in pairs], [r for _, r in pairs], n, side=side), expected, EXACT)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("longest", [4, 30, 200])
def test_rouge_l_is_rouge_score_s_on_the_same_tokens(longest: int, side: Side) -> None:
    pairs = generated(1000 if longest < 100 else 60, seed=longest, longest=longest)
    pairs = [pair for pair in pairs if len(pair[0]) < 300]  # the tool needs a second for the longest
    expected = [by_rouge_score("rougeL", hypothesis, references)[side] for hypothesis, references in pairs]
    assert_items(rouge_l([h for h, _ in pairs], [r for _, r in pairs], side=side), expected, EXACT)


ODD_TEXTS = [
    "",
    "...",
    "Ünïcode naïve",
    "running RUNNERS ran",
    "a-b c_d 10%",
    "tab\tand\nline",
    "\u212aelvin 3.50",
    "x" * 70,
]


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("side", SIDES)
def test_texts_have_the_scores_of_rouge_score_s_own_tokens(side: Side, stem: bool) -> None:
    """To the last bit, which is what the library in its place says of itself."""
    choose = random.Random(17)
    pool = [
        *ODD_TEXTS,
        *(
            " ".join(choose.choices(["The", "cats", "are", "running,", "ran;", "runs", "3", "times"], k=9))
            for _ in range(40)
        ),
    ]
    hypotheses = [choose.choice(pool) for _ in range(300)]
    references = [[choose.choice(pool) for _ in range(choose.randrange(1, 4))] for _ in hypotheses]
    tokens = "rouge-stem" if stem else "rouge"
    for kind, score in (
        ("rouge1", rouge_n(hypotheses, references, 1, side=side, tokens=tokens)),
        ("rouge2", rouge_n(hypotheses, references, 2, side=side, tokens=tokens)),
        ("rougeL", rouge_l(hypotheses, references, side=side, tokens=tokens)),
        ("rougeLsum", rouge_lsum(hypotheses, references, side=side, tokens=tokens)),
    ):
        reference = RougeScorer([kind], use_stemmer=stem)
        field = {"f1": "fmeasure"}.get(side, side)
        expected = [
            getattr(reference.score_multi(r, h)[kind], field) for h, r in zip(hypotheses, references, strict=True)
        ]
        assert score.items is not None
        assert score.items.tolist() == expected
        assert f"|tokens:{tokens}|" in score.signature


def test_texts_and_their_tokens_are_the_same_to_rouge() -> None:
    texts = ["the running cat", "a cat ran"]
    split = tokenise(texts, "rouge-stem")
    of_texts = rouge_l(texts[:1], [texts[1:]], tokens="rouge-stem")
    assert of_texts.value == rouge_l(split[:1], [split[1:]], tokens="rouge-stem").value


def test_texts_mixed_with_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="tokens='rouge' splits texts, hypotheses and references; some are list"):
        rouge_l(["a b"], [[["a", "b"]]], tokens="rouge")
    with pytest.raises(ValueError, match=r"references\[0\]\[0\] is the text 'a b', not its tokens"):
        rouge_l([["a", "b"]], [["a b"]], tokens="rouge")
    with pytest.raises(ValueError, match=r"hypotheses\[0\] is the text 'a b', not its tokens"):
        rouge_l(["a b"], [["a b"]])


@pytest.mark.parametrize("odd", [3, None, ["a"]])
def test_a_token_that_is_no_text_is_refused_wherever_it_stands(odd: Any) -> None:
    first: Any = ([["a"], ["a", odd]], [[["a"]], [["a"]]])
    second: Any = ([["a"], ["a"]], [[["a"]], [["a"], [odd]]])
    for hypotheses, references in (first, second):
        for metric in (rouge_l, lambda h, r: rouge_n(h, r, 2)):
            with pytest.raises(ValueError, match=r"holds .*: tokens are texts"):
                metric(hypotheses, references)
        paragraphs: Any = [[sentence] for sentence in hypotheses], [[own] for own in references]
        with pytest.raises(ValueError, match=r"holds .*: tokens are texts"):
            rouge_lsum(*paragraphs)


@given(st.integers(0, 2**31), st.integers(1, 4), st.sampled_from([3, 50, 2**20, 2**33]))
def test_shared_ngrams_are_those_of_two_counters(seed: int, n: int, vocabulary: int) -> None:
    """Also where the numbers of n-grams do not fit into 64 bits together."""
    drawn = np.random.default_rng(seed)
    words = drawn.integers(0, vocabulary, size=6)
    sides = []
    for _ in range(2):
        lengths = drawn.integers(0, 12, size=7)
        sides.append((words[drawn.integers(0, 6, size=lengths.sum())], lengths))
    pairs = zip(*(np.split(text, np.cumsum(lengths)[:-1]) for text, lengths in sides), strict=True)
    expected = [
        (Counter(zip(*(a[i:] for i in range(n)))) & Counter(zip(*(b[i:] for i in range(n))))).total()  # noqa: B905
        for a, b in ([side.tolist() for side in pair] for pair in pairs)
    ]
    assert shared_ngrams(sides[0], sides[1], vocabulary, n).tolist() == expected


@pytest.mark.parametrize("side", SIDES)
def test_rouge_lsum_is_rouge_score_s_on_texts_of_lines(side: Side) -> None:
    choose = random.Random(7)

    def text() -> str:
        rows = [
            " ".join(choose.choice("abcdefg") for _ in range(choose.randrange(7))) for _ in range(choose.randrange(4))
        ]
        return "\n".join(rows)

    texts = [(text(), [text() for _ in range(choose.randint(1, 3))]) for _ in range(1500)]
    expected = [by_rouge_score("rougeLsum", h, r, tokenizer=Blanks())[side] for h, r in texts]
    score = rouge_lsum([split(h) for h, _ in texts], [[split(r) for r in own] for _, own in texts], side=side)
    assert_items(score, expected, EXACT)


class Blanks:
    """Tokens are what stands between blanks."""

    def tokenize(self, text: str) -> Words:
        return text.split()


def split(text: str) -> list[Words]:
    return [line.split() for line in text.split("\n")]


def test_words_with_blanks_and_line_ends_stay_one_word_in_rouge_lsum() -> None:
    assert rouge_lsum([[["a b\nc", "d"]]], [[[["a b\nc", "e"]]]]).value == 0.5


def test_rouge_l_and_lsum_differ_on_texts_of_several_sentences() -> None:
    """By hand: the second sentence comes first, so one common subsequence covers half of the words, the union all."""
    hypothesis, reference = [["c", "d"], ["a", "b"]], [["a", "b"], ["c", "d"]]
    assert rouge_l([["c", "d", "a", "b"]], [[["a", "b", "c", "d"]]]).value == 0.5
    assert rouge_lsum([hypothesis], [[reference]]).value == 1


def table_of_prefixes(a: Words, b: Words) -> int:
    row = [0] * (len(b) + 1)
    for word in a:
        above = row[:]
        for j, other in enumerate(b):
            row[j + 1] = above[j] + 1 if word == other else max(above[j + 1], row[j])
    return row[-1]


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 127, 128, 129, 200])
def test_the_kernel_gives_the_length_of_the_table_of_prefixes_across_machine_words(length: int) -> None:
    choose = random.Random(length)
    pairs = []
    for _ in range(40):
        vocabulary = choose.choice([1, 2, 4, 50])
        a = [str(choose.randrange(vocabulary)) for _ in range(length)]
        b = [str(choose.randrange(vocabulary)) for _ in range(choose.randrange(220))]
        pairs += [(a, b), (b, a)]
    (first, second), vocabulary = numbered([a for a, _ in pairs], [b for _, b in pairs])
    found = lcs_lengths(first, second, vocabulary)
    np.testing.assert_array_equal(found, [table_of_prefixes(a, b) for a, b in pairs])


def test_a_match_in_the_first_machine_word_forbids_another_in_the_third() -> None:
    """By hand: one x stands in the second sentence, so one of the two in the first is common; the carry passes over."""
    sentence = ["x", *["y"] * 129, "x", *["y"] * 20]
    assert rouge_l([["x"]], [[sentence]], side="precision").value == 1
    assert rouge_l([sentence], [[["x"]]], side="recall").value == 1


@pytest.mark.parametrize(
    ("hypothesis", "stem", "expected"),
    # Lin's example, the fact sheet's section 1.2; reference: police killed the gunman
    [
        ("police kill the gunman", False, (0.75, 1 / 3, 0.75)),
        ("the gunman kill police", False, (0.75, 1 / 3, 0.5)),
        ("police kill the gunman", True, (1, 1, 1)),
        ("the gunman kill police", True, (1, 1 / 3, 0.5)),
    ],
)
def test_lin_s_example(hypothesis: str, stem: bool, expected: tuple[float, float, float]) -> None:
    name = "rouge-stem" if stem else "rouge"
    ours, theirs = tokenise([hypothesis], name), [tokenise(["police killed the gunman"], name)]
    found = [rouge_n(ours, theirs, 1).value, rouge_n(ours, theirs, 2).value, rouge_l(ours, theirs).value]
    assert found == pytest.approx(expected, abs=EXACT)


def test_the_default_tokenisation_of_rouge_score_moves_gigaword_s_scores(real_data: Path) -> None:
    """huggingface/transformers#6844: `#` and punctuation vanish; never untreated on Gigaword."""
    headlines = lines(real_data / "gigaword" / "test.task1_ref0.txt.xz")
    articles = lines(real_data / "gigaword" / "test.input.txt.xz")
    first = [" ".join(article.split()[:8]) for article in articles]
    found: dict[str, Score] = {}
    for name in ("whitespace", "rouge"):
        ours, theirs = tokenise(first, name), [[own] for own in tokenise(headlines, name)]
        found[name] = rouge_l(ours, theirs, tokens=name)
        expected = [by_rouge_score("rougeL", h, r)["f1"] for h, r in zip(ours, theirs, strict=True)]
        assert_items(found[name], expected, EXACT)
    assert abs(found["rouge"].value - found["whitespace"].value) > 1e-3
    assert found["rouge"].signature != found["whitespace"].signature


def test_of_several_references_the_best_by_f1_counts_for_every_side() -> None:
    hypothesis, short, long = ["a", "b"], ["a"], ["a", "b", "c", "d", "e", "f", "g"]
    score = rouge_n([hypothesis], [[short, long]], 1, side="precision")
    assert score.value == 0.5  # of `short`, whose F1 is 2/3; `long` has precision 1 and F1 4/9
    assert score.details == pytest.approx({"f1": 2 / 3, "recall": 1, "precision": 0.5})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rouge_n([["a"]], [[["a"]]], 0), "ROUGE-0: n is 1 or more"),
        (lambda: rouge_n([["a"]], [[["a"]]], 1, side="f"), r"unknown side 'f' \(known: f1, recall, precision\)"),  # type: ignore[arg-type]  # what a user may well pass
        (lambda: rouge_l(["a b"], [[["a"]]]), r"hypotheses\[0\] is the text 'a b', not its tokens"),
        (lambda: rouge_l([["a"]], [[]]), r"references\[0\] is empty"),
        (lambda: rouge_lsum([], []), "0 texts, 0 lists of references"),
        (lambda: rouge_lsum([["a b"]], [[[["a"]]]]), r"hypotheses\[0\]\[0\] is the text 'a b'"),
        (lambda: rouge_lsum([[], ["a b"]], [[[["a"]]] * 2, [[["a"]]]]), r"hypotheses\[1\]\[0\] is the text 'a b'"),
        (lambda: rouge_lsum([[["a"]], "a"], [[[["a"]]], [[["a"]]]]), r"hypotheses\[1\]: a list of sentences is needed"),
        (lambda: rouge_lsum([[["a"]]], [[""]]), r"references\[0\]: a list of sentences is needed"),
        (lambda: rouge_lsum([[["a"]]], [[]]), "1 texts, 1 lists of references: one or more for each"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
