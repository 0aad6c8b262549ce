"""Adam as the code of importance weighted autoencoders has it, on one flat tensor.

Paper: Adam (Kingma and Ba, 2015), arXiv:1412.6980, algorithm 1
Code:  yburda/iwae, optimizers.py; read at ae2ed90. Against algorithm 1: second moments begin at ONE; 1e-4 is added to
       the root of the uncorrected second moment; and since Theano makes all updates of a step at once, parameters move
       by the moments from BEFORE the step's gradient, so that the first step moves nothing.

With second moments that begin at one the scale of the gradient matters for thousands of steps: a sum over the batch is
another optimiser than a mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repro.compiled import compiled

BETA1, BETA2, EPSILON = 0.99, 0.999, 1e-4


class LaggingAdam:
    """Ascent: x <- x + a m / (sqrt(v) + 1e-4) with a = r sqrt(1 - b2^t) / (1 - b1^t), then m, v take the gradient."""

    def __init__(self, parameters: Tensor, gradient: Tensor) -> None:
        self.parameters, self.gradient = parameters, gradient
        self.first, self.second = torch.zeros_like(parameters), torch.ones_like(parameters)
        self.steps = 0

    def step(self, rate: float) -> None:
        """One update by the gradient in place."""
        self.steps += 1
        rate *= math.sqrt(1 - BETA2**self.steps) / (1 - BETA1**self.steps)
        if self.parameters.is_cpu:
            values, gradient = self.parameters.numpy(), self.gradient.numpy()
            numbers = np.array([rate, EPSILON, 1 - BETA1, 1 - BETA2], dtype=values.dtype)
            _update(values, gradient, self.first.numpy(), self.second.numpy(), numbers)
        else:
            self._step(rate)

    def _step(self, rate: float) -> None:
        self.parameters.addcdiv_(self.first, self.second.sqrt().add_(EPSILON), value=rate)
        self.first.lerp_(self.gradient, 1 - BETA1)
        self.second.lerp_(self.gradient.square(), 1 - BETA2)

    def state_dict(self) -> dict[str, Any]:
        """Both moments and the number of steps."""
        return {"first": self.first, "second": self.second, "steps": self.steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.first.copy_(state["first"])
        self.second.copy_(state["second"])
        self.steps = int(state["steps"])


@compiled
def _update(
    parameters: np.ndarray, gradient: np.ndarray, first: np.ndarray, second: np.ndarray, numbers: np.ndarray
) -> None:
    """All in one pass over memory; `np.divide` and not `/`, whose check for zero would stop vector instructions."""
    rate, epsilon, new_first, new_second = numbers
    for i in range(len(parameters)):
        slope = gradient[i]
        parameters[i] += rate * np.divide(first[i], np.sqrt(second[i]) + epsilon)
        first[i] += new_first * (slope - first[i])
        second[i] += new_second * (slope * slope - second[i])
