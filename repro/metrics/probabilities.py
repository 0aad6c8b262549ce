"""What holds of every probability: that of a discrete thing, a word or a character, is at most 1."""

from __future__ import annotations

import numpy as np

ROUNDING = 1e-4
"""How far above 0 the rounding of float32 may put a log-probability: a step is 1.2e-7, and a mixture or a sum of
thousands of terms is off by some hundreds of them. A loss with the wrong sign is above it at once."""


def of_discrete(log_p: np.ndarray, what: str = "log-probabilities") -> None:
    """Raises ValueError where log-probabilities of discrete things, in nats, are above 0 by more than rounding."""
    values = np.asarray(log_p)
    above = values > ROUNDING
    if above.any():
        raise ValueError(
            f"{what}: {int(above.sum())} of {values.size} are above 0, up to {float(values.max()):.3g}, and no "
            "probability is above 1: losses have the other sign"
        )
