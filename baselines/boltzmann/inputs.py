"""The inputs of a machine's units given binary states, as sums over the units that are 1.

In chains on digits an eighth of the pixels and a quarter of the hidden units are. Adding up the rows of the weights of
those takes a third and a half of the time of the dense product; tests/benchmarks/boltzmann.py measures it. Where more
than `DENSE` of the units are 1, and on other devices than the CPU, it is the dense product.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from baselines.boltzmann.machine import Machine
from repro.compiled import compiled

DENSE = 0.4


class BinaryInputs:
    """A machine's inputs, with its weights in both orientations, so that those from above are rows too."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._downward = [weight.T.contiguous() for weight in machine.weights]

    def refresh(self) -> None:
        """The machine has other weights."""
        for turned, weight in zip(self._downward, self.machine.weights, strict=True):
            turned.copy_(weight.T)

    def total_input(self, layer: int, states: Sequence[Tensor], out: Tensor) -> Tensor:
        """As `Machine.total_input`, of states that are zeros and ones, to `out` (N, F)."""
        machine, start = self.machine, self.machine.biases[layer]
        if layer > 0:
            _add(start, states[layer - 1], machine.weights[layer - 1], machine.upward, out)
            start = out
        if layer < machine.top:
            _add(start, states[layer + 1], self._downward[layer], machine.downward, out)
        return out


def _add(start: Tensor, states: Tensor, weights: Tensor, scale: float, out: Tensor) -> None:
    """out = start + scale states weights; `start` is a bias (F,) or `out` itself (N, F)."""
    if not states.is_cpu or float(states.mean()) > DENSE:
        torch.addmm(start, states, weights, alpha=scale, out=out)
    else:
        if start is not out:
            out.copy_(start)
        _add_rows(states.numpy(), weights.detach().numpy(), scale, out.numpy())


@compiled
def _add_rows(states: np.ndarray, rows: np.ndarray, scale: float, out: np.ndarray) -> None:
    """Eight rows at a time, so that their sum is written once."""
    active, scaled = np.empty(states.shape[1], np.int64), out.dtype.type(scale)
    for n in range(states.shape[0]):
        count = 0
        for i in range(states.shape[1]):
            active[count] = i
            count += states[n, i] != 0
        k, total = 0, out[n]
        while k + 8 <= count:
            a, b, c, d = rows[active[k]], rows[active[k + 1]], rows[active[k + 2]], rows[active[k + 3]]
            e, f, g, h = rows[active[k + 4]], rows[active[k + 5]], rows[active[k + 6]], rows[active[k + 7]]
            for j in range(rows.shape[1]):
                total[j] += scaled * (((a[j] + b[j]) + (c[j] + d[j])) + ((e[j] + f[j]) + (g[j] + h[j])))
            k += 8
        while k < count:
            row = rows[active[k]]
            for j in range(rows.shape[1]):
                total[j] += scaled * row[j]
            k += 1
