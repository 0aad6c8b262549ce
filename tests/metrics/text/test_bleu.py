"""Sentence and corpus BLEU: nltk's values on thousands of pairs, those of nltk 3.2.5, and what must be refused."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from nltk.translate import bleu_score
from nltk.translate.bleu_score import SmoothingFunction

from repro.metrics.text.bleu import corpus_bleu, sentence_bleu, uniform
from repro.metrics.text.bleu_smoothing import SMOOTHINGS
from tests.metrics.text.sentence_cases import Words, assert_items, generated

EXACT = 1e-12  # sums of five float64 logarithms in another order
HYPOTHESIS, BAD, *REFERENCES = map(
    str.split,
    [  # the example of nltk's documentation
        "It is a guide to action which ensures that the military always obeys the commands of the party",
        "It is to insure the troops forever hearing the activity guidebook that party direct",
        "It is a guide to action that ensures that the military will forever heed Party commands",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party",
        "It is the practical guide for the army always to heed the directions of the party",
    ],
)
CAT, MAT = map(str.split, ["the cat sat on the mat", "the cat is on the mat"])


def nltk_bleu(
    references: list[Words], hypothesis: Words, weights: tuple[float, ...], method: str, **more: bool
) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nltk warns of every order without a match
        smoothing = getattr(SmoothingFunction(), method)
        return float(bleu_score.sentence_bleu(references, hypothesis, weights, smoothing, **more))


@pytest.mark.parametrize("method", [f"method{number}" for number in (0, 1, 2, 3, 4, 5, 7)])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6])
def test_every_sentence_scores_what_nltk_gives_it(method: str, order: int) -> None:
    pairs = generated(500, seed=order)
    expected = [nltk_bleu(references, hypothesis, uniform(order), method) for hypothesis, references in pairs]
    score = sentence_bleu([h for h, _ in pairs], [r for _, r in pairs], uniform(order), smoothing=method)
    assert_items(score, expected, EXACT)
    assert score.value == pytest.approx(np.mean(expected), abs=EXACT)


@pytest.mark.parametrize("order", [3, 4, 5])
def test_method6_is_nltk_s_wherever_nltk_defines_it(order: int) -> None:
    defined, expected = [], []
    for hypothesis, references in generated(1500, seed=order):
        try:
            expected.append(nltk_bleu(references, hypothesis, uniform(order), "method6"))
        except AssertionError:
            with pytest.raises(ValueError, match=r"hypotheses\[0\] has no trigram match: method6 is undefined"):
                sentence_bleu([hypothesis], [references], uniform(order), smoothing="method6")
        else:
            defined.append((hypothesis, references))
    score = sentence_bleu([h for h, _ in defined], [r for _, r in defined], uniform(order), smoothing="method6")
    assert_items(score, expected, EXACT)
    assert 300 < len(defined) < 1400


@pytest.mark.parametrize("weights", [(1, 0, 0, 0), (0.5, 0.5, 0, 0), (0.1, 0.3, 0.5, 0.1), (0, 1)])
@pytest.mark.parametrize("method", ["method1", "method5", "method7"])
def test_weights_need_not_be_uniform(weights: tuple[float, ...], method: str) -> None:
    pairs = generated(200, seed=5)
    expected = [nltk_bleu(references, hypothesis, weights, method) for hypothesis, references in pairs]
    score = sentence_bleu([h for h, _ in pairs], [r for _, r in pairs], weights, smoothing=method)
    assert_items(score, expected, EXACT)


def test_short_hypotheses_are_reweighed_as_by_nltk() -> None:
    pairs = generated(1000, seed=8, longest=5)
    hypotheses, references = [h for h, _ in pairs], [r for _, r in pairs]
    expected = [nltk_bleu(r, h, uniform(4), "method1", auto_reweigh=True) for h, r in pairs]
    score = sentence_bleu(hypotheses, references, smoothing="method1", auto_reweigh=True)
    assert_items(score, expected, EXACT)
    plain = sentence_bleu(hypotheses, references, smoothing="method1")
    assert score.value > plain.value
    assert score.signature != plain.signature


@pytest.mark.parametrize("method", ["method0", "method1", "method2", "method3", "method4", "method5", "method7"])
def test_the_corpus_score_is_nltk_s(method: str) -> None:
    pairs = generated(300, seed=11)
    hypotheses, references = [h for h, _ in pairs], [r for _, r in pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        smoothing = getattr(SmoothingFunction(), method)
        expected = bleu_score.corpus_bleu(references, hypotheses, uniform(4), smoothing)
    assert corpus_bleu(hypotheses, references, smoothing=method).value == pytest.approx(expected, abs=EXACT)


def test_the_corpus_score_is_not_the_mean_of_the_sentences() -> None:
    """nltk's documentation of corpus_bleu prints 0.5920... and 0.6223..., cut, not rounded."""
    other = ["he", "read", "the", "book", "because", "he", "was", "interested", "in", "world", "history"]
    same = [["he", "was", "interested", "in", "world", "history", "because", "he", "read", "the", "book"]]
    hypotheses, references = [HYPOTHESIS, other], [REFERENCES, same]
    assert corpus_bleu(hypotheses, references).value == pytest.approx(0.5920, abs=1e-4)
    assert sentence_bleu(hypotheses, references).value == pytest.approx(0.6223, abs=1e-4)


