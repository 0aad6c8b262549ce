"""Small machines, and sums over all of their states, in float64."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from baselines.boltzmann.machine import Machine
from repro.tasks.total_probability import all_states


def random_machine(sizes: Sequence[int], seed: int = 0, scale: float = 1.0) -> Machine:
    """A machine with normal parameters, in float64."""
    machine, random = Machine(sizes).double(), np.random.default_rng(seed)
    for parameter in machine.parameters():
        parameter.copy_(torch.from_numpy(scale * random.normal(size=tuple(parameter.shape))))
    return machine


def fixture() -> Machine:
    """The RBM of the fact sheet, section 6.2, with log Z 10.897025."""
    random, machine = np.random.RandomState(0), Machine((8, 6)).double()
    machine.weights[0].copy_(torch.from_numpy(0.5 * random.randn(8, 6)))
    for bias, size in zip(machine.biases, (8, 6), strict=True):
        bias.copy_(torch.from_numpy(0.5 * random.randn(size)))
    return machine


def complete_states(machine: Machine) -> list[Tensor]:
    """All states of all units, layer by layer: (2^units, F_l)."""
    return list(torch.split(torch.from_numpy(all_states(sum(machine.sizes))), list(machine.sizes), dim=1))


def log_joint(machine: Machine) -> Tensor:
    """log p* of all states (2^D, 2^F), written out unit by unit and not by the machine."""
    states = complete_states(machine)
    total = torch.zeros(len(states[0]), dtype=torch.float64)
    for layer, bias in enumerate(machine.biases):
        for i, b in enumerate(bias):
            total = total + b * states[layer][:, i]
    for layer, weight in enumerate(machine.weights):
        for i, row in enumerate(weight):
            for j, w in enumerate(row):
                total = total + w * states[layer][:, i] * states[layer + 1][:, j]
    return total.reshape(2 ** machine.sizes[0], -1)


def log_partition(machine: Machine) -> float:
    """log Z."""
    return float(log_joint(machine).flatten().logsumexp(0))
