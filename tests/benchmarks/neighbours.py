"""The neighbour search of EGAN-Ent-NN: the sweep against all pairwise distances and against a k-d tree."""

from __future__ import annotations

import numpy as np
import torch
from scipy.spatial import cKDTree

from baselines.cegan.neighbours import density_direction, from_distance_matrix
from repro.data.kinds.mixtures import biased_gaussians, four_gaussians, two_spirals
from tests.benchmarks.clock import compare, table

BATCH, NEIGHBOURS = 500, 20


def main() -> str:
    """Milliseconds a batch on one thread, for each data set."""
    torch.set_num_threads(1)
    return "\n\n".join(_one(data.name, data.samples) for data in (four_gaussians(), biased_gaussians(), two_spirals()))


def _one(name: str, samples: np.ndarray) -> str:
    points = samples[np.random.default_rng(0).choice(len(samples), BATCH, replace=False)]
    batch = torch.from_numpy(points).unsqueeze(0)

    def tree() -> np.ndarray:
        _, index = cKDTree(points).query(points, NEIGHBOURS + 1)
        near: np.ndarray = points[index]
        direction: np.ndarray = (near[:, 1:].mean(1) - points) / near.var(1)
        return direction

    seconds = compare(
        {
            "distance matrix (torch.cdist, topk)": lambda: from_distance_matrix(batch, NEIGHBOURS),
            "k-d tree (scipy)": tree,
            "sweep": lambda: density_direction(batch, NEIGHBOURS, "variance"),
        },
        inner=30,
    )
    rows = {way: (time * 1e3, "ms") for way, time in seconds.items()}
    return table(f"{NEIGHBOURS} neighbours of {BATCH} points of {name}", rows, "distance matrix (torch.cdist, topk)")
