"""What a method sees of the harness while it trains: seeds, device, random numbers, checkpoints, curves, progress."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from repro.contracts import Diverged, Precision, State
from repro.store.record import Curve
from repro.worker.checkpoints import Checkpoints
from repro.worker.clock import Clock, Time
from repro.worker.curves import recorded
from repro.worker.part import PartContext
from repro.worker.streams import generator

PROGRESS_SECONDS = 0.2
Points = dict[int, dict[str, list[tuple[int, float]]]]


class Stopped(BaseException):
    """The worker was asked to stop, and the last checkpoint is written. No failure: a later run continues."""


@dataclass
class RunContext:
    """The Context of `repro.contracts`, for one pass over one or several seeds: `of` these trainings, by their keys."""

    seeds: tuple[int, ...]
    device: str
    checkpoints: Checkpoints
    interval_seconds: float = 60.0
    progress_handle: int | None = None
    stop_requested: Callable[[], bool] = lambda: False
    precision: Precision = "f32"
    of: tuple[str, ...] = ()
    also: Mapping[str, Any] = field(default_factory=dict)
    evaluator: Callable[[Any], Mapping[str, float]] | None = None
    is_start_read: bool = False
    clock: Clock = field(default_factory=Clock)
    _start: Mapping[str, Any] | None = None
    _parts: dict[str, Any] | None = None
    _points: Points = field(default_factory=dict)
    _saved: float = field(default_factory=time.monotonic)
    _shown: float = -math.inf

    @property
    def start(self) -> Mapping[str, Any] | None:
        """The state of the model that this training starts from. That it was asked for is noted in `is_start_read`."""
        self.is_start_read = True
        return self._start

    @start.setter
    def start(self, state: Mapping[str, Any] | None) -> None:
        self._start = state

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        """Random numbers of one named stream of a seed."""
        return generator(seed, *stream)

    def restore(self) -> Mapping[str, Any] | None:
        """The last saved state, or None at the beginning. Curves and time spent come back with it."""
        if not any(self.checkpoints.folder.glob("*.pt")):
            return None
        saved = self.checkpoints.read(self._is_ours)
        if saved is None:
            return None
        self._points = saved["curves"]
        self.clock.before = Time.restored(saved.get("time") or {"seconds": saved["seconds"], "cpu_seconds": 0.0})
        self.is_start_read = True  # by the attempt that this state is of
        state: Mapping[str, Any] = saved["state"]
        return state

    def _is_ours(self, saved: Any) -> bool:
        """Whether a checkpoint is of this pass; those of before it was said in them are."""
        if not isinstance(saved, dict) or not {"state", "curves"} <= saved.keys():
            return False
        return tuple(saved.get("of") or self.of) == self.of

    def save(self, state: State, *, force: bool = False) -> None:
        """Offers a checkpoint: written when the interval has passed, when forced, and when the worker is to stop."""
        stop = self.stop_requested()
        if not (force or stop or time.monotonic() - self._saved >= self.interval_seconds):
            return
        built = state() if callable(state) else state
        time_spent = self.clock.spent().state()
        self.checkpoints.write({"state": built, "curves": self._points, "time": time_spent, "of": list(self.of)})
        self._saved = time.monotonic()
        if stop:
            raise Stopped

    def part(self, name: str, *, number: int = 1, of: int = 1, own_streams: bool = False) -> PartContext:
        """The context of one part of this fit, the `number`-th `of` so many."""
        if self._parts is None:
            self._parts = dict(self.restore() or {})
        return PartContext(self, self._parts, name, number, of, own_streams=own_streams)

    def evaluate(self, model: Any) -> Mapping[str, float]:
        """The task's numbers on the validation view. Raises RuntimeError where none were asked for in time."""
        if self.evaluator is None:
            raise RuntimeError(
                "there are no validation numbers for this fit: a method that calls `context.evaluate` says so with the "
                "class attribute `evaluates: ClassVar[bool] = True`"
            )
        return self.evaluator(model)

    def progress(self, done: int, total: int, **shown: float) -> None:
        """Tells the driver how far the pass is, at most five times a second. A full pipe is no reason to wait."""
        now = time.monotonic()
        if self.progress_handle is None or (now - self._shown < PROGRESS_SECONDS and done < total):
            return
        self._shown = now
        line = json.dumps(
            {"done": done, "total": total, "shown": {name: float(value) for name, value in shown.items()}}
        )
        try:
            os.write(self.progress_handle, f"{line}\n".encode())
        except OSError:
            return

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        """Adds a point. A number that is not finite ends a single fit as diverged; among many seeds it is left out."""
        number = float(value)
        if math.isfinite(number):
            self._points.setdefault(int(seed), {}).setdefault(name, []).append((int(step), number))
        elif len(self.seeds) == 1:
            raise Diverged(f"{name} is {number} at step {step}")

    def curves(self, seed: int) -> dict[str, Curve]:
        """The learning curves of one seed so far, as a record has them."""
        return recorded(self._points.get(seed, {}))
