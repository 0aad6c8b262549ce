"""A small generator in float64, and a data set of random sequences for it."""

import numpy as np
import torch

from baselines.sequences.generator import Generator
from repro.data.kinds.oracle import Sequences


def generator(vocabulary: int = 3, length: int = 3, deviation: float = 0.7, seed: int = 0) -> Generator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Generator(vocabulary, length, 0, embedding=2, hidden=5, deviation=deviation).double()


def sequences(count: int = 22, vocabulary: int = 7, length: int = 5, seed: int = 0) -> Sequences:
    tokens = np.random.default_rng(seed).integers(0, vocabulary, (count, length), dtype=np.int32)
    return Sequences(tokens, vocabulary, 0)


def every_sequence(vocabulary: int, length: int) -> torch.Tensor:
    """All sequences (V^T, T)."""
    return torch.cartesian_prod(*[torch.arange(vocabulary)] * length)
