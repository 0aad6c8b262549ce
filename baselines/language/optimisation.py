"""Optimisers of language models: SGD or Adam, gradient clipping, and averages of the parameters (NT-ASGD).

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182, section 3, algorithm 1
Code:  salesforce/awd-lstm-lm, main.py (the trigger); torch/optim/asgd.py (the averages); read at 1d466ec and 2.15
Departures: the authors use torch.optim.ASGD(t0=0, lambd=0), which applies the learning rate of the step before (so the
            rescaling by segment length comes one step late) and forgets the first iterate in its average. Here the rate
            is the step's own and the average is over all iterates since the switch
            (test_the_average_is_the_mean_of_the_iterates_since_the_switch).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch import Tensor, nn

Optimiser = Literal["sgd", "adam"]


def is_stuck(history: Sequence[float], loss: float, patience: int) -> bool:
    """Whether the validation loss is above the best of all epochs but the last `patience`: the non-monotone trigger.

    `history` are the losses of earlier epochs, the current one is not in it.
    """
    return len(history) > patience and loss > min(history[:-patience])


class Descent:
    """Steps of SGD or Adam on all parameters, with a running mean of the iterates once `average` was called."""

    def __init__(self, parameters: Iterable[nn.Parameter], optimiser: Optimiser, weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.means: list[Tensor] = []
        self.averaged = 0
        kind: Any = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimiser]
        self._optimiser = kind(self.parameters, lr=0.0, weight_decay=weight_decay, foreach=True)

    @property
    def is_averaging(self) -> bool:
        """Whether the mean of the iterates is kept."""
        return bool(self.means)

    def average(self) -> None:
        """Starts the mean at the next step."""
        self.means, self.averaged = [parameter.detach().clone() for parameter in self.parameters], 0

    def step(self, rate: float, clip: float) -> None:
        """One step along the gradients, which are scaled to a norm of at most `clip` and cleared afterwards."""
        torch.nn.utils.clip_grad_norm_(self.parameters, clip, foreach=True)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        if self.is_averaging:
            self.averaged += 1
            torch._foreach_lerp_(self.means, [each.detach() for each in self.parameters], 1 / self.averaged)

    @contextmanager
    def means_in_place(self) -> Iterator[None]:
        """The model has the averaged parameters inside the block, where there are any."""
        own = [parameter.detach().clone() for parameter in self.parameters] if self.is_averaging else []
        self._put(self.means)
        yield
        self._put(own)

    def settle(self) -> None:
        """The model gets the averaged parameters for good, where there are any."""
        self._put(self.means)

    def _put(self, values: Sequence[Tensor]) -> None:
        with torch.no_grad():
            for parameter, value in zip(self.parameters, values, strict=False):
                parameter.copy_(value)

    def state(self) -> dict[str, Any]:
        """All that a checkpoint needs."""
        return {"optimiser": self._optimiser.state_dict(), "means": self.means, "averaged": self.averaged}

    def restore(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        self._optimiser.load_state_dict(state["optimiser"])
        self.means = [mean.to(each.device) for mean, each in zip(state["means"], self.parameters, strict=False)]
        self.averaged = int(state["averaged"])
