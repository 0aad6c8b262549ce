"""Images as numbers: uint8 arrays by split, never scaled; what a method wants of them it transforms on the fly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np

HASHED_IMAGES = 4_096  # hashed at a time: arrays may be views with swapped axes, which hashing copies
DIGITS_VALID, DIGITS_TEST = 200, 300


@dataclass(frozen=True)
class Split:
    """`images` (N, H, W, C) uint8 with 255 for the greatest intensity, and their `labels` (N,) int64, None without.

    Images may be a view with swapped axes: index first, then ask for contiguous memory where it matters.
    """

    images: np.ndarray
    labels: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8:
            raise ValueError(f"expected images (N, H, W, C) uint8, got {self.images.dtype}{self.images.shape}")
        if self.labels is not None and (self.labels.shape != self.images.shape[:1] or self.labels.dtype != np.int64):
            raise ValueError(f"expected labels ({len(self.images)},) int64, got {self.labels.dtype}{self.labels.shape}")
        self.images.setflags(write=False)
        if self.labels is not None:
            self.labels.setflags(write=False)

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: np.ndarray | slice) -> Split:
        """The images and labels at indices, in their order."""
        return Split(self.images[indices], None if self.labels is None else self.labels[indices])


@dataclass(frozen=True)
class Images:
    """A set of images. `classes` names the labels, in order; empty where they have no names but numbers."""

    name: str
    splits: Mapping[str, Split]
    classes: tuple[str, ...] = ()

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the splits: names, shapes, pixels in the order (N, H, W, C), labels."""
        digest = hashlib.sha256()
        for name, split in self.splits.items():
            digest.update(f"{name} {split.images.shape}".encode())
            for start in range(0, len(split), HASHED_IMAGES):
                digest.update(split.images[start : start + HASHED_IMAGES].tobytes())
            if split.labels is not None:
                digest.update(split.labels.astype("<i8").tobytes())
        return digest.hexdigest()


def digits() -> Images:
    """scikit-learn's 1,797 digits of 8x8 pixels, 10 classes: the first 1,297 train, the next 200 valid, 300 test.

    The order is that of the writers, so only writers at the borders are in two splits. The 17 levels 0 .. 16 are
    stretched to 0 .. 255.
    """
    package = find_spec("sklearn")  # importing it, for its `load_digits`, would take each job a second
    assert package is not None, "scikit-learn is a dependency"
    folder = Path(str(package.origin)).parent / "datasets" / "data"
    rows = np.loadtxt(folder / "digits.csv.gz", delimiter=",")
    levels, labels = rows[:, :-1].reshape(-1, 8, 8, 1), rows[:, -1].astype(np.int64)
    everything = Split(np.round(levels * (255 / 16)).astype(np.uint8), labels)
    valid, test = len(everything) - DIGITS_VALID - DIGITS_TEST, len(everything) - DIGITS_TEST
    splits = {
        "train": everything.take(slice(valid)),
        "valid": everything.take(slice(valid, test)),
        "test": everything.take(slice(test, None)),
    }
    return Images("digits", splits, tuple("0123456789"))
