"""What a job takes: seconds on the clock, and those of all cores."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Time:
    """Seconds that passed on the clock, and CPU seconds, which other processes on the machine hardly change.

    The CPU seconds are those of this process, of all its threads, and of child processes that have ended.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __add__(self, other: Time) -> Time:
        return Time(self.seconds + other.seconds, self.cpu_seconds + other.cpu_seconds)

    def __sub__(self, other: Time) -> Time:
        return Time(self.seconds - other.seconds, self.cpu_seconds - other.cpu_seconds)

    def shared_by(self, count: int) -> Time:
        """An even share of it."""
        return Time(self.seconds / count, self.cpu_seconds / count)

    def state(self) -> dict[str, float]:
        """As a checkpoint keeps it."""
        return {"seconds": self.seconds, "cpu_seconds": self.cpu_seconds}

    @staticmethod
    def restored(state: Mapping[str, Any]) -> Time:
        """What `state()` gave."""
        return Time(state["seconds"], state["cpu_seconds"])


@dataclass
class Clock:
    """Runs from the moment that it is made, on top of what was spent `before`, by an attempt that was cut short."""

    before: Time = field(default_factory=Time)
    _started: Time = field(default_factory=lambda: _now())

    def spent(self) -> Time:
        """The time since, and before."""
        return self.before + (_now() - self._started)


def _now() -> Time:
    used = os.times()
    return Time(time.monotonic(), used.user + used.system + used.children_user + used.children_system)
