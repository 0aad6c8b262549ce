"""Small data and contexts for the tests of this family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from repro.data.kinds.images import Images, Split
from tests.baselines.contract import Mortal


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


def expect_close(ours: Tensor | Sequence[Tensor | None], theirs: Tensor | Sequence[Tensor]) -> None:
    """Equal in float64 but for the order of sums, and division by small roots."""
    one, other = ([each] if isinstance(each, Tensor) else list(each) for each in (ours, theirs))
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-11)


def jacobian_of(logits: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """d logits / d inputs (D, D) at one example (1, D)."""
    found: Tensor = torch.autograd.functional.jacobian(logits, x)  # type: ignore[no-untyped-call]
    return found[0, :, 0]


def copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    """The same numbers, on their own, with gradients."""
    return [tensor.detach().clone().requires_grad_() for tensor in tensors]
