"""Random streams without a state: the same seed and stream name give the same sequence in every process.

Every number depends on these, so they are part of every job's key (`repro.plan.fingerprint.ALWAYS`).
"""

from __future__ import annotations

import hashlib
import json

import numpy as np


def generator(seed: int, *stream: int | str) -> np.random.Generator:
    """The random numbers of one named stream of a seed.

    Example:
        >>> bool(generator(0, "noise", 3).random() == generator(0, "noise", 3).random())
        True
    """
    named = json.dumps([int(part) if not isinstance(part, str) else part for part in (seed, *stream)])
    digest = hashlib.sha256(named.encode()).digest()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(int.from_bytes(digest, "big"))))


def of_part(name: str, stream: tuple[int | str, ...], *, own: bool) -> tuple[int | str, ...]:
    """The stream that one part of a fit draws from: that of the whole, or its own."""
    return (name, *stream) if own else stream


def of_evaluation(seed: int) -> np.random.Generator:
    """What a task draws from that gives a training numbers on the way."""
    return generator(seed, "evaluate")
