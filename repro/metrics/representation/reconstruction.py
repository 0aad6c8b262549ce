"""How far reconstructions are from what they are of.

Paper: Hinton and Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks: "the average squared
       reconstruction error per test image"
"""

from __future__ import annotations

import numpy as np

from repro.metrics.score import Score, signature

ROWS = 4_096  # at a time, so that no array of float64 is as large as both


def reconstruction_error(reconstructions: np.ndarray, originals: np.ndarray) -> Score:
    """The mean over N examples of sum_j (y_j - x_j)^2, in the originals' unit squared; 0 is perfect, lower is better.

    Items (N,) are those of the examples. Raises ValueError for shapes that are not (N, D) both, and for no example.
    """
    if reconstructions.shape != originals.shape or originals.ndim != 2 or not len(originals):
        raise ValueError(
            f"reconstructions and originals must be (N, D) both, they are {reconstructions.shape} and {originals.shape}"
        )
    items = np.empty(len(originals))
    for start in range(0, len(originals), ROWS):
        block = slice(start, start + ROWS)
        items[block] = np.square(reconstructions[block].astype(np.float64) - originals[block]).sum(axis=1)
    return Score(float(items.mean()), signature("reconstruction-error", "repro/1"), items=items)
