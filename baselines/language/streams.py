"""Token streams as training batches: columns of contiguous text, cut into segments of random length.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182, section 4.1
Code:  salesforce/awd-lstm-lm, utils.py (batchify, get_batch), main.py (train); read at 1d466ec
       zihangdai/mos, main.py (the cap on the length); read at 9c0c608
Shapes: T time, B streams
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

SHORTEST = 5
LONG_SHARE = 0.95
DEVIATION = 5.0


def batchify(tokens: np.ndarray, streams: int, device: str = "cpu", limit: int | None = None) -> Tensor:
    """A stream (N,) as B parallel ones (T, B) of int64, each a contiguous part; the last N mod B tokens are dropped.

    `limit` keeps the beginnings of the B streams, about that many tokens in all. Raises ValueError where a stream would
    have fewer than two tokens, as none of them could be predicted.
    """
    length = len(tokens) // streams
    kept = length if limit is None else min(length, -(-limit // streams))
    if kept < 2:
        raise ValueError(f"{len(tokens)} tokens in {streams} streams (limit {limit}): each needs two tokens or more")
    parts = np.stack([tokens[i * length : i * length + kept] for i in range(streams)], axis=1)
    return torch.from_numpy(np.ascontiguousarray(parts, dtype=np.int64)).to(device)


def segments(length: int, size: int) -> Iterator[tuple[int, int]]:
    """Starts and ends of consecutive segments: tokens [start, end) are inputs, [start + 1, end + 1) their targets."""
    for start in range(0, length - 1, size):
        yield start, min(start + size, length - 1)


@dataclass(frozen=True)
class SegmentLength:
    """Lengths of back-propagation: `bptt`, in one of twenty cases half of it, and normally distributed around that.

    At least 5, at most `bptt + above` (None: no cap). `varied` False gives `bptt` always.
    """

    bptt: int
    above: int | None = None
    varied: bool = True

    def draw(self, random: np.random.Generator) -> int:
        """The length of the next segment; the learning rate is scaled by this over `bptt`."""
        if not self.varied:
            return self.bptt
        mean = self.bptt if random.random() < LONG_SHARE else self.bptt / 2
        length = max(SHORTEST, int(random.normal(mean, DEVIATION)))
        return length if self.above is None else min(length, self.bptt + self.above)
