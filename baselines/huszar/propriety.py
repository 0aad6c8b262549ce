"""Task objective-propriety: is an objective least at the truth, and if not, where, in distributions of two symbols?

Paper: How (Not) to Train Your Generative Model (Huszar, 2015), arXiv:1511.05101, section 3

All is exact. A model offers an objective and its minimiser Q* for every true joint P of the data set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.exact import LengthTwoJoints
from repro.metrics.density.divergence import kl_divergence
from repro.metrics.density.identity import identity_error
from repro.metrics.score import signature
from repro.registry import did_you_mean
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

FROM = ("joint", "factorised", "line")
"""The truth, the product of its marginals, and the point at epsilon on the straight line from this to that."""
IDENTITIES = ("always-replaced", "constant", "single-divergence")
ARGUMENTS = {
    "objective-excess": ("truth",),
    "objective-value": ("truth",),
    "kl-divergence": ("truth", "p"),
    "identity-error": ("truth", "identity"),
}


class MinimisedObjective(Protocol):
    """What this task asks of a model."""

    def minimiser(self, truth: str) -> np.ndarray:
        """Q* (V, V) for a true joint, by its name."""

    def value(self, p: np.ndarray, q: np.ndarray) -> float:
        """The objective at truth p and model q, joints (V, V), in nats."""

    def line(self, p: np.ndarray) -> np.ndarray:
        """The point at epsilon on the line from the product of the marginals to the truth: (V, V)."""

    def sides(self, identity: str, p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
        """Both sides of one of `IDENTITIES` at truth p and model q."""


@dataclass(frozen=True)
class ObjectivePropriety:
    """Values of an objective and of its minimiser. It has no parameters."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Column) -> frozenset[str]:
        """No fields, since there are none."""
        self.signature(column)
        return frozenset()

    def signature(self, column: Column) -> str:
        """Which truth, and what is compared with the minimiser."""
        expect(column, "objective-propriety", ARGUMENTS)
        said = {"truth": word(column, "truth"), "q": "minimiser"}
        if column.metric == "kl-divergence":
            said["p"] = word(column, "p", FROM)
        if column.metric == "identity-error":
            said["identity"] = word(column, "identity", IDENTITIES)
        return signature(column.metric, "repro/1", unit="nats", **said)

    def measure(
        self,
        model: MinimisedObjective,
        data: LengthTwoJoints,
        columns: Mapping[str, Column],
        generator: np.random.Generator,
    ) -> Evaluation:
        """Every column's number, and the minimisers. Raises ValueError for a truth that the data set does not have."""
        del generator  # nothing is drawn
        measured = {
            name: Measurement(value=_value(model, data, column), signature=self.signature(column))
            for name, column in columns.items()
        }
        return Evaluation(measured, {truth: model.minimiser(truth) for truth in data.joints})


def objective_value(model: MinimisedObjective, p: np.ndarray, q: np.ndarray) -> float:
    """The objective at truth p and model q, in nats."""
    return model.value(p, q)


def objective_excess(model: MinimisedObjective, p: np.ndarray, q: np.ndarray) -> float:
    """How much more the objective is at the truth p than at the model q, in nats; above 0 it prefers q to the truth."""
    return model.value(p, p) - model.value(p, q)


def _value(model: MinimisedObjective, data: LengthTwoJoints, column: Column) -> float:
    truth = word(column, "truth")
    if truth not in data.joints:
        raise ValueError(f"{data.name} has no joint {truth!r}{did_you_mean(truth, list(data.joints))}")
    p, q = data.joints[truth], model.minimiser(truth)
    if column.metric == "objective-value":
        return objective_value(model, p, q)
    if column.metric == "objective-excess":
        return objective_excess(model, p, q)
    if column.metric == "identity-error":
        return identity_error(*model.sides(word(column, "identity", IDENTITIES), p, q)).value
    compared = {"joint": p, "factorised": np.outer(p.sum(axis=1), p.sum(axis=0)), "line": model.line(p)}
    return kl_divergence(compared[word(column, "p", FROM)], q).value
