"""What each objective of two symbols is least at, over all joint distributions of them.

Paper:      How (Not) to Train Your Generative Model (Huszar, 2015), arXiv:1511.05101, section 3
Departures: the paper solves none of these; a trust region with exact gradient and Hessian goes down from two starts,
            and Newton's steps end what rounding lets no descent end
Shapes:     V symbols; joints (V, V), rows the first symbol
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor
from torch.autograd.functional import hessian
from torch.nn.functional import pad

from baselines.huszar.two_symbols import (
    Factors,
    always_replaced,
    joint_as_printed,
    replaced,
    replaced_as_printed,
    scheduled_sampling,
    single_as_printed,
)
from repro.contracts import Context
from repro.data.kinds.exact import LengthTwoJoints

Form = Literal["scheduled-sampling", "replaced", "replaced-as-printed", "single-as-printed", "stop-gradient"]
Objective = Callable[[Factors, Factors], Tensor]
NEAR = 1e-6  # of a gradient: below about 1e-8 the values differ by less than their rounding, and a descent stalls
NEWTON_STEPS = 3  # each squares the distance
FLAT = 1e-12
SETTLED = 1e-12
ROUNDS = 100


@dataclass(frozen=True)
class LengthTwoObjective:
    """The minimiser of one objective for each joint distribution of a data set.

    Attributes:
        epsilon: the probability that the first symbol is the true one, from 0 to 1: 1 is maximum likelihood, with 0 it
            is always the model's.
        form: `scheduled-sampling` is D_SS by its definition; `replaced` the first printed form of D_alternative and
            `replaced-as-printed` the same to the letter, both without epsilon; `single-as-printed` the printed single
            divergence with its C taken for a constant; `stop-gradient` D_SS where no gradient goes through the symbol
            that the model draws, as in practice: no minimum, but where its gradient vanishes.
    """

    epsilon: float
    form: Form = "scheduled-sampling"

    def __post_init__(self) -> None:
        if not 0 <= self.epsilon <= 1:
            raise ValueError(f"epsilon must lie between 0 and 1, it is {self.epsilon}")

    def fit(self, data: LengthTwoJoints, context: Context) -> Minimisers:  # noqa: ARG002
        """The minimiser of each joint (V, V)."""
        found = {name: self._minimiser(Factors.of(joint)).joint for name, joint in data.joints.items()}
        return Minimisers(self, found)

    def restore(self, state: Mapping[str, Any], context: Context) -> Minimisers:  # noqa: ARG002
        """What `fit` gave, from its `state()`."""
        return Minimisers(self, dict(state["minimisers"]))

    def value(self, p: Factors, q: Factors) -> Tensor:
        """The objective of the truth p at the model q, in nats."""
        if self.form == "replaced":
            return replaced(p, q)
        if self.form == "replaced-as-printed":
            return replaced_as_printed(p, q)
        if self.form == "single-as-printed":
            return single_as_printed(p, q, self.epsilon)
        return scheduled_sampling(p, q, self.epsilon)

    def _minimiser(self, p: Factors) -> Factors:
        return self._settled(p) if self.form == "stop-gradient" else minimiser(self.value, p)

    def _settled(self, p: Factors) -> Factors:
        """Where the minimum with the drawing distribution held fixed is that distribution itself."""
        drawn = torch.full_like(p.first, 1 / len(p.first))
        for _ in range(ROUNDS):
            q = minimiser(partial(scheduled_sampling, epsilon=self.epsilon, drawn=drawn), p)
            if float((q.first - drawn).abs().max()) < SETTLED:
                return q
            drawn = q.first
        raise ValueError(f"the model's first symbol does not settle within {ROUNDS} rounds")


@dataclass(frozen=True)
class Minimisers:
    """The minimisers (V, V) of an objective by the names of the true joints, as task objective-propriety wants them."""

    method: LengthTwoObjective
    minimisers: Mapping[str, np.ndarray]

    def state(self) -> dict[str, Any]:
        """The minimisers."""
        return {"minimisers": {name: joint.copy() for name, joint in self.minimisers.items()}}

    def minimiser(self, truth: str) -> np.ndarray:
        """The joint (V, V) that is the minimiser for a truth."""
        return self.minimisers[truth]

    def value(self, p: np.ndarray, q: np.ndarray) -> float:
        """The objective of truth p at model q, both joints (V, V), in nats."""
        return float(self.method.value(Factors.of(p), Factors.of(q)))

    def line(self, p: np.ndarray) -> np.ndarray:
        """The point on the straight line from the product of the marginals (0) to the truth (1) at epsilon: (V, V)."""
        kept: np.ndarray = self.method.epsilon * p + (1 - self.method.epsilon) * np.outer(p.sum(axis=1), p.sum(axis=0))
        return kept

    def sides(self, identity: str, p: np.ndarray, q: np.ndarray) -> tuple[float, float]:
        """Both sides of an equality that is printed, at truth p and model q.

        `always-replaced` are the two forms of D_alternative, `single-divergence` the second and third line of D_SS,
        `constant` is its C, which is said to depend on P and epsilon alone, at q and at p.
        """
        true, model, epsilon = Factors.of(p), Factors.of(q), self.method.epsilon
        if identity == "always-replaced":
            sides = replaced(true, model), always_replaced(true, model)
        elif identity == "single-divergence":
            sides = single_as_printed(true, model, epsilon), joint_as_printed(true, model, epsilon)
        else:
            sides = _constant(true, model, epsilon), _constant(true, true, epsilon)
        return float(sides[0]), float(sides[1])


def _constant(p: Factors, q: Factors, epsilon: float) -> Tensor:
    return scheduled_sampling(p, q, epsilon) - single_as_printed(p, q, epsilon)


def minimiser(objective: Objective, p: Factors) -> Factors:
    """The least of the minima that are found from the product of the marginals and from the uniform distribution.

    Raises ValueError where an end is no minimum: one at the border, where some joint probability is 0.
    """
    product = torch.cat([_logits(p.first), _logits(p.second).repeat(len(p.first))])
    ends = [_descended(objective, p, start.numpy()) for start in (product, torch.zeros_like(product))]
    return min(ends, key=lambda q: float(objective(p, q)))


def _descended(objective: Objective, p: Factors, start: np.ndarray) -> Factors:
    symbols = len(p.first)

    def value(free: Tensor) -> Tensor:
        return objective(p, _factors(free, symbols))

    def with_gradient(free: np.ndarray) -> tuple[float, np.ndarray]:
        at = torch.from_numpy(free).requires_grad_()
        (gradient,) = torch.autograd.grad(found := value(at), at)
        return float(found.detach()), gradient.numpy()

    def curvature(free: np.ndarray) -> np.ndarray:
        curved: np.ndarray = hessian(value, torch.from_numpy(free)).numpy()  # type: ignore[no-untyped-call]
        return curved

    near = minimize(with_gradient, start, jac=True, hess=curvature, method="trust-exact", options={"gtol": NEAR})
    end = near.x
    for _ in range(NEWTON_STEPS):
        end = end - np.linalg.solve(curvature(end), with_gradient(end)[1])
    steepest = float(np.abs(with_gradient(end)[1]).max())
    if not steepest < FLAT:
        raise ValueError(f"no minimum was found inside: the gradient is still {steepest:.2g}")
    return _factors(torch.from_numpy(end), symbols)


def _logits(probabilities: Tensor) -> Tensor:
    """All but the last of the logits of a distribution (V,), of which the last is 0."""
    return (probabilities / probabilities[-1]).log()[:-1]


def _factors(free: Tensor, symbols: int) -> Factors:
    """The model of free logits: those of the first symbol, then those of the second for each first one."""
    logits = pad(free.reshape(1 + symbols, symbols - 1), (0, 1))
    return Factors(torch.softmax(logits[0], dim=-1), torch.softmax(logits[1:], dim=-1))
