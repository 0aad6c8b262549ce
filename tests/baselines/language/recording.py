"""A context that remembers what a training offers it, and can end the training from outside."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from repro.contracts import State
from tests.benchmarks.context import Quiet


class Stopped(Exception):
    """The run is ended from outside."""


class Recording(Quiet):
    """Keeps the last state and all curves; ends the run when `stop_at` checkpoints were offered."""

    def __init__(self, stop_at: int | None = None, state: Mapping[str, Any] | None = None) -> None:
        super().__init__((3,))
        self.saved = state
        self.offered, self.stop_at = 0, stop_at
        self.points: list[tuple[str, int, float]] = []

    def restore(self) -> Mapping[str, Any] | None:
        return deepcopy(self.saved)

    def save(self, state: State, *, force: bool = False) -> None:
        self.offered += 1
        if force or self.offered == self.stop_at:
            self.saved = deepcopy(dict(state() if callable(state) else state))
        if self.offered == self.stop_at:
            raise Stopped

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        assert seed == 3
        self.points.append((name, step, value))
