"""Task next-token-prediction: what a language model expects at one step of a text, beside the losses of two models.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, section A.8.4 and table A.14

The step is named by its position, the number of the token to be predicted in its split, from 0. All tokens before it
are read in one stream from the first on; the first token is never predicted. The paper looks for steps where MoS has
the lower log loss "by a margin" that it does not state: here a step is given, or it is one of the largest gains, the
log loss of the other model less that of the favoured one.
Shapes: T time, N predictions, V vocabulary
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.score import signature
from repro.registry import DATASETS
from repro.spec.model import Column


class StepModel(Protocol):
    """A language model as this task reads it; every text from its first token on."""

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        """log p in nats of every word after tokens (T,): (V,)."""

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of tokens (T,) but the first of each stream: (N,)."""


class PairedModel(Protocol):
    """What this task asks of a trained model: its own expectation, and two models whose losses are compared."""

    @property
    def position(self) -> int | None:
        """The step to look at; None: the one of `gain_rank`."""

    @property
    def gain_rank(self) -> int | None:
        """1 for the step of the largest gain of `favoured` over `other`, 2 for the next one."""

    @property
    def favoured(self) -> StepModel:
        """The model whose gain it is."""

    @property
    def other(self) -> StepModel:
        """The model that it is compared with."""

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        """log p in nats of every word after tokens (T,): (V,)."""


@dataclass(frozen=True)
class NextTokenPrediction:
    """The most likely tokens at a step and their probabilities, the tokens of the text around it, the gain there."""

    def load(self, name: str) -> Corpus:
        """A corpus with the split of the columns. Raises MissingData."""
        corpus: Corpus = DATASETS.load(name)()
        return corpus

    def signature(self, column: Column) -> str:
        """What is read of which split, and how. The step is a parameter of the method, so it is not in here."""
        protocol: dict[str, object] = {"split": column.split, "state": "carried"}
        if column.metric in ("probability", "predicted-token"):
            protocol |= {"log_p": "float32", "ties": "lowest id"}
        if column.metric == "loss-gain":
            protocol |= {"log_p": "float32", "unit": "nats"}
        return signature(column.metric, "repro/1", **protocol, **column.args)

    def measure(
        self, model: PairedModel, data: Corpus, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column at the step of the model, in the one split that all columns are about."""
        del generator  # nothing is drawn
        splits = sorted({str(column.split) for column in columns.values()})
        if len(splits) != 1 or splits[0] not in data.splits:
            raise ValueError(f"all columns are measured on one split of {', '.join(data.splits)}, not {splits}")
        step = Step.of(model, data, splits[0])
        measured = {
            name: Measurement(value=step.number(column), signature=self.signature(column))
            for name, column in columns.items()
            if not column.is_words
        }
        texts = {name: step.token(column) for name, column in columns.items() if column.is_words}
        return Evaluation(measured, texts=texts)


@dataclass(frozen=True)
class Step:
    """One step of a text: its position, log p of every word (V,) by the model, and the gain of the favoured one."""

    data: Corpus
    tokens: np.ndarray
    position: int
    log_p: np.ndarray
    gain: float

    @classmethod
    def of(cls, model: PairedModel, data: Corpus, split: str) -> Step:
        """The step that a model is asked for. Raises ValueError where the text has no such step."""
        tokens = data.splits[split]
        position, last = model.position, len(tokens) - 1
        if position is None:
            rank = model.gain_rank or 1
            if rank > last:
                raise ValueError(f"there is no gain of rank {rank}: split {split} of {data.name} has {last} steps")
            position = int(largest_gains(model.favoured.nll(tokens, 1), model.other.nll(tokens, 1))[rank - 1]) + 1
        if not 1 <= position <= last:
            raise ValueError(f"there is no step {position}: split {split} of {data.name} has steps 1 to {last}")
        before, target = tokens[:position], int(tokens[position])
        favoured, other = (float(each.next_token(before)[target]) for each in (model.favoured, model.other))
        return cls(data, tokens, position, model.next_token(before), favoured - other)

    def number(self, column: Column) -> float:
        """The number of one column."""
        match column.metric:
            case "probability":
                return float(np.exp(np.float64(self.log_p[self._ranked(column)])))
            case "loss-gain":
                return self.gain
        raise ValueError(f"task next-token-prediction has no metric {column.metric!r}")

    def token(self, column: Column) -> str:
        """The word of one column. A position is one too: it names a step, and no mean is taken of several."""
        if column.metric == "position":
            return str(self.position)
        if column.metric == "predicted-token":
            return self.data.vocabulary[self._ranked(column)]
        offset = int(str(column.args.get("offset", 0)))
        if not 0 <= self.position + offset < len(self.tokens):
            raise ValueError(f"step {self.position} has no token {offset:+d} from it")
        return self.data.vocabulary[int(self.tokens[self.position + offset])]

    def _ranked(self, column: Column) -> int:
        rank = int(str(column.args["rank"]))
        if not 1 <= rank <= len(self.log_p):
            raise ValueError(f"column {column.label!r} asks for rank {rank} of {len(self.log_p)} words")
        return int(most_likely(self.log_p)[rank - 1])


def most_likely(log_p: np.ndarray) -> np.ndarray:
    """The words (V,) by falling log p (V,); among equal ones the lowest number first."""
    return np.argsort(-log_p, kind="stable")


def largest_gains(favoured: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The predictions (N,), numbered from 0, by falling gain: the losses (N,) of the other model less the favoured's.

    Among equal gains the first in the text comes first. Raises ValueError where both have not the same predictions.
    """
    if favoured.shape != other.shape:
        raise ValueError(f"the losses are of {favoured.shape} and {other.shape} predictions: they must be the same")
    return np.argsort(favoured.astype(np.float64) - other, kind="stable")
