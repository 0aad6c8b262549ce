"""Task language-modeling: how well a model predicts a text, and what its matrix of log-probabilities looks like.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, sections A.3, A.6 and A.8
Code:  zihangdai/mos, main.py; the evaluation of ranks and divergences is not released.

The state is carried through a split from its first token to its last. The first token of a stream is never predicted.
What a model must offer stands in `repro.tasks.language_model`, how a split is read in `repro.tasks.reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.score import OF, signature
from repro.spec.model import Column
from repro.tasks.arguments import expect, share
from repro.tasks.language_model import CachedModel, DynamicModel, LanguageModel, WatchedModel, offers
from repro.tasks.reading import LOSSES, OF_SPECTRUM, Text, parameter_count

SPLITS = ("train", "valid", "test")
ARGUMENTS = {
    **dict.fromkeys((*LOSSES, *OF_SPECTRUM, "expected-pairwise-kl", "parameters"), ()),
    "singular-value-quantile": ("quantile",),
}
CACHE = ("cache_weight", "cache_flatness", "cache_size")
DYNAMIC = ("dynamic_learning_rate", "dynamic_epsilon", "dynamic_decay", "statistics_batch_size")


@dataclass(frozen=True)
class LanguageModeling:
    """Perplexity, bits per character, and rank, spectrum and diversity of the log-probabilities.

    Attributes:
        train_streams: parts of equal length that the training text is read in, side by side.
        valid_streams: those of the validation text.
        test_streams: those of the test text.
        evaluation: what losses are those of: the model with its parameters fixed (`static`), with a continuous `cache`
            pointer beside it, or with parameters that follow the text (`dynamic`), which is then read in one stream.
            The matrix of log-probabilities is always that of the model alone.
        cache_weight: share of the cache in the mixture.
        cache_flatness: factor of the products of hidden states.
        cache_size: hidden states that the cache holds.
        dynamic_learning_rate: eta of dynamic evaluation.
        dynamic_epsilon: what is added to the root of the summed squares of gradients.
        dynamic_decay: lambda, the pull back to the trained parameters.
        statistics_batch_size: streams of the pass over the training text that sums the squares.
        matrix_contexts: contexts of a split, from its start, whose log-probabilities make up the matrix of the rank;
            None: all.
        last_updates: the losses of the training text are those that the last so many updates of the training had
            before them, with its dropout on; 0: the text is read as the others are.
    """

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    train_streams: int = 100
    valid_streams: int = 10
    test_streams: int = 1
    evaluation: Literal["static", "cache", "dynamic"] = "static"
    cache_weight: float = 0.1
    cache_flatness: float = 1.0
    cache_size: int = 500
    dynamic_learning_rate: float = 0.002
    dynamic_epsilon: float = 0.001
    dynamic_decay: float = 0.02
    statistics_batch_size: int = 100
    matrix_contexts: int | None = None
    last_updates: int = 0

    def __post_init__(self) -> None:
        counts = ("train_streams", "valid_streams", "test_streams", "statistics_batch_size", "matrix_contexts")
        for name, least in (*((name, 1) for name in counts), ("last_updates", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(f"{name} must be {least} or more, it is {value}")

    def streams(self, split: str) -> int:
        """How many parts a split is read in."""
        return {"train": self.train_streams, "valid": self.valid_streams, "test": self.test_streams}[split]

    def reads(self, column: Column) -> frozenset[str]:
        """The fields that a column's number depends on."""
        expect(column, "language-modeling", ARGUMENTS, () if column.metric == "parameters" else SPLITS)
        if column.metric == "parameters":
            return frozenset()
        streams = f"{column.split}_streams"
        if column.metric not in LOSSES:
            return frozenset({streams} | ({"matrix_contexts"} if column.metric in OF_SPECTRUM else set()))
        of_training = {"last_updates"} if column.split == "train" else set()
        if of_training and self.last_updates:
            return frozenset(of_training)
        of_evaluation = {"static": {streams}, "cache": {streams, *CACHE}, "dynamic": {*DYNAMIC}}[self.evaluation]
        return frozenset({"evaluation", *of_evaluation, *of_training})

    def signature(self, column: Column) -> str:
        """Metric, split, streams, what the average or the matrix is over, and of what the losses are."""
        self.reads(column)
        split = str(column.split)
        if column.metric == "parameters":
            protocol: dict[str, object] = {"tied": "once"}
        elif column.metric in LOSSES:
            protocol = self._of_losses(split)
        else:
            protocol = {"split": split, "streams": self.streams(split), "state": "carried", "log_p": "float32"}
            if column.metric == "expected-pairwise-kl":
                protocol |= {"pairs": "all", "unit": "nats"}
            else:
                protocol |= self._of_matrix(column)
        return signature(column.metric, "repro/1", **protocol)

    def _of_matrix(self, column: Column) -> dict[str, object]:
        """What the matrix has for rows, and how its singular values are computed and judged."""
        rows = "all" if self.matrix_contexts is None else f"first {self.matrix_contexts}"
        if column.metric == "singular-value-quantile":
            return {"rows": rows, "route": "qr", "quantile": share(column, "quantile")}
        return {"rows": rows, "threshold": "press", "eps": "float32", "route": "gram"}

    def _of_losses(self, split: str) -> dict[str, object]:
        """How losses are averaged, and what they are `of`."""
        average = "per predicted token"
        if split == "train" and self.last_updates:
            losses = f"of the last {self.last_updates} updates, each before it, dropout on"
            return {"split": split, "losses": losses, "average": average}
        streams, of = self.streams(split), "the model"
        if self.evaluation == "cache":
            constants = f"weight {self.cache_weight}, flatness {self.cache_flatness}"
            of = f"the model with a cache of {self.cache_size}, {constants}"
        elif self.evaluation == "dynamic":
            streams = 1
            rates = f"rate {self.dynamic_learning_rate}, epsilon {self.dynamic_epsilon}, decay {self.dynamic_decay}"
            of = f"the model that follows the text, {rates}, statistics of {self.statistics_batch_size} streams"
        return {"split": split, "streams": streams, "state": "carried", "average": average, OF: of}

    def measure(
        self, model: LanguageModel, data: Corpus, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number. A split is read once for its losses and once for all that its matrix is asked.

        Raises ValueError for a model that does not offer what the evaluation needs.
        """
        del generator  # nothing is drawn
        said = {name: self.signature(column) for name, column in columns.items()}
        wanted = {split: [column for column in columns.values() if column.split == split] for split in SPLITS}
        texts = {split: Text(self, model, data, split, found) for split, found in wanted.items() if found}
        values = {
            name: texts[column.split].value(column) if column.split else parameter_count(model)
            for name, column in columns.items()
        }
        measured = {name: Measurement(value=value, signature=said[name]) for name, value in values.items()}
        return Evaluation(measured, {name: found for text in texts.values() for name, found in text.artifacts.items()})

    def evaluate(self, model: LanguageModel, view: Corpus, generator: np.random.Generator) -> dict[str, float]:
        """The perplexity of the validation text, with the model's parameters fixed."""
        del generator
        return {"perplexity": perplexity(Nll.of(-model.nll(view.splits["valid"], self.valid_streams))).value}

    def loss(self, model: LanguageModel, data: Corpus, split: str) -> Nll:
        """The loss of all predictions of a split."""
        tokens, streams = data.splits[split], self.streams(split)
        if split == "train" and self.last_updates:
            watched: WatchedModel = offers(model, "training_nll", f"last_updates: {self.last_updates}")
            return watched.training_nll(self.last_updates)
        if self.evaluation == "cache":
            cached: CachedModel = offers(model, "cached_nll", "evaluation: cache")
            scores = cached.cached_nll(
                tokens, streams, weight=self.cache_weight, flatness=self.cache_flatness, size=self.cache_size
            )
        elif self.evaluation == "dynamic":
            dynamic: DynamicModel = offers(model, "dynamic_nll", "evaluation: dynamic")
            scores = dynamic.dynamic_nll(
                tokens,
                learning_rate=self.dynamic_learning_rate,
                epsilon=self.dynamic_epsilon,
                decay=self.dynamic_decay,
                statistics_text=data.splits["train"],
                statistics_streams=self.statistics_batch_size,
            )
        else:
            scores = model.nll(tokens, streams)
        return Nll.of(-scores)
