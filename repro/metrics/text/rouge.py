"""ROUGE-N, ROUGE-L and ROUGE-Lsum as google's rouge-score computes them, on tokens.

Paper: ROUGE: A Package for Automatic Evaluation of Summaries (Lin, 2004), sections 2 and 3
Code:  rouge-score 0.1.2, rouge_scorer.py
Units: 0 to 1, higher is better; papers print it times 100. Older scripts have their own names in `rouge_scripts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.lcs import lcs_lengths
from repro.metrics.text.sentences import Sentence, check, check_pairs, numbered

Side = Literal["f1", "recall", "precision"]
SIDES: tuple[Side, ...] = ("f1", "recall", "precision")


class Hits(NamedTuple):
    """What hypothesis and reference share, and how much each has, for pairs (P,): words in an LCS, or n-grams."""

    shared: np.ndarray
    hypothesis: np.ndarray
    reference: np.ndarray


def rouge_n(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    n: int,
    *,
    side: Side = "f1",
    tokens: str = "given",
) -> Score:
    """The mean ROUGE-`n` over hypotheses; `items` (N,) are theirs, `details` the means of the other sides.

    n-grams that a hypothesis shares with a reference, as often as both have them, over those of the reference (recall),
    of the hypothesis (precision), or the harmonic mean (f1). Of several references the one with the greatest f1 counts,
    for every side. No n-gram on either side scores 0. Raises ValueError for bad input.
    """
    check_pairs(hypotheses, references)
    pairs = [(h, r) for h, own in zip(hypotheses, references, strict=True) for r in own]
    return best_of(f"rouge-{n}", "repro/1", ngram_hits(pairs, n), references, side, tokens)


def rouge_l(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    *,
    side: Side = "f1",
    tokens: str = "given",
) -> Score:
    """The mean ROUGE-L over hypotheses: the longest common subsequence of words in the place of shared n-grams.

    Line breaks mean nothing here: `rouge_lsum` is for texts of several sentences. Otherwise as `rouge_n`, also in what
    it returns. Own kernel: 100,000 pairs of 28 words are in tests/benchmarks/text_overlap.py.
    """
    check_pairs(hypotheses, references)
    return best_of("rouge-l", "repro/1", lcs_hits(hypotheses, references), references, side, tokens)


def rouge_lsum(
    hypotheses: Sequence[Sequence[Sentence]],
    references: Sequence[Sequence[Sequence[Sentence]]],
    *,
    side: Side = "f1",
    tokens: str = "given",
) -> Score:
    """The mean summary-level ROUGE-L over hypotheses, by rouge-score: texts are lists of sentences of tokens.

    `hypotheses[i]` is a text, `references[i]` the list of its reference texts. For each reference sentence the union of
    its longest common subsequences with all sentences of the hypothesis counts, no word more often than both texts have
    it. Otherwise as `rouge_n`; a text without words scores 0.
    """
    from rouge_score.rouge_scorer import RougeScorer

    words: dict[str, int] = {}

    def as_numbers(text: Sequence[Sentence], name: str) -> str:
        if not isinstance(text, str) and len(text) == 0:
            return ""
        check(text, name)
        return "\n".join(" ".join(str(words.setdefault(word, len(words))) for word in line) for line in text)

    _check_texts(hypotheses, references)
    scorer = RougeScorer(["rougeLsum"], tokenizer=_Words())
    rows = []
    for number, (hypothesis, own) in enumerate(zip(hypotheses, references, strict=True)):
        targets = [as_numbers(text, f"references[{number}]") for text in own]
        found = scorer.score_multi(targets, as_numbers(hypothesis, f"hypotheses[{number}]"))["rougeLsum"]
        rows.append((found.fmeasure, found.recall, found.precision))
    return _scored("rouge-lsum", f"rouge-score/{version('rouge-score')}", np.array(rows), references, side, tokens)


class _Words:
    def tokenize(self, text: str) -> list[str]:
        """The words of a line of numbers."""
        return text.split()


def ngram_hits(pairs: Sequence[tuple[Sentence, Sentence]], n: int) -> Hits:
    """Shared n-grams of pairs (hypothesis, reference), each as often as both have it."""
    if n < 1:
        raise ValueError(f"ROUGE-{n}: n is 1 or more")
    rows = []
    for hypothesis, reference in pairs:
        ours, theirs = _ngrams(hypothesis, n), _ngrams(reference, n)
        rows.append(((ours & theirs).total(), ours.total(), theirs.total()))
    return Hits(*np.array(rows, dtype=np.int64).T)


def lcs_hits(hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> Hits:
    """Longest common subsequences of every hypothesis with each of its references, in the order of the references."""
    repeats = [len(own) for own in references]
    ours = hypotheses if max(repeats) == 1 else [h for h, r in zip(hypotheses, repeats, strict=True) for _ in range(r)]
    (first, second), vocabulary = numbered(ours, chain.from_iterable(references))
    return Hits(lcs_lengths(first, second, vocabulary), first[1], second[1])


def best_of(
    metric: str, implementation: str, hits: Hits, references: Sequence[Sequence[Sentence]], side: Side, tokens: str
) -> Score:
    """The score over hypotheses of pairs' hits: of its references each takes the first with the greatest f1."""
    table = sides(hits)
    repeats = np.array([len(own) for own in references])
    starts = np.cumsum(repeats) - repeats
    if repeats.max() > 1:
        best = [
            start + table[start : start + number, 0].argmax() for start, number in zip(starts, repeats, strict=True)
        ]
        table = table[best]
    return _scored(metric, implementation, table, references, side, tokens)


def sides(hits: Hits) -> np.ndarray:
    """f1, recall and precision (P, 3) of pairs; 0 where there is nothing to divide by."""
    recall = hits.shared / np.maximum(hits.reference, 1)
    precision = hits.shared / np.maximum(hits.hypothesis, 1)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return np.stack([f1, recall, precision], axis=1)


def _scored(
    metric: str, implementation: str, table: np.ndarray, references: Sequence[object], side: Side, tokens: str
) -> Score:
    if side not in SIDES:
        raise ValueError(f"unknown side {side!r} (known: {', '.join(SIDES)})")
    items = table[:, SIDES.index(side)]
    most = max(len(own) for own in references)  # type: ignore[arg-type]  # sequences of references, whatever these are
    how = {"side": side, "refs": most, "over": "best-f1", "tokens": tokens, "average": "items", "dtype": "float64"}
    means = dict(zip(SIDES, table.mean(axis=0).tolist(), strict=True))
    return Score(means[side], signature(metric, implementation, **how), items, means)


def _ngrams(sentence: Sentence, n: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(sentence[start:] for start in range(n)), strict=False))


def _check_texts(hypotheses: Sequence[object], references: Sequence[Sequence[object]]) -> None:
    if len(hypotheses) == 0 or len(hypotheses) != len(references) or not all(len(own) for own in references):
        raise ValueError(f"{len(hypotheses)} texts, {len(references)} lists of references: one or more for each text")
