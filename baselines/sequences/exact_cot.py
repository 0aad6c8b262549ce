"""Cooperative training on sequences so short that all of them can be summed over: exact mediator, exact gradients.

Paper:      CoT (Lu et al., 2018), arXiv:1804.03782, section 3; slides, lines 96-162
Departures: the generator is a table of logits for each beginning, the mediator is the mixture itself, (p + G) / 2
Shapes:     V words, T positions; joints (V,) * T; logits of position t (V ** t, V), K of them in all

All gradients are those of the logits of G, in float64, with the mediator held fixed unless it is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repro.contracts import Context
from repro.data.kinds.exact import SequencePairs

Logits = list[Tensor]


@dataclass(frozen=True)
class ExactCot:
    """Gradient ascent on the generator's objective J^gamma by exact gradients, from the pair's G to where it ends.

    Attributes:
        gamma: the weight of the score-function term: 1 is the whole gradient, 0 is what the released code follows.
        steps: of the ascent.
        learning_rate: of the ascent.
    """

    gamma: float
    steps: int = 1_000
    learning_rate: float = 4.0

    def fit(self, data: SequencePairs, context: Context) -> ExactGenerator:  # noqa: ARG002
        """The generator at the end for each pair."""
        return ExactGenerator(self.gamma, {name: self._ascended(p, g) for name, (p, g) in data.pairs.items()})

    def restore(self, state: Mapping[str, Any], context: Context) -> ExactGenerator:  # noqa: ARG002
        """What `fit` gave, from its `state()`."""
        return ExactGenerator(self.gamma, dict(state["learned"]))

    def _ascended(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        logits, target = logits_of(torch.from_numpy(g)), torch.from_numpy(p)
        for _ in range(self.steps):
            mediator = conditionals((target + joint(logits)) / 2)
            steps = torch.autograd.grad(surrogate(logits, mediator, self.gamma), logits)
            with torch.no_grad():
                logits = [
                    (each + self.learning_rate * step).requires_grad_()
                    for each, step in zip(logits, steps, strict=True)
                ]
        ended: np.ndarray = joint(logits).detach().numpy()
        return ended


@dataclass(frozen=True)
class ExactGenerator:
    """What was learned of each pair, and the gradients at a pair, as task cooperative-training wants them."""

    gamma: float
    ends: Mapping[str, np.ndarray]

    def state(self) -> dict[str, Any]:
        """The generators at the end."""
        return {"learned": {name: each.copy() for name, each in self.ends.items()}}

    def learned(self, pair: str) -> np.ndarray:
        """The generator (V,) * T at the end, for a pair."""
        return self.ends[pair]

    def gradient(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Of J^gamma at G = g, word by word: (K,). The mediator is (p + g) / 2."""
        logits = logits_of(torch.from_numpy(g))
        mediator = conditionals((torch.from_numpy(p) + joint(logits)) / 2)
        return flat(surrogate(logits, mediator, self.gamma), logits)

    def divergence_gradient(self, p: np.ndarray, g: np.ndarray) -> np.ndarray:
        """Of -2 JSD(G||p) at G = g by a sum over all sequences, through the mixture too: (K,)."""
        logits, target = logits_of(torch.from_numpy(g)), torch.from_numpy(p)
        generated = joint(logits)
        mixture = (target + generated) / 2
        return flat(-(kl(generated, mixture) + kl(target, mixture)), logits)

    def sides(self, identity: str, p: np.ndarray, g: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both sides of an equality that is printed, at data p and generator g.

        `mixture-density` is Lemma 1, gradients of a uniform mediator; `backward-reduction` Lemma 2, at each length;
        `summed-as-printed` is J_g and the sum that Lemma 2 leads to, `summed` the same with the factor 1/2.
        """
        generated, target = torch.from_numpy(g), torch.from_numpy(p)
        mixture = (target + generated) / 2
        if identity == "mixture-density":
            return _mediator_gradients(target, generated)
        if identity == "backward-reduction":
            pairs = [_reduced(generated, mixture, length) for length in range(1, generated.dim() + 1)]
            return np.array([whole for whole, _ in pairs]), np.array([parts for _, parts in pairs])
        objective = -0.5 * kl(generated, mixture)
        logits = logits_of(generated)
        summed = surrogate(logits, conditionals(mixture), 0.0).detach()
        return objective.numpy(), (summed if identity == "summed-as-printed" else 0.5 * summed).numpy()


def joint(logits: Logits) -> Tensor:
    """The probabilities of all sequences, (V,) * T."""
    whole = torch.ones(1, dtype=torch.float64)
    for each in logits:
        whole = (whole[:, None] * torch.softmax(each, dim=-1)).flatten()
    return whole.reshape((logits[0].shape[1],) * len(logits))


def conditionals(whole: Tensor) -> list[Tensor]:
    """log P(s_t | s_1 .. s_t-1), a table (V ** t, V) for each position, of a joint (V,) * T; nothing goes back."""
    words, length = whole.shape[0], whole.dim()
    tables = [whole.detach().reshape(words**t, words, -1).sum(dim=2) for t in range(length)]
    return [(table / table.sum(dim=1, keepdim=True)).log() for table in tables]


def logits_of(whole: Tensor) -> Logits:
    """Logits of a joint (V,) * T, which are its log-probabilities."""
    return [table.requires_grad_() for table in conditionals(whole)]


def surrogate(logits: Logits, mediator: list[Tensor], gamma: float) -> Tensor:
    """Sum over t of E_{s_t~G}[gamma stop_gradient(L(s_t)) log G(s_t) + L(s_t)], L = pi_g (log pi_m - log pi_g).

    Its gradient is line 162's, since G(s_t) is held; with gamma 0 its value is the sum of line 146.
    """
    found, log_g = torch.zeros((), dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for each, log_m in zip(logits, mediator, strict=True):
        log_pi = torch.log_softmax(each, dim=-1)
        local = (log_pi.exp() * (log_m - log_pi)).sum(dim=-1)
        found = found + log_g.detach().exp() @ (gamma * local.detach() * log_g + local)
        log_g = (log_g[:, None] + log_pi).flatten()
    return found


def kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p||q) over all sequences, in nats."""
    return (p * (p / q).log()).sum()


def flat(value: Tensor, logits: Logits) -> np.ndarray:
    """The gradient of a value, all logits in one row (K,)."""
    found: np.ndarray = torch.cat([each.flatten() for each in torch.autograd.grad(value, logits)]).numpy()
    return found


def _mediator_gradients(target: Tensor, generated: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Of KL(M*||M), and of (E_G[-log M] + E_p[-log M]) / 2, where M is uniform."""
    logits = logits_of(torch.full_like(target, 1 / target.numel()))
    whole = flat(kl((target + generated) / 2, joint(logits)), logits)
    log_m = joint(logits).log()
    return whole, flat(-((generated * log_m).sum() + (target * log_m).sum()) / 2, logits)


def _reduced(generated: Tensor, mediator: Tensor, length: int) -> tuple[float, float]:
    """Both sides of equation 12 for beginnings of a length."""
    words = generated.shape[0]
    of_g, of_m = (each.reshape(words**length, -1).sum(dim=1) for each in (generated, mediator))
    shorter_g, shorter_m = (each.reshape(-1, words).sum(dim=1) for each in (of_g, of_m))
    next_g, next_m = of_g.reshape(-1, words) / shorter_g[:, None], of_m.reshape(-1, words) / shorter_m[:, None]
    steps = (next_g * (next_g / next_m).log()).sum(dim=1)
    return float(-0.5 * kl(of_g, of_m)), float(-0.5 * shorter_g @ steps - 0.5 * kl(shorter_g, shorter_m))