@pytest.mark.parametrize(
    ("hypothesis", "order", "method", "expected"),
    # computed with nltk for the fact sheet, section 1.1, to six digits
    [
        (HYPOTHESIS, 4, "method0", 0.504566684),
        (HYPOTHESIS, 2, "method1", 0.745356),
        (HYPOTHESIS, 3, "method1", 0.624073),
        (HYPOTHESIS, 5, "method1", 0.392026),
        (BAD, 2, "method1", 0.181747),
        (BAD, 3, "method1", 0.062026),
        (BAD, 4, "method1", 0.037031),
        (BAD, 5, "method1", 0.027698),
    ],
)
def test_known_examples_have_their_known_scores(hypothesis: Words, order: int, method: str, expected: float) -> None:
    score = sentence_bleu([hypothesis], [REFERENCES], uniform(order), smoothing=method)
    assert score.value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("smoothing", "bad", "cat"),
    # computed with nltk 3.2.5's own bleu_score.py, weights of BLEU-4: BAD against REFERENCES, CAT against MAT
    [
        ("method0-nltk3.2.5", 0.39692877231857493, 0.5946035575013605),
        ("method2-nltk3.2.5", 0.13272113412712028, 0.488923022434901),
        ("method4-nltk3.2.5", 0.18996201522752174, 0.3833076531642739),
        ("method7-nltk3.2.5", 0.2838797956267975, 0.4585702630677909),
    ],
)
def test_the_legacy_smoothings_are_those_of_nltk_3_2_5(smoothing: str, bad: float, cat: float) -> None:
    score = sentence_bleu([BAD, CAT], [REFERENCES, [MAT]], smoothing=smoothing)
    assert_items(score, [bad, cat], EXACT)


def slow_legacy(hypothesis: Words, references: list[Words], order: int, smoothing: str) -> float:
    """nltk 3.2.5 written out from its description, on nltk's own precisions."""
    fractions = [bleu_score.modified_precision(references, hypothesis, n) for n in range(1, 6)]
    if fractions[0].numerator == 0:
        return 0.0
    p = [float(each) for each in fractions[:order]]
    if smoothing.startswith("method2"):
        p = [(each.numerator + 1) / (each.denominator + 1) for each in fractions[:order]]
    if smoothing.startswith(("method4", "method7")):
        p = [each or 1 / (n + 5 / math.log(len(hypothesis))) for n, each in enumerate(p)]
    if smoothing.startswith("method7"):
        upper, below, p = [*p[1:], float(fractions[4])], p[0] + 1, list(p)
        for n in range(order):
            below = p[n] = (below + p[n] + upper[n]) / 3
    closest = bleu_score.closest_ref_length(references, len(hypothesis))
    penalty = float(bleu_score.brevity_penalty(closest, len(hypothesis)))
    return penalty * math.exp(sum(math.log(each) / order for each in p if each > 0))


@pytest.mark.parametrize("smoothing", [name for name in SMOOTHINGS if name.endswith("3.2.5")])
@pytest.mark.parametrize("order", [1, 2, 4, 5])
def test_the_legacy_smoothings_follow_their_description(smoothing: str, order: int) -> None:
    pairs = [pair for pair in generated(500, seed=order + 20) if len(pair[0]) != 1]
    expected = [slow_legacy(hypothesis, references, order, smoothing) for hypothesis, references in pairs]
    score = sentence_bleu([h for h, _ in pairs], [r for _, r in pairs], uniform(order), smoothing=smoothing)
    assert_items(score, expected, EXACT)


