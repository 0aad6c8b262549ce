"""One update of a machine: means given data, against chains of the machine; momentum, weight decay, sparsity.

Papers: Training Products of Experts by Minimizing Contrastive Divergence (Hinton, 2002): chains that begin at the data
        Training RBMs using Approximations to the Likelihood Gradient (Tieleman, 2008): chains that persist
        Deep Boltzmann Machines (Salakhutdinov and Hinton, 2009), algorithm 1; A Practical Guide to Training Restricted
        Boltzmann Machines (Hinton, 2010), section 11, for sparsity
Code:   the demos of Salakhutdinov (2009), whose velocity holds the rate; alexhunterlang/natural_bm, for its form after
        Nesterov; read at 4138ca7
Shapes: B batch, C chains, F_l units of layer l

The gradient of log p is the mean of x_l x_{l+1} given data less that of the machine, and likewise of x_l.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from baselines.boltzmann.chains import Chains
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.mean_field import posterior_means


@dataclass(frozen=True)
class Pace:
    """What changes from update to update: the rate, the momentum, and the sweeps of the chains."""

    rate: float
    momentum: float
    sweeps: int


@dataclass(frozen=True)
class Sparsity:
    """A penalty on hidden units whose running mean activity is off a target.

    Attributes:
        targets: the mean activity wanted of each hidden layer.
        cost: factor of the difference, which is subtracted from the gradient of every unit's input.
        damping: of the running mean.
    """

    targets: tuple[float, ...]
    cost: float
    damping: float


class Learner:
    """Learns the parameters of a machine in place. It is a part of a training: velocities, and running activities.

    Attributes:
        nesterov: whether a step goes on by momentum times the new velocity and the gradient, or by the velocity alone.
        weight_decay: lambda of the gradient's term -lambda W; biases have none.
    """

    def __init__(
        self, machine: Machine, *, weight_decay: float, nesterov: bool = False, sparsity: Sparsity | None = None
    ) -> None:
        self.machine, self.weight_decay, self.nesterov, self.sparsity = machine, weight_decay, nesterov, sparsity
        self.parameters = [*machine.weights, *machine.biases]
        self.velocities, self.gradients = ([torch.zeros_like(each) for each in self.parameters] for _ in range(2))
        hidden = machine.biases[1:]
        targets = sparsity.targets if sparsity is not None else (0.0,) * machine.top
        self.activities = [torch.full_like(bias, target) for bias, target in zip(hidden, targets, strict=True)]

    def compare(self, data: list[Tensor], model: list[Tensor]) -> None:
        """Sets the gradients: the statistics of data (B, F_l) less those of the machine (C, F_l)."""
        for layer in range(self.machine.top):
            gradient = self.gradients[layer]
            torch.mm(data[layer].T, data[layer + 1], out=gradient)
            gradient.addmm_(model[layer].T, model[layer + 1], beta=1 / len(data[0]), alpha=-1 / len(model[0]))
        for gradient, of_data, of_model in zip(self.gradients[self.machine.top :], data, model, strict=True):
            torch.sub(of_data.mean(dim=0), of_model.mean(dim=0), out=gradient)
        if self.sparsity is not None:
            self._penalise(data, self.sparsity)

    def _penalise(self, data: list[Tensor], sparsity: Sparsity) -> None:
        for layer, (activity, target) in enumerate(zip(self.activities, sparsity.targets, strict=True)):
            activity.mul_(sparsity.damping).add_(data[layer + 1].mean(dim=0), alpha=1 - sparsity.damping)
            penalty = sparsity.cost * (activity - target)
            self.gradients[layer].sub_(torch.outer(data[layer].mean(dim=0), penalty))
            self.gradients[self.machine.top + layer + 1].sub_(penalty)

    def update(self, pace: Pace) -> None:
        """One step along the gradients."""
        for number, (parameter, velocity, gradient) in enumerate(
            zip(self.parameters, self.velocities, self.gradients, strict=True)
        ):
            if number < self.machine.top:
                gradient.add_(parameter, alpha=-self.weight_decay)
            velocity.mul_(pace.momentum).add_(gradient, alpha=pace.rate)
            if self.nesterov:
                parameter.add_(velocity, alpha=pace.momentum).add_(gradient, alpha=pace.rate)
            else:
                parameter.add_(velocity)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint has to hold beside the machine."""
        return {"velocities": self.velocities, "activities": self.activities}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        for name in ("velocities", "activities"):
            for tensor, value in zip(getattr(self, name), state[name], strict=True):
                tensor.copy_(value)


@dataclass
class Step:
    """One step of a training: `learner` moves its machine, by a batch of visible states and by `chains`.

    Attributes:
        persistent: whether the chains go on from where they were, or begin at the data (contrastive divergence).
        mean_field_sweeps: at most, of the means given data in a deep machine.
        tolerance: of these means; see `posterior_means`.
    """

    learner: Learner
    chains: Chains
    persistent: bool
    mean_field_sweeps: int = 0
    tolerance: float = 0.0

    def make(self, visible: Tensor, pace: Pace, draws: Draws) -> dict[str, Tensor]:
        """An update by data (B, D). Contrastive divergence needs as many chains as there are data."""
        means = posterior_means(self.learner.machine, visible, self.mean_field_sweeps, self.tolerance)
        if not self.persistent:
            self.chains.follow(means, draws)
        self.chains.advance(pace.sweeps, draws)
        self.learner.compare(means, self.chains.statistics())
        top = self.learner.machine.top
        norm = torch.stack([gradient.norm() for gradient in self.learner.gradients]).norm()
        apart = self.learner.gradients[top].square().mean().sqrt()
        self.learner.update(pace)
        return {"gradient-norm": norm, "visible-difference": apart}
