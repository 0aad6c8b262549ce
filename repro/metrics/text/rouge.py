"""ROUGE-N, ROUGE-L and ROUGE-Lsum as google's rouge-score computes them, on tokens or on texts.

Paper: ROUGE: A Package for Automatic Evaluation of Summaries (Lin, 2004), sections 2 and 3
Code:  rouge-score 0.1.2, rouge_scorer.py; texts are scored by rouge-score-rs, which gives its numbers to the last bit
Units: 0 to 1, higher is better; papers print it times 100. Older scripts have their own names in `rouge_scripts`.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from itertools import chain
from typing import Any, Literal, NamedTuple

import numpy as np

from repro.metrics.score import Score, library, signature
from repro.metrics.text.lcs import lcs_lengths, union_lcs_lengths
from repro.metrics.text.overlap import shared_ngrams
from repro.metrics.text.sentences import Sentence, numbered_pairs, numbered_paragraph_pairs
from repro.metrics.text.tokens import ROUGE

Texts = Sequence[Sentence] | Sequence[str]
Side = Literal["f1", "recall", "precision"]
SIDES: tuple[Side, ...] = ("f1", "recall", "precision")


class Hits(NamedTuple):
    """What hypothesis and reference share, and how much each has, for pairs (P,): words in an LCS, or n-grams."""

    shared: np.ndarray
    hypothesis: np.ndarray
    reference: np.ndarray


def rouge_n(
    hypotheses: Texts, references: Sequence[Texts], n: int, *, side: Side = "f1", tokens: str = "given"
) -> Score:
    """The mean ROUGE-`n` over hypotheses; `items` (N,) are theirs, `details` the means of the other sides.

    n-grams that a hypothesis shares with a reference, as often as both have them, over those of the reference (recall),
    of the hypothesis (precision), or the harmonic mean (f1). Of several references the one with the greatest f1 counts,
    for every side. No n-gram on either side scores 0. Hypotheses and references are tokens; or, with `tokens` "rouge"
    or "rouge-stem", texts, which are split that way. Time grows with the words. Raises ValueError for bad input.
    """
    if n < 1:
        raise ValueError(f"ROUGE-{n}: n is 1 or more")
    if _are_texts(hypotheses, tokens):
        return _of_texts(f"rouge-{n}", f"rouge{n}", hypotheses, references, side, tokens)
    table = sides(ngram_hits(hypotheses, references, n))
    return _scored(f"rouge-{n}", "repro/1", table, references, side, tokens)


def rouge_l(hypotheses: Texts, references: Sequence[Texts], *, side: Side = "f1", tokens: str = "given") -> Score:
    """The mean ROUGE-L over hypotheses: the longest common subsequence of words in the place of shared n-grams.

    Line breaks mean nothing here: `rouge_lsum` is for texts of several sentences. Otherwise as `rouge_n`, also in what
    it takes and returns. Time grows with the product of the lengths over 64, 64 words at a time: 100,000 pairs of 28
    words are in tests/benchmarks/text_overlap.py.
    """
    if _are_texts(hypotheses, tokens):
        return _of_texts("rouge-l", "rougeL", hypotheses, references, side, tokens)
    return _scored("rouge-l", "repro/1", sides(lcs_hits(hypotheses, references)), references, side, tokens)


def rouge_lsum(
    hypotheses: Sequence[Sequence[Sentence]] | Sequence[str],
    references: Sequence[Sequence[Sequence[Sentence]]] | Sequence[Sequence[str]],
    *,
    side: Side = "f1",
    tokens: str = "given",
) -> Score:
    """The mean summary-level ROUGE-L over hypotheses: texts are lists of sentences of tokens.

    `hypotheses[i]` is a text, `references[i]` the list of its reference texts; with `tokens` "rouge" or "rouge-stem"
    they are plain ones with a sentence a line. For each reference sentence the union of its longest common subsequences
    with all sentences of the hypothesis counts, no word more often than both texts have it. Otherwise as `rouge_n`; a
    text without words scores 0. Time grows with the product of the words of both: each sentence meets each.
    """
    if _are_texts(hypotheses, tokens):
        return _of_texts("rouge-lsum", "rougeLsum", hypotheses, references, side, tokens)
    _check_texts(hypotheses, references)
    first, second, vocabulary = numbered_paragraph_pairs(hypotheses, references)
    hits = Hits(union_lcs_lengths(first, second, vocabulary), _words(*first[1:]), _words(*second[1:]))
    return _scored("rouge-lsum", "repro/1", sides(hits), references, side, tokens)


def ngram_hits(hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], n: int) -> Hits:
    """n-grams that every hypothesis shares with each of its references, as often as both have them, as `lcs_hits`."""
    first, second, vocabulary = numbered_pairs(hypotheses, references)
    ours, theirs = (np.maximum(side[1] - n + 1, 0) for side in (first, second))
    return Hits(shared_ngrams(first, second, vocabulary, n), ours, theirs)


def lcs_hits(hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> Hits:
    """Longest common subsequences of every hypothesis with each of its references, in the order of the references.

    Raises ValueError as `check_pairs`.
    """
    first, second, vocabulary = numbered_pairs(hypotheses, references)
    return Hits(lcs_lengths(first, second, vocabulary), first[1], second[1])


def sides(hits: Hits) -> np.ndarray:
    """f1, recall and precision (P, 3) of pairs; 0 where there is nothing to divide by."""
    recall = hits.shared / np.maximum(hits.reference, 1)
    precision = hits.shared / np.maximum(hits.hypothesis, 1)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return np.stack([f1, recall, precision], axis=1)


def sides_of_texts(kind: str, hypotheses: Sequence[str], references: Sequence[str], tokens: str) -> np.ndarray:
    """f1, recall and precision (P, 3) of pairs of texts by rouge-score-rs, as its `kind`: rouge1, rougeL, ..."""
    from rouge_score_rs.rouge_scorer import RougeScorer

    try:
        found = RougeScorer([kind], use_stemmer=tokens == "rouge-stem").score_batch(references, hypotheses)
    except TypeError as error:
        odd = next(text for text in chain(hypotheses, references) if not isinstance(text, str))
        raise ValueError(
            f"tokens={tokens!r} splits texts, hypotheses and references; some are {type(odd).__name__}"
        ) from error
    numbers = chain.from_iterable([each[kind] for each in found])  # precision, recall, f1
    return np.fromiter(numbers, dtype=np.float64, count=3 * len(found)).reshape(-1, 3)[:, ::-1]


def _scored(
    metric: str, implementation: str, table: np.ndarray, references: Sequence[Sized], side: Side, tokens: str
) -> Score:
    """The score over hypotheses of pairs' sides (P, 3): of its references each takes the first with the greatest f1."""
    if side not in SIDES:
        raise ValueError(f"unknown side {side!r} (known: {', '.join(SIDES)})")
    most = 1
    if len(table) > len(references):
        repeats = np.fromiter(map(len, references), dtype=np.int64, count=len(references))
        starts, most = np.cumsum(repeats) - repeats, int(repeats.max())
        table = table[[at + table[at : at + number, 0].argmax() for at, number in zip(starts, repeats, strict=True)]]
    items = table[:, SIDES.index(side)]
    how = {"side": side, "refs": most, "over": "best-f1", "tokens": tokens, "average": "items",
           "dtype": "float64"}  # fmt: skip
    means = dict(zip(SIDES, table.mean(axis=0).tolist(), strict=True))
    return Score(means[side], signature(metric, implementation, **how), items, means)


