"""The numbers that a training is watched by: their means as curves, and the end of it when one is not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor

from repro.contracts import Context, Diverged, single

Watched: TypeAlias = "Mapping[str, Tensor | float]"
MOST_UNREAD = 4096


class Watch:
    """Adds up what the steps show, and draws the mean of every `every` steps as a point of a curve.

    A number on a GPU is read along with all others when a point is due, since reading it would wait for the step: a
    training that diverges there ends up to `every` steps late, and says the step all the same.
    """

    def __init__(self, context: Context, every: int) -> None:
        if every < 1:
            raise ValueError(f"a curve has a point every so many steps, 1 or more, not {every}")
        self.context, self.every = context, every
        self.shown: dict[str, float] = {}
        self._sums: dict[str, tuple[float, int]] = {}
        self._unread: list[tuple[int, str, Tensor]] = []

    def add(self, done: int, watched: Watched) -> None:
        """Takes the numbers of a step, which is the `done`-th. Raises Diverged."""
        for name, value in watched.items():
            if isinstance(value, Tensor):
                value = value.detach()
                if not value.is_cpu:
                    self._unread.append((done, name, value.clone()))  # a step may write the next one to its place
                    continue
            self._count(done, name, float(value))
        if done % self.every == 0:
            self._draw(done)
        elif len(self._unread) > MOST_UNREAD:
            self.read()

    def read(self) -> None:
        """Reads what is still on the device. Raises Diverged."""
        if not self._unread:
            return
        steps, names, values = zip(*self._unread, strict=True)
        self._unread = []
        numbers = torch.stack([value.reshape(()).to(torch.float64) for value in values]).tolist()
        for step, name, number in zip(steps, names, numbers, strict=True):
            self._count(step, name, number)

    def _count(self, step: int, name: str, number: float) -> None:
        finite(name, number, step)
        total, count = self._sums.get(name, (0.0, 0))
        self._sums[name] = (total + number, count + 1)
        self.shown[name] = number

    def _draw(self, done: int) -> None:
        self.read()
        for name, (total, count) in self._sums.items():
            self.context.curve(name, done, total / count, single(self.context.seeds))
        self._sums = {}

    def state_dict(self) -> dict[str, Any]:
        """The sums since the last point."""
        self.read()
        return {"sums": {name: list(sums) for name, sums in self._sums.items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self._sums = {name: (float(total), int(count)) for name, (total, count) in state["sums"].items()}


def finite(name: str, number: float, step: int) -> float:
    """The number itself. Raises Diverged where it is none."""
    if not math.isfinite(number):
        raise Diverged(f"{name} is {number} at step {step}")
    return number
