"""Task training-time: how many times longer a model trains on the same amount of text than a reference.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018); dai2019, section A.8.5, table A.13

These numbers are no function of the seed: another run, and another machine, gives others. So both are timed in one
process, step by step in turn, and what is kept is the median of the ratios with their spread. The times are taken by
the method, whose steps they are: how many rounds there are, and of what, are its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.corpus import Corpus
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

ARGUMENTS = {"training-time": ("setting",), "training-time-spread": ("setting",)}


class TimedModel(Protocol):
    """What this task asks of a method: ratios that were timed while it ran."""

    def slowdowns(self, setting: str) -> np.ndarray:
        """Time per token over the reference's in each round (R,). Raises ValueError for an unknown setting."""


@dataclass(frozen=True)
class TrainingTime:
    """Median and spread of ratios of times, in the settings that a method times. It has no parameters."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        """No fields, since there are none."""
        expect(column, "training-time", ARGUMENTS)
        return frozenset()

    def signature(self, column: Column) -> str:
        """What is timed, and which statistic of the rounds it is."""
        self.reads(column)
        statistic = "median" if column.metric == "training-time" else "interquartile-range"
        setting = word(column, "setting")
        return signature(
            column.metric, "repro/1", setting=setting, timed="update per token", over="softmax", statistic=statistic
        )

    def measure(
        self, model: TimedModel, data: Corpus, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's number, and the ratios of all rounds."""
        del data, generator  # the method has read the text, and nothing is drawn
        measured, artifacts = {}, {}
        for name, column in columns.items():
            said, setting = self.signature(column), word(column, "setting")
            ratios = model.slowdowns(setting)
            value = slowdown(ratios) if column.metric == "training-time" else slowdown_spread(ratios)
            measured[name] = Measurement(value=value, signature=said)
            artifacts[f"ratios_{setting}"] = ratios
        return Evaluation(measured, artifacts)


def slowdown(ratios: np.ndarray) -> float:
    """The median of ratios (R,) of times: 1 is as fast, above it slower. Raises ValueError unless all are positive."""
    if not len(ratios) or not (np.isfinite(ratios) & (ratios > 0)).all():
        raise ValueError(f"ratios of times must be positive numbers, at least one; they are {ratios}")
    return float(np.median(ratios))


def slowdown_spread(ratios: np.ndarray) -> float:
    """The distance from the first to the third quartile of ratios (R,) of times. Raises ValueError as `slowdown`."""
    slowdown(ratios)
    first, third = np.quantile(ratios, [0.25, 0.75])
    return float(third - first)
