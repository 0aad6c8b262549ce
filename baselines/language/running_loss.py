"""AWD-LSTM that remembers what its last updates lost: the training perplexity where the text is too long to read again.

Paper:      Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, tables A.3 and A.10
Code:       not released for this corpus; the training is that of `baselines.language.training`
Departures: whether the printed average is one of losses or of perplexities, of updates or of tokens, is not said: here
            every predicted token of the last updates counts once
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any

from baselines.language.awd_lstm import LanguageModel
from baselines.language.cache_pointer import Cache
from baselines.language.evaluation import Dynamic, TrainedLanguageModel
from baselines.language.methods import AwdLstm, initialised
from baselines.language.training import Recipe, TextRun
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
        return WatchedLanguageModel(trained, context.device, run.last_losses, self.beside(data), self.matrix_contexts)


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

    def training_nll(self, updates: int) -> Nll:
        """The loss of the last updates, `updates` of them or all that are kept: each was taken before its update, with
        the dropout of training where there is any, and without penalties.
        """
        return Nll.of_segments(self.last_losses.means[-updates:], self.last_losses.tokens[-updates:])


class WatchedRun(TextRun):
    """A training that keeps the losses of its last updates, in its checkpoints too."""

    def __init__(self, model: LanguageModel, recipe: Recipe, data: Corpus, context: Context, last_updates: int) -> None:
        super().__init__(model, recipe, data, context)
        expected = recipe.epochs * (len(self.train_text) - 1) // recipe.lengths.bptt
        if not 0 < last_updates <= expected:
            raise ValueError(
                f"last_updates must be from 1 to the number of updates, about {expected} here; it is {last_updates}"
            )
        self.means: deque[float] = deque(maxlen=last_updates)
        self.tokens: deque[int] = deque(maxlen=last_updates)

    @property
    def last_losses(self) -> Losses:
        """Of the last updates so far, the oldest first."""
        return Losses(tuple(self.means), tuple(self.tokens))

    def step(self) -> None:
        """One update, on the next segment of the training text."""
        start, before = self.position, self.losses
        self.losses = 0.0  # so that the step leaves its own loss there, to the bit
        super().step()
        self.means.append(self.losses)
        self.tokens.append((self.position - start) * self.recipe.batch_size)
        self.losses += before

    def _finished(self) -> dict[str, Any]:
        return super()._finished() | self._kept()

    def _unfinished(self) -> dict[str, Any]:
        return super()._unfinished() | self._kept()

    def _kept(self) -> dict[str, Any]:
        return {"last_means": list(self.means), "last_tokens": list(self.tokens)}

    def _restore(self) -> None:
        super()._restore()
        saved = self.context.restore()  # a second time: it is read anew, and only at a start
        if saved is not None:
            self.means.extend(saved["last_means"])
            self.tokens.extend(saved["last_tokens"])
