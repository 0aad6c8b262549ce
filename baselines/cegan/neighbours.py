"""The nearest-neighbour estimate of the direction in which a generator's density grows.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, (B.10) and (B.11)
Code:  zihangdai/cegan_iclr2017, synthetic/egan_knn.py ("sample gradient")
Two forms, since text and code differ; mu_i is the mean of the k nearest neighbours of x_i in the batch, without x_i:
- `unit` (text): (mu_i - x_i) / |mu_i - x_i|, "we normalize the approximated gradient into unit norm";
- `variance` (code): (mu_i - x_i) / v_i elementwise, v_i the population variance of x_i and its k neighbours; the
  unit-norm line stands in the code, disabled. It estimates grad log p about 1.4 times too large at B = 500, k = 20.
Shapes: S seeds, B batch, D = 2
"""

from __future__ import annotations

from typing import Literal

import numba
import numpy as np
import torch
from torch import Tensor

Form = Literal["variance", "unit"]


def density_direction(samples: Tensor, neighbours: int, form: Form) -> Tensor:
    """The estimated direction (S, B, 2) of growing log-density at samples (S, B, 2), detached.

    On the CPU the neighbours are found by a compiled sweep along the first coordinate, elsewhere from the full distance
    matrix; equal up to the order of equally distant points. tests/benchmarks/neighbours.py measures both.
    """
    if samples.shape[1] <= neighbours:
        raise ValueError(f"{neighbours} neighbours need a batch of more than that, it has {samples.shape[1]}")
    samples = samples.detach()
    if samples.device.type == "cpu":
        moments = np.empty((2, *samples.shape), dtype=samples.numpy().dtype)
        for seed, batch in enumerate(samples.numpy()):
            _sweep(batch, np.argsort(batch[:, 0], kind="stable"), neighbours, moments[0, seed], moments[1, seed])
        mean, variance = torch.from_numpy(moments[0]), torch.from_numpy(moments[1])
    else:
        mean, variance = from_distance_matrix(samples, neighbours)
    direction = mean - samples
    if form == "unit":
        norm: Tensor = torch.linalg.vector_norm(direction, dim=-1, keepdim=True)
        return direction / norm.clamp_(min=1e-12)
    return direction / variance.clamp_(min=1e-12)


def from_distance_matrix(samples: Tensor, neighbours: int) -> tuple[Tensor, Tensor]:
    """Mean of the neighbours and variance with the sample itself, each (S, B, 2), from all pairwise distances."""
    distances = torch.cdist(samples, samples, compute_mode="donot_use_mm_for_euclid_dist")
    distances.diagonal(dim1=1, dim2=2).fill_(torch.inf)
    index = distances.topk(neighbours, dim=-1, largest=False).indices
    near = torch.gather(
        samples.unsqueeze(1).expand(-1, samples.shape[1], -1, -1), 2, index.unsqueeze(-1).expand(-1, -1, -1, 2)
    )
    with_self = torch.cat([samples.unsqueeze(2), near], dim=2)
    return near.mean(dim=2), with_self.var(dim=2, correction=0)


LOOK_BACK = 24


@numba.njit(cache=True)
def _sweep(points: np.ndarray, order: np.ndarray, k: int, mean: np.ndarray, variance: np.ndarray) -> None:
    """Writes mean (B, 2) of the k nearest others and variance (B, 2) with the point itself.

    Points are visited in the order of their first coordinate. The triangle inequality bounds the distance of the k-th
    neighbour by that of a point done before plus the way to it; only the points of the strip that the bound leaves are
    looked at, and the k nearest are selected, not sorted, among those within the bound.
    """
    count = len(points)
    xs, ys = points[order, 0], points[order, 1]
    radius, distance, index = np.empty(count, xs.dtype), np.empty(count, xs.dtype), np.empty(count, np.int64)
    for i in range(count):
        px, py = xs[i], ys[i]
        bound = xs.dtype.type(np.inf)
        for j in range(max(0, i - LOOK_BACK), i):
            dx, dy = xs[j] - px, ys[j] - py
            bound = min(bound, radius[j] + np.sqrt(dx * dx + dy * dy))
        bound *= xs.dtype.type(1.0 + 1e-5)  # the bound itself is rounded
        first, last = i, i + 1
        while first > 0 and px - xs[first - 1] <= bound:
            first -= 1
        while last < count and xs[last] - px <= bound:
            last += 1
        within = 0
        for j in range(first, last):
            dx, dy = xs[j] - px, ys[j] - py
            squared = dx * dx + dy * dy
            distance[within], index[within] = squared, j
            within += (squared <= bound * bound) & (j != i)
        _select(distance, index, within, k)
        radius[i] = np.sqrt(distance[k - 1])
        _moments(xs, px, index, k, order[i], 0, mean, variance)
        _moments(ys, py, index, k, order[i], 1, mean, variance)


@numba.njit(cache=True)
def _select(distance: np.ndarray, index: np.ndarray, count: int, k: int) -> None:
    """Hoare's selection: the k least of the first `count` distances come first, the k-th of them last among those."""
    low, high = 0, count - 1
    while low < high:
        pivot = distance[(low + high) >> 1]
        a, b = low, high
        while a <= b:
            while distance[a] < pivot:
                a += 1
            while distance[b] > pivot:
                b -= 1
            if a <= b:
                distance[a], distance[b] = distance[b], distance[a]
                index[a], index[b] = index[b], index[a]
                a += 1
                b -= 1
        if k - 1 <= b:
            high = b
        elif k - 1 >= a:
            low = a
        else:
            return


@numba.njit(cache=True)
def _moments(
    values: np.ndarray,
    origin: float,
    chosen: np.ndarray,
    k: int,
    row: int,
    axis: int,
    mean: np.ndarray,
    variance: np.ndarray,
) -> None:
    total, square = 0.0, 0.0
    for m in range(k):
        offset = values[chosen[m]] - origin
        total += offset
        square += offset * offset
    mean[row, axis] = origin + total / k
    centre = total / (k + 1)
    variance[row, axis] = square / (k + 1) - centre * centre
