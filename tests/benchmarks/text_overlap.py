"""BLEU against whole sets and ROUGE-L against their references, on EMNLP news, with one core and the same tokens.

nltk's loop over 10,000 hypotheses takes hours, and each of its hypotheses the same work as any other of its length: a
stated number of them, evenly spread over the set, is measured and scaled up linearly. Ours is measured on the whole.
The least of alternating rounds counts, and every value that both have is compared.
"""

from __future__ import annotations

import lzma
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from nltk.translate.bleu_score import SmoothingFunction
from nltk.translate.bleu_score import sentence_bleu as nltk_bleu
from rouge_score.rouge_scorer import RougeScorer

from repro.metrics.text.bleu import uniform
from repro.metrics.text.bleu_sets import self_bleu, texygen_bleu
from repro.metrics.text.rouge import rouge_l
from tests.benchmarks.clock import table

SMOOTHING = SmoothingFunction().method1
PAIRS, ROUNDS = 100_000, 5
Words = list[str]


def main() -> str:
    """Seconds of each, nltk's scaled to the whole, and the peak of memory that Python and numpy ask for."""
    if not (folder := os.environ.get("REPRO_DATA")):
        return "REPRO_DATA names no folder with EMNLP news: text overlap was not measured."
    test, valid = (_sentences(Path(folder) / "emnlp_news" / f"{name}.txt.xz") for name in ("test_emnlp", "news.valid"))
    return "\n\n".join([_whole_set(valid, test), _self_bleu(test[:1000]), _rouge(valid, test)])


def _whole_set(hypotheses: list[Words], references: list[Words], measured: int = 8) -> str:
    chosen = range(0, len(hypotheses), len(hypotheses) // measured)
    found: dict[int, float] = {}

    def nltk_on_a_few() -> None:
        found.update({i: nltk_bleu(references, hypotheses[i], uniform(5), SMOOTHING) for i in chosen})

    ours, theirs, score = _against(lambda: texygen_bleu(hypotheses, references, 5), nltk_on_a_few, rounds=2)
    _same(score.items[list(chosen)], list(found.values()), 1e-12)
    title = f"BLEU-5 of {len(hypotheses):,} hypotheses, each against the same {len(references):,} references"
    name = f"nltk's sentence_bleu, {len(chosen)} hypotheses scaled to {len(hypotheses):,}"
    peak = _peak(lambda: texygen_bleu(hypotheses, references, 5))
    return _rows(title, name, theirs * len(hypotheses) / len(chosen), ours, peak)


def _self_bleu(sentences: list[Words], measured: int = 10) -> str:
    chosen = range(0, len(sentences), len(sentences) // measured)
    found: dict[int, float] = {}

    def nltk_on_a_few() -> None:
        others = {i: sentences[:i] + sentences[i + 1 :] for i in chosen}
        found.update({i: nltk_bleu(others[i], sentences[i], uniform(5), SMOOTHING) for i in chosen})

    ours, theirs, score = _against(lambda: self_bleu(sentences, 5), nltk_on_a_few)
    _same(score.items[list(chosen)], list(found.values()), 1e-12)
    title = f"Self-BLEU-5 of {len(sentences):,} sentences"
    name = f"nltk's sentence_bleu, {len(chosen)} sentences scaled to {len(sentences):,}"
    peak = _peak(lambda: self_bleu(sentences, 5))
    return _rows(title, name, theirs * len(sentences) / len(chosen), ours, peak)


class _Given:
    def tokenize(self, tokens: Words) -> Words:
        """The tokens as they are."""
        return tokens


def _rouge(hypotheses: list[Words], references: list[Words]) -> str:
    repeated = [(h, references[(i + shift) % len(references)]) for shift in range(10) for i, h in enumerate(hypotheses)]
    pairs = repeated[:PAIRS]
    ours_of, theirs_of = [h for h, _ in pairs], [[r] for _, r in pairs]
    scorer = RougeScorer(["rougeL"], tokenizer=_Given())
    found: list[float] = []

    def rouge_score() -> None:
        found[:] = [scorer.score(reference, hypothesis)["rougeL"].fmeasure for hypothesis, reference in pairs]

    ours, theirs, score = _against(lambda: rouge_l(ours_of, theirs_of), rouge_score, rounds=2)
    _same(score.items, found, 1e-12)
    peak = _peak(lambda: rouge_l(ours_of, theirs_of))
    return _rows(f"ROUGE-L of {len(pairs):,} pairs of 28 words", "rouge-score", theirs, ours, peak)


def _against(ours: Callable[[], Any], theirs: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float, Any]:
    """The least seconds of each over alternating rounds, and what ours gives; one call of ours to compile."""
    score = ours()
    taken: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for number, work in enumerate((ours, theirs)):
            start = time.perf_counter()
            work()
            taken[number].append(time.perf_counter() - start)
    return min(taken[0]), min(taken[1]), score


def _same(ours: np.ndarray, theirs: list[float], tolerance: float) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)


def _peak(work: Callable[[], object]) -> float:
    """MiB asked for at once, beside the sentences themselves."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20


def _rows(title: str, reference: str, theirs: float, ours: float, peak: float) -> str:
    rows = {reference: (theirs, "s"), f"this project, peak {peak:.0f} MiB": (ours, "s")}
    return f"{table(title, rows, reference)}\n\n{theirs / ours:,.0f} times as fast, values equal to 1e-12"


def _sentences(path: Path) -> list[Words]:
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line.split() for line in file.read().split("\n") if line.strip()]
