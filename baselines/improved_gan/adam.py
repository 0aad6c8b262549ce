"""Adam as improved GAN has it: epsilon is added to the second moment, below the root.

Paper: Adam (Kingma and Ba, 2015), arXiv:1412.6980, algorithm 1, which adds it to the root
Code:  openai/improved-gan, mnist_svhn_cifar10/nn.py (adam_updates); read at 0fa06b5

With 1e-8 the root is at least 1e-4 and not 1e-8 as in `torch.optim.Adam`: gradients that small, as those of feature
matching become, are not blown up to whole steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class RootAdam(torch.optim.Optimizer):
    """x <- x - lr m / sqrt(v + epsilon), where m and v are the moments without bias."""

    def __init__(
        self, parameters: Iterable[Tensor], lr: float, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8
    ) -> None:
        super().__init__(parameters, {"lr": lr, "betas": betas, "epsilon": epsilon, "steps": 0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update by the gradients in place; there is no closure."""
        assert closure is None
        for group in self.param_groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            gradients = [parameter.grad for parameter in parameters]
            means, squares = (self._moments(parameters, name) for name in ("mean", "square"))
            first, second = group["betas"]
            group["steps"] += 1
            torch._foreach_lerp_(means, gradients, 1 - first)
            torch._foreach_mul_(squares, second)
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - second)
            roots = torch._foreach_div(squares, 1 - second ** group["steps"])
            torch._foreach_add_(roots, group["epsilon"])
            torch._foreach_sqrt_(roots)
            torch._foreach_addcdiv_(parameters, means, roots, -group["lr"] / (1 - first ** group["steps"]))

    def _moments(self, parameters: list[Tensor], name: str) -> list[Tensor]:
        for parameter in parameters:
            self.state[parameter].setdefault(name, torch.zeros_like(parameter))
        return [self.state[parameter][name] for parameter in parameters]
