"""How the time of metrics grows with ten times the input, beside the growth that their docstrings state.

Processor seconds of one thread, medians of rounds that alternate between both sizes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import log
from statistics import median

import numpy as np

from repro.metrics.images.frechet import frechet_distance
from repro.metrics.text.bleu_sets import bleu_precision_recall
from repro.metrics.text.distinct import distinct_n
from repro.metrics.text.rouge import rouge_lsum
from repro.metrics.text.transport import earth_movers_distance
from tests.benchmarks.clock import rounds

Work = Callable[[], object]
WORDS, LENGTH = 5_000, 20


def main() -> str:
    """A row for each metric and what is made ten times as large."""
    head = ["| | small, ms | ten times, ms | growth | stated |", "|---|---:|---:|---:|---:|"]
    return "\n".join(["**Ten times the input**", "", *head, *_transport(), _frechet(), *_texts()])


def _row(name: str, stated: float, small: Work, large: Work, inner: int = 5) -> str:
    """`inner` calls a round of the small one, whose times are short."""

    def repeated() -> None:
        for _ in range(inner):
            small()

    taken = rounds({"small": repeated, "large": large}, 5, clock=time.process_time)
    before, after = median(taken["small"]) / inner, median(taken["large"])
    return f"| {name} | {before * 1e3:.3g} | {after * 1e3:.3g} | {after / before:.0f} | {stated:.0f} |"


def _transport() -> list[str]:
    random = np.random.default_rng(0)

    def solved(n: int, weighted: bool) -> Work:
        cost = random.random((n, n))
        weights = [random.dirichlet(np.ones(n)) for _ in range(2)] if weighted else [None, None]
        return lambda: earth_movers_distance(cost, *weights)

    name = "earth mover's distance 100 x 100"
    simplex = 1000 * log(1000) / log(100)
    return [
        _row(f"{name}, weights: n^3 log n at most", simplex, solved(100, True), solved(1000, True), inner=50),
        _row(f"{name}, none: at most n^3", 1000, solved(100, False), solved(1000, False), inner=50),
    ]


def _frechet(n: int = 10_000, d: int = 200) -> str:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(n, 10 * d)), random.normal(size=(n, 10 * d))
    few = np.ascontiguousarray(a[:, :d]), np.ascontiguousarray(b[:, :d])
    stated = 100 * (2 * n + 10 * d) / (2 * n + d)
    name = f"Fréchet distance, dimensions ({n:,} x {d}): (N + M) D^2 + D^3"
    return _row(name, stated, lambda: frechet_distance(*few), lambda: frechet_distance(a, b))


def _texts() -> list[str]:
    random = np.random.default_rng(2)
    words = [f"w{number}" for number in range(WORDS)]

    def sentences(number: int) -> list[list[str]]:
        return [[words[i] for i in row] for row in random.integers(WORDS, size=(number, LENGTH))]

    def distinct(number: int) -> Work:
        text = sentences(number)
        return lambda: distinct_n(text, 2)

    def summaries(number: int, size: int) -> Work:
        ours, theirs = ([sentences(size) for _ in range(number)] for _ in range(2))
        return lambda: rouge_lsum(ours, [[text] for text in theirs])

    def sets(contexts: int, size: int) -> Work:
        ours, theirs = ([sentences(size) for _ in range(contexts)] for _ in range(2))
        return lambda: bleu_precision_recall(ours, theirs, 3)

    return [
        _row("distinct-2, sentences (10,000): n log n words", 12, distinct(10_000), distinct(100_000)),
        _row("ROUGE-Lsum, texts (100 of 10 sentences): texts", 10, summaries(100, 10), summaries(1000, 10)),
        _row("ROUGE-Lsum, sentences a text (20 of 10): their product", 100, summaries(20, 10), summaries(20, 100)),
        _row("BLEU of sets, contexts (100 of 5 and 5): contexts", 10, sets(100, 5), sets(1000, 5)),
        _row("BLEU of sets, both sets (10 of 10 and 10): their product", 100, sets(10, 10), sets(10, 100)),
    ]
