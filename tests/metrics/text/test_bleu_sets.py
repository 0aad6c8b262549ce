"""BLEU against whole sets: nltk's values, what the size of the set does, and self-BLEU with and without itself."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from nltk.translate import bleu_score
from nltk.translate.bleu_score import SmoothingFunction

from repro.metrics.text import bleu_sets
from repro.metrics.text.bleu import uniform
from repro.metrics.text.bleu_sets import (
    bleu_precision_recall,
    self_bleu,
    self_bleu_counting_itself,
    texygen_bleu,
    texygen_bleu_fast,
)
from tests.metrics.text.sentence_cases import HARD, Words, assert_items, generated, lines

EXACT = 1e-12  # sums of five float64 logarithms in another order


def nltk_bleu(references: list[Words], hypothesis: Words, weights: tuple[float, ...], method: str) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nltk warns of every order without a match
        smoothing = getattr(SmoothingFunction(), method)
        return float(bleu_score.sentence_bleu(references, hypothesis, weights, smoothing))


def sets(seed: int) -> tuple[list[Words], list[Words]]:
    """Up to 40 hypotheses and references, the hard ones among them."""
    pairs = generated(40, seed=seed, references=1)
    random.Random(seed).shuffle(pairs)
    return [h for h, _ in pairs[:40]], [r[0] for _, r in pairs[20:]]


@pytest.mark.parametrize("method", ["method0", "method1", "method2", "method3", "method4", "method5", "method7"])
@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_each_hypothesis_against_all_references_scores_what_nltk_gives_it(method: str, order: int) -> None:
    for seed in range(3):
        hypotheses, references = sets(seed)
        expected = [nltk_bleu(references, hypothesis, uniform(order), method) for hypothesis in hypotheses]
        score = texygen_bleu(hypotheses, references, order, smoothing=method)
        assert_items(score, expected, EXACT)


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_self_bleu_is_nltk_s_against_the_others(order: int) -> None:
    for seed in range(40):
        sentences = sets(seed)[0][: 40 if seed < 5 else 2 + seed % 6]  # few sentences have few lengths in common
        expected = [
            nltk_bleu(sentences[:i] + sentences[i + 1 :], sentence, uniform(order), "method1")
            for i, sentence in enumerate(sentences)
        ]
        assert_items(self_bleu(sentences, order), expected, EXACT)


def test_news_against_a_thousand_references_scores_what_nltk_gives_it(real_data: Path) -> None:
    """30 hypotheses, as many as nltk's loop affords here."""
    hypotheses = [line.split() for line in lines(real_data / "emnlp_news" / "news.valid.txt.xz")[:30]]
    references = [line.split() for line in lines(real_data / "emnlp_news" / "test_emnlp.txt.xz")[:1000]]
    weights = [uniform(order) for order in (2, 3, 4, 5)]
    expected = np.array(
        [bleu_score.sentence_bleu(references, h, weights, SmoothingFunction().method1) for h in hypotheses]
    )
    for column, order in enumerate((2, 3, 4, 5)):
        assert_items(texygen_bleu(hypotheses, references, order), expected[:, column].tolist(), EXACT)


def test_real_news_reaches_the_ceiling_of_the_fact_sheet(real_data: Path) -> None:
    """Section 1.1: the first 1,000 of Texygen's test sentences against the other 9,000, and 500 against 2,000."""
    test = [line.split() for line in lines(real_data / "emnlp_news" / "test_emnlp.txt.xz")]
    for hypotheses, references, ceiling in (
        (test[:1000], test[1000:], (0.850, 0.601, 0.372, 0.221)),
        (test[:500], test[500:2500], (0.729, 0.441, 0.240, 0.131)),
    ):
        found = [texygen_bleu(hypotheses, references, order).value for order in (2, 3, 4, 5)]
        # the sheet does not say which sentences were drawn: three standard errors of 500 scores are about 0.012
        np.testing.assert_allclose(found, ceiling, rtol=0, atol=0.012)


def test_lower_case_hypotheses_against_cased_references_lose_what_case_is_worth(real_data: Path) -> None:
    """Texygen lower-cases what it trains on and not what it reads for BLEU (fact sheet, section 1.1)."""
    test = [line.split() for line in lines(real_data / "emnlp_news" / "test_emnlp.txt.xz")]
    lower = [[word.lower() for word in sentence] for sentence in test]
    cased = texygen_bleu(test[:1000], test[1000:], 2).value
    assert 0.005 < texygen_bleu(lower[:1000], lower[1000:], 2).value - cased < 0.01  # the sheet: +0.006 to +0.009
    assert texygen_bleu(lower[:1000], test[1000:], 2).value < cased - 0.03


def test_more_references_raise_bleu_on_news(real_data: Path) -> None:
    """geek-ai/Texygen#8, desire2020/CoT#3: the size of the reference set, not the model, makes the number."""
    test = [line.split() for line in lines(real_data / "emnlp_news" / "test_emnlp.txt.xz")[:4000]]
    few, many = (texygen_bleu(test[:200], test[200:last], 4) for last in (700, 4000))
    assert many.value > 1.4 * few.value
    assert "refs:all-500|" in few.signature
    assert "refs:all-3800|" in many.signature