def test_unsmoothed_bleu_rose_from_nothing_before_nltk_3_3() -> None:
    """geek-ai/Texygen#37, CR-Gjx/LeakGAN#30: orders without a match were dropped, now they make the score vanish."""
    now, then = (sentence_bleu([CAT], [[MAT]], smoothing=name) for name in ("method0", "method0-nltk3.2.5"))
    assert 0 < now.value < 1e-70
    assert then.value > 0.5
    assert now.signature != then.signature
    assert now.details["unmatched"] == 1


def test_method4_has_changed_since_nltk_3_2_5() -> None:
    for method in ("method4", "method7"):
        now, then = (
            sentence_bleu([BAD], [REFERENCES], smoothing=name).value for name in (method, f"{method}-nltk3.2.5")
        )
        assert abs(now - then) > 0.05


def test_a_hypothesis_of_one_token_was_an_error_in_method4_of_nltk_3_2_5() -> None:
    with pytest.raises(ValueError, match=r"hypotheses\[1\] has one token: method4 of nltk 3.2.5 divides by"):
        sentence_bleu([["a", "b"], ["a"]], [[["a", "b"]], [["a", "c"]]], smoothing="method4-nltk3.2.5")


def test_method5_sees_zeros_among_the_weights() -> None:
    """nltk's method5 takes 5-grams for the neighbour of the last order, whichever it is."""
    short, padded = (
        sentence_bleu([HYPOTHESIS], [REFERENCES], w, smoothing="method5") for w in (uniform(1), uniform(1, 4))
    )
    assert abs(short.value - padded.value) > 0.05
    plain = sentence_bleu([HYPOTHESIS], [REFERENCES], uniform(1))
    assert abs(padded.value - plain.value) > 0.05  # so even BLEU-1 is not the unigram precision


@pytest.mark.parametrize(
    ("hypotheses", "references", "message"),
    [
        ([], [], "hypotheses: a list of sentences is needed"),
        (["a b"], [[["a"]]], r"hypotheses\[0\] is the text 'a b', not its tokens"),
        ([["a"]], [["a b"]], r"references\[0\]\[0\] is the text 'a b', not its tokens"),
        ([["a"]], [[]], r"references\[0\] is empty: hypothesis 0 has nothing to be compared with"),
        ([["a"], ["b"]], [[["a"]]], "2 hypotheses and 1 lists of references"),
        ([["a", 3]], [[["a"]]], r"hypotheses\[0\] holds 3: tokens are texts"),
    ],
)
def test_bad_input_is_one_clear_error(hypotheses: list[Words], references: list[list[Words]], message: str) -> None:
    for metric in (sentence_bleu, corpus_bleu):
        with pytest.raises(ValueError, match=message):
            metric(hypotheses, references)


def test_nltk_s_order_of_arguments_is_an_error_not_another_score() -> None:
    """nltk takes references first; geek-ai/Texygen#49 mixed the two up."""
    for metric in (sentence_bleu, corpus_bleu):
        with pytest.raises(ValueError, match=r"hypotheses\[0\] holds \['the', 'cat', 'is', .*: tokens are texts"):
            metric([[MAT]], [CAT])  # type: ignore[list-item]  # what a user may well pass


def test_unknown_smoothings_and_bad_weights_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown smoothing 'method8'"):
        sentence_bleu([CAT], [[MAT]], smoothing="method8")
    with pytest.raises(ValueError, match=r"unknown smoothing 'method2-nltk3.2.5' of corpus BLEU"):
        corpus_bleu([CAT], [[MAT]], smoothing="method2-nltk3.2.5")
    with pytest.raises(ValueError, match="method6 is undefined for this corpus"):
        corpus_bleu([CAT], [[["the", "dog"]]], smoothing="method6")
    with pytest.raises(ValueError, match="method6 starts at trigrams"):
        sentence_bleu([CAT], [[MAT]], uniform(2), smoothing="method6")
    for weights in ((), (math.nan,), (-1.0, 2.0), (0.0, 0.0)):
        with pytest.raises(ValueError, match="weights must be finite, none negative, not all zero"):
            sentence_bleu([CAT], [[MAT]], weights)
    with pytest.raises(ValueError, match="BLEU-3 of 2 weights"):
        uniform(3, 2)


def test_the_signature_says_how_it_was_computed() -> None:
    found = sentence_bleu([CAT, CAT], [[MAT], [MAT, CAT]], smoothing="method1", tokens="13a").signature
    expected = "bleu-4|impl:repro/1|refs:1-2|weights:0.25,0.25,0.25,0.25|reweigh:False|smoothing:method1|tokens:13a"
    assert found == expected + "|average:sentences|dtype:float64"
