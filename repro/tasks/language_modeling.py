"""Task language-modeling: how well a model predicts a text, and what its matrix of log-probabilities looks like.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, sections A.3, A.6 and A.8
Code:  zihangdai/mos, main.py; the evaluation of ranks and divergences is not released.

The state is carried through a split from its first token to its last. The first token of a stream is never predicted.
Shapes: N predictions, V vocabulary
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll, bits_per_character, perplexity
from repro.metrics.language.pairwise_kl import PairwiseKl
from repro.metrics.language.spectrum import StreamedMatrix, normalised_spectrum, singular_value_quantile
from repro.metrics.score import Score, signature
from repro.registry import DATASETS
from repro.spec.model import Column

STREAMS = {"train": 100, "valid": 10, "test": 1}
OF_SPECTRUM = {"rank", "rank-excess", "singular-value-quantile"}
THRESHOLDS = np.logspace(-8, 0, 161)


class LanguageModel(Protocol):
    """What this task asks of a trained model. Texts are read as `streams` parallel parts of equal length."""

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""

    @property
    def matrix_contexts(self) -> int | None:
        """How many contexts of a split make up the matrix whose rank is taken; None: all."""

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of tokens (T,) but the first of each stream: (N,)."""

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same predictions in blocks: targets (n,) and log-probabilities (n, V) in nats."""


@dataclass(frozen=True)
class LanguageModeling:
    """Perplexity, bits per character, and rank, spectrum and diversity of the log-probabilities."""

    def load(self, name: str) -> Corpus:
        """A corpus with splits train, valid and test. Raises MissingData."""
        corpus: Corpus = DATASETS.load(name)()
        return corpus

    def signature(self, column: Column) -> str:
        """Metric, split, number of streams, what the average or the matrix is over."""
        if column.metric == "parameters":
            return signature("parameters", "repro/1", tied="once")
        split = str(column.split)
        if split not in STREAMS:
            raise ValueError(f"column {column.label!r} is measured on a split: train, valid or test, not {split}")
        streams = STREAMS[split]
        said = str(streams) if streams == 1 else f"{streams} (dynamic evaluation: 1)"
        read = {"split": split, "streams": said, "state": "carried"}
        if column.metric in ("perplexity", "bits-per-character"):
            return signature(column.metric, "repro/1", **read, average="per predicted token")
        if column.metric == "expected-pairwise-kl":
            return signature(column.metric, "repro/1", **read, pairs="all", log_p="float32", unit="nats")
        rows = "all contexts, or the method's matrix_contexts from the start"
        protocol: dict[str, object] = {
            "threshold": "press",
            "eps": "float32",
            "route": "gram",
            "log_p": "float32",
            "rows": rows,
        }
        return signature(column.metric, "repro/1", **read, **protocol, **column.args)

    def measure(
        self, model: LanguageModel, data: Corpus, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number. A split is read once for its losses and once for all that its matrix is asked."""
        del generator  # nothing is drawn
        texts = {split: Text(model, data, split, columns.values()) for split in data.splits}
        measured = {}
        for name, column in columns.items():
            value = texts[column.split].value(column) if column.split else parameter_count(model)
            measured[name] = Measurement(value=value, signature=self.signature(column))
        return Evaluation(measured, {name: found for text in texts.values() for name, found in text.artifacts.items()})


class Text:
    """What a model says of one split, computed when the first column asks."""

    def __init__(self, model: LanguageModel, data: Corpus, split: str, columns: Iterable[Column]) -> None:
        self.model, self.split = model, split
        self.tokens, self.streams, self.words = data.splits[split], STREAMS[split], len(data.vocabulary)
        self.wanted = {column.metric for column in columns if column.split == split}

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
                return singular_value_quantile(self.matrix.singular_values, float(str(column.args["quantile"]))).value
        raise ValueError(f"task language-modeling has no metric {column.metric!r} on a split")

    @cached_property
    def total(self) -> Nll:
        """The loss of all predictions."""
        return Nll.of(-self.model.nll(self.tokens, self.streams))

    @cached_property
    def matrix(self) -> Matrix:
        """The log-probabilities, streamed once to all that is wanted of them."""
        return Matrix.of(self.model, self.tokens, self.streams, self.words, self.wanted)

    @property
    def artifacts(self) -> dict[str, np.ndarray]:
        """The curve of normalised singular values, where they were asked for: shares below `THRESHOLDS`."""
        if "singular-value-quantile" not in self.wanted:
            return {}
        curve = normalised_spectrum(self.matrix.singular_values, THRESHOLDS)
        return {f"spectrum_{self.split}": np.stack([THRESHOLDS, curve]).astype(np.float32)}


class Matrix:
    """The matrix of log-probabilities of a split, a row a context, of which only sums are held."""

    def __init__(self, words: int) -> None:
        self.stream, self.diversity = StreamedMatrix(words), PairwiseKl(words)

    @classmethod
    def of(cls, model: LanguageModel, tokens: np.ndarray, streams: int, words: int, wanted: Set[str]) -> Matrix:
        """Reads a split once. Contexts that nothing asks for are not computed."""
        matrix = cls(words)
        limit = math.inf if model.matrix_contexts is None else model.matrix_contexts
        left = limit if OF_SPECTRUM & wanted else 0
        for _, log_p in model.log_probabilities(tokens, streams):
            matrix.stream.add(log_p[: int(min(left, len(log_p)))])
            left -= min(left, len(log_p))
            if "expected-pairwise-kl" in wanted:
                matrix.diversity.add(log_p)
            elif not left:
                break
        return matrix

    @cached_property
    def rank(self) -> Score:
        """Rank with the threshold of Press et al. in float32."""
        return self.stream.rank()

    @cached_property
    def singular_values(self) -> np.ndarray:
        """All of them, descending."""
        return self.stream.singular_values()


def parameter_count(model: LanguageModel) -> float:
    """Trained numbers of a model; a tied matrix counts once."""
    return float(model.parameter_count)


def rank_excess(rank: Score, embedding_size: int) -> float:
    """By how much the rank exceeds the embedding size.

    At most 2 for a softmax over contexts of that width: the decoder's bias and the log-normaliser may each add one. A
    mixture of softmaxes is not bounded by it.
    """
    return rank.value - embedding_size
