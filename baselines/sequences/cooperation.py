"""Task cooperative-training: what is printed of CoT's objective and its gradient, and where it ends, by exact sums.

Paper: CoT (Lu et al., 2018), arXiv:1804.03782, section 3; slides, lines 96-162

Sequences are so short that all can be summed over. A model offers gradients and both sides of printed equalities at any
data p and generator G, and the generator that it ends at for each pair of the data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.exact import SequencePairs
from repro.metrics.density.divergence import jensen_shannon
from repro.metrics.density.identity import identity_error
from repro.metrics.score import signature
from repro.registry import did_you_mean
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

GRADIENT = "gradient"
IDENTITIES = ("mixture-density", "backward-reduction", "summed", "summed-as-printed", GRADIENT)
ARGUMENTS = {
    "gradient-cosine": ("pair",),
    "identity-error": ("pair", "identity"),
    "jensen-shannon-divergence": ("pair",),
}


class CooperativeModel(Protocol):
    """What this task asks of a model; p and g are joints (V,) * T, gradients (K,)."""

    def learned(self, pair: str) -> np.ndarray:
        """The generator at the end, for a pair."""

    def gradient(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        """The gradient that training follows at G = g."""

    def divergence_gradient(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        """The gradient of -2 JSD(G||p) at G = g, by all sequences."""

    def sides(self, identity: str, p: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both sides of one of the other `IDENTITIES`."""


@dataclass(frozen=True)
class CooperativeTraining:
    """Gradients and equalities at the generator that a pair has, divergences at the one that is learned from it."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        """No fields, since there are none."""
        self.signature(column)
        return frozenset()

    def signature(self, column: Column) -> str:
        """Which pair, and what is compared."""
        expect(column, "cooperative-training", ARGUMENTS)
        said = {"pair": word(column, "pair")}
        if column.metric == "identity-error":
            said["identity"] = word(column, "identity", IDENTITIES)
        if column.metric == "jensen-shannon-divergence":
            said |= {"unit": "nats", "of": "the learned generator"}
        if column.metric == "gradient-cosine":
            said["to"] = "-2 JSD by all sequences"
        return signature(column.metric, "repro/1", **said)

    def measure(
        self,
        model: CooperativeModel,
        data: SequencePairs,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
    ) -> Evaluation:
        """Every column's number, and the learned generators."""
        del generator  # nothing is drawn
        measured = {
            name: Measurement(value=_value(model, data, column), signature=self.signature(column))
            for name, column in columns.items()
        }
        return Evaluation(measured, {pair: model.learned(pair) for pair in data.pairs})


def gradient_cosine(one: np.ndarray, other: np.ndarray) -> float:
    """The cosine of the angle between two gradients (K,), from -1 to 1. Raises ValueError where one is 0."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    if not lengths:
        raise ValueError("a gradient is 0, so that it has no direction")
    return float(one @ other) / lengths


def _value(model: CooperativeModel, data: SequencePairs, column: Column) -> float:
    pair = word(column, "pair")
    if pair not in data.pairs:
        raise ValueError(f"{data.name} has no pair {pair!r}{did_you_mean(pair, list(data.pairs))}")
    p, g = data.pairs[pair]
    if column.metric == "jensen-shannon-divergence":
        return jensen_shannon(p, model.learned(pair)).value
    if column.metric == "gradient-cosine":
        return gradient_cosine(model.gradient(p, g), model.divergence_gradient(p, g))
    identity = word(column, "identity", IDENTITIES)
    if identity == GRADIENT:
        return identity_error(model.gradient(p, g), model.divergence_gradient(p, g)).value
    return identity_error(*model.sides(identity, p, g)).value
