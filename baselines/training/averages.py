"""Averages of a model's parameters over its training: Polyak's mean, exponential ones, and NT-ASGD's trigger.

Papers: Acceleration of Stochastic Approximation by Averaging (Polyak and Juditsky, 1992)
        Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182, algorithm 1
Code:   salesforce/awd-lstm-lm, main.py (the trigger); torch/optim/asgd.py and swa_utils.py (averages); read at 1d466ec
        and 2.15
Departures: the authors' NT-ASGD is torch.optim.ASGD(t0=0, lambd=0), which forgets the first iterate in its average;
        here the mean is over all iterates since the switch (test_the_mean_is_of_all_iterates_since_the_start).

Every average here is a <- a + w(n) (x - a) after the n-th step. `torch.optim.swa_utils.AveragedModel` takes its first
iterate whatever its rule, so that it has no average that begins at the initial weights or at zero; it holds a second
module, where these need the average in the place of the model's own weights; and it cannot begin late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

Weight = Callable[[int], float]


def mean(count: int) -> float:
    """The weight of the `count`-th iterate in the mean of all of them (Polyak)."""
    return 1 / count


def exponential(decay: float, *, warm_up: bool = False, debias: bool = False) -> Weight:
    """The weight of the `count`-th iterate in an exponential moving average: 1 - decay.

    With `warm_up` the decay is (1 + count) / (10 + count) where that is less. With `debias` the average is the one from
    zero over 1 - decay^count, as Adam's moments are: of the first iterate alone after one step.
    """
    if not 0 <= decay < 1:
        raise ValueError(f"the decay of an average is in [0, 1), it is {decay}")
    if warm_up and debias:
        raise ValueError("an average has a warm-up or is without bias: both would do one thing twice")
    if warm_up:
        return lambda count: 1 - min(decay, (1 + count) / (10 + count))
    if debias:
        return lambda count: (1 - decay) / (1 - decay**count)
    return lambda count: 1 - decay  # noqa: ARG005


class Average:
    """A running average of parameters, from `start` on; before it there is none, and all that uses it does nothing.

    It begins at the parameters of that moment, or at `zeros`. Buffers, such as the statistics of batch normalisation,
    are not averaged. The parameters are those of the moment of construction: move the model to its device before.
    """

    def __init__(self, parameters: Iterable[Tensor], weight: Weight = mean, *, zeros: bool = False) -> None:
        self.parameters, self.weight, self.zeros = list(parameters), weight, zeros
        self.values: list[Tensor] = []
        self.count = 0

    @property
    def is_running(self) -> bool:
        """Whether there is an average."""
        return bool(self.values)

    def start(self) -> None:
        """Begins anew, at the parameters as they are, or at zeros."""
        make: Callable[[Tensor], Tensor] = torch.zeros_like if self.zeros else torch.clone
        self.values, self.count = [make(parameter.detach()) for parameter in self.parameters], 0

    def update(self) -> None:
        """Takes in the parameters after a step."""
        if self.is_running:
            self.count += 1
            now = [parameter.detach() for parameter in self.parameters]
            torch._foreach_lerp_(self.values, now, self.weight(self.count))

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged parameters inside the block, where there are any."""
        own = [parameter.detach().clone() for parameter in self.parameters] if self.is_running else []
        self._put(self.values)
        try:
            yield
        finally:
            self._put(own)

    def settle(self) -> None:
        """The model gets the averaged parameters for good, where there are any."""
        self._put(self.values)

    def _put(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.parameters, values, strict=False):
                parameter.copy_(value)

    def state_dict(self) -> dict[str, Any]:
        """All that a checkpoint needs."""
        return {"values": self.values, "count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        pairs = zip(state["values"], self.parameters, strict=bool(state["values"]))
        self.values = [value.to(parameter.device, copy=True) for value, parameter in pairs]
        self.count = int(state["count"])


class NonMonotone:
    """The trigger of NT-ASGD: a validation loss above the best of all evaluations but the last `patience` ones.

    Attributes:
        losses: of the evaluations so far.
    """

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.losses: list[float] = []

    def fires(self, loss: float) -> bool:
        """Whether it fires at the loss of an evaluation, which is compared with earlier ones alone."""
        early = self.losses[: -self.patience] if self.patience else self.losses
        self.losses = [*self.losses, loss]
        return bool(early) and loss > min(early)

    def state_dict(self) -> dict[str, Any]:
        """The losses."""
        return {"losses": self.losses}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.losses = list(state["losses"])
