"""Markov chains of a machine by block Gibbs sampling: all even layers given the odd ones, then the odd ones."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from baselines.boltzmann.draws import Draws
from baselines.boltzmann.inputs import BinaryInputs
from baselines.boltzmann.machine import Machine, alternate


class Chains:
    """Chains of a machine, which can be a part of a training: they are what their odd layers are.

    Attributes:
        states: of each layer (C, F), zeros and ones. After a sweep those of the even layers are the ones from which
            the odd layers were drawn.
        means: of the units of each layer (C, F), given the layers that it was last drawn from.
    """

    def __init__(self, machine: Machine, count: int) -> None:
        like = machine.biases[0]
        self.machine, self._inputs = machine, BinaryInputs(machine)
        self.states, self.means = ([like.new_zeros(count, size) for size in machine.sizes] for _ in range(2))

    def scatter(self, draws: Draws) -> Chains:
        """Every unit is 1 or 0 with even odds."""
        for state in self.states:
            draws.bernoulli(state.fill_(0.5), out=state)
        return self

    def follow(self, means: list[Tensor], draws: Draws) -> None:
        """The odd layers are drawn from means, such as those of the units above data."""
        for layer in alternate(len(self.states), 1):
            draws.bernoulli(means[layer].contiguous(), out=self.states[layer])

    def advance(self, sweeps: int, draws: Draws) -> None:
        """Moves every chain by so many sweeps, which leave the machine's distribution as it is."""
        self._inputs.refresh()
        for _ in range(sweeps):
            for parity in (0, 1):
                self._redraw(parity, draws)

    def _redraw(self, parity: int, draws: Draws) -> None:
        """Draws all layers of a parity given the others."""
        for layer in alternate(len(self.states), parity):
            inputs = self._inputs.total_input(layer, self.states, out=self.means[layer])
            draws.bernoulli(inputs.sigmoid_(), out=self.states[layer])

    def statistics(self) -> list[Tensor]:
        """Of each layer (C, F): the even layers' states, and the means of the odd ones, independent given those."""
        return [(self.means if layer % 2 else self.states)[layer] for layer in range(len(self.states))]

    def state_dict(self) -> dict[str, Any]:
        """The odd layers, from which a sweep goes on."""
        return {"states": [self.states[layer] for layer in alternate(len(self.states), 1)]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The inverse of `state_dict`."""
        for layer, values in zip(alternate(len(self.states), 1), state["states"], strict=True):
            self.states[layer].copy_(values)
