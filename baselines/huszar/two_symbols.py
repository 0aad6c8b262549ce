r"""The objectives of scheduled sampling on sequences of two symbols, as printed and as they should read.

Paper:      How (Not) to Train Your Generative Model (Huszar, 2015), arXiv:1511.05101, section 3; slides, lines 26-30
Departures: what is printed and wrong is kept under its own name: `replaced_as_printed`, `single_as_printed`
Shapes:     V symbols; the first symbol has probabilities (V,), the second given the first (V, V), a row a first symbol

All are sums in float64, in nats, and differentiable in the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Factors:
    """A joint distribution of two symbols as P(x1) (V,) and P(x2|x1) (V, V)."""

    first: Tensor
    then: Tensor

    @classmethod
    def of(cls, joint: np.ndarray) -> Factors:
        """The factors of a joint (V, V). Raises ValueError where a first symbol has no mass: nothing follows it."""
        whole = torch.from_numpy(np.asarray(joint, dtype=np.float64))
        first = whole.sum(dim=1)
        if not bool((first > 0).all()):
            raise ValueError(f"each first symbol needs some mass, they have {first.tolist()}")
        return cls(first, whole / first[:, None])

    @property
    def second(self) -> Tensor:
        """P(x2), (V,)."""
        return self.first @ self.then

    @property
    def joint(self) -> np.ndarray:
        """P(x1, x2), (V, V)."""
        found: np.ndarray = (self.first[:, None] * self.then).detach().numpy()
        return found


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL[p||q] over the last axis; p may be any measure, whose terms are p log(p / q) too."""
    return (torch.xlogy(p, p) - torch.xlogy(p, q)).sum(dim=-1)


def maximum_likelihood(p: Factors, q: Factors) -> Tensor:
    """D_ML, line 26: KL[P_x1||Q_x1] + E_{z~P_x1} KL[P_x2|x1=z||Q_x2|x1=z]."""
    return kl(p.first, q.first) + p.first @ kl(p.then, q.then)


def always_replaced(p: Factors, q: Factors, drawn: Tensor | None = None) -> Tensor:
    """D_alternative, second form of line 28: KL[P_x1||Q_x1] + E_{z~Q_x1} KL[P_x2||Q_x2|x1=z].

    z is drawn by `drawn` (V,), which is Q_x1 if nothing is said.
    """
    return kl(p.first, q.first) + (q.first if drawn is None else drawn) @ kl(p.second, q.then)


def replaced_as_printed(p: Factors, q: Factors) -> Tensor:
    """D_alternative, first form of line 28: KL[P_x1||Q_x1] + E_{y~P_x1} E_{z~Q_x1} KL[P_x2|x1=y||Q_x2|x1=y].

    Nothing in it depends on z, so that it is D_ML.
    """
    return kl(p.first, q.first) + (p.first[:, None] * q.first * kl(p.then, q.then)[:, None]).sum()


def replaced(p: Factors, q: Factors) -> Tensor:
    """The same with Q given x1 = z, which line 28 means: the second form plus the mutual information of P."""
    return kl(p.first, q.first) + p.first @ kl(p.then[:, None], q.then) @ q.first


def scheduled_sampling(p: Factors, q: Factors, epsilon: float, drawn: Tensor | None = None) -> Tensor:
    """D_SS, line 30: a true symbol is kept with probability epsilon, else z is drawn by `drawn`, by default Q_x1."""
    return epsilon * maximum_likelihood(p, q) + (1 - epsilon) * always_replaced(p, q, drawn)


def single_as_printed(p: Factors, q: Factors, epsilon: float) -> Tensor:
    """The second line of D_SS without its C: KL[P_x1||Q_x1] + E_{z~P_x1} KL[M_z||Q_x2|x1=z].

    M_z = epsilon P_x2|x1=z + (1 - epsilon) Q_x1(z) / P_x1(z) P_x2, in which the printed Q_x1 / Q_x1 is read as in the
    third line; it sums to one where Q_x1 = P_x1 alone.
    """
    share = (1 - epsilon) * q.first / p.first
    return kl(p.first, q.first) + p.first @ kl(epsilon * p.then + share[:, None] * p.second, q.then)


def joint_as_printed(p: Factors, q: Factors, epsilon: float) -> Tensor:
    """The third line of D_SS without its C: KL[P_x1 M||Q_x1,x2]."""
    share = (1 - epsilon) * q.first / p.first
    mixed = p.first[:, None] * (epsilon * p.then + share[:, None] * p.second)
    return kl(mixed.flatten(), (q.first[:, None] * q.then).flatten())
