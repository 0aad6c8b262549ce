"""METEOR as nltk computes it: exact and stem matches, and synonyms where WordNet's data is at hand.

Paper: Meteor: An Automatic Metric for MT Evaluation with High Levels of Correlation with Human Judgments (Lavie and
       Agarwal, 2007)
Code:  nltk/translate/meteor_score.py (3.10.4)
This is not METEOR 1.5, the Java program behind caption tables: that one has tuned weights, paraphrases and function
words, aggregates statistics over the corpus, and its numbers (coco-caption's demo: 0.195) do not compare with these.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np

from repro.metrics.score import Score, signature
from repro.metrics.text.sentences import Sentence, check_pairs


class NoSynonyms:
    """Stands in the place of WordNet where its data is not installed: no word has a synonym."""

    def synsets(self, _word: str) -> list[Any]:
        """None at all."""
        return []


def meteor_score(
    hypotheses: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    *,
    alpha: float = 0.9,
    beta: float = 3.0,
    gamma: float = 0.5,
    tokens: str = "given",
) -> Score:
    """The mean METEOR over hypotheses, each with its best reference; `items` (N,) are theirs. In 0 to 1, higher better.

    Words are lower-cased, then matched as they are, by Porter stem, and as synonyms. `alpha` weighs precision against
    recall, `beta` and `gamma` shape the penalty for matches that are scattered over many chunks: also the score of a
    sentence with itself is below 1, by gamma / length^beta. Nothing in common scores 0. Synonyms need the corpus
    `wordnet` in a folder of `nltk.data.path`; the signature says `synonyms:wordnet-VERSION` or `synonyms:none`, and
    scores with the one do not compare with scores with the other. Raises ValueError for bad input.
    """
    from nltk.translate import meteor_score as nltk_meteor

    check_pairs(hypotheses, references)
    if not 0 < alpha < 1 or beta < 0 or not 0 <= gamma <= 1:
        raise ValueError(f"alpha {alpha} must lie inside 0 and 1, beta {beta} be >= 0, gamma {gamma} lie in 0 to 1")
    wordnet, synonyms = synonym_source()
    items = np.array(
        [
            nltk_meteor.meteor_score(own, hypothesis, wordnet=wordnet, alpha=alpha, beta=beta, gamma=gamma)
            for hypothesis, own in zip(hypotheses, references, strict=True)
        ]
    )
    how = signature(
        "meteor",
        f"nltk/{version('nltk')}",
        refs=max(map(len, references)),
        over="best",
        tokens=tokens,
        case="lower",
        stems="porter",
        synonyms=synonyms,
        alpha=alpha,
        beta=beta,
        gamma=gamma,
        average="sentences",
        dtype="float64",
    )
    return Score(float(items.mean()), how, items)


def synonym_source() -> tuple[Any, str]:
    """nltk's WordNet and what to call it, or a stand-in without synonyms and `none`."""
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except LookupError:
        return NoSynonyms(), "none"
    return wordnet, f"wordnet-{wordnet.get_version()}"
