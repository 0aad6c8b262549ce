"""The masks of MADE: degrees of all units, from which it follows which weights there are.

Paper:  MADE: Masked Autoencoder for Distribution Estimation (Germain et al., 2015), arXiv:1502.03509, section 4
Code:   mgermain/MADE, MADE/mask_generator.py; read at ace8010
Shapes: M masks, D inputs, H hidden units

The degree of an input is its place in the order, from 1. A unit of a hidden layer may see the inputs up to its degree,
the output of an input those below its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from torch import Tensor

Order = Literal["agnostic", "random", "raster"]


def drawn_degrees(
    masks: int, inputs: int, hidden_sizes: Sequence[int], order: Order, random: np.random.Generator
) -> list[np.ndarray]:
    """Degrees for each mask: those of the inputs (M, D), then those of each hidden layer (M, H), int64.

    A hidden degree is uniform from the least one of the layer below to D - 1, so that no unit is without inputs. The
    orders are one a mask if `agnostic`, else one for all. Raises ValueError for a single input, which has no order.
    """
    if inputs < 2:
        raise ValueError(f"an order is one of two inputs or more, not of {inputs}")
    places = np.arange(1, inputs + 1)
    one = places if order == "raster" else random.permutation(places)
    degrees = [np.stack([random.permutation(places) if order == "agnostic" else one for _ in range(masks)])]
    for size in hidden_sizes:
        least = degrees[-1].min(axis=1)
        degrees.append(np.stack([random.integers(low, inputs, size) for low in least]))
    return degrees


def visible(below: Tensor, above: Tensor) -> Tensor:
    """Which units (I,) a hidden layer (O,) sees, by their degrees: (O, I) of ones and zeros, in their precision.

    Written to numbers at once: a mask of booleans takes five times as long to make, and to multiply with.
    """
    return torch.ge(above[:, None], below, out=above.new_empty(len(above), len(below)))


def visible_to_outputs(below: Tensor, outputs: Tensor) -> Tensor:
    """Which units (I,) the outputs (D,) see, by their degrees: (D, I) of ones and zeros, in their precision."""
    return torch.gt(outputs[:, None], below, out=outputs.new_empty(len(outputs), len(below)))
