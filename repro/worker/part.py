"""The context of one part of a fit: a stage, or one of several models that are trained one after another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from repro.contracts import Context, Precision, State
from repro.worker.streams import of_part


class PartContext:
    """What one part sees of the context of the whole.

    Its checkpoints, curves and progress are its own. A checkpoint of one part holds the last state of every other, so
    the last checkpoint of a fit is all of its parts; a part that ends therefore saves once more, forced. Random numbers
    are those of the whole, so that a part draws what it would draw alone, or with `own_streams` others.
    """

    seeds: tuple[int, ...]
    device: str
    precision: Precision
    also: Mapping[str, Any]

    def __init__(
        self, whole: Context, states: dict[str, Any], name: str, number: int, of: int, *, own_streams: bool
    ) -> None:
        self._whole, self._states, self._name = whole, states, name
        self._number, self._of, self._own_streams = number, of, own_streams
        self._inner: dict[str, Any] | None = None
        self.seeds, self.device, self.precision = whole.seeds, whole.device, whole.precision
        self.also = whole.also

    @property
    def start(self) -> Mapping[str, Any] | None:
        """What the whole starts from."""
        return self._whole.start

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        """Random numbers of one named stream of a seed."""
        return self._whole.generator(seed, *of_part(self._name, stream, own=self._own_streams))

    def restore(self) -> Mapping[str, Any] | None:
        """The state of this part in the last checkpoint."""
        state: Mapping[str, Any] | None = self._states.get(self._name)
        return state

    def save(self, state: State, *, force: bool = False) -> None:
        """Offers a checkpoint of this part, beside the last states of the others."""

        def of_all() -> Mapping[str, Any]:
            self._states[self._name] = state() if callable(state) else state
            return dict(self._states)

        self._whole.save(of_all, force=force)

    def progress(self, done: int, total: int, **shown: float) -> None:
        """The parts share the way evenly."""
        self._whole.progress((self._number - 1) * total + done, self._of * total, **shown)

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        """Adds a point to the curve `PART-NAME`."""
        self._whole.curve(f"{self._name}-{name}", step, value, seed)

    def evaluate(self, model: Any) -> Mapping[str, float]:
        """The task's numbers on the validation view."""
        return self._whole.evaluate(model)

    def part(self, name: str, *, number: int = 1, of: int = 1, own_streams: bool = False) -> PartContext:
        """A part of this part."""
        if self._inner is None:
            self._inner = dict(self.restore() or {})
        return PartContext(self, self._inner, name, number, of, own_streams=own_streams)
