"""Random streams without a state: the same seed and stream name give the same sequence in every process.

Every number depends on this module, so it is part of every job's key.
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
