"""The generalised Jensen-Shannon divergence as a training objective: the binomial hump that is nearest by it.

Paper:      How (Not) to Train Your Generative Model (Huszar, 2015), arXiv:1511.05101, section 4; slides, lines 57-68
Departures: the paper fits a Gaussian to a mixture by eye; here the categories are counts and the family is binomial
Shapes:     V categories, 0 .. V - 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import kl_div, xlogy
from scipy.stats import binom

from repro.contracts import Context
from repro.data.kinds.exact import CategoricalPairs

GRID = np.linspace(1e-9, 1 - 1e-9, 1001)  # rates, the ends being no minimum
TIED = 1e-14  # nats: ends that mirror each other differ by rounding alone


@dataclass(frozen=True)
class GeneralisedJs:
    """The binomial distribution with the least JS_pi[P||Q] of all, P one of a data set.

    Attributes:
        pi: the share of P in the mixture, between 0 and 1: towards 0 it is maximum likelihood, KL[P||Q], towards 1 the
            ideal objective, KL[Q||P].
        truth: the pair whose P is fitted.
    """

    pi: float
    truth: str = "humps"

    def __post_init__(self) -> None:
        if not 0 < self.pi < 1:
            raise ValueError(f"pi must lie between 0 and 1, it is {self.pi}")

    def fit(self, data: CategoricalPairs, context: Context) -> FittedHump:  # noqa: ARG002
        """The nearest binomial distribution to P (V,); of two equally near ones that with the smaller mean."""
        if self.truth not in data.pairs:
            raise ValueError(f"{data.name} has no pair {self.truth!r} (it has {', '.join(data.pairs)})")
        p, _ = data.pairs[self.truth]
        values = np.array([self.divergence(p, hump(len(p), rate)) for rate in GRID[1:-1]])
        least = 1 + int(np.flatnonzero(values <= values.min() + TIED)[0])
        rate = brentq(lambda rate: self.slope(p, rate), GRID[least - 1], GRID[least + 1], xtol=1e-15)
        return FittedHump(self, hump(len(p), float(rate)))

    def restore(self, state: Mapping[str, Any], context: Context) -> FittedHump:  # noqa: ARG002
        """What `fit` gave, from its `state()`."""
        return FittedHump(self, state["fitted"])

    def divergence(self, p: np.ndarray, q: np.ndarray) -> float:
        """JS_pi[P||Q] = pi KL[P||M] + (1 - pi) KL[Q||M], M = pi P + (1 - pi) Q, in nats."""
        mixture = self.pi * p + (1 - self.pi) * q
        return float((self.pi * kl_div(p, mixture) + (1 - self.pi) * kl_div(q, mixture)).sum())

    def slope(self, p: np.ndarray, rate: float) -> float:
        """How JS_pi[P||Q] changes with the rate of the binomial Q: (1 - pi) times the sum of dQ log(Q / M)."""
        q, trials = hump(len(p), rate), len(p) - 1
        of_q = (np.arange(len(p)) - trials * rate) / (rate * (1 - rate))  # of log Q
        mixture = self.pi * p + (1 - self.pi) * q
        return float((1 - self.pi) * (of_q * (xlogy(q, q) - xlogy(q, mixture))).sum())


@dataclass(frozen=True)
class FittedHump:
    """The fitted Q (V,) and the divergence that it was fitted by, as task divergence-interpolation wants them."""

    method: GeneralisedJs
    fitted: np.ndarray

    @property
    def pi(self) -> float:
        """The share of P in the mixture."""
        return self.method.pi

    @property
    def truth(self) -> str:
        """The pair whose P is fitted."""
        return self.method.truth

    def state(self) -> dict[str, np.ndarray]:
        """The fitted distribution."""
        return {"fitted": self.fitted.copy()}


def hump(categories: int, rate: float) -> np.ndarray:
    """The binomial distribution (V,) of V - 1 trials."""
    mass: np.ndarray = binom.pmf(np.arange(categories), categories - 1, rate)
    return mass
