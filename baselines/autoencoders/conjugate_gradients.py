"""A few line searches of conjugate gradients over the parameters of a network.

Paper:      Polak and Ribiere (1969); Nocedal and Wright (2006), Numerical Optimization, page 122
Code:       the authors of the deep autoencoder use C. E. Rasmussen's minimize.m
Departures: scipy's, which has the same directions (Polak and Ribiere's, never below steepest descent) and another line
            search: More and Thuente's for the strong Wolfe conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.optimize import minimize
from torch import Tensor


def line_searches(loss: Callable[[], Tensor], parameters: Sequence[Tensor], searches: int) -> float:
    """Moves parameters, in place, along so many conjugate directions, the first straight downhill; returns the loss.

    A search that finds nothing lower ends it, and the parameters stay where the last one left them.
    """

    def differentiated(at: np.ndarray) -> tuple[float, np.ndarray]:
        _put(parameters, at)
        value = loss()
        return float(value.detach()), _flat(torch.autograd.grad(value, parameters))

    found = minimize(
        differentiated, _flat(parameters), jac=True, method="CG", options={"maxiter": searches, "gtol": 0.0}
    )
    _put(parameters, found.x)
    return float(found.fun)


def _flat(tensors: Sequence[Tensor]) -> np.ndarray:
    joined: np.ndarray = torch.cat([each.detach().reshape(-1) for each in tensors]).cpu().double().numpy()
    return joined


def _put(parameters: Sequence[Tensor], values: np.ndarray) -> None:
    parts = torch.split(torch.from_numpy(values), [each.numel() for each in parameters])
    with torch.no_grad():
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.copy_(part.view_as(parameter))
