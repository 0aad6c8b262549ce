"""Annealed importance sampling of a machine's partition function, from independent units to the machine.

Papers: On the Quantitative Analysis of Deep Belief Networks (Salakhutdinov and Murray, 2008), sections 3 and 4;
        Deep Boltzmann Machines (Salakhutdinov and Hinton, 2009), section 3.2
Code:   the authors' demo, for the order (a point is weighed before it moves), the start and the schedule;
        `repro.metrics.density.rbm` has the same of files, in numpy and float64
Units:  nats

At inverse temperature t a unit's log odds are t times its input in the machine plus 1 - t times its bias at the start:
that of a base-rate model for the visible units, 0 for hidden ones. Every second layer is kept, the others are summed
out: for an RBM the visible layer is kept; for a deep machine the first hidden one, and every second from there.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from baselines.boltzmann.draws import Draws
from baselines.boltzmann.inputs import BinaryInputs
from baselines.boltzmann.machine import Machine, alternate


def published_schedule() -> np.ndarray:
    """The demo's inverse temperatures (14501,): steps of 1e-3 to 0.5, of 1e-4 to 0.9, of 1e-5 to 1."""
    return np.concatenate([np.arange(500) / 1e3, 0.5 + np.arange(4000) / 1e4, 0.9 + np.arange(10_001) / 1e5])


def base_rate(means: Tensor) -> Tensor:
    """The visible biases (D,) of the start, from the means (D,) of training data.

    As in the demo, which adds 5 for every batch of 100 to the counts of ones and of images; at most 0.999, so that a
    unit which is always 1 has a finite bias.
    """
    return torch.logit(((means + 0.05) / 1.05).clamp(max=0.999))


class Annealing:
    """Independent chains on the way from the start to the machine.

    Attributes:
        states: of each layer (C, F); of those that are summed out, the ones drawn on the way.
        log_weights: (C,) float64. The mean of their exponentials is an unbiased estimate of Z once temperature 1 is
            reached.
    """

    def __init__(self, machine: Machine, visible_bias: Tensor, chains: int, draws: Draws) -> None:
        assert machine.upward == machine.downward == 1, "a machine with doubled inputs has no joint distribution"
        self.machine, self.draws, self._inputs = machine, draws, BinaryInputs(machine)
        zeros = [torch.zeros_like(bias) for bias in machine.biases[1:]]
        self.base = [visible_bias.to(machine.biases[0]), *zeros]
        parity = 0 if machine.top == 1 else 1
        self.kept, self.summed = (alternate(len(self.base), first) for first in (parity, 1 - parity))
        self.states = [bias.new_empty(chains, len(bias)) for bias in self.base]
        self.inputs = [torch.empty_like(state) for state in self.states]
        for layer in self.kept:
            draws.bernoulli(torch.sigmoid(self.base[layer]).repeat(chains, 1), out=self.states[layer])
        start = sum(float(torch.nn.functional.softplus(bias.double()).sum()) for bias in self.base)
        self.log_weights = torch.full((chains,), start, dtype=torch.float64, device=visible_bias.device)
        self._look()

    def run(self, schedule: np.ndarray) -> Tensor:
        """The log-weights (C,) at the end of a schedule of inverse temperatures from 0 to 1."""
        for before, now in zip(schedule[:-1].tolist(), schedule[1:].tolist(), strict=True):
            self.weigh(before, now)
            if now < 1:
                self.move(now)
        return self.log_weights

    def weigh(self, before: float, now: float) -> None:
        """Adds log p*_now - log p*_before of the kept layers, where they are.

        A summed-out unit gives softplus(x + d) - softplus(x), written so that nothing large cancels: max(d, 0) +
        log(1 + sigmoid(-s x) (e^-|d| - 1)), where s is the sign of d.
        """
        for layer in self.summed:
            apart = self.inputs[layer] - self.base[layer]
            x = torch.add(self.base[layer], apart, alpha=before).mul_(torch.sign(apart)).neg_().sigmoid_()
            x.mul_(apart.abs().mul_(before - now).expm1_()).log1p_()
            gain = x.add_(apart.clamp_(min=0), alpha=now - before)
            self.log_weights += gain.sum(dim=1, dtype=torch.float64)
        for layer in self.kept:
            change = self.machine.biases[layer] - self.base[layer]
            self.log_weights += (now - before) * (self.states[layer] @ change).double()

    def move(self, now: float) -> None:
        """One sweep at a temperature, which leaves its distribution as it is."""
        for layer in self.summed:
            self._draw(layer, now)
        for layer in self.kept:
            self._inputs.total_input(layer, self.states, out=self.inputs[layer])
            self._draw(layer, now)
        self._look()

    def _look(self) -> None:
        for layer in self.summed:
            self._inputs.total_input(layer, self.states, out=self.inputs[layer])

    def _draw(self, layer: int, now: float) -> None:
        odds = torch.lerp(self.base[layer].expand_as(self.inputs[layer]), self.inputs[layer], now)
        self.draws.bernoulli(odds.sigmoid_(), out=self.states[layer])


def three_deviations(log_weights: np.ndarray) -> tuple[float, float, float]:
    """The log of the mean weight, and of it less and plus three standard errors; -inf for one that is not positive.

    The mean is unbiased, so its log tends to be too low, and likelihoods too high.
    """
    top = float(log_weights.max())
    weights = np.exp(log_weights - top)
    mean, error = float(weights.mean()), 3 * float(weights.std(ddof=1)) / math.sqrt(len(weights))
    low = math.log(mean - error) + top if mean > error else -math.inf
    return math.log(mean) + top, low, math.log(mean + error) + top
