"""Padding, crops and mirror images of images (N, H, W, C) of any type; random ones take a generator, image by image.

A random shift by at most w pixels is `random_crops(padded(images, w), size, generator)`.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def padded(images: np.ndarray, width: int, mode: Literal["constant", "reflect"] = "constant") -> np.ndarray:
    """`width` more pixels on all four sides, zero or mirrored: (N, H + 2 width, W + 2 width, C)."""
    return np.pad(images, ((0, 0), (width, width), (width, width), (0, 0)), mode=mode)


def random_crops(images: np.ndarray, size: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    """From every image a window of `size` (height, width), its place uniform: (N, height, width, C)."""
    spare = images.shape[1] - size[0], images.shape[2] - size[1]
    if min(spare) < 0:
        raise ValueError(f"crops of {size[0]}x{size[1]} do not fit into {images.shape[1]}x{images.shape[2]}: pad first")
    top, left = (generator.integers(0, most + 1, len(images)) for most in spare)
    windows = sliding_window_view(images, size, axis=(1, 2))[np.arange(len(images)), top, left]  # (N, C, h, w)
    return np.ascontiguousarray(windows.transpose(0, 2, 3, 1))


def random_mirrors(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Every image mirrored left to right with probability one half."""
    chosen = generator.random(len(images)) < 0.5
    return np.where(chosen[:, None, None, None], images[:, :, ::-1], images)
