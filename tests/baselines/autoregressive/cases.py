"""Small data and contexts for the tests of this family."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repro.data.kinds.images import Images, Split
from tests.baselines.contract import Mortal

TIGHT = {"rtol": 1e-9, "atol": 1e-11}  # float64: what is left is the order of sums, and division by small roots


@contextmanager
def in_double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def binary_images(count: int, height: int, width: int) -> Images:
    """Images of black and white pixels, a third of them white; the validation images are the first two."""
    white = np.random.default_rng(7).random((count, height, width, 1)) < 1 / 3
    images = white.astype(np.uint8) * np.uint8(255)
    return Images("small", {"train": Split(images), "valid": Split(images[:2])})


def examples_of(images: Images) -> Tensor:
    """The training images (N, D), in the default precision."""
    found = images.splits["train"].images.reshape(len(images.splits["train"]), -1) / 255
    return torch.from_numpy(found).to(torch.get_default_dtype())


def always_better(folder: Path) -> Mortal:
    """A context in which every epoch has the best validation likelihood so far, so that the last is kept."""
    context, asked = Mortal(folder), iter(range(1_000_000))
    context.evaluator = lambda _: {"negative-log-likelihood": -float(next(asked))}
    return context


def copies(tensors: list[Tensor]) -> list[Tensor]:
    """The same numbers, on their own, with gradients."""
    return [tensor.detach().clone().requires_grad_() for tensor in tensors]


def all_states(inputs: int) -> np.ndarray:
    """Every example of so many bits: (2^D, D) float64."""
    numbers = np.arange(2**inputs)[:, None] >> np.arange(inputs)
    return (numbers & 1).astype(np.float64)
