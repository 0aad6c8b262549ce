"""Which model of a training is kept, and when it has waited long enough for a better one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from baselines.training.parts import Part, copied


class Best:
    """The weights of some parts at their best evaluation, as a copy on the CPU.

    The best is the lowest value of the number `of` an evaluation, or the highest; of several numbers, of their sum. A
    value that only equals the best is no better. Where an evaluation is with averaged weights, so is the copy.

    Attributes:
        of: the names of the numbers that are added up.
        higher: whether more is better.
        patience: so many evaluations in a row without a better value end a training; None: it never ends for that.
        value: the best sum so far; None before the first evaluation.
        weights: the states of the parts there, by name.
        waited: evaluations since the best one.
    """

    def __init__(
        self, parts: Mapping[str, Part], of: str | tuple[str, ...], *, higher: bool = False, patience: int | None = None
    ) -> None:
        if patience is not None and patience < 1:
            raise ValueError(f"patience is for 1 evaluation or more, not for {patience}")
        self.parts, self.of = dict(parts), (of,) if isinstance(of, str) else of
        self.higher, self.patience = higher, patience
        self.value: float | None = None
        self.weights: dict[str, Any] = {}
        self.waited = 0

    def offer(self, numbers: Mapping[str, float]) -> bool:
        """Copies the weights if the numbers of an evaluation are the best so far, and says whether they are."""
        missing = [name for name in self.of if name not in numbers]
        if missing:
            known = ", ".join(numbers) or "none"
            raise ValueError(f"the best model is one by {missing[0]!r}, which is no number of the evaluation: {known}")
        value = math.fsum(numbers[name] for name in self.of)
        if self.value is not None and not (value > self.value if self.higher else value < self.value):
            self.waited += 1
            return False
        self.value, self.waited = value, 0
        self.weights = {name: copied(part.state_dict()) for name, part in self.parts.items()}
        return True

    @property
    def is_exhausted(self) -> bool:
        """Whether `patience` evaluations have passed without a better one."""
        return self.patience is not None and self.waited >= self.patience

    def settle(self) -> None:
        """The parts get the kept weights; before the first evaluation there are none, and they stay as they are."""
        for name, state in self.weights.items():
            self.parts[name].load_state_dict(state)

    def state_dict(self) -> dict[str, Any]:
        """All that a checkpoint needs."""
        return {"value": self.value, "weights": self.weights, "waited": self.waited}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.value, self.weights, self.waited = state["value"], state["weights"], state["waited"]
