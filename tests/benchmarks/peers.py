"""Metrics beside the fastest tools that give the same values: processor seconds of one thread, medians of rounds.

Every value that both have is compared. A ratio is the peer's time over ours, the median over rounds that alternate
between the two: above 1 ours is faster. Where texts are scored by rouge-score-rs itself, and weighted transport by POT,
it says what checking and the means cost.
"""

from __future__ import annotations

import importlib.util
import lzma
import os
import tempfile
import time
from collections.abc import Callable
from itertools import chain, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import ot
import torch
from rouge_score_rs.rouge_scorer import RougeScorer
from rouge_score_rs.tokenizers import DefaultTokenizer
from sacrebleu.metrics.bleu import BLEU
from scipy.linalg import eigvalsh
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from repro.metrics.images.frechet import frechet_distance
from repro.metrics.language.kneser_ney import KneserNey
from repro.metrics.score import Score
from repro.metrics.text.bleu import corpus_bleu
from repro.metrics.text.bleu_scripts import multi_bleu
from repro.metrics.text.distinct import distinct_n
from repro.metrics.text.rouge import rouge_l, rouge_lsum, rouge_n
from repro.metrics.text.rouge_scripts import duc_recall
from repro.metrics.text.transport import earth_movers_distance, ipot_distance
from tests.benchmarks.arpa import written
from tests.benchmarks.clock import rounds

Work = Callable[[], Any]
PAIRS = 10_000


def main() -> str:
    """A row for each metric and peer."""
    os.environ["RAYON_NUM_THREADS"] = "1"  # before the first call of the library
    rows = [*_transport(), *_frechet()]
    if folder := os.environ.get("REPRO_DATA"):
        rows += _texts(*(_lines(Path(folder) / "emnlp_news" / f"{n}.txt.xz") for n in ("test_emnlp", "news.valid")))
    head = ["**Metrics beside their fastest peers**", "", "| | peer, ms | ours, ms | ratio |", "|---|---:|---:|---:|"]
    tail = [] if folder else ["", "REPRO_DATA names no folder with EMNLP news: texts were not measured."]
    return "\n".join([*head, *rows, *tail])


def _row(name: str, ours: Work, peer: Work, repeats: int = 25, inner: int = 1, tolerance: float = 1e-12) -> str:
    """`ours` and `peer` give numbers, which must agree."""
    np.testing.assert_allclose(ours(), peer(), rtol=tolerance, atol=tolerance)
    taken = rounds({"ours": ours, "peer": peer}, repeats, inner, time.process_time)
    ratio = median(there / here for here, there in zip(taken["ours"], taken["peer"], strict=True))
    return f"| {name} | {median(taken['peer']) * 1e3:.3g} | {median(taken['ours']) * 1e3:.3g} | {ratio:.2f} |"


def _transport() -> list[str]:
    rows, random = [], np.random.default_rng(0)
    for n, m, repeats, inner in ((30, 30, 25, 40), (50, 70, 25, 20), (300, 300, 25, 2)):
        cost, p, q = random.random((n, m)), random.dirichlet(np.ones(n)), random.dirichlet(np.ones(m))
        size = f"{n} x {m}"

        def distance(cost: np.ndarray = cost, p: np.ndarray = p, q: np.ndarray = q) -> float:
            return earth_movers_distance(cost, p, q).value

        def iterated(cost: np.ndarray = cost, p: np.ndarray = p, q: np.ndarray = q) -> float:
            return ipot_distance(cost, p, q).value

        def by_pot(cost: np.ndarray = cost, p: np.ndarray = p, q: np.ndarray = q) -> float:
            return float(ot.emd2(p, q, cost))

        def plain(cost: np.ndarray = cost, p: np.ndarray = p, q: np.ndarray = q) -> float:
            return _plain_ipot(cost, p, q)

        rows.append(_row(f"earth mover's distance {size}, weights; POT's emd2", distance, by_pot, repeats, inner))
        rows.append(_row(f"IPOT {size}; its released lines in numpy", iterated, plain, repeats, inner))
    return rows


