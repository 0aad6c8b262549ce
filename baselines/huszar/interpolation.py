"""Task divergence-interpolation: the generalised Jensen-Shannon divergence between its two ends, by exact sums.

Paper: How (Not) to Train Your Generative Model (Huszar, 2015), arXiv:1511.05101, section 4

A model offers pi, and a distribution that was fitted to the P of one pair of the data set by the divergence with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, cast

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.exact import CategoricalPairs
from repro.metrics.density.divergence import divergence_limit_error, jensen_shannon, mass_off_support
from repro.metrics.score import signature
from repro.registry import did_you_mean
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

LIMITS = ("forward", "reverse")
ARGUMENTS = {
    "jensen-shannon-divergence": ("pair",),
    "divergence-limit-error": ("pair", "limit"),
    "mass-off-support": (),
}


class Interpolation(Protocol):
    """What this task asks of a model."""

    @property
    def pi(self) -> float:
        """The share of P in the mixture."""

    @property
    def truth(self) -> str:
        """The name of the pair whose P was fitted."""

    @property
    def fitted(self) -> np.ndarray:
        """The fitted Q (V,)."""


@dataclass(frozen=True)
class DivergenceInterpolation:
    """Divergences of pairs with the model's pi, and what was fitted by it. It has no parameters."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        """No fields, since there are none."""
        self.signature(column)
        return frozenset()

    def signature(self, column: Column) -> str:
        """Which pair and which end; pi is the model's."""
        expect(column, "divergence-interpolation", ARGUMENTS)
        if column.metric == "mass-off-support":
            return signature(column.metric, "repro/1", q="fitted")
        said = {"pair": word(column, "pair"), "unit": "nats", "pi": "the model's"}
        if column.metric == "divergence-limit-error":
            said["limit"] = word(column, "limit", LIMITS)
        return signature(column.metric, "repro/1", **said)

    def measure(
        self,
        model: Interpolation,
        data: CategoricalPairs,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
    ) -> Evaluation:
        """Every column's number, and the fitted distribution beside its truth."""
        del generator  # nothing is drawn
        measured = {
            name: Measurement(value=_value(model, data, column), signature=self.signature(column))
            for name, column in columns.items()
        }
        return Evaluation(measured, {"truth": data.pairs[model.truth][0], "fitted": model.fitted})


def _value(model: Interpolation, data: CategoricalPairs, column: Column) -> float:
    if column.metric == "mass-off-support":
        return mass_off_support(data.pairs[model.truth][0], model.fitted).value
    pair = word(column, "pair")
    if pair not in data.pairs:
        raise ValueError(f"{data.name} has no pair {pair!r}{did_you_mean(pair, list(data.pairs))}")
    p, q = data.pairs[pair]
    if column.metric == "jensen-shannon-divergence":
        return jensen_shannon(p, q, model.pi).value
    limit = cast(Literal["forward", "reverse"], word(column, "limit", LIMITS))
    return divergence_limit_error(p, q, model.pi, limit).value
