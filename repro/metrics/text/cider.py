"""CIDEr and CIDEr-D: how much a caption has of what its references say and other images' captions do not.

Paper: CIDEr: Consensus-based Image Description Evaluation (Vedantam et al., 2015), sections 4 and 7
Code:  vrama91/cider, pyciderevalcap (CIDEr) and tylin/coco-caption, pycocoevalcap/cider/cider_scorer.py, whose "CIDEr"
       is CIDEr-D: what caption tables print, times 100, under the name CIDEr
Units: 0 to 10, as the code has it (the paper's CIDEr is 0 to 1), higher is better.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.sentences import Sentence, check_pairs

ORDERS, SIGMA, SCALE = 4, 6.0, 10.0
"""n-grams of 1 to 4 words, the width of the length penalty in words, and the code's factor."""

Gram = tuple[str, ...]


class Weighted(NamedTuple):
    """A caption's tf-idf weights and their Euclidean norm, by order, and its number of words."""

    weights: list[dict[Gram, float]]
    norms: list[float]
    length: int


def cider_score(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    *,
    idf_corpus: Sequence[Sequence[Sentence]] | None = None,
    tokens: str = "given",
) -> Score:
    """CIDEr: the mean cosine of tf-idf vectors over references and orders, times 10; `items` (N,) are the images'.

    An n-gram's idf is the logarithm of the number of images over the number of those whose references have it (at least
    one), counted in `references`, or in `idf_corpus` where one is given: one list of references an image. So the value
    of an image depends on the others, and a single image without `idf_corpus` is refused: every idf is log 1, every
    score 0 (tylin/coco-caption#9). The paper stems the words first; the code does not, nor does this.
    """
    return _scored("cider", hypotheses, references, idf_corpus, tokens, clipped=False)


def cider_d(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    *,
    idf_corpus: Sequence[Sequence[Sentence]] | None = None,
    tokens: str = "given",
) -> Score:
    """CIDEr-D: as `cider_score`, with weights clipped to the reference's and a Gaussian penalty on length.

    The penalty is exp(-d^2 / 72) for a difference of d words (the code takes numbers of bigrams for lengths, which
    differ by the same). Two images whose captions equal their references and share nothing score 10.
    """
    return _scored("cider-d", hypotheses, references, idf_corpus, tokens, clipped=True)


def _scored(
    metric: str,
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    idf_corpus: Sequence[Sequence[Sentence]] | None,
    tokens: str,
    *,
    clipped: bool,
) -> Score:
    check_pairs(hypotheses, references)
    corpus = references if idf_corpus is None else idf_corpus
    if len(corpus) < 2:
        raise ValueError(f"inverse document frequencies of {len(corpus)} image are all 0: give an idf_corpus")
    frequency = document_frequency(corpus)
    similarities = np.zeros(len(hypotheses))
    for number, (hypothesis, own) in enumerate(zip(hypotheses, references, strict=True)):
        ours = _weighted(hypothesis, frequency, len(corpus))
        each = [_similarity(ours, _weighted(reference, frequency, len(corpus)), clipped) for reference in own]
        similarities[number] = SCALE * sum(each) / len(own)
    how = signature(
        metric,
        "repro/1",
        refs=max(map(len, references)),
        idf="references" if idf_corpus is None else "given",
        images=len(corpus),
        orders=f"1-{ORDERS}",
        sigma=SIGMA if clipped else "none",
        tokens=tokens,
        average="images",
        dtype="float64",
    )
    return Score(float(similarities.mean()), how, similarities)


def document_frequency(corpus: Sequence[Sequence[Sentence]]) -> Counter[Gram]:
    """In how many images' references each n-gram stands."""
    return Counter(chain.from_iterable(set(chain.from_iterable(map(_grams, own))) for own in corpus))


def _grams(sentence: Sentence) -> Iterator[Gram]:
    for order in range(1, ORDERS + 1):
        for start in range(len(sentence) - order + 1):
            yield tuple(sentence[start : start + order])


def _weighted(sentence: Sentence, frequency: Counter[Gram], images: int) -> Weighted:
    weights: list[dict[Gram, float]] = [{} for _ in range(ORDERS)]
    for gram, count in Counter(_grams(sentence)).items():
        weights[len(gram) - 1][gram] = count * (math.log(images) - math.log(max(1, frequency[gram])))
    norms = [math.sqrt(sum(weight**2 for weight in each.values())) for each in weights]
    return Weighted(weights, norms, len(sentence))


def _similarity(ours: Weighted, theirs: Weighted, clipped: bool) -> float:
    """The mean over orders of the cosines of two captions; an order in which either is empty or common counts 0."""
    total = 0.0
    for mine, other, norm, norm_of_other in zip(ours.weights, theirs.weights, ours.norms, theirs.norms, strict=True):
        if norm == 0 or norm_of_other == 0:
            continue
        common = mine.keys() & other.keys()
        product = sum((min(mine[g], other[g]) if clipped else mine[g]) * other[g] for g in common)
        total += product / (norm * norm_of_other)
    penalty = math.exp(-((ours.length - theirs.length) ** 2) / (2 * SIGMA**2)) if clipped else 1.0
    return penalty * total / ORDERS