def _words(lengths: np.ndarray, sentences: np.ndarray) -> np.ndarray:
    """The words (P,) of texts whose sentences have these lengths."""
    ends = np.concatenate([[0], np.cumsum(lengths)])[np.cumsum(sentences)]
    return np.diff(ends, prepend=0)


def _are_texts(hypotheses: Sequence[object], tokens: str) -> bool:
    return tokens in ROUGE and len(hypotheses) > 0 and isinstance(hypotheses[0], str)


def _of_texts(metric: str, kind: str, hypotheses: Any, references: Any, side: Side, tokens: str) -> Score:
    """The score of texts (N,) and of their references, lists of texts, by the library."""
    _check_texts(hypotheses, references)
    ours, theirs = hypotheses, list(chain.from_iterable(references))
    if len(theirs) > len(hypotheses):
        ours = [text for text, own in zip(hypotheses, references, strict=True) for _ in own]
    table = sides_of_texts(kind, ours, theirs, tokens)
    return _scored(metric, library("rouge-score-rs"), table, references, side, tokens)


def _check_texts(hypotheses: Sequence[object], references: Sequence[Sized]) -> None:
    if len(hypotheses) == 0 or len(hypotheses) != len(references) or not all(map(len, references)):
        raise ValueError(f"{len(hypotheses)} texts, {len(references)} lists of references: one or more for each text")
