"""How long a training step takes under an output layer, against a softmax: both timed in one process, in turn.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018); dai2019, section A.8.5 and table A.13, which does not say
       what is timed. Here: whole updates (forward, backward, clipping, optimiser), all regularisation on, per token.

The timing is a method and no task: what is timed are updates, and a task sees a model after its last one, without
optimiser, recipe or training text. What is left of such a training are the ratios, which the task reads.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch

from baselines.language.methods import AwdLstm, initialised
from baselines.language.training import TextRun
from repro.contracts import Context
from repro.data.kinds.corpus import Corpus

WARM_UP = 2


@dataclass(frozen=True)
class TrainingStep:
    """Times steps of a model and of a softmax in turn, on the same text with segments of the same lengths.

    Attributes:
        output: the timed model's output layer.
        components: its K.
        embedding_size: width of its embedding.
        hidden_sizes: its LSTM layers from below.
        batch_size: its own best number of streams.
        softmax_embedding_size: width of the softmax model.
        softmax_hidden_sizes: LSTM layers of the softmax model.
        softmax_batch_size: the softmax model's own best number of streams.
        bptt: usual length of a segment.
        width_divisor: divides all widths.
        rounds: steps of each that are timed, after two that are not.
    """

    output: Literal["softmax", "moc", "mos"]
    components: int = 1
    embedding_size: int = 280
    hidden_sizes: tuple[int, ...] = (960, 960, 620)
    batch_size: int = 12
    softmax_embedding_size: int = 400
    softmax_hidden_sizes: tuple[int, ...] = (1150, 1150, 400)
    softmax_batch_size: int = 20
    bptt: int = 70
    width_divisor: int = 1
    rounds: int = 20

    def fit(self, data: Corpus, context: Context) -> StepTimes:
        """Times three settings: `bs` with the timed model's batch for both, `best-1` with each model's own, `best-3`
        with a third of that, as each of three devices has it: what they say to each other is left out.
        """
        both, own = (self.batch_size, self.batch_size), (self.batch_size, self.softmax_batch_size)
        thirds = (-(-self.batch_size // 3), -(-self.softmax_batch_size // 3))
        settings = {"bs": both, "best-1": own, "best-3": thirds}
        return StepTimes({name: self._slowdowns(*sizes, data, context) for name, sizes in settings.items()})

    def restore(self, state: Mapping[str, Any], context: Context) -> StepTimes:  # noqa: ARG002
        """What was timed, from its `state()`."""
        return StepTimes(dict(state["ratios"]))

    def _slowdowns(self, own_batch: int, softmax_batch: int, data: Corpus, context: Context) -> np.ndarray:
        own = self._model(self.output, self.components, self.embedding_size, self.hidden_sizes, own_batch)
        base = self._model("softmax", 1, self.softmax_embedding_size, self.softmax_hidden_sizes, softmax_batch)
        runs = [_run(method, data, context) for method in (base, own)]
        rounds = range(WARM_UP + self.rounds)
        seconds = np.array([[_seconds_per_token(run, number) for run in runs] for number in rounds])
        ratios: np.ndarray = seconds[WARM_UP:, 1] / seconds[WARM_UP:, 0]
        return ratios

    def _model(
        self,
        output: Literal["softmax", "moc", "mos"],
        components: int,
        embedding: int,
        hidden: tuple[int, ...],
        batch: int,
    ) -> AwdLstm:
        return AwdLstm(
            output=output, components=components, embedding_size=embedding, hidden_sizes=hidden, batch_size=batch,
            bptt=self.bptt, width_divisor=self.width_divisor, word_dropout=0.1, input_dropout=0.4, hidden_dropout=0.225,
            weight_drop=0.5, context_dropout=0.29, output_dropout=0.4, weight_decay=1.2e-6, activation_penalty=2.0,
            temporal_penalty=1.0,
        )  # fmt: skip


@dataclass(frozen=True)
class StepTimes:
    """Time per token over the softmax's, in rounds, by setting."""

    ratios: dict[str, np.ndarray]

    def state(self) -> dict[str, Any]:
        """The ratios."""
        return {"ratios": dict(self.ratios)}

    def slowdowns(self, setting: str) -> np.ndarray:
        """The ratios (R,) of the rounds of a setting. Raises ValueError for an unknown one."""
        if setting not in self.ratios:
            raise ValueError(f"unknown setting {setting!r} (timed: {', '.join(self.ratios)})")
        return self.ratios[setting]


def _run(method: AwdLstm, data: Corpus, context: Context) -> TextRun:
    return TextRun(initialised(method, len(data.vocabulary), context), method.recipe, data, context)


def _seconds_per_token(run: TextRun, number: int) -> float:
    before, start = run.position % run.last, time.perf_counter()
    loss = run.step(number)["train-loss"]
    float(loss.detach())  # as the loop reads it, for which a GPU has to be done with the forward pass
    if run.train_text.is_cuda:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) / ((run.position - before) * run.recipe.batch_size)
