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
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar, Literal

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.score import OF, signature
from repro.spec.model import Column
from repro.tasks.arguments import expect, whole
from repro.tasks.language_model import StepModel

SPLITS = ("train", "valid", "test")
ARGUMENTS = {
    "loss-gain": (),
    "position": (),
    "predicted-token": ("rank",),
    "probability": ("rank",),
    "text-token": ("offset",),
}
OTHER = "other"
NOBODY: Mapping[str, StepModel] = MappingProxyType({})


@dataclass(frozen=True)
class NextTokenPrediction:
    """The most likely tokens at a step and their probabilities, the tokens of the text around it, the gain there.

    Attributes:
        position: number of the token to be predicted in its split, from 0; the first is never predicted. None: the step
            of `gain_rank`.
        gain_rank: 1 for the step where the loss of the favoured model is lower than that of the other by most, 2 for
            the next one.
        favoured: whose gain it is: that of the row's `own` model over the one beside it, or of the `other` one.
    """

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ("other",)

    position: int | None = None
    gain_rank: int = 1
    favoured: Literal["own", "other"] = "own"

    def __post_init__(self) -> None:
        for name in ("position", "gain_rank"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ValueError(f"{name} must be 1 or more, it is {value}")

    def reads(self, column: Column) -> frozenset[str]:
        """The fields that a column depends on: a given step depends on no gain."""
        expect(column, "next-token-prediction", ARGUMENTS, SPLITS)
        step = {"position"} if self.position is not None else {"position", "gain_rank", "favoured"}
        return frozenset(step | ({"favoured"} if column.metric == "loss-gain" else set()))

    def signature(self, column: Column) -> str:
        """What is read of which split, at which step, and how."""
        reads = self.reads(column)
        protocol: dict[str, object] = {"split": column.split, "state": "carried"}
        if column.metric in ("probability", "predicted-token"):
            protocol |= {"log_p": "float32", "ties": "lowest id", "rank": whole(column, "rank", least=1)}
        elif column.metric == "loss-gain":
            protocol |= {"log_p": "float32", "unit": "nats"}
        elif column.metric == "text-token":
            protocol["offset"] = whole(column, "offset", default=0)
        of = f"step {self.position}" if self.position is not None else f"the step of gain {self.gain_rank}"
        if "favoured" in reads:
            of += f", {self.favoured} model over {'other' if self.favoured == 'own' else 'own'}"
        return signature(column.metric, "repro/1", **protocol, **{OF: of})

    def measure(
        self,
        model: StepModel,
        data: Corpus,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
        *,
        others: Mapping[str, StepModel] = NOBODY,
    ) -> Evaluation:
        """Every column at the one step, in the one split that all columns are about."""
        del generator  # nothing is drawn
        if OTHER not in others:
            raise ValueError(f"a step is looked at beside a model of role {OTHER}: write `beside: {{{OTHER}: ...}}`")
        said = {name: self.signature(column) for name, column in columns.items()}
        splits = sorted({str(column.split) for column in columns.values()})
        if len(splits) != 1 or splits[0] not in data.splits:
            raise ValueError(f"all columns are measured on one split of {', '.join(data.splits)}, not {splits}")
        own, other = model, others[OTHER]
        step = self._step(data, splits[0], own, *((own, other) if self.favoured == "own" else (other, own)))
        measured = {
            name: Measurement(value=step.number(column), signature=said[name])
            for name, column in columns.items()
            if not column.is_words
        }
        texts = {name: step.token(column) for name, column in columns.items() if column.is_words}
        return Evaluation(measured, texts=texts)

    def _step(self, data: Corpus, split: str, model: StepModel, favoured: StepModel, other: StepModel) -> Step:
        """The step that is asked for. Raises ValueError where the text has no such step."""
        tokens = data.splits[split]
        position, last = self.position, len(tokens) - 1
        if position is None:
            if self.gain_rank > last:
                found = f"split {split} of {data.name} has {last} steps"
                raise ValueError(f"there is no gain of rank {self.gain_rank}: {found}")
            position = int(largest_gains(favoured.nll(tokens, 1), other.nll(tokens, 1))[self.gain_rank - 1]) + 1
        if position > last:
            raise ValueError(f"there is no step {position}: split {split} of {data.name} has steps 1 to {last}")
        return Step(data, tokens, position, model, favoured, other)


@dataclass(frozen=True)
class Step:
    """One step of a text: its position, the model that is asked there, and the two whose losses are compared."""

    data: Corpus
    tokens: np.ndarray
    position: int
    model: StepModel
    favoured: StepModel
    other: StepModel

    @cached_property
    def log_p(self) -> np.ndarray:
        """log p of every word (V,) by the model."""
        return self.model.next_token(self.tokens[: self.position])

    @cached_property
    def gain(self) -> float:
        """How much lower the favoured model's loss is, in nats."""
        before, target = self.tokens[: self.position], int(self.tokens[self.position])
        favoured, other = (float(each.next_token(before)[target]) for each in (self.favoured, self.other))
        return favoured - other

    def number(self, column: Column) -> float:
        """The number of one column."""
        if column.metric == "loss-gain":
            return self.gain
        return float(np.exp(np.float64(self.log_p[self._ranked(column)])))

    def token(self, column: Column) -> str:
        """The word of one column. A position is one too: it names a step, and no mean is taken of several."""
        if column.metric == "position":
            return str(self.position)
        if column.metric == "predicted-token":
            return self.data.vocabulary[self._ranked(column)]
        offset = whole(column, "offset", default=0)
        if not 0 <= self.position + offset < len(self.tokens):
            raise ValueError(f"step {self.position} has no token {offset:+d} from it")
        return self.data.vocabulary[int(self.tokens[self.position + offset])]

    def _ranked(self, column: Column) -> int:
        rank = whole(column, "rank", least=1)
        if rank > len(self.log_p):
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
