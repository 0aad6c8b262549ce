"""The log-determinant of a flow's Jacobian by differentiation."""

from __future__ import annotations

import torch
from torch import Tensor

from baselines.flows.flow import Flow


def jacobian(flow: Flow, point: Tensor) -> Tensor:
    """d noise / d point (D, D) at a point (D,)."""
    point = point.detach().requires_grad_()
    noise = flow.normalise(point[None])[0][0]
    return torch.stack([torch.autograd.grad(each, point, retain_graph=True)[0] for each in noise])


def log_determinants(flow: Flow, points: Tensor) -> list[float]:
    """log |det| of the Jacobian at each of points (N, D)."""
    return [torch.linalg.slogdet(jacobian(flow, point))[1].item() for point in points]
