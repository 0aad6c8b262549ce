"""The losses of the last updates of a training: a training perplexity where the text is too long to read again.

Paper:      Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, tables A.3 and A.10
Code:       not released for this corpus; the training is that of `baselines.language.training`
Departures: whether the printed average is one of losses or of perplexities, of updates or of tokens, is not said: here
            every predicted token of the last updates counts once
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from baselines.language.awd_lstm import LanguageModel
from baselines.language.training import Recipe, TextRun
from baselines.training.loop import Loop
from baselines.training.parts import Part
from repro.contracts import Context
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll


class LastLosses:
    """Of the last updates, `count` at most, the oldest first: each one's mean loss in nats a token, and its tokens."""

    def __init__(self, count: int) -> None:
        self.means: deque[float] = deque(maxlen=count)
        self.tokens: deque[int] = deque(maxlen=count)

    def add(self, mean: float, tokens: int) -> None:
        """Takes in an update; the oldest is forgotten where there are enough."""
        self.means.append(mean)
        self.tokens.append(tokens)

    def total(self, updates: int) -> Nll:
        """The loss of the last `updates` of them. Raises ValueError where fewer are kept."""
        if not 0 < updates <= len(self.means):
            raise ValueError(
                f"the losses of the last {updates} updates are asked for, and the training kept those of "
                f"{len(self.means)}: give its method last_updates: {updates}"
            )
        return Nll.of_segments(list(self.means)[-updates:], list(self.tokens)[-updates:])

    def state_dict(self) -> dict[str, Any]:
        """Both lists, and how long they may be."""
        return {"count": self.means.maxlen, "means": list(self.means), "tokens": list(self.tokens)}

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.means = deque(saved["means"], maxlen=saved["count"])
        self.tokens = deque(saved["tokens"], maxlen=saved["count"])


class WatchedRun(TextRun):
    """A training that keeps the losses of its last updates, as a part of its checkpoints."""

    def __init__(self, model: LanguageModel, recipe: Recipe, data: Corpus, context: Context, last_updates: int) -> None:
        super().__init__(model, recipe, data, context)
        expected = recipe.epochs * self.last // recipe.lengths.bptt
        if not 0 < last_updates <= expected:
            raise ValueError(
                f"last_updates must be from 1 to the number of updates, about {expected} here; it is {last_updates}"
            )
        self.last_losses = LastLosses(last_updates)

    def loop(self) -> Loop:
        """The loop of the training, which keeps the losses when it is finished."""
        return replace(super().loop(), kept=("model", "losses"))

    def parts(self) -> dict[str, Part]:
        """What a checkpoint holds."""
        return {**super().parts(), "losses": self.last_losses}

    def step(self, number: int) -> dict[str, Tensor]:
        """One update, on the next segment of the training text."""
        start = self.position % self.last
        watched = super().step(number)
        tokens = (self.position - start) * self.recipe.batch_size
        self.last_losses.add(float(watched["train-loss"].detach()), tokens)
        return watched
