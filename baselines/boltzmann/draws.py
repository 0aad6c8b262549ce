"""Binary draws in bulk: each word of a counter-based generator decides two units.

Most of what a Gibbs step takes beside its matrix products is otherwise the generator's. A word is SplitMix64's of its
number, so that a stream has no state but a key and a count, and several words are computed at once. A unit is 1 where
24 bits, as a number in [0, 1), are below its probability: as fine as `torch.rand(...) < p` in float32.

Paper: Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators
"""

from __future__ import annotations

import numba
import numpy as np
import torch
from torch import Tensor

from repro.compiled import compiled

BLOCK = 4096  # units at a time, whose words stay in the cache


class Draws:
    """A stream of binary draws. On another device than the CPU they are torch's, from its global generator there.

    Attributes:
        key: of the stream, below 2^63.
        count: words of it that were used.
    """

    def __init__(self, key: int) -> None:
        self.key, self.count = key, 0

    @classmethod
    def of_torch(cls) -> Draws:
        """A stream whose key is drawn from torch's global generator."""
        return cls(int(torch.randint(2**63 - 1, ())))

    def bernoulli(self, probabilities: Tensor, out: Tensor) -> Tensor:
        """Writes 1 with the given probabilities, else 0, to `out`, which may be the probabilities themselves.

        Both are contiguous, and of one shape and type.
        """
        if not probabilities.is_cpu:
            return out.copy_(torch.bernoulli(probabilities))
        _draw(probabilities.view(-1).numpy(), out.view(-1).numpy(), np.uint64(self.key), np.uint64(self.count))
        self.count += -(-probabilities.numel() // 2)
        return out


@compiled
def _draw(p: np.ndarray, out: np.ndarray, key: np.uint64, count: np.uint64) -> None:
    one, zero, scale = p.dtype.type(1), p.dtype.type(0), p.dtype.type(2**24)
    words = np.empty(BLOCK // 2, np.uint64)
    bits = words.view(np.uint32)
    for start in range(0, p.size, BLOCK):
        size = min(BLOCK, p.size - start)
        for i in range((size + 1) // 2):
            words[i] = _word(key, count + np.uint64(start // 2 + i))
        for i in range(size):
            out[start + i] = one if p.dtype.type(bits[i] >> np.uint32(8)) < p[start + i] * scale else zero


@numba.njit(inline="always")
def _word(key: np.uint64, number: np.uint64) -> np.uint64:
    z = key + number * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
