"""Images as vectors of real numbers, made of their pixels where they are asked for: what autoencoders see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from repro.data.kinds.images import Images, Split

Pixels = Literal["over-255", "standardised"]
BLOCK = 4_096  # rows at a time


@dataclass(frozen=True)
class Vectors:
    """N examples (D,): images (N, H, W, C) uint8, flattened, less `centre` (D,), over `scale`."""

    images: np.ndarray
    centre: np.ndarray
    scale: float

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """D, the numbers of an example."""
        return len(self.centre)

    def rows(self, which: slice | np.ndarray = slice(None)) -> np.ndarray:
        """The examples at indices: (n, D) float32."""
        pixels = self.images[which].reshape(-1, self.size)
        return ((pixels - self.centre) / self.scale).astype(np.float32)  # type: ignore[no-any-return]

    def blocks(self) -> Iterator[np.ndarray]:
        """All examples in order, some thousands (n, D) float32 at a time."""
        for start in range(0, len(self), BLOCK):
            yield self.rows(slice(start, start + BLOCK))

    @cached_property
    def mean(self) -> np.ndarray:
        """The mean example (D,) float64."""
        total = np.zeros(self.size)
        for block in self.blocks():
            total += block.sum(axis=0, dtype=np.float64)
        return total / len(self)

    @cached_property
    def covariance(self) -> np.ndarray:
        """The covariance (D, D) float64 of the examples, divided by their number."""
        total = np.zeros((self.size, self.size))
        for block in self.blocks():
            away = block - self.mean
            total += away.T @ away
        return total / len(self)


def principal_components(data: Vectors, count: int) -> np.ndarray:
    """The first `count` principal components (D, K), of length 1, by falling variance.

    Raises ValueError where the examples have fewer numbers.
    """
    from scipy.linalg import eigh

    if not 1 <= count <= data.size:
        raise ValueError(f"examples of {data.size} numbers have 1 to {data.size} principal components, not {count}")
    _, vectors = eigh(data.covariance, subset_by_index=[data.size - count, data.size - 1])
    return np.ascontiguousarray(vectors[:, ::-1])


def as_vectors(split: Split, data: Images, pixels: Pixels) -> Vectors:
    """The images of a split of a set: pixels over 255, or `standardised` by the statistics of the whole set."""
    size = int(np.prod(split.images.shape[1:]))
    centre, scale = (np.zeros(size), 255.0) if pixels == "over-255" else statistics(data)
    return Vectors(split.images, centre, scale)


def statistics(data: Images) -> tuple[np.ndarray, float]:
    """The mean (D,) of each pixel over all splits, and the root of the variance of a pixel, averaged over pixels.

    With them every pixel has mean 0 over the set, and the average pixel variance 1.
    """
    total, squares, count = np.float64(0), np.float64(0), 0
    for split in data.splits.values():
        for start in range(0, len(split), BLOCK):
            pixels = split.images[start : start + BLOCK].astype(np.float64)
            pixels = pixels.reshape(len(pixels), -1)
            total, squares, count = total + pixels.sum(axis=0), squares + (pixels**2).sum(axis=0), count + len(pixels)
    mean = np.asarray(total / count)  # the sums are of whole numbers and exact
    scale = float(np.sqrt((squares / count - mean**2).mean()))
    if not scale > 0:
        raise ValueError(f"the images of {data.name} are all the same: they have no variance to scale")
    return mean, scale