def test_texygen_s_fast_mode_sees_five_hundred_references_only() -> None:
    choose = random.Random(0)
    sentences = [[f"w{choose.randrange(40)}" for _ in range(9)] for _ in range(700)]
    fast, whole = texygen_bleu_fast(sentences[:50], sentences, 3), texygen_bleu(sentences[:50], sentences[:500], 3)
    assert whole.items is not None
    assert_items(fast, whole.items.tolist(), 0)
    assert fast.signature == whole.signature
    assert texygen_bleu_fast(sentences[650:], sentences, 3).value < texygen_bleu(sentences[650:], sentences, 3).value


def test_smoothing_method1_adds_to_the_count_not_to_the_precision() -> None:
    """By hand: 4 of 5 words, 2 of 4 bigrams, and 0.1 of 3 trigrams."""
    score = texygen_bleu([["a", "b", "x", "c", "d"]], [["a", "b", "c", "d", "e"], ["q", "c", "d"]], 3)
    assert score.value == pytest.approx((4 / 5 * 2 / 4 * 0.1 / 3) ** (1 / 3), rel=1e-12)


def test_a_sentence_is_not_its_own_reference_unless_it_is_asked_for() -> None:
    """pclucas14/GansFallingShort#9."""
    sentences = [["a", "b", "c", "d", "e", "f"], ["g", "h", "i", "j", "k", "l"], ["m", "n", "o", "p", "q", "r"]]
    assert self_bleu(sentences, 3).value == 0
    wrong = self_bleu_counting_itself(sentences, 3)
    assert_items(wrong, [1, 1, 1], 0)
    assert wrong.signature.startswith("self-bleu-3|impl:repro/1|refs:all-3-with-itself|")
    assert self_bleu([*sentences, sentences[0]], 3).value == 0.5  # two of four have a twin


def test_counting_itself_scores_below_one_only_where_an_order_is_longer_than_the_sentence() -> None:
    score = self_bleu_counting_itself([["a"], ["a", "b", "c"], []], 2)
    assert_items(score, [0.1**0.5, 1, 0], EXACT)


def test_the_order_of_sentences_does_not_matter() -> None:
    hypotheses, references = sets(3)
    forward, backward = texygen_bleu(hypotheses, references, 4), texygen_bleu(hypotheses[::-1], references[::-1], 4)
    assert backward.items is not None
    assert_items(forward, backward.items[::-1].tolist(), 0)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_precision_and_recall_are_the_best_matches_by_nltk(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bleu_sets, "PAIRS_AT_ONCE", 97)  # blocks end within a context
    choose = random.Random(order)
    pool = [h for h, _ in generated(60, seed=order)]
    contexts = [
        (choose.sample(pool, choose.randint(1, 5)), choose.sample(pool, choose.randint(1, 6))) for _ in range(60)
    ]
    contexts += [([h], r) for h, r in HARD]
    expected = []
    for hypotheses, references in contexts:
        table = np.array([[nltk_bleu([r], h, uniform(order), "method7") for r in references] for h in hypotheses])
        expected.append((table.max(axis=1).mean(), table.max(axis=0).mean()))
    precision, recall = bleu_precision_recall([h for h, _ in contexts], [r for _, r in contexts], order)
    assert_items(precision, [p for p, _ in expected], EXACT)
    assert_items(recall, [r for _, r in expected], EXACT)
    assert precision.value == pytest.approx(np.mean([p for p, _ in expected]), abs=EXACT)


def test_with_one_reference_recall_is_no_less_than_precision() -> None:
    """So table A.4, whose precision is the higher, used several references."""
    pool = [h for h, _ in generated(200, seed=4) if h]
    hypotheses = [pool[i : i + 5] for i in range(0, 150, 5)]
    precision, recall = bleu_precision_recall(hypotheses, [[each] for each in pool[150:180]], 2)
    assert precision.items is not None
    assert recall.items is not None
    assert (recall.items >= precision.items).all()
    assert recall.value > precision.value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: texygen_bleu([], [["a"]], 2), "hypotheses: a list of sentences is needed"),
        (lambda: texygen_bleu([["a"]], [], 2), "references: a list of sentences is needed"),
        (lambda: texygen_bleu([["a"]], [["a"]], 0), "BLEU-0"),
        (lambda: texygen_bleu(["a b"], [["a"]], 2), r"hypotheses\[0\] is the text 'a b'"),
        (lambda: self_bleu([["a"]], 2), "one sentence has no others to be compared with"),
        (lambda: bleu_precision_recall([[["a"]]], [[]], 2), r"references\[0\]: a list of sentences is needed"),
        (lambda: bleu_precision_recall([[["a"]]], [], 2), "1 sets of hypotheses and 0 of references"),
        (lambda: bleu_precision_recall([[["a"]]], [[["a"]]], 0), "BLEU-0"),
    ],
)
def test_bad_input_is_one_clear_error(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match=message):
        call()
