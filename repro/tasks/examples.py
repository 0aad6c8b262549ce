"""What a density model is measured on: the examples of a split as numbers, whatever kind of data set has them."""

from __future__ import annotations

import numpy as np

from repro.data.kinds.exact import GaussianLatent
from repro.data.kinds.images import Images
from repro.data.kinds.mixtures import Samples2D

DensityData = Images | Samples2D | GaussianLatent
SPLITS = ("train", "valid", "test")
ONES_SEED = 0  # the pixels that are drawn are the same in all runs, so that a column is about the same examples


def examples_of(data: DensityData, split: str, count: int = 0, binarised: str = "as-is") -> np.ndarray:
    """The first `count` examples (N, D) of a split, in float64; 0: all.

    Images are flattened in the order (H, W, C) and over 255; `sampled`: each number is then the probability of a one,
    and is drawn. Points have no splits, and are what every split is. Raises ValueError for a split that is not there.
    """
    if not isinstance(data, Images):
        points = data.samples if isinstance(data, Samples2D) else data.points[:, None]
        return np.asarray(points[: count or None], dtype=np.float64)
    if split not in data.splits:
        raise ValueError(f"{data.name} has no split {split} (it has {', '.join(data.splits)})")
    images = data.splits[split].images[: count or None]
    numbers = np.array(images).reshape(len(images), -1) / 255
    if binarised == "sampled":
        random = np.random.default_rng([ONES_SEED, SPLITS.index(split)])
        numbers = (random.random(numbers.shape) < numbers).astype(np.float64)
    return numbers
