"""The energy-based GAN with the optimisers of the released script: two Adams for the discriminator's trunk.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, section B.8.1
Code:  zihangdai/cegan_iclr2017, synthetic/egan_knn.py, lines 285-320 (`updates_d`, `updates_e`, `updates_d_e`); read at
       d37c738
Shapes: S seeds, P parameters
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from baselines.cegan.methods import EnergyGan
from baselines.cegan.networks import FlatParameters
from baselines.cegan.objectives import EnergyGanRun, Gate
from baselines.cegan.optimisers import Adam
from baselines.cegan.training import TrainedPair
from repro.contracts import Context, Diverged
from repro.data.kinds.mixtures import Samples2D


@dataclass(frozen=True)
class TwoAdamsEnergyGan(EnergyGan):
    """`egan` as the released script trains it: the discriminator's two hidden layers have two Adams.

    Both have one rate and are given one gradient, each has moments and a step count of its own: one for steps at which
    the generator moves too, one for those of the discriminator alone. The layer above, which gives the energy, has one.
    The text, which speaks of one optimiser, is `egan`. All parameters are those of `egan`.
    """

    def fit_many(self, data: Samples2D, context: Context) -> list[TrainedPair | Diverged]:
        """Trains all seeds of the context in one pass."""
        return TwoAdamsRun(self, data, context).train()


class TwoAdamsRun(EnergyGanRun):
    """The run of `egan` with other optimisers of the discriminator."""

    def __init__(self, settings: EnergyGan, data: Samples2D, context: Context) -> None:
        super().__init__(settings, data, context)
        self.discriminator_adam: TrunkAdams = TrunkAdams(self.discriminator.parameters, settings.beta1)

    def _gates(self) -> tuple[Gate, Gate]:
        move_d, move_g = super()._gates()
        self.discriminator_adam.beside = move_g
        return move_d, move_g


class TrunkAdams(Adam):
    """Three Adams on parts of a discriminator: of the energy's layer, and two of all below it.

    Attributes:
        beside: whether the generator moves at the step: for all seeds, or one flag a seed (S, 1).
    """

    def __init__(self, parameters: FlatParameters, beta1: float) -> None:
        start = int(parameters.value["W3"].storage_offset())
        trunk, energy = (Part(parameters, columns) for columns in (slice(0, start), slice(start, None)))
        self.adams = {"energy": Adam(energy, beta1), "together": Adam(trunk, beta1), "alone": Adam(trunk, beta1)}
        self.beside: Gate = True

    def step(self, learning_rate: float, active: Tensor | None = None) -> None:
        """One update of all seeds, or of those where `active` (S, 1) is true."""
        together = _where(active, self.beside)
        alone = _where(active, ~self.beside if isinstance(self.beside, Tensor) else not self.beside)
        for adam, moves in zip(self.adams.values(), (_where(active, True), together, alone), strict=True):
            if moves is not False:
                adam.step(learning_rate, moves if isinstance(moves, Tensor) else None)

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {name: adam.state() for name, adam in self.adams.items()}

    def restore(self, state: dict[str, Any]) -> None:
        """The inverse of `state`."""
        for name, adam in self.adams.items():
            adam.restore(state[name])


class Part(FlatParameters):
    """Some columns of the parameters of S networks, as views: what an optimiser needs of them."""

    def __init__(self, parameters: FlatParameters, columns: slice) -> None:
        self.flat, self.grad = parameters.flat[:, columns], parameters.grad[:, columns]
        self.size = self.flat.shape[1]


def _where(active: Tensor | None, gate: Gate) -> Gate:
    return gate if active is None else torch.logical_and(active, torch.as_tensor(gate, device=active.device))
