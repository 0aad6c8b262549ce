"""A context that keeps nothing: what a training run costs beside its arithmetic is not measured here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from repro.contracts import Precision, State
from repro.worker.part import PartContext
from repro.worker.streams import generator


class Quiet:
    """Seeds and a device; no checkpoints, no curves, no progress."""

    def __init__(self, seeds: tuple[int, ...], device: str = "cpu") -> None:
        self.seeds, self.device = seeds, device
        self.precision: Precision = "f32"
        self.start: Mapping[str, Any] | None = None
        self._parts: dict[str, Any] | None = None

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        """The harness's own streams."""
        return generator(seed, *stream)

    def restore(self) -> Mapping[str, Any] | None:
        """Always a beginning."""
        return None

    def save(self, state: State, *, force: bool = False) -> None:
        """Nothing is kept."""

    def part(self, name: str, *, number: int = 1, of: int = 1, own_streams: bool = False) -> PartContext:
        """As the harness's own."""
        if self._parts is None:
            self._parts = dict(self.restore() or {})
        return PartContext(self, self._parts, name, number, of, own_streams=own_streams)

    def evaluate(self, model: Any) -> Mapping[str, float]:
        """No numbers."""
        return {}

    def progress(self, done: int, total: int, **shown: float) -> None:
        """Nothing is shown."""

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        """Nothing is kept."""
