"""Corpus BLEU as the scripts of machine translation and captioning print it, each under its script's name.

They differ in the reference length, in what an order without a match does, and in the unit. Tokens are the caller's,
except for sacrebleu, which tokenises plain text itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.bleu import brevity_penalty, reference_numbers
from repro.metrics.text.bleu_statistics import Statistics, against_own
from repro.metrics.text.sentences import Sentence, check_pairs


def multi_bleu(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    *,
    lowercase: bool = False,
    tokens: str = "given",
) -> Score:
    """Moses' multi-bleu.perl: BLEU-4 in 0 to 100, higher is better; 0 if any order has no match in the whole corpus.

    The closest reference length, no smoothing. The script prints two decimals; here they are not cut. `details` holds
    the precisions in percent, the brevity penalty, the length ratio and both lengths. `lowercase` is its `-lc`, for all
    letters, not those of ASCII alone. Scores depend on the tokeniser as on a model: compare only where `tokens` is
    the same.
    Code: moses-smt/mosesdecoder, scripts/generic/multi-bleu.perl
    """
    name = "multi-bleu"
    if lowercase:
        check_pairs(hypotheses, references)
        hypotheses, references = _lowered(hypotheses), [_lowered(own) for own in references]
        name = "multi-bleu-lc"
    pooled = against_own(hypotheses, references, 4).pooled()
    return _four_orders(name, pooled, pooled.closest, reference_numbers(references), tokens)


def _lowered(sentences: Sequence[Sentence]) -> list[list[str]]:
    return [[token.lower() for token in sentence] for sentence in sentences]


def tensorflow_nmt_bleu(
    hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], *, tokens: str = "given"
) -> Score:
    """tensorflow/nmt's compute_bleu: BLEU-4 in 0 to 100, higher is better; 0 if any order has no match.

    As `multi_bleu`, but with the shortest reference length; the same for single references.
    Code: tensorflow/nmt, nmt/scripts/bleu.py, the script of tables 1 and 2 of the OT-Seq2Seq paper
    """
    pooled = against_own(hypotheses, references, 4).pooled()
    return _four_orders("tensorflow-nmt-bleu", pooled, pooled.shortest, reference_numbers(references), tokens)


def coco_bleu(
    hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], order: int, *, tokens: str = "given"
) -> Score:
    """Bleu_1 to Bleu_4 of coco-caption: corpus BLEU-`order` in 0 to 1 (papers print it times 100), higher is better.

    Adds 1e-15 to matches and 1e-9 to totals, so that an order without a match gives almost 0, not an error; the closest
    reference length. coco-caption's tokens are those of the Penn Treebank tokeniser, lower case, without punctuation.
    Code: tylin/coco-caption, pycocoevalcap/bleu/bleu_scorer.py, `compute_score(option="closest")`
    """
    if order < 1:
        raise ValueError(f"BLEU-{order}: the order is 1 or more")
    value = coco_formula(against_own(hypotheses, references, order).pooled())
    refs = reference_numbers(references)
    return Score(value, _signed(f"coco-bleu-{order}", refs, tokens, "closest", "1e-15/1e-9", "0..1"))


def coco_formula(pooled: Statistics) -> float:
    """coco-caption's BLEU of all orders of a corpus, from its pooled statistics."""
    precision = (pooled.matched[0] + 1e-15) / (pooled.total[0] + 1e-9)
    ratio = (int(pooled.length[0]) + 1e-15) / (int(pooled.closest[0]) + 1e-9)
    penalty = math.exp(1 - 1 / ratio) if ratio < 1 else 1.0
    return float(math.prod(precision) ** (1 / len(precision)) * penalty)


def sacrebleu(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    *,
    tokenize: str = "13a",
    smoothing: str = "exp",
    lowercase: bool = False,
) -> Score:
    """sacreBLEU's corpus BLEU of plain, detokenised texts, by sacrebleu: 0 to 100, higher is better.

    `references[i]` are those of hypothesis i, in any number. `tokenize` is a name that sacrebleu knows (`13a`, `intl`,
    `none`, ...), `smoothing` one of exp, floor, add-k and none. The signature holds sacrebleu's own.
    Paper: A Call for Clarity in Reporting BLEU Scores (Post, 2018)
    """
    from sacrebleu.metrics.bleu import BLEU

    if not hypotheses or len(hypotheses) != len(references) or not all(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, {len(references)} lists of references: one or more for each")
    if isinstance(hypotheses, str) or not all(isinstance(text, str) for text in hypotheses):
        raise ValueError("sacrebleu takes texts, one a hypothesis, not tokens: it tokenises them itself")
    most = max(map(len, references))
    streams: list[Any] = [[own[k] if k < len(own) else None for own in references] for k in range(most)]
    metric = BLEU(tokenize=tokenize, smooth_method=smoothing, lowercase=lowercase, force=True)
    found = metric.corpus_score(list(hypotheses), streams)
    own_signature = metric.get_signature()
    return Score(
        float(found.score),
        signature("bleu-4", f"sacrebleu/{own_signature.info['version']}", unit="0..100", own=own_signature.format()),
        details={"brevity_penalty": float(found.bp), "ratio": float(found.ratio)},
    )


def _four_orders(metric: str, pooled: Statistics, reference: np.ndarray, refs: str, tokens: str) -> Score:
    length, compared = int(pooled.length[0]), int(reference[0])
    precision = pooled.matched[0] / np.maximum(pooled.total[0], 1)
    penalty = float(brevity_penalty(pooled.length, reference)[0])
    bleu = penalty * math.exp(np.log(precision).mean()) if (precision > 0).all() else 0.0
    details = {f"precision_{order}": 100 * float(each) for order, each in enumerate(precision, start=1)}
    details |= {"brevity_penalty": penalty, "length": float(length), "reference_length": float(compared)}
    which = "shortest" if metric == "tensorflow-nmt-bleu" else "closest"
    return Score(100 * bleu, _signed(metric, refs, tokens, which, "none", "0..100"), details=details)


def _signed(metric: str, refs: str, tokens: str, length: str, smoothing: str, unit: str) -> str:
    return signature(
        metric, "repro/1", refs=refs, tokens=tokens, length=length, smoothing=smoothing, unit=unit, dtype="float64"
    )
