"""CIDEr and CIDEr-D: the paper's formula written out slowly, published values, and what must be refused."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest

from repro.metrics.text.cider import cider_d, cider_score
from tests.metrics.text.sentence_cases import Words, assert_items, generated, lines

EXACT = 1e-9  # sums of hundreds of float64 products in another order

Images = list[tuple[Words, list[Words]]]


def grams(sentence: Words, n: int) -> list[tuple[str, ...]]:
    return [tuple(sentence[start : start + n]) for start in range(len(sentence) - n + 1)]


def by_the_paper(images: Images, corpus: list[list[Words]], *, clipped: bool) -> list[float]:
    """Equations 1 to 3 of section 4, and of the extension 5 of section 7, over the list of all n-grams, times 10."""
    scores = [0.0] * len(images)
    for n in range(1, 5):
        documents = [{gram for reference in own for gram in grams(reference, n)} for own in corpus]
        for number, (hypothesis, references) in enumerate(images):
            every = sorted({gram for sentence in (hypothesis, *references) for gram in grams(sentence, n)})
            idf = [math.log(len(corpus) / max(1, sum(gram in own for own in documents))) for gram in every]
            g = [grams(hypothesis, n).count(gram) * weight for gram, weight in zip(every, idf, strict=True)]
            for reference in references:
                s = [grams(reference, n).count(gram) * weight for gram, weight in zip(every, idf, strict=True)]
                norms = math.sqrt(sum(x * x for x in g)) * math.sqrt(sum(x * x for x in s))
                if norms == 0:
                    continue
                product = sum((min(x, y) if clipped else x) * y for x, y in zip(g, s, strict=True)) / norms
                gap = max(len(hypothesis) - 1, 0) - max(len(reference) - 1, 0)
                scores[number] += product * (math.exp(-gap * gap / 72) if clipped else 1) / len(references) * 10 / 4
    return scores


@pytest.mark.parametrize("clipped", [True, False])
def test_the_score_is_the_paper_s_formula(clipped: bool) -> None:
    """2,000 images in corpora of 10 to 40, with empty captions, repeated words and equal captions."""
    metric = cider_d if clipped else cider_score
    pairs = [pair for pair in generated(2000, seed=int(clipped)) if len(pair[0]) < 300]
    random.Random(0).shuffle(pairs)
    start, size = 0, 10
    while start < len(pairs) - size:
        images = pairs[start : start + size]
        expected = by_the_paper(images, [own for _, own in images], clipped=clipped)
        assert_items(metric([h for h, _ in images], [r for _, r in images]), expected, EXACT)
        start, size = start + size, size % 40 + 10


def test_document_frequencies_may_come_from_another_corpus() -> None:
    images = [pair for pair in generated(30, seed=4) if len(pair[0]) < 300]
    corpus = [own for _, own in generated(25, seed=5)[20:]]
    hypotheses, references = [h for h, _ in images], [r for _, r in images]
    for metric in (cider_score, cider_d):
        expected = by_the_paper(images, corpus, clipped=metric is cider_d)
        score = metric(hypotheses, references, idf_corpus=corpus)
        assert_items(score, expected, EXACT)
        assert f"|idf:given|images:{len(corpus)}|" in score.signature


def test_one_image_alone_is_refused_and_scored_with_a_corpus() -> None:
    """tylin/coco-caption#9: it silently scored 0."""
    with pytest.raises(ValueError, match="inverse document frequencies of 1 image are all 0: give an idf_corpus"):
        cider_d([["a"]], [[["a"]]])
    caption = ["a", "b", "c", "d"]
    assert cider_d([caption], [[caption]], idf_corpus=[[caption], [["x"]]]).value == pytest.approx(10)


def test_two_images_with_nothing_in_common_and_their_own_references_score_ten() -> None:
    first, second = ["a", "cat", "on", "a", "mat"], ["two", "dogs", "play", "in", "snow"]
    assert_items(cider_d([first, second], [[first], [second]]), [10, 10], EXACT)


