"""Interpolated modified Kneser-Ney: the n-gram model that neural language models are measured against.

Paper:  An Empirical Study of Smoothing Techniques for Language Modeling (Chen and Goodman, 1999), section 3
        Improved Backing-off for M-gram Language Modeling (Kneser and Ney, 1995)
Code:   lmplz --discount_fallback; the model is `repro.metrics.ngram_model`
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from repro.contracts import Context
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.ngram_model import KENLM_FALLBACK, Level, NGramModel, estimate, logarithms

BLOCK = 256  # predictions whose distributions are held at a time


@dataclass(frozen=True)
class KneserNey:
    """An n-gram model with interpolated modified Kneser-Ney smoothing. Nothing in it is random.

    Attributes:
        order: n, the longest n-grams.
    """

    order: int = 5

    def __post_init__(self) -> None:
        if self.order < 1:
            raise ValueError(f"order must be 1 or more, it is {self.order}")

    def fit(self, data: Corpus, context: Context) -> StreamsModel:  # noqa: ARG002
        """Counts the training text."""
        text, words = data.splits["train"], len(data.vocabulary)
        return StreamsModel(estimate(text, words, self.order, data.end, KENLM_FALLBACK))

    def restore(self, state: Mapping[str, Any], context: Context) -> StreamsModel:  # noqa: ARG002
        """The model whose `state()` this is."""
        levels = [Level(**{**level, "discounts": tuple(level["discounts"])}) for level in state["levels"]]
        return StreamsModel(NGramModel(levels, state["words"]))


@dataclass(frozen=True)
class StreamsModel:
    """What task language-modeling asks of a model: probabilities of the tokens of a text, read in parallel streams."""

    ngrams: NGramModel

    def state(self) -> dict[str, Any]:
        """The levels of n-grams, and the size of the vocabulary."""
        return {"words": self.ngrams.words, "levels": [asdict(level) for level in self.ngrams.levels]}

    @property
    def parameter_count(self) -> int:
        """Different n-grams of all orders."""
        return self.ngrams.gram_count

    @property
    def embedding_size(self) -> int:
        """Raises ValueError: there are no vectors."""
        raise ValueError("an n-gram model has no embedding: leave out the columns that compare with its size")

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of every token but the first of each stream: (N,), in the order of reading."""
        p = np.stack([self.ngrams.probabilities(text)[1:] for text in _columns(tokens, streams)], axis=1)
        return -logarithms(p).ravel()

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same predictions in blocks: targets (n,) and log-probabilities (n, V) in nats, float32."""
        texts = _columns(tokens, streams)
        histories = np.stack([self.ngrams.histories(text)[:, 1:] for text in texts], axis=2)
        histories = histories.reshape(len(histories), -1)
        targets = np.stack(texts, axis=1)[1:].ravel()
        for start in range(0, len(targets), BLOCK):
            block = slice(start, start + BLOCK)
            yield targets[block], logarithms(self.ngrams.distributions(histories[:, block])).astype(np.float32)


def _columns(tokens: np.ndarray, streams: int) -> list[np.ndarray]:
    length = len(tokens) // streams
    if length < 2:
        raise ValueError(f"{len(tokens)} tokens in {streams} streams: each needs two or more")
    return [np.asarray(tokens[i * length : (i + 1) * length], dtype=np.int64) for i in range(streams)]