def _plain_ipot(cost: np.ndarray, p: np.ndarray, q: np.ndarray) -> float:
    plan, kernel, sigma = np.ones_like(cost), np.exp(-cost / 0.5), np.full(len(q), 1 / len(q))
    for _ in range(50):
        weighted = kernel * plan
        delta = p / (weighted @ sigma)
        sigma = q / (weighted.T @ delta)
        plan = delta[:, None] * weighted * sigma
    return float((plan * cost).sum())


def _frechet(n: int = 10_000, d: int = 2_048) -> list[str]:
    random = np.random.default_rng(1)
    mixing = random.normal(size=(d, d)) / np.sqrt(d)
    a, b = random.normal(size=(n, d)) @ mixing, random.normal(size=(n, d)) @ mixing + 0.1

    def cholesky() -> float:
        c, e = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
        factor = np.linalg.cholesky(c)
        roots = np.sqrt(eigvalsh(factor.T @ e @ factor).clip(0))
        return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(c) + np.trace(e) - 2 * roots.sum())

    def torch_fidelity() -> float:
        moments = [fid_features_to_statistics(torch.from_numpy(side)) for side in (a, b)]
        return float(fid_statistics_to_metric(*moments, verbose=False)["frechet_inception_distance"])

    def ours() -> float:
        return frechet_distance(a, b).value

    name = f"Fréchet distance {n:,} x {d:,}; "
    return [
        _row(f"{name}numpy's covariances, Cholesky and eigvalsh", ours, cholesky, repeats=5, tolerance=1e-8),
        _row(f"{name}torch-fidelity", ours, torch_fidelity, repeats=1, tolerance=1e-8),
    ]


def _texts(hypotheses: list[str], references: list[str]) -> list[str]:
    ours, theirs = hypotheses[:PAIRS], references[:PAIRS]
    tokens, of_references = [text.split() for text in ours], [[text.split()] for text in theirs]
    texts = [[text] for text in theirs]

    def library(kind: str, stem: bool = False, given: bool = False) -> Work:
        scorer = RougeScorer([kind], use_stemmer=stem)

        def work() -> list[float]:
            sides = (theirs, ours)
            if given:
                sides = [" ".join(own[0]) for own in of_references], [" ".join(sentence) for sentence in tokens]
            found = [each[kind] for each in scorer.score_batch(*sides)]
            return [float(np.mean([getattr(each, f) for each in found])) for f in ("fmeasure", "recall", "precision")]

        return work

    def means(work: Callable[[], Score]) -> Work:
        def sides() -> list[float]:
            found = work().details
            return [found[side] for side in ("f1", "recall", "precision")]

        return sides

    same = _plain_words(tokens), [[own] for own in _plain_words([own[0] for own in of_references])]
    tokens, of_references = same  # words that rouge's tokenisation leaves alone, so that both see the same
    in_three = [_in_three(sentence) for sentence in tokens], [[_in_three(own[0])] for own in of_references]

    def library_of_three() -> list[float]:
        scorer = RougeScorer(["rougeLsum"])
        lines = [
            ["\n".join(map(" ".join, text)) for text in side] for side in (in_three[0], [o[0] for o in in_three[1]])
        ]
        found = [each["rougeLsum"] for each in scorer.score_batch(lines[1], lines[0])]
        return [float(np.mean([getattr(each, f) for each in found])) for f in ("fmeasure", "recall", "precision")]

    whole = [" ".join(sentence) for sentence in tokens], [" ".join(own[0]) for own in of_references]
    four = [theirs[at : at + 4] for at in range(0, 2000, 4)]
    bleu = BLEU(tokenize="none", smooth_method="none", force=True)
    rows = [
        _row("ROUGE-L of texts; rouge-score-rs", means(lambda: rouge_l(ours, texts, tokens="rouge")),
             library("rougeL")),
        _row("ROUGE-L of texts, stemmed; rouge-score-rs", means(lambda: rouge_l(ours, texts, tokens="rouge-stem")),
             library("rougeL", stem=True)),
        _row("ROUGE-2 of texts; rouge-score-rs", means(lambda: rouge_n(ours, texts, 2, tokens="rouge")),
             library("rouge2")),
        _row("ROUGE-Lsum of texts; rouge-score-rs", means(lambda: rouge_lsum(ours, texts, tokens="rouge")),
             library("rougeLsum")),
        _row("ROUGE-L of tokens; rouge-score-rs on them joined", means(lambda: rouge_l(tokens, of_references)),
             library("rougeL", given=True)),
        _row("ROUGE-2 of tokens; rouge-score-rs on them joined", means(lambda: rouge_n(tokens, of_references, 2)),
             library("rouge2", given=True)),
        _row("ROUGE-Lsum of tokens; rouge-score-rs on them joined", means(lambda: rouge_lsum(*in_three)),
             library_of_three),
        _row("DUC recall, ROUGE-1; rouge-score-rs on the cut texts",
             lambda: duc_recall(ours[:500], texts[:500], "1").value, lambda: _duc(ours[:500], theirs[:500])),
        _row("DUC recall, ROUGE-1, four references; rouge-score-rs, pooled by its tokens",
             lambda: duc_recall(ours[:500], four, "1").value, lambda: _duc_of_four(ours[:500], four)),
        _row("BLEU-4 of a corpus; sacrebleu", lambda: 100 * corpus_bleu(tokens, of_references).value,
             lambda: bleu.corpus_score(whole[0], [whole[1]]).score, repeats=7, tolerance=1e-9),
        _row("BLEU-4 of a corpus; multi-bleu of this project", lambda: 100 * corpus_bleu(tokens, of_references).value,
             lambda: multi_bleu(tokens, of_references).value, repeats=7),
        _row("distinct-2; a set of zip", lambda: distinct_n(tokens, 2).value, lambda: _distinct(tokens)),
    ]  # fmt: skip
    return [*rows, *_kneser_ney(tokens, [own[0] for own in of_references])]


