"""BLEU against whole sets: of text GANs (the test set as references, self-BLEU) and of dialogue (hypothesis sets).

Papers: SeqGAN (Yu et al., 2017) and Texygen (Zhu et al., 2018) for the test set as references; Texygen for self-BLEU;
        Zhao et al. (2017), Learning Discourse-level Diversity for Neural Dialog Models, for precision and recall
Code:   geek-ai/Texygen, utils/metrics/Bleu.py and SelfBleu.py: nltk's sentence_bleu, uniform weights, method1, mean
The number of references moves these scores more than any model does (geek-ai/Texygen#8, desire2020/CoT#3): real EMNLP
news against 500 and against 9,000 real sentences has BLEU-5 .077 and .221. So it stands in every signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.bleu import averaged, scores, uniform, weights_word
from repro.metrics.text.bleu_smoothing import orders_needed
from repro.metrics.text.bleu_statistics import against_all, against_others, against_own
from repro.metrics.text.sentences import Sentence, check

TEXYGEN_FAST = 500
"""How many sentences Texygen's default, `is_fast`, takes for references."""
PAIRS_AT_ONCE = 1_000
"""Whose n-grams are counted together: so few stay in a processor's cache, and time grows with the pairs."""


def texygen_bleu(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sentence],
    order: int,
    *,
    smoothing: str = "method1",
    tokens: str = "given",
) -> Score:
    """BLEU-`order` of text GANs: nltk's sentence BLEU of each hypothesis against all references, averaged.

    In 0 to 1, higher is better; `items` (N,) are the sentences' scores. The columns of the CoT paper's table 2 are
    orders 2 to 5 with the whole test set as references. `method0-nltk3.2.5` is the evaluation of CR-Gjx/LeakGAN.
    10,000 hypotheses against 10,000 references of 28 words: tests/benchmarks/text_overlap.py has time and memory.
    Raises ValueError for bad input.
    """
    statistics = against_all(hypotheses, references, orders_needed(order, smoothing))
    refs = f"all-{len(references)}"
    return averaged(f"texygen-bleu-{order}", statistics, uniform(order), smoothing, refs=refs, tokens=tokens)


def texygen_bleu_fast(
    hypotheses: Sequence[Sentence], references: Sequence[Sentence], order: int, *, tokens: str = "given"
) -> Score:
    """Texygen's default: as `texygen_bleu` with method1, against the first 500 references only.

    Not comparable with scores against a whole test set, which are far higher. Fewer references than 500 are all used.
    """
    return texygen_bleu(hypotheses, references[:TEXYGEN_FAST], order, tokens=tokens)


def self_bleu(sentences: Sequence[Sentence], order: int, *, smoothing: str = "method1", tokens: str = "given") -> Score:
    """Self-BLEU: each sentence's BLEU against all others, averaged; lower is more diverse.

    In 0 to 1; `items` (N,) are the sentences' scores. A sentence is not its own reference, as in Texygen's
    `get_bleu_parallel`; with two equal sentences each is the other's. It grows with the number of sentences, which
    stands in the signature. Raises ValueError for fewer than two sentences.
    """
    statistics = against_others(sentences, orders_needed(order, smoothing))
    refs = f"others-{len(sentences) - 1}"
    return averaged(f"self-bleu-{order}", statistics, uniform(order), smoothing, refs=refs, tokens=tokens)


def self_bleu_counting_itself(
    sentences: Sequence[Sentence], order: int, *, smoothing: str = "method1", tokens: str = "given"
) -> Score:
    """Self-BLEU with every sentence among its own references: 1 for every sentence that has `order` tokens or more.

    Texygen's unused `get_bleu` and the first evaluation of pclucas14/GansFallingShort (#9) do this. It measures nothing
    but the share of short sentences, and is here so that such numbers can be recognised.
    """
    statistics = against_all(sentences, sentences, orders_needed(order, smoothing))
    refs = f"all-{len(sentences)}-with-itself"
    return averaged(f"self-bleu-{order}", statistics, uniform(order), smoothing, refs=refs, tokens=tokens)


def bleu_precision_recall(
    hypotheses: Sequence[Sequence[Sentence]],
    references: Sequence[Sequence[Sentence]],
    order: int,
    *,
    smoothing: str = "method7",
    tokens: str = "given",
) -> tuple[Score, Score]:
    """Smoothed sentence-BLEU precision and recall of sets of responses: dai2019, table A.4.

    For each context there is a set of hypotheses and a set of references. Precision is the mean over hypotheses of the
    best BLEU against any one reference, recall the mean over references of the best BLEU of any hypothesis; both are
    averaged over contexts (`items`). Higher is better, 0 is no word in common; method7 can exceed 1. BLEU-`order` has
    `order` equal weights, as the only code found, that of the Zhao et al. named above, has three thirds for BLEU-3;
    method7 averages neighbouring orders, so that BLEU-1 is not plain unigram precision. With one reference a context,
    recall >= precision. Time grows with the pairs of a hypothesis and a reference of one context, a hundred times for
    ten times as many of both. Raises ValueError for a context without hypotheses or references.
    """
    weights = uniform(order)
    if len(hypotheses) != len(references) or len(hypotheses) == 0:
        raise ValueError(f"{len(hypotheses)} sets of hypotheses and {len(references)} of references: one or more each")
    pairs: list[tuple[Sentence, Sentence]] = []
    for number, (ours, theirs) in enumerate(zip(hypotheses, references, strict=True)):
        check(ours, f"hypotheses[{number}]")
        check(theirs, f"references[{number}]")
        pairs += [(hypothesis, reference) for hypothesis in ours for reference in theirs]
    orders = orders_needed(order, smoothing)
    bleu = np.concatenate([
        scores(against_own([h for h, _ in block], [[r] for _, r in block], orders), weights, smoothing)
        for block in (pairs[at : at + PAIRS_AT_ONCE] for at in range(0, len(pairs), PAIRS_AT_ONCE))
    ])  # fmt: skip
    precision, recall, start = np.empty(len(hypotheses)), np.empty(len(hypotheses)), 0
    for number, (ours, theirs) in enumerate(zip(hypotheses, references, strict=True)):
        table = bleu[start : start + len(ours) * len(theirs)].reshape(len(ours), len(theirs))
        precision[number], recall[number] = table.max(axis=1).mean(), table.max(axis=0).mean()
        start += table.size
    sizes = {"hyps": _sizes(hypotheses), "refs": _sizes(references)}
    how = {**sizes, "weights": weights_word(weights), "smoothing": smoothing, "tokens": tokens, "average": "contexts"}
    first = signature(f"bleu-{order}-precision", "repro/1", **how, dtype="float64")
    second = signature(f"bleu-{order}-recall", "repro/1", **how, dtype="float64")
    return Score(float(precision.mean()), first, precision), Score(float(recall.mean()), second, recall)


def bleu_of_sets(
    hypotheses: Sequence[Sequence[Sentence]],
    references: Sequence[Sequence[Sentence]],
    order: int,
    side: Literal["precision", "recall"],
    *,
    smoothing: str = "method7",
    tokens: str = "given",
) -> Score:
    """One side of `bleu_precision_recall`."""
    precision, recall = bleu_precision_recall(hypotheses, references, order, smoothing=smoothing, tokens=tokens)
    return precision if side == "precision" else recall


def _sizes(sets: Sequence[Sequence[Sentence]]) -> str:
    sizes = [len(each) for each in sets]
    return f"{min(sizes)}" if min(sizes) == max(sizes) else f"{min(sizes)}-{max(sizes)}"
