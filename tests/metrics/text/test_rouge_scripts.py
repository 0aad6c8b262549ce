"""The scripts' ROUGE, against their formulas written out on the tables of prefixes and counters of the tests."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from rouge_score.tokenizers import DefaultTokenizer

from repro.metrics.text.rouge import rouge_l, rouge_n
from repro.metrics.text.rouge_scripts import Kind, coco_rouge_l, duc_recall, tensorflow_nmt_rouge
from tests.metrics.text.sentence_cases import Words, assert_items, generated
from tests.metrics.text.test_rouge import table_of_prefixes

EXACT = 1e-12  # the same divisions of the same whole numbers
KINDS: tuple[Kind, ...] = ("1", "2", "l")


def hits(hypothesis: Words, reference: Words, kind: Kind) -> tuple[int, int]:
    """What both share, and how much the reference has."""
    if kind == "l":
        return table_of_prefixes(hypothesis, reference), len(reference)
    ours, theirs = (
        Counter(tuple(s[i : i + int(kind)]) for i in range(len(s) - int(kind) + 1)) for s in (hypothesis, reference)
    )
    return (ours & theirs).total(), theirs.total()


def texts() -> list[tuple[str, list[str]]]:
    """Pairs of texts around and above 75 bytes, with letters of two and three bytes and words that have stems."""
    endings = ("ing", "s", "é", "日本", "-off", "", ".")
    pairs = generated(700, seed=3, longest=25)
    return [(spell(h, endings), [spell(r, endings) for r in own]) for h, own in pairs if len(h) < 300]


def spell(words: Words, endings: tuple[str, ...]) -> str:
    return " ".join(f"{word}ump{endings[len(word + words[0]) * (number + 1) % 7]}" for number, word in enumerate(words))


@pytest.mark.parametrize("stem", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_duc_recall_is_pooled_over_references_that_are_cut_too(kind: Kind, stem: bool) -> None:
    def tokens(text: str) -> Words:
        split: Words = DefaultTokenizer(use_stemmer=stem).tokenize(text.encode()[:75].decode(errors="ignore"))
        return split

    pairs, expected = texts(), []
    for hypothesis, references in pairs:
        each = [hits(tokens(hypothesis), tokens(reference), kind) for reference in references]
        whole = sum(had for _, had in each)
        expected.append(sum(shared for shared, _ in each) / whole if whole else 0.0)
    assert_items(duc_recall([h for h, _ in pairs], [r for _, r in pairs], kind, stem=stem), expected, EXACT)


def test_what_lies_behind_the_limit_does_not_count_and_cuts_go_through_words() -> None:
    """By hand: 75 bytes hold 14 words of five bytes with their blanks and five bytes of the next."""
    reference = " ".join(["police"] * 3)
    assert duc_recall(["x" * 76 + " police"], [[reference]], "1").value == 0
    words = [f"w{number:03}" for number in range(20)]
    assert duc_recall([" ".join(words)], [[" ".join(words[:15])]], "1").value == 1
    assert duc_recall([" ".join(["abcdefgh"] * 9)], [["abc"]], "1").value == 1  # the ninth is cut to abc
    assert duc_recall([" ".join(["abcdefgh"] * 9)], [["abc"]], "1", byte_limit=80).value == 0


def test_the_limit_counts_bytes_not_letters() -> None:
    hypothesis = "é" * 37 + " a b"  # 74 bytes, a blank
    assert duc_recall([hypothesis], [["a b"]], "1").value == 0
    assert duc_recall([hypothesis], [["a b"]], "1", byte_limit=78).value == 1


def test_pooling_is_not_the_best_reference() -> None:
    """By hand: one of two words here, none of three there."""
    assert duc_recall(["alpha"], [["alpha beta", "gamma delta rho"]], "1").value == pytest.approx(1 / 5)


def test_one_reference_each_is_the_pooled_recall_of_one() -> None:
    """By hand: 2 of 3 words, and of 3 + 0 where an empty reference stands beside it; 1 of 2 pairs of words."""
    hypotheses, single = ["the cat sat", "dogs"], [["the cat ran"], ["a dog"]]
    first, second = duc_recall(hypotheses, single, "1"), duc_recall(hypotheses, [[*single[0], ""], single[1]], "1")
    assert first.items is not None
    assert second.items is not None
    assert first.items.tolist() == second.items.tolist() == [2 / 3, 1 / 2]
    assert duc_recall(hypotheses[:1], single[:1], "2").value == 1 / 2
    assert "|refs:1|" in first.signature
    assert "|refs:2|" in second.signature


def test_coco_rouge_l_takes_precision_and_recall_from_different_references() -> None:
    pairs = generated(1500, seed=6)
    pairs = [pair for pair in pairs if len(pair[0]) < 300]
    expected = []
    for hypothesis, references in pairs:
        lengths = [table_of_prefixes(hypothesis, reference) for reference in references]
        recall = max(n / max(len(r), 1) for n, r in zip(lengths, references, strict=True))
        precision = max(lengths) / max(len(hypothesis), 1)
        score = 2.44 * precision * recall / (recall + 1.44 * precision) if precision and recall else 0.0
        expected.append(score)
    assert_items(coco_rouge_l([h for h, _ in pairs], [r for _, r in pairs]), expected, EXACT)


def test_coco_rouge_l_of_the_fact_sheet_s_toy_captions() -> None:
    """Computed with pycocoevalcap for the fact sheet, section 1.3, to six digits."""
    hypotheses = ["a man rides a horse on the beach", "two dogs playing in the snow", "a bowl of food"]
    references = [
        ["a man riding a horse on the beach", "a person rides a horse along the shore"],
        ["two dogs play in the snow", "a pair of dogs playing in snow"],
        ["a plate of food on a table", "a table with a plate of pasta"],
    ]
    score = coco_rouge_l([h.split() for h in hypotheses], [[r.split() for r in own] for own in references])
    assert_items(score, [0.875, 0.833333, 0.519886], 1e-6)
    assert score.value == pytest.approx(0.742740, abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_nmt_script_counts_sets_and_has_another_beta(kind: Kind) -> None:
    pairs = [(h, r[0]) for h, r in generated(1500, seed=9) if len(h) < 300]
    expected = []
    for h, r in pairs:
        if kind == "l":
            shared, ours, theirs = table_of_prefixes(h, r), len(h), len(r)
        else:
            a, b = ({tuple(s[i : i + int(kind)]) for i in range(len(s) - int(kind) + 1)} for s in (h, r))
            shared, ours, theirs = len(a & b), len(a), len(b)
        precision, recall = shared / max(ours, 1), shared / max(theirs, 1)
        if kind == "l":
            beta = precision / (recall + 1e-12)
            expected.append((1 + beta**2) * recall * precision / (recall + beta**2 * precision + 1e-12))
        else:
            expected.append(2 * (precision * recall) / (precision + recall + 1e-8))
    assert_items(tensorflow_nmt_rouge([h for h, _ in pairs], [r for _, r in pairs], kind), expected, EXACT)


def test_a_beta_of_precision_over_recall_is_not_f1() -> None:
    """Fact sheet, section 1.2: precision 0.5 and recall 1 give 0.5556, F1 is 0.6667."""
    hypothesis, reference = [["a", "b", "c", "d"]], ["a", "b"]
    assert tensorflow_nmt_rouge(hypothesis, [reference], "l").value == pytest.approx(0.5556, abs=5e-5)
    assert rouge_l(hypothesis, [[reference]]).value == pytest.approx(2 / 3)


def test_sets_of_words_forgive_repetition() -> None:
    hypothesis, reference = [["a", "a", "a", "a"]], ["a", "b"]
    assert tensorflow_nmt_rouge(hypothesis, [reference], "1").value == pytest.approx(2 / 3, abs=1e-8)
    assert rouge_n(hypothesis, [[reference]], 1).value == pytest.approx(1 / 3)


def test_equal_sentences_score_a_little_below_one_in_the_nmt_script() -> None:
    assert 1 - 1e-7 < tensorflow_nmt_rouge([["a", "b"]], [["a", "b"]], "1").value < 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: duc_recall(["a"], [["a"]], "3"), r"unknown kind '3' of ROUGE \(known: 1, 2, l\)"),  # type: ignore[arg-type]  # what a user may well pass
        (lambda: duc_recall(["a"], [["a"]], "1", byte_limit=0), "the limit is 0 bytes"),
        (lambda: duc_recall([["a"]], [["a"]], "1"), r"\['a'\] is not a text: the limit counts the bytes of the text"),  # type: ignore[list-item]  # what a user may well pass
        (lambda: duc_recall(["a"], [[]], "1"), r"references\[0\] is empty"),
        (lambda: duc_recall(["a"], [], "1"), "1 hypotheses, 0 lists of references: one or more for each"),
        (lambda: duc_recall([], [], "1"), "0 hypotheses, 0 lists of references: one or more for each"),
        (lambda: duc_recall("a", [["a"]], "1"), "1 hypotheses, 1 lists of references: one or more for each"),
        (lambda: coco_rouge_l([], []), "hypotheses: a list of sentences is needed"),
        (lambda: tensorflow_nmt_rouge([["a"]], [["a"]], "4"), "unknown kind '4'"),  # type: ignore[arg-type]  # what a user may well pass
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
