"""Seeds of the global generators, so that a method which draws from them is at least repeatable."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from repro.worker.streams import generator


def seed_globals(seed: int, *stream: int | str) -> None:
    """Seeds the generators of `random`, of numpy and, where it is imported, of torch, from one stream of a seed.

    Those of torch on all devices. A training that draws from them is the same when it is repeated, and still another
    one when it is interrupted: what goes on after a checkpoint comes from named streams, such as those of
    `baselines.training.loop`.
    """
    drawn = generator(seed, "globals", *stream)
    random.seed(int(drawn.integers(2**62)))
    np.random.seed(int(drawn.integers(2**32)))
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(int(drawn.integers(2**62)))


def for_training(seeds: Sequence[int]) -> None:
    """Seeds them for the fit of one seed, or of several in one pass."""
    seed_globals(seeds[0], "fit", *seeds[1:])


def for_measurement(seed: int) -> np.random.Generator:
    """Seeds them for a measurement, and gives what the task draws from."""
    seed_globals(seed, "measure")
    return generator(seed, "measure")
