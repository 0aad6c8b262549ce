"""How far apart the two sides of an equality are, both computed apart from each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from repro.metrics.score import Score, signature


def identity_error(left: ArrayLike, right: ArrayLike) -> Score:
    """The largest |left - right| of two sides of one shape, in their unit; 0 where the equality holds everywhere.

    Items are the differences, one an entry. Raises ValueError for shapes that differ and for sides without entries.
    """
    one, other = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if one.shape != other.shape or not one.size:
        raise ValueError(f"both sides must have the same entries, one or more: they are {one.shape} and {other.shape}")
    apart = np.abs(one - other).ravel()
    return Score(float(apart.max()), signature("identity-error", "repro/1"), items=apart)
