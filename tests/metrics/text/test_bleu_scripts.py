"""The scripts' BLEU: sacrebleu, published counts, and the formulas of the scripts written out."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu as reference_tool

from repro.metrics.text.bleu_scripts import coco_bleu, coco_formula, multi_bleu, sacrebleu, tensorflow_nmt_bleu
from repro.metrics.text.bleu_statistics import Statistics
from tests.metrics.text.sentence_cases import HARD, Words, generated, lines

CAT, MAT = ["the", "cat", "sat", "on", "the", "mat"], ["the", "cat", "is", "on", "the", "mat"]


def corpora(seed: int) -> tuple[list[Words], list[list[Words]]]:
    """A corpus of 30 pairs; words with a blank inside left out, which the tools would split."""
    pairs = [(h, r) for h, r in generated(30, seed=seed) if not any(len(w.split()) != 1 for s in (h, *r) for w in s)]
    return [h for h, _ in pairs], [r for _, r in pairs]


def clipped(hypotheses: list[Words], references: list[list[Words]], order: int) -> tuple[list[int], list[int]]:
    """Matches and totals by order, counted one n-gram at a time."""
    matched, total = [0] * order, [0] * order
    for hypothesis, own in zip(hypotheses, references, strict=True):
        for n in range(1, order + 1):
            ours = Counter(tuple(hypothesis[i : i + n]) for i in range(len(hypothesis) - n + 1))
            best: Counter[tuple[str, ...]] = Counter()
            for each in own:
                best |= Counter(tuple(each[i : i + n]) for i in range(len(each) - n + 1))
            matched[n - 1] += (ours & best).total()
            total[n - 1] += ours.total()
    return matched, total


def test_multi_bleu_is_sacrebleu_without_tokenisation_and_smoothing() -> None:
    for seed in range(60):
        hypotheses, references = corpora(seed)
        most = max(map(len, references))
        streams: list[Any] = [[" ".join(r[k]) if k < len(r) else None for r in references] for k in range(most)]
        tool = reference_tool.BLEU(tokenize="none", smooth_method="none", force=True)
        expected = tool.corpus_score([" ".join(h) for h in hypotheses], streams)
        found = multi_bleu(hypotheses, references)
        assert found.value == pytest.approx(expected.score, abs=1e-9)
        assert found.details["length"] == expected.sys_len
        assert found.details["reference_length"] == expected.ref_len


def test_lower_case_is_asked_for_and_said() -> None:
    upper, lower = [["The", "CAT", "sat", "on", "it"]], [["the", "cat", "sat", "on", "it"]]
    assert multi_bleu(upper, [lower]).value == 0
    assert multi_bleu(upper, [lower], lowercase=True).value == pytest.approx(100)
    assert multi_bleu(lower, [upper], lowercase=True).value == pytest.approx(100)
    assert multi_bleu(lower, [lower], lowercase=True).signature != multi_bleu(lower, [lower]).signature


def test_the_nmt_script_takes_the_shortest_reference() -> None:
    for seed in range(60):
        hypotheses, references = corpora(seed)
        matched, total = clipped(hypotheses, references, 4)
        length, shortest = sum(map(len, hypotheses)), sum(min(map(len, own)) for own in references)
        precision = [m / t if t else 0.0 for m, t in zip(matched, total, strict=True)]
        mean = math.exp(sum(math.log(p) / 4 for p in precision)) if min(precision) > 0 else 0.0
        penalty = 1.0 if length / shortest > 1 else math.exp(1 - shortest / length)
        found = tensorflow_nmt_bleu(hypotheses, references)
        assert found.value == pytest.approx(100 * mean * penalty, abs=1e-9)


def test_shortest_and_closest_references_give_different_scores() -> None:
    hypotheses, references = (
        [["a", "b", "c", "d", "e", "f"]],
        [["a", "b", "c", "d"], ["a", "b", "c", "d", "e", "f", "g"]],
    )
    assert tensorflow_nmt_bleu(hypotheses, [references]).value == pytest.approx(100)
    assert multi_bleu(hypotheses, [references]).value == pytest.approx(100 * math.exp(1 - 7 / 6))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_coco_bleu_follows_the_script(order: int) -> None:
    for seed in range(40):
        hypotheses, references = corpora(seed)
        matched, total = clipped(hypotheses, references, order)
        closest = sum(
            min((abs(len(r) - len(h)), len(r)) for r in own)[1] for h, own in zip(hypotheses, references, strict=True)
        )
        expected = math.prod((m + 1e-15) / (t + 1e-9) for m, t in zip(matched, total, strict=True)) ** (1 / order)
        ratio = (sum(map(len, hypotheses)) + 1e-15) / (closest + 1e-9)
        expected *= math.exp(1 - 1 / ratio) if ratio < 1 else 1
        assert coco_bleu(hypotheses, references, order).value == pytest.approx(expected, abs=1e-9)


def test_the_published_counts_give_coco_caption_s_published_scores() -> None:
    """The demo of tylin/coco-caption: 1,000 captions, counts and Bleu_1 to Bleu_4 to three digits."""
    matched, total = np.array([[5732, 2510, 1043, 423]]), np.array([[9893, 8893, 7893, 6893]])
    lengths = np.array([9893]), np.array([9855]), np.array([9855])
    found = [coco_formula(Statistics(matched[:, :n], total[:, :n], *lengths)) for n in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, [0.579, 0.404, 0.279, 0.191], rtol=0, atol=5e-4)


def test_coco_bleu_of_the_fact_sheet_s_toy_captions() -> None:
    """Computed with pycocoevalcap for the fact sheet, section 1.3, to six digits."""
    hypotheses, references = toy_captions()
    found = [coco_bleu(hypotheses, references, order).value for order in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, [0.799455, 0.735785, 0.611922, 0.455642], rtol=0, atol=1e-6)


def toy_captions() -> tuple[list[Words], list[list[Words]]]:
    hypotheses = ["a man rides a horse on the beach", "two dogs playing in the snow", "a bowl of food"]
    references = [
        ["a man riding a horse on the beach", "a person rides a horse along the shore"],
        ["two dogs play in the snow", "a pair of dogs playing in snow"],
        ["a plate of food on a table", "a table with a plate of pasta"],
    ]
    return [text.split() for text in hypotheses], [[text.split() for text in own] for own in references]


def test_nlgeval_s_documented_scores(real_data: Path) -> None:
    """Maluuba/nlg-eval documents BLEU-1 to 4 of its example files."""
    folder = real_data / "caption_eval"
    read = [(folder / f"nlgeval.{name}.txt").read_text().splitlines() for name in ("hyp", "ref1", "ref2")]
    hypotheses, first, second = [[line.split() for line in each] for each in read]
    references = [list(pair) for pair in zip(first, second, strict=True)]
    found = [coco_bleu(hypotheses, references, order).value for order in (1, 2, 3, 4)]
    np.testing.assert_allclose(found, [0.550000, 0.428174, 0.284043, 0.201143], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("smoothing", "expected"), [("none", 0.0), ("exp", 37.991784), ("floor", 25.406637), ("add-k", 48.549177)]
)
def test_one_pair_has_a_score_for_each_smoothing(smoothing: str, expected: float) -> None:
    """Fact sheet, section 1.1: sacrebleu's values for one sentence pair, to six digits."""
    found = sacrebleu([" ".join(CAT)], [[" ".join(MAT)]], tokenize="none", smoothing=smoothing)
    assert found.value == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("tokenize", "expected"), [("13a", 48.530827), ("none", 49.191957), ("intl", 43.916235)])