def test_repeating_a_rare_word_pays_in_cider_and_not_in_cider_d() -> None:
    """Section 7, gaming: a repeated word has a high cosine, clipping and the length penalty take it away."""
    references = [[["a", "zebra"]], [["a", "dog"]]]
    honest, gamed = ["a", "zebra"], ["zebra"] * 20
    plain = [cider_score([h, ["a", "dog"]], references).items for h in (honest, gamed)]
    strict = [cider_d([h, ["a", "dog"]], references).items for h in (honest, gamed)]
    assert plain[0] is not None
    assert plain[1] is not None
    assert strict[0] is not None
    assert strict[1] is not None
    assert plain[1][0] == pytest.approx(2.5)  # unigrams in full, though 19 of 20 words are padding
    assert strict[1][0] < 0.01
    assert strict[0][0] == plain[0][0]


def test_a_caption_that_is_five_words_longer_pays_for_five() -> None:
    """By hand: one word of six matches the only word of the reference. All idf are log 2, so the cosine of unigrams is
    1 / sqrt 6, of the four orders the others count 0, and d is 6 - 1.
    """
    found = cider_d([["k", "p", "q", "r", "s", "t"], ["z"]], [[["k"]], [["z"]]]).items
    assert found is not None
    assert found[0] == pytest.approx(10 / 4 / math.sqrt(6) * math.exp(-25 / 72), abs=EXACT)


def test_cider_d_of_the_fact_sheet_s_toy_captions() -> None:
    """Computed with pycocoevalcap for the fact sheet, section 1.3, to six digits."""
    hypotheses = ["a man rides a horse on the beach", "two dogs playing in the snow", "a bowl of food"]
    references = [
        ["a man riding a horse on the beach", "a person rides a horse along the shore"],
        ["two dogs play in the snow", "a pair of dogs playing in snow"],
        ["a plate of food on a table", "a table with a plate of pasta"],
    ]
    score = cider_d([h.split() for h in hypotheses], [[r.split() for r in own] for own in references])
    assert_items(score, [4.110787, 3.754976, 0.784609], 1e-6)
    assert score.value == pytest.approx(2.883457, abs=1e-6)


def test_nlgeval_s_documented_cider_is_cider_d(real_data: Path) -> None:
    """Maluuba/nlg-eval documents 1.242192 under the name CIDEr."""
    folder = real_data / "caption_eval"
    read = [(folder / f"nlgeval.{name}.txt").read_text().splitlines() for name in ("hyp", "ref1", "ref2")]
    hypotheses, first, second = [[line.split() for line in each] for each in read]
    references = [list(pair) for pair in zip(first, second, strict=True)]
    assert cider_d(hypotheses, references).value == pytest.approx(1.242192, abs=1e-6)
    assert abs(cider_score(hypotheses, references).value - 1.242192) > 0.01


def test_a_real_caption_is_nearer_to_its_image_s_captions_than_to_another_s(real_data: Path) -> None:
    """Flickr8k, 500 images: the first caption against the other four, in order and shifted by one image."""
    rows = [line.split("\t")[1].split() for line in lines(real_data / "caption_eval" / "Flickr8k.token.txt.xz")[:2500]]
    hypotheses, references = rows[::5], [rows[i + 1 : i + 5] for i in range(0, len(rows), 5)]
    for metric in (cider_score, cider_d):
        own, other = metric(hypotheses, references), metric(hypotheses[1:] + hypotheses[:1], references)
        assert own.value > 5 * other.value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cider_score([], []), "hypotheses: a list of sentences is needed"),
        (lambda: cider_score(["a b"], [[["a"]]]), r"hypotheses\[0\] is the text 'a b'"),
        (lambda: cider_d([["a"], ["b"]], [[["a"]], []]), r"references\[1\] is empty"),
        (lambda: cider_d([["a"]], [[["a"]]], idf_corpus=[]), "inverse document frequencies of 0 image"),
    ],
)
def test_bad_input_is_one_clear_error(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