def _plain_words(sentences: list[list[str]]) -> list[list[str]]:
    return [["".join(c for c in word.lower() if c.isascii() and c.isalnum()) or "x" for word in s] for s in sentences]


def _in_three(sentence: list[str]) -> list[list[str]]:
    return [part for part in (sentence[:9], sentence[9:18], sentence[18:]) if part]


def _duc(hypotheses: list[str], references: list[str]) -> float:
    return float(np.mean(_recalls(references, hypotheses)))


def _duc_of_four(hypotheses: list[str], references: list[list[str]]) -> float:
    theirs = list(chain.from_iterable(references))
    recalls = np.array(_recalls(theirs, [text for text in hypotheses for _ in range(4)])).reshape(-1, 4)
    split = DefaultTokenizer(use_stemmer=True).tokenize
    had = np.array([len(split(_cut(text))) for text in theirs]).reshape(-1, 4)
    return float(((recalls * had).sum(axis=1) / had.sum(axis=1)).mean())


def _recalls(references: list[str], hypotheses: list[str]) -> list[float]:
    cut = [[_cut(text) for text in side] for side in (references, hypotheses)]
    return [each["rouge1"].recall for each in RougeScorer(["rouge1"], use_stemmer=True).score_batch(*cut)]


def _cut(text: str) -> str:
    return text.encode()[:75].decode(errors="ignore")


def _distinct(sentences: list[list[str]]) -> float:
    different: set[tuple[str, str]] = set()
    for sentence in sentences:
        different.update(pairwise(sentence))
    return len(different) / sum(len(sentence) - 1 for sentence in sentences)


def _kneser_ney(train: list[list[str]], test: list[list[str]]) -> list[str]:
    if importlib.util.find_spec("kenlm") is None:
        return ["| Kneser-Ney 5-gram scores; kenlm (not installed: the extra `bench`) | | | |"]
    import kenlm

    model = KneserNey(train, 5)
    with tempfile.TemporaryDirectory() as folder:
        theirs = kenlm.Model(str(written(model, Path(folder) / "model.arpa")))

    def by_kenlm() -> float:
        return float(-np.log(10) * sum(theirs.score(" ".join(sentence)) for sentence in test))

    name = "Kneser-Ney 5-gram scores; kenlm's of the same model, float32"
    return [_row(name, lambda: float(model.nats(test).sum()), by_kenlm, tolerance=1e-5)]


def _lines(path: Path) -> list[str]:
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return [line for line in file.read().split("\n") if line.strip()]
