"""Whether a model's probabilities of all states sum to one."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Shrinking(Protocol):
    """A model that can be had small."""

    def small(self, inputs: int, random: np.random.Generator) -> Any:
        """A model of the same class for few inputs, with random parameters: one whose states can be summed over."""


def all_states(inputs: int) -> np.ndarray:
    """All binary vectors (2^D, D) as float64, counted upwards.

    Example:
        >>> all_states(2)
        array([[0., 0.],
               [0., 1.],
               [1., 0.],
               [1., 1.]])
    """
    numbers = np.arange(2**inputs)[:, None] >> np.arange(inputs)[::-1]
    return (numbers & 1).astype(np.float64)


def total_probability_error(model: Shrinking, data: object, random: np.random.Generator, small: int) -> float:
    """|sum of p over all 2^small states - 1| of a small model of the same class with random parameters."""
    del data  # the small model has inputs of its own
    log_p = model.small(small, random).log_likelihood(all_states(small), random)
    return abs(float(np.exp(np.asarray(log_p, dtype=np.float64)).sum()) - 1)
