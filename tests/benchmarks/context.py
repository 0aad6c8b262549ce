"""A context that keeps nothing: what a training run costs beside its arithmetic is not measured here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from repro.worker.streams import generator


class Quiet:
    """Seeds and a device; no checkpoints, no curves, no progress."""

    def __init__(self, seeds: tuple[int, ...], device: str = "cpu") -> None:
        self.seeds, self.device = seeds, device

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        """The harness's own streams."""
        return generator(seed, *stream)

    def restore(self) -> Mapping[str, Any] | None:
        """Always a beginning."""
        return None

    def save(self, state: Mapping[str, Any], *, force: bool = False) -> None:
        """Nothing is kept."""

    def progress(self, done: int, total: int, **shown: float) -> None:
        """Nothing is shown."""

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        """Nothing is kept."""
