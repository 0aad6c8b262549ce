"""Mean field: the hidden units' distribution given data, as if they were independent, and the bound that it gives.

Paper: Deep Boltzmann Machines (Salakhutdinov and Hinton, 2009), equations 7 and 8
With one hidden layer the units are independent given data: one sweep is exact, and the bound is log p*.
"""

from __future__ import annotations

import torch
from torch import Tensor

from baselines.boltzmann.machine import Machine, alternate


def posterior_means(machine: Machine, visible: Tensor, sweeps: int, tolerance: float = 0.0) -> list[Tensor]:
    """The visible units (N, D) and the means of each hidden layer (N, F), after at most so many sweeps.

    It starts from a pass upwards, in which each layer's input from below counts twice where there is a layer above: as
    layers are learned one by one. A sweep sets the odd layers, then the even ones, none of which lowers the bound; it
    is the last where no mean has moved by more than `tolerance` on average.
    """
    means = _upwards(machine, visible)
    if machine.top == 1:
        return means
    for _ in range(sweeps):
        before = [mean.clone() for mean in means[1:]]
        for layer in (*alternate(len(means), 1), *alternate(len(means), 0)[1:]):
            torch.sigmoid(machine.total_input(layer, means, out=means[layer]), out=means[layer])
        moved = [(mean - old).abs().mean() for mean, old in zip(means[1:], before, strict=True)]
        if tolerance and float(torch.stack(moved).max()) < tolerance:
            break
    return means


def _upwards(machine: Machine, visible: Tensor) -> list[Tensor]:
    means = [visible]
    for layer in range(1, machine.top + 1):
        doubled = machine.upward if layer == machine.top else 2.0
        means.append(
            torch.addmm(machine.biases[layer], means[-1], machine.weights[layer - 1], alpha=doubled).sigmoid_()
        )
    return means


def bound(machine: Machine, means: list[Tensor]) -> Tensor:
    """The lower bound of log p*(v) (N,) that any means of the hidden units give: their mean of log p*, and entropy."""
    total = machine.log_joint(means)
    for mean in means[1:]:
        total = total - (torch.xlogy(mean, mean) + torch.xlogy(1 - mean, 1 - mean)).sum(dim=1)
    return total
