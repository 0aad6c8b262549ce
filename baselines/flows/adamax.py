"""Adamax as Glow's code has it: Adam's correction of both moments, on the largest decayed gradient.

Papers: Adam (Kingma and Ba, 2015), arXiv:1412.6980, algorithm 2, which corrects the first moment alone
Code:   openai/glow, optim.py (adamax); read at 91b2c57
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class GlowAdamax(torch.optim.Optimizer):
    """x <- x - lr sqrt(1 - b2^t) / (1 - b1^t) m / (v + epsilon), where v is the larger of b2 v and |gradient|."""

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, betas: tuple[float, float], epsilon: float = 1e-8
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "epsilon": epsilon, "steps": 0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update by the gradients in place; there is no closure."""
        assert closure is None
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            gradients = [parameter.grad for parameter in parameters]
            means, largest = (self._moments(parameters, name) for name in ("mean", "largest"))
            first, second = group["betas"]
            group["steps"] += 1
            torch._foreach_lerp_(means, gradients, 1 - first)
            torch._foreach_mul_(largest, second)
            torch._foreach_maximum_(largest, torch._foreach_abs(gradients))
            correction = math.sqrt(1 - second ** group["steps"]) / (1 - first ** group["steps"])
            below = torch._foreach_add(largest, group["epsilon"])
            torch._foreach_addcdiv_(parameters, means, below, -group["lr"] * correction)

    def _moments(self, parameters: list[Tensor], name: str) -> list[Tensor]:
        for parameter in parameters:
            self.state[parameter].setdefault(name, torch.zeros_like(parameter))
        return [self.state[parameter][name] for parameter in parameters]
