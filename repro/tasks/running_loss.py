"""Task language-modeling-running-loss: as language-modeling, but the training perplexity is one of the last updates.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, table A.3 ("Train perplexity is
       the average of the last 4,000 updates")

A column asks for it by `split: train` and `args: {last_updates: N}`. Such a number is no reading of the split: every
token was predicted by the model of its own update, before it. All other columns are those of language-modeling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModel, LanguageModeling

LAST = "last_updates"


class RunningLossModel(LanguageModel, Protocol):
    """What this task asks of a trained model beyond language-modeling."""

    def training_nll(self, updates: int) -> Nll:
        """The training loss of the last updates, `updates` of them or as many as the method keeps."""


@dataclass(frozen=True)
class RunningLossLanguageModeling(LanguageModeling):
    """Language modelling whose training perplexity is a running average."""

    def signature(self, column: Column) -> str:
        """What the average is over; raises ValueError for a column that a running loss cannot answer."""
        if LAST not in column.args:
            return super().signature(column)
        over = f"the last {_updates(column)} updates, or the method's last_updates where that is fewer"
        return signature(
            column.metric,
            "repro/1",
            split="train",
            model="before each update, dropout on",
            average="per token",
            of=over,
        )

    def measure(
        self, model: LanguageModel, data: Corpus, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number. The training split is read only by columns without `last_updates`."""
        running = {name: column for name, column in columns.items() if LAST in column.args}
        read = {name: column for name, column in columns.items() if name not in running}
        found = super().measure(model, data, read, generator)
        if running and not hasattr(model, "training_nll"):
            raise ValueError(
                f"the method keeps no training losses, which column {next(iter(running.values())).label!r} averages: "
                "use awd-lstm-running-loss, or give its model a `training_nll`"
            )
        watched = cast(RunningLossModel, model)
        values = {name: perplexity(watched.training_nll(_updates(column))).value for name, column in running.items()}
        averaged = {
            name: Measurement(value=value, signature=self.signature(running[name])) for name, value in values.items()
        }
        both = {**found.measured, **averaged}
        return Evaluation({name: both[name] for name in columns}, found.artifacts)


def _updates(column: Column) -> int:
    """How many updates a column averages over."""
    updates = column.args[LAST]
    if column.metric != "perplexity" or column.split != "train":
        raise ValueError(
            f"column {column.label!r}: {LAST} is for a perplexity on split train, not for {column.metric} on "
            f"{column.split}"
        )
    if not isinstance(updates, int) or isinstance(updates, bool) or updates < 1:
        raise ValueError(f"column {column.label!r}: {LAST} must be a whole number from 1 on, it is {updates!r}")
    return updates
