"""The optimiser of MAF's code: Adam with epsilon below the root, on a loss with weight decay.

Code: gpapamak/maf, ml/step_strategies.py, ml/loss_functions.py; read at db090d6. There epsilon is multiplied by the
      correction of the second moment, so that after both corrections it is added to it, as in `RootAdam`.

On a CPU a step is one pass over weight, gradient and moments: the ten passes of torch's lists of tensors take longer
than all of a step's products where there are millions of weights (tests/benchmarks/masked_flow.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.improved_gan.adam import RootAdam
from repro.compiled import compiled


class DecayedRootAdam(RootAdam):
    """RootAdam on the loss plus `decay` / 2 times the sum of the squared parameters."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, decay: float) -> None:
        super().__init__(parameters, lr)
        self.decay = decay

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update by the gradients in place; there is no closure."""
        (group,) = self.param_groups
        moved = [parameter for parameter in group["params"] if parameter.grad is not None]
        if not all(parameter.is_cpu and parameter.is_contiguous() for parameter in moved):
            torch._foreach_add_([parameter.grad for parameter in moved], moved, alpha=self.decay)
            super().step(closure)
            return
        group["steps"] += 1
        first, second = (1 - beta ** group["steps"] for beta in group["betas"])
        new = (1 - beta for beta in group["betas"])
        numbers = np.array((group["lr"] / first, *new, 1 / second, group["epsilon"], self.decay))
        gradients = [parameter.grad for parameter in moved]
        moments = (self._moments(moved, name) for name in ("mean", "square"))
        for tensors in zip(moved, gradients, *moments, strict=True):
            weights, gradient, mean, square = (each.detach().numpy().reshape(-1) for each in tensors)
            _update(weights, gradient, mean, square, numbers.astype(weights.dtype))


@compiled
def _update(
    weights: np.ndarray, gradients: np.ndarray, means: np.ndarray, squares: np.ndarray, numbers: np.ndarray
) -> None:
    rate, first, second, correction, epsilon, decay = numbers
    for i in range(len(weights)):
        gradient = gradients[i] + decay * weights[i]
        means[i] += first * (gradient - means[i])
        squares[i] += second * (gradient * gradient - squares[i])
        weights[i] -= np.divide(rate * means[i], np.sqrt(squares[i] * correction + epsilon))  # `/` would look for zeros
