"""AWD-LSTM that remembers what its last updates lost: the training perplexity where the text is too long to read again.

Paper:      Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, tables A.3 and A.10
Code:       not released for this corpus; the training is that of `baselines.language.training`
Departures: whether the printed average is one of losses or of perplexities, of updates or of tokens, is not said: here
            every predicted token of the last updates counts once
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from baselines.language.awd_lstm import LanguageModel
from baselines.language.cache_pointer import Cache
from baselines.language.evaluation import Dynamic, TrainedLanguageModel
from baselines.language.methods import AwdLstm, initialised, restored
from baselines.language.training import Recipe, TextRun
from baselines.training.loop import Loop
from baselines.training.parts import Part
from repro.contracts import Context
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll


@dataclass(frozen=True)
class RunningLossAwdLstm(AwdLstm):
    """AWD-LSTM whose training perplexity is that of its last updates; all other parameters are those of `awd-lstm`.

    The training text is held as int64 on the device: 6.4 GB for the 799 million tokens of One Billion Word.

    Attributes:
        last_updates: the updates whose losses are kept, at the end of the training.
    """

    last_updates: int = 4000

    def fit(self, data: Corpus, context: Context) -> WatchedLanguageModel:
        """Trains one seed. Raises Diverged, and ValueError where there are fewer updates than `last_updates`."""
        model = initialised(self, len(data.vocabulary), context)
        run = WatchedRun(model, self.recipe, data, context, self.last_updates)
        trained = run.train()
        beside = self.beside(data.splits["train"])
        return WatchedLanguageModel(trained, context.device, run.last_losses, beside, self.matrix_contexts)

    def restore(self, state: Mapping[str, Any], context: Context) -> WatchedLanguageModel:
        """The trained model whose `state()` this is."""
        losses = Losses(tuple(state["last_means"]), tuple(state["last_tokens"]))
        model, beside = restored(self, state, context), self.beside(state["train_text"])
        return WatchedLanguageModel(model, context.device, losses, beside, self.matrix_contexts)


@dataclass(frozen=True)
class Losses:
    """Of consecutive updates: the mean loss of each in nats a token, and how many tokens it predicted."""

    means: tuple[float, ...]
    tokens: tuple[int, ...]


class WatchedLanguageModel(TrainedLanguageModel):
    """A trained model with the losses of its last updates."""

    def __init__(
        self, model: LanguageModel, device: str, last_losses: Losses, how: Cache | Dynamic | None = None,
        matrix_contexts: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(model, device, how, matrix_contexts)
        self.last_losses = last_losses

    def state(self) -> dict[str, Any]:
        """That of the language model, and the losses."""
        losses = {"last_means": list(self.last_losses.means), "last_tokens": list(self.last_losses.tokens)}
        return {**super().state(), **losses}

    def training_nll(self, updates: int) -> Nll:
        """The loss of the last updates, `updates` of them or all that are kept: each was taken before its update, with
        the dropout of training where there is any, and without penalties.
        """
        return Nll.of_segments(self.last_losses.means[-updates:], self.last_losses.tokens[-updates:])


class WatchedRun(TextRun):
    """A training that keeps the losses of its last updates, as a part of its checkpoints."""

    def __init__(self, model: LanguageModel, recipe: Recipe, data: Corpus, context: Context, last_updates: int) -> None:
        super().__init__(model, recipe, data, context)
        expected = recipe.epochs * self.last // recipe.lengths.bptt
        if not 0 < last_updates <= expected:
            raise ValueError(
                f"last_updates must be from 1 to the number of updates, about {expected} here; it is {last_updates}"
            )
        self.kept = LastLosses(last_updates)

    @property
    def last_losses(self) -> Losses:
        """Of the last updates so far, the oldest first."""
        return Losses(tuple(self.kept.means), tuple(self.kept.tokens))

    def loop(self) -> Loop:
        """The loop of the training, which keeps the losses when it is finished."""
        return replace(super().loop(), kept=("model", "losses"))

    def parts(self) -> dict[str, Part]:
        """What a checkpoint holds."""
        return {**super().parts(), "losses": self.kept}

    def step(self, number: int) -> dict[str, Tensor]:
        """One update, on the next segment of the training text."""
        start = self.position % self.last
        watched = super().step(number)
        self.kept.means.append(float(watched["train-loss"].detach()))
        self.kept.tokens.append((self.position - start) * self.recipe.batch_size)
        return watched


class LastLosses:
    """The mean losses and the numbers of tokens of the last updates."""

    def __init__(self, count: int) -> None:
        self.means: deque[float] = deque(maxlen=count)
        self.tokens: deque[int] = deque(maxlen=count)

    def state_dict(self) -> dict[str, Any]:
        """Both, the oldest first."""
        return {"means": list(self.means), "tokens": list(self.tokens)}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.means.extend(saved["means"])
        self.tokens.extend(saved["tokens"])
