"""What a language model says of one split of a corpus, computed when the first column asks.

Shapes: V vocabulary, K singular values
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Set
from functools import cached_property
from typing import Protocol

import numpy as np

from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll, bits_per_character, perplexity
from repro.metrics.language.pairwise_kl import PairwiseKl
from repro.metrics.language.spectrum import StreamedMatrix, normalised_spectrum, singular_value_quantile
from repro.metrics.score import Score
from repro.spec.model import Column
from repro.tasks.arguments import share
from repro.tasks.language_model import LanguageModel

LOSSES = ("perplexity", "bits-per-character")
OF_RANK = ("rank", "rank-excess")
OF_VALUES = ("singular-value-quantile",)
OF_SPECTRUM = (*OF_RANK, *OF_VALUES)
THRESHOLDS = np.logspace(-12, 0, 241)


class Reading(Protocol):
    """How texts are read: what `Text` needs of the task."""

    @property
    def matrix_contexts(self) -> int | None:
        """Contexts of a split that make up the matrix of the rank; None: all."""

    def streams(self, split: str) -> int:
        """How many parts a split is read in."""

    def loss(self, model: LanguageModel, data: Corpus, split: str) -> Nll:
        """The loss of all predictions of a split."""


class Text:
    """What a model says of one split."""

    def __init__(self, how: Reading, model: LanguageModel, data: Corpus, split: str, columns: Iterable[Column]) -> None:
        if split not in data.splits:
            raise ValueError(f"data set {data.name} has no split {split} (it has {', '.join(data.splits)})")
        self.how, self.model, self.data, self.split = how, model, data, split
        self.wanted = {column.metric for column in columns}

    def value(self, column: Column) -> float:
        """The number of one column."""
        match column.metric:
            case "perplexity":
                return perplexity(self.total).value
            case "bits-per-character":
                return bits_per_character(self.total).value
            case "expected-pairwise-kl":
                return self.matrix.diversity.score().value
            case "rank":
                return self.matrix.rank.value
            case "rank-excess":
                return rank_excess(self.matrix.rank, self.model.embedding_size)
            case "singular-value-quantile":
                return singular_value_quantile(self.matrix.singular_values, share(column, "quantile")).value
        raise ValueError(f"task language-modeling has no metric {column.metric!r} on a split")

    @cached_property
    def total(self) -> Nll:
        """The loss of all predictions."""
        return self.how.loss(self.model, self.data, self.split)

    @cached_property
    def matrix(self) -> Matrix:
        """The log-probabilities, streamed once to all that is wanted of them."""
        tokens, streams = self.data.splits[self.split], self.how.streams(self.split)
        matrix = Matrix(len(self.data.vocabulary))
        matrix.read(self.model, tokens, streams, self.how.matrix_contexts, self.wanted)
        return matrix

    @property
    def artifacts(self) -> dict[str, np.ndarray]:
        """The curve of normalised singular values, where they were asked for: shares below `THRESHOLDS`."""
        if not self.wanted & {*OF_VALUES}:
            return {}
        curve = normalised_spectrum(self.matrix.singular_values, THRESHOLDS)
        return {f"spectrum_{self.split}": np.stack([THRESHOLDS, curve]).astype(np.float32)}


class Matrix:
    """The matrix of log-probabilities of a split, a row a context, of which only sums are held.

    Ranks are those of a float32 matrix, as the threshold of the paper's is taken to be; the spectrum is computed in
    float64, since most values of a softmax are smaller than float32's eps of the largest.
    """

    def __init__(self, words: int) -> None:
        self.of_rank, self.of_spectrum = StreamedMatrix(words), StreamedMatrix(words, "float64")
        self.diversity = PairwiseKl(words)

    def read(
        self, model: LanguageModel, tokens: np.ndarray, streams: int, contexts: int | None, wanted: Set[str]
    ) -> None:
        """Reads a split once, so many contexts of it for the spectrum. Those that nothing asks for are not computed."""
        left = (math.inf if contexts is None else contexts) if wanted & {*OF_SPECTRUM} else 0
        pairs = ((self.of_rank, OF_RANK), (self.of_spectrum, OF_VALUES))
        asked = [matrix for matrix, metrics in pairs if wanted & {*metrics}]
        for _, log_p in model.log_probabilities(tokens, streams):
            for matrix in asked:
                matrix.add(log_p[: int(min(left, len(log_p)))])
            left -= min(left, len(log_p))
            if "expected-pairwise-kl" in wanted:
                self.diversity.add(log_p)
            elif not left:
                break

    @cached_property
    def rank(self) -> Score:
        """Rank with the threshold of Press et al. in float32."""
        return self.of_rank.rank()

    @cached_property
    def singular_values(self) -> np.ndarray:
        """All of them (K,), descending."""
        return self.of_spectrum.singular_values()


def parameter_count(model: LanguageModel) -> float:
    """Trained numbers of a model; a tied matrix counts once."""
    return float(model.parameter_count)


def rank_excess(rank: Score, embedding_size: int) -> float:
    """By how much the rank exceeds the embedding size.

    At most 2 for a softmax over contexts of that width: the decoder's bias and the log-normaliser may each add one. A
    mixture of softmaxes is not bounded by it.
    """
    return rank.value - embedding_size
