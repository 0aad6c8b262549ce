"""A trained machine, as task density-estimation and the metrics of this family want it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.boltzmann.ais import Annealing, base_rate, published_schedule, three_deviations
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.mean_field import bound, posterior_means
from baselines.training.parts import copied
from repro.tasks.density_estimation import LogPartition

EXAMPLES = 1_000  # at a time
SWEEPS, TOLERANCE = 200, 1e-7
SMALL = {1: (6,), 2: (4, 3), 3: (3, 2, 2)}
"""Hidden units of the machine that is summed over, by the number of its hidden layers."""


class BoltzmannModel:
    """A machine with the means (D,) of its training data, at which annealed importance sampling starts.

    Hidden states (N, F) are those of all hidden layers side by side, from below.
    """

    def __init__(self, machine: Machine, means: Tensor) -> None:
        self.machine, self.means = machine, means

    def log_unnormalised(self, examples: np.ndarray) -> np.ndarray:
        """log p*(v) of examples (N, D) as (N,), in nats: exact for an RBM, else the mean-field bound of it.

        Means of a deep machine are found in its own precision; any means give a bound, which is computed in float64.
        """
        exact = deepcopy(self.machine).double()
        found = []
        for start in range(0, len(examples), EXAMPLES):
            visible = self._tensor(examples[start : start + EXAMPLES])
            if self.machine.top == 1:
                means = posterior_means(exact, visible.double(), 0)
            else:
                means = [mean.double() for mean in posterior_means(self.machine, visible, SWEEPS, TOLERANCE)]
            found.append(bound(exact, means))
        return _array(torch.cat(found))

    def log_partition(self, chains: int, temperatures: int, random: np.random.Generator) -> LogPartition:
        """log Z by `chains` chains over so many equal steps of inverse temperature; 0: the demo's 14,500."""
        schedule = np.linspace(0, 1, temperatures + 1) if temperatures else published_schedule()
        draws = Draws(int(random.integers(2**63)))
        with _torch_seeded(random):
            annealing = Annealing(self.machine, base_rate(self.means), chains, draws)
            return LogPartition(*three_deviations(_array(annealing.run(schedule))))

    def small(self, inputs: int, random: np.random.Generator) -> BoltzmannModel:
        """A machine of as many layers with few units and random parameters, in float64."""
        machine = Machine((inputs, *SMALL[self.machine.top])).double()
        model = BoltzmannModel(machine, torch.full((inputs,), 0.5, dtype=torch.float64))
        return model.with_parameters(random.normal(size=len(model.parameters())))

    def parameters(self) -> np.ndarray:
        """All parameters (P,): the weights from below, row by row, then the biases."""
        return _array(torch.cat([each.reshape(-1) for each in self.machine.parameters()]))

    def with_parameters(self, values: np.ndarray) -> BoltzmannModel:
        """The same model with other parameters (P,)."""
        machine = deepcopy(self.machine)
        parts = torch.split(torch.from_numpy(values), [each.numel() for each in machine.parameters()])
        for parameter, part in zip(machine.parameters(), parts, strict=True):
            parameter.copy_(part.reshape(parameter.shape))
        return BoltzmannModel(machine, self.means)

    @property
    def hidden_units(self) -> int:
        """F, of all hidden layers."""
        return sum(self.machine.sizes[1:])

    def log_joint(self, visible: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """log p*(v, h) (N,) of states (N, D) and (N, F), in nats."""
        return _array(self.machine.log_joint(self._states(visible, hidden)))

    def visible_given(self, hidden: np.ndarray) -> np.ndarray:
        """P(v_i = 1 | h) (N, D) of hidden states (N, F)."""
        states = self._states(np.zeros((len(hidden), self.machine.sizes[0])), hidden)
        return _array(torch.sigmoid(self.machine.total_input(0, states)))

    def hidden_given(self, visible: np.ndarray) -> np.ndarray:
        """P(h_j = 1 | v) (N, F) of an RBM."""
        assert self.machine.top == 1, "hidden units of several layers are not independent given the visible ones"
        return _array(posterior_means(self.machine, self._tensor(visible), 0)[1])

    def statistics(self, visible: np.ndarray, hidden: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The sum over N with weights (N,) of what multiplies each parameter in log p*(v, h): (P,).

        That of hidden means is the mean, where the units are independent.
        """
        states, factors = self._states(visible, hidden), self._tensor(weights)[:, None]
        products = [(factors * below).T @ above for below, above in pairwise(states)]
        sums = [(factors * state).sum(dim=0) for state in states]
        return _array(torch.cat([each.reshape(-1) for each in (*products, *sums)]))

    def state(self) -> dict[str, Any]:
        """The sizes, the parameters, and the means of the data."""
        weights = copied(self.machine.state_dict())
        return {"sizes": list(self.machine.sizes), "weights": weights, "means": self.means.cpu().clone()}

    @classmethod
    def restored(cls, state: Mapping[str, Any], device: str) -> BoltzmannModel:
        """The model whose `state()` this is."""
        machine = Machine(state["sizes"])
        machine.load_state_dict(state["weights"])
        return cls(machine.to(device), state["means"].to(device))

    def _states(self, visible: np.ndarray, hidden: np.ndarray) -> list[Tensor]:
        return [self._tensor(visible), *torch.split(self._tensor(hidden), list(self.machine.sizes[1:]), dim=1)]

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.machine.biases[0])


@contextmanager
def _torch_seeded(random: np.random.Generator) -> Iterator[None]:
    """Inside the block what torch draws, which is on a GPU, follows from `random`."""
    with torch.random.fork_rng():
        torch.manual_seed(int(random.integers(2**63)))
        yield


def _array(values: Tensor) -> np.ndarray:
    found: np.ndarray = values.detach().double().cpu().numpy()
    return found