def test_the_tokenisation_moves_the_score_and_the_signature(tokenize: str, expected: float) -> None:
    """sacrebleu's README example."""
    hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
    references = [
        ["The dog bit the man.", "The dog had bit the man."],
        ["It was not unexpected.", "No one was surprised."],
        ["The man bit him first.", "The man had bitten the dog."],
    ]
    found = sacrebleu(hypotheses, references, tokenize=tokenize)
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert f"tok:{tokenize}/" in found.signature
    assert found.signature.startswith(f"bleu-4|impl:sacrebleu/{reference_tool.__version__}|")


def test_hypotheses_may_have_different_numbers_of_references() -> None:
    found = sacrebleu(["a b c d e", "f g h i"], [["a b c d e"], ["x", "f g h i"]])
    assert found.value == pytest.approx(100)


def test_captions_of_a_thousand_images_score_as_by_sacrebleu(real_data: Path) -> None:
    """Flickr8k: the first caption of an image against its other four."""
    rows = [line.split("\t")[1].split() for line in lines(real_data / "caption_eval" / "Flickr8k.token.txt.xz")[:5000]]
    hypotheses, references = rows[::5], [rows[i + 1 : i + 5] for i in range(0, len(rows), 5)]
    streams = [[" ".join(own[k]) for own in references] for k in range(4)]
    tool = reference_tool.BLEU(tokenize="none", smooth_method="none", force=True)
    expected = tool.corpus_score([" ".join(h) for h in hypotheses], streams).score
    assert multi_bleu(hypotheses, references).value == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("hypothesis", [h for h, _ in HARD])
def test_a_corpus_without_four_grams_scores_zero_not_an_error(hypothesis: Words) -> None:
    assert multi_bleu([hypothesis], [[["nothing"]]]).value == 0
    assert tensorflow_nmt_bleu([hypothesis], [[[]]]).value == 0
    assert 0 <= coco_bleu([hypothesis], [[[]]], 4).value < 1e-3


def test_bad_input_is_one_clear_error() -> None:
    with pytest.raises(ValueError, match="sacrebleu takes texts, one a hypothesis, not tokens"):
        sacrebleu([["a"]], [["a"]])  # type: ignore[list-item]  # what a user may well pass
    with pytest.raises(ValueError, match="1 hypotheses, 0 lists of references"):
        sacrebleu(["a"], [])
    with pytest.raises(ValueError, match="1 hypotheses, 1 lists of references: one or more for each"):
        sacrebleu(["a"], [[]])
    for metric in (multi_bleu, tensorflow_nmt_bleu):
        with pytest.raises(ValueError, match=r"references\[0\] is empty"):
            metric([["a"]], [[]])
    with pytest.raises(ValueError, match="BLEU-0"):
        coco_bleu([["a"]], [[["a"]]], 0)
