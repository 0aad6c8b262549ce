"""ROUGE as older scripts compute it, each under its script's name.

Units: 0 to 1, higher is better; papers print it times 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from repro.metrics.score import Score, library, signature
from repro.metrics.text.rouge import SIDES, Hits, lcs_hits, sides, sides_of_texts
from repro.metrics.text.sentences import Sentence, check_pairs
from repro.metrics.text.tokens import tokenise

Kind = Literal["1", "2", "l"]
DUC_KINDS: dict[Kind, tuple[str, int]] = {"1": ("rouge1", 1), "2": ("rouge2", 2), "l": ("rougeL", 1)}
"""The library's name, and the words of what recall is a share of."""


def duc_recall(
    hypotheses: Sequence[str],
    references: Sequence[Sequence[str]],
    kind: Kind,
    *,
    byte_limit: int = 75,
    stem: bool = True,
) -> Score:
    """Limited-length recall of DUC-2004: ROUGE-1, 2 or L of the first 75 bytes of plain texts.

    ROUGE-1.5.5 with `-b 75 -m`: hypotheses and references are both cut to their first `byte_limit` bytes of UTF-8, even
    inside a word, then tokenised and stemmed. Recall is pooled over a hypothesis' references (formula A, the script's
    default): what it shares with all of them over all that they have. The mean over hypotheses; `items` (N,).
    Departures: stems are Porter's without the script's list of WordNet exceptions, a character cut in two is dropped,
    and each text is one sentence, where ROUGE-L of the script joins the sentences of a longer one.
    Code: ROUGE-1.5.5.pl, `readText`, `computeNGramScore`, `computeLCSScore`; facebookarchive/NAMAS, the evaluation
    """
    if byte_limit < 1:
        raise ValueError(f"the limit is {byte_limit} bytes, it must be 1 or more")
    if kind not in DUC_KINDS:
        raise ValueError(f"unknown kind {kind!r} of ROUGE (known: {', '.join(DUC_KINDS)})")
    if isinstance(hypotheses, str) or len(hypotheses) == 0 or len(hypotheses) != len(references):
        raise ValueError(f"{len(hypotheses)} hypotheses, {len(references)} lists of references: one or more for each")
    repeats = [len(own) for own in references]
    if 0 in repeats:
        raise ValueError(f"references[{repeats.index(0)}] is empty: a text needs one to be compared with")
    ours = [_cut(text, byte_limit) for text, number in zip(hypotheses, repeats, strict=True) for _ in range(number)]
    theirs = [_cut(text, byte_limit) for own in references for text in own]
    name, (by_library, size) = "rouge-stem" if stem else "rouge", DUC_KINDS[kind]
    items = sides_of_texts(by_library, ours, theirs, name)[:, SIDES.index("recall")]
    if max(repeats) > 1:
        had = np.array([max(len(words) - size + 1, 0) for words in tokenise(theirs, name)])
        owner = np.repeat(np.arange(len(repeats)), repeats)
        items = np.bincount(owner, items * had) / np.maximum(np.bincount(owner, had), 1)
    how = {"side": "recall", "refs": max(repeats), "over": "pooled", "tokens": name, "bytes": byte_limit}
    said = signature(f"duc-rouge-{kind}", library("rouge-score-rs"), **how, dtype="float64")
    return Score(float(items.mean()), said, items)


def coco_rouge_l(
    hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]], *, tokens: str = "given"
) -> Score:
    """coco-caption's ROUGE_L: beta 1.2, with the greatest precision and the greatest recall of any references.

    The two may come from different references, so it is no less than any single reference's. Mean over hypotheses.
    Code: tylin/coco-caption, pycocoevalcap/rouge/rouge.py
    """
    table = sides(lcs_hits(hypotheses, references))
    starts = np.cumsum([0, *(len(own) for own in references)][:-1])
    recall, precision = np.maximum.reduceat(table[:, 1], starts), np.maximum.reduceat(table[:, 2], starts)
    beta = 1.2**2
    both = np.where((recall > 0) & (precision > 0), recall + beta * precision, 1.0)
    items = (1 + beta) * precision * recall / both
    how = {"side": "f1.2", "refs": max(map(len, references)), "over": "greatest-each", "tokens": tokens}
    return Score(float(items.mean()), signature("coco-rouge-l", "repro/1", **how, dtype="float64"), items)


def tensorflow_nmt_rouge(
    hypotheses: Sequence[Sentence], references: Sequence[Sentence], kind: Kind, *, tokens: str = "given"
) -> Score:
    """ROUGE-1, 2 or L of tensorflow/nmt (from google/seq2seq and sumy): one reference each, mean over hypotheses.

    ROUGE-1 and 2 are F1 of the sets of n-grams, however often they occur. ROUGE-L is an F with beta = precision /
    recall, which is not F1: 0.5 and 1 give 0.5556, not 0.6667. The script's small constants are kept, so that equal
    sentences score a little below 1. An empty hypothesis or reference scores 0 (the script fails in ROUGE-L).
    Code: nmt/scripts/rouge.py, as in google/seq2seq
    """
    check_pairs(hypotheses, [[reference] for reference in references])
    if kind == "l":
        _, recall, precision = sides(lcs_hits(hypotheses, [[reference] for reference in references])).T
        beta = precision / (recall + 1e-12)
        items = (1 + beta**2) * recall * precision / (recall + beta**2 * precision + 1e-12)
    else:
        _, recall, precision = sides(_set_hits(hypotheses, references, _order(kind))).T
        items = 2 * precision * recall / (precision + recall + 1e-8)
    how = {"side": "f-beta-p/r" if kind == "l" else "f1-of-sets", "refs": 1, "tokens": tokens}
    return Score(
        float(items.mean()), signature(f"tensorflow-nmt-rouge-{kind}", "repro/1", **how, dtype="float64"), items
    )


def _order(kind: Kind) -> int:
    if kind not in ("1", "2"):
        raise ValueError(f"unknown kind {kind!r} of ROUGE (known: 1, 2, l)")
    return int(kind)


def _set_hits(hypotheses: Sequence[Sentence], references: Sequence[Sentence], n: int) -> Hits:
    rows = []
    for hypothesis, reference in zip(hypotheses, references, strict=True):
        ours, theirs = ({tuple(s[i : i + n]) for i in range(len(s) - n + 1)} for s in (hypothesis, reference))
        rows.append((len(ours & theirs), len(ours), len(theirs)))
    return Hits(*np.array(rows, dtype=np.int64).T)


def _cut(text: str, byte_limit: int) -> str:
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a text: the limit counts the bytes of the text, not of its tokens")
    return text.encode()[:byte_limit].decode(errors="ignore")
