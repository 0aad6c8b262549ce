"""Adam and Adagrad over the flat parameters of many seeds, in Lasagne's form.

Code: lasagne/updates.py, which zihangdai/cegan_iclr2017 trains with. Adam's epsilon is added to the root of the
      uncorrected second moment (PyTorch corrects first), Adagrad's stands inside the root. A seed whose gate is shut
      keeps its parameters, its moments and its step count.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from baselines.cegan.networks import FlatParameters


class Adam:
    """Adam with bias correction; beta1 = 0 (the paper's setting) needs no first moment and keeps none."""

    def __init__(self, parameters: FlatParameters, beta1: float, beta2: float = 0.999, epsilon: float = 1e-8) -> None:
        self.parameters, self.beta1, self.beta2, self.epsilon = parameters, beta1, beta2, epsilon
        self.first = torch.zeros_like(parameters.flat) if beta1 else None
        self.second = torch.zeros_like(parameters.flat)
        self.steps = torch.zeros(len(parameters.flat), 1, device=parameters.flat.device, dtype=torch.float64)

    def step(self, learning_rate: float, active: Tensor | None = None) -> None:
        """One update of all seeds, or of those where `active` (S, 1) is true."""
        gradient = self.parameters.grad
        if active is None:
            self.second.mul_(self.beta2).addcmul_(gradient, gradient, value=1 - self.beta2)
            self.steps += 1
        else:
            moved = self.second * self.beta2 + (1 - self.beta2) * gradient * gradient
            self.second.copy_(torch.where(active, moved, self.second))
            self.steps += active
        direction = gradient if self.first is None else self._momentum(self.first, gradient, active)
        rate = learning_rate * (1 - self.beta2**self.steps).sqrt() / (1 - self.beta1**self.steps).clamp_(min=1e-300)
        update = direction / (self.second.sqrt().add_(self.epsilon)) * rate.to(direction.dtype)
        if active is not None:
            update = torch.where(active, update, torch.zeros_like(update))
        self.parameters.flat -= update

    def _momentum(self, first: Tensor, gradient: Tensor, active: Tensor | None) -> Tensor:
        moved = first * self.beta1 + (1 - self.beta1) * gradient
        first.copy_(moved if active is None else torch.where(active, moved, first))
        return first

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"first": self.first, "second": self.second, "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        if self.first is not None:
            self.first.copy_(state["first"])
        self.second.copy_(state["second"])
        self.steps.copy_(state["steps"])


class Adagrad:
    """Adagrad: each parameter's rate falls with the root of its summed squared gradients."""

    def __init__(self, parameters: FlatParameters, epsilon: float = 1e-6) -> None:
        self.parameters, self.epsilon = parameters, epsilon
        self.squares = torch.zeros_like(parameters.flat)

    def step(self, learning_rate: float) -> None:
        """One update of all seeds."""
        gradient = self.parameters.grad
        self.squares.addcmul_(gradient, gradient)
        self.parameters.flat.addcdiv_(gradient, (self.squares + self.epsilon).sqrt_(), value=-learning_rate)

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"squares": self.squares}

    def restore(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self.squares.copy_(state["squares"])
