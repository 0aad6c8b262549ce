"""Task density-2d from files.

Predictions: an .npz file of one trained model on one data set, with any of

    samples      (N, 2)  generated points, N of 100,000 or more; the first 100,000 count
    energy       (10000,) or (100, 100): the energy at `data.grid.points`, up to a constant; low where data is likely
    log_density  the same for a model that has a density: log p, the energy with the other sign

    from repro.data.kinds.mixtures import four_gaussians
    points = four_gaussians().grid.points    # (10000, 2), x first
    numpy.savez("mine.npz", samples=samples, log_density=model.score_samples(points))

Columns that need what is not in the file are left out. Without `samples` these are those of the generated
distribution, without an energy those of the energy's.

Checkpoints: the state of the networks of `baselines.cegan.networks`, one seed, by name and shape, with H hidden units
and Z dimensions of noise. Sizes are read from the shapes.

    discriminator.W1 (2, H)  .b1 (1, H)  .W2 (H, H)  .b2 (1, H)  .W3 (H, 1)  .b3 (1, 1)
    generator.W1 (Z, H)  .scale1 .shift1 (1, H)  .W2 (H, H)  .scale2 .shift2 (1, H)  .W3 (H, 2)  .b3 (1, 2)
    generator.running_mean (2, H)  generator.running_variance (2, H)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from repro.compare.loading import Loaded, arrays, shaped, tensors
from repro.data.kinds.mixtures import Samples2D
from repro.spec.model import Column
from repro.tasks.density_2d import Density2D

if TYPE_CHECKING:
    from torch import Tensor

    from baselines.cegan.training import TrainedPair

KNOWN = {"samples": "generated points", "energy": "energy on the grid", "log_density": "log p on the grid"}


@dataclass(frozen=True)
class Predicted:
    """What a file holds, as a model. A part that the file lacks is zeros, which no column that is measured reads."""

    samples: np.ndarray
    on_grid: np.ndarray

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002  (the samples are fixed)
        """The first `count` points (count, 2)."""
        return self.samples[:count]

    def energy(self, points: np.ndarray) -> np.ndarray:
        """The energy (N,), for the points of the grid and no others."""
        if len(points) != len(self.on_grid):
            raise ValueError(f"predictions hold the energy at {len(self.on_grid)} points, {len(points)} were asked for")
        return self.on_grid


@dataclass(frozen=True)
class Density2DFiles:
    """Predictions and checkpoints of task density-2d, for the protocol of `task`."""

    task: Density2D = field(default_factory=Density2D)

    def predictions(self, file: Path, data: Samples2D, columns: Mapping[str, Column]) -> Loaded:
        """Samples and energies from a file, in the form above."""
        found = arrays(file, KNOWN)
        if {"energy", "log_density"} <= found.keys():
            raise ValueError(f"{file} has both energy and log_density: which one counts?")
        samples, energy = np.zeros((self.task.generated, 2)), np.zeros(data.grid.points.shape[0])
        if "samples" in found:
            samples = shaped(found["samples"], (None, 2), what=f"{file}: samples")
            if len(samples) < (least := self.task.generated):
                raise ValueError(f"{file}: the protocol counts {least} generated points, it has {len(samples)}")
        for name, sign in (("energy", 1.0), ("log_density", -1.0)):
            if name in found:
                shape = data.grid.shape
                energy = sign * shaped(found[name], energy.shape, shape, what=f"{file}: {name}").reshape(-1)
        lacking = {name: why for name, column in columns.items() if (why := _lacking(column, found))}
        return Loaded(Predicted(samples, energy), lacking)

    def checkpoint(self, file: Path, data: Samples2D, method: Any | None) -> Loaded:  # noqa: ARG002  (sizes are inside)
        """Both networks from their tensors, in the form above."""
        return Loaded(pair(tensors(file), str(file)))


def _lacking(column: Column, found: Mapping[str, np.ndarray]) -> str:
    """Why a file does not say enough for a column; empty where it does."""
    sides = {str(column.args.get("p")), str(column.args.get("q"))}
    of_energy = "disc" in sides or column.metric in ("tempered-kl", "temperature")
    if of_energy and not {"energy", "log_density"} & found.keys():
        return "the file has neither energy nor log_density"
    return "the file has no samples" if "gen" in sides and "samples" not in found else ""


def pair(state: Mapping[str, Tensor], name: str) -> TrainedPair:
    """The model of a state, after all names and shapes are seen to be right."""
    from baselines.cegan.networks import Generator, ReluNet
    from baselines.cegan.training import TrainedPair

    hidden, noise = (_size(state, f"{net}.W1", side, name) for net, side in (("discriminator", 1), ("generator", 0)))
    discriminator, generator = ReluNet((2, hidden, 1), 1, "cpu"), Generator((noise, hidden, 2), 1, "cpu")
    places = {f"discriminator.{key}": view[0] for key, view in discriminator.parameters.value.items()}
    places |= {f"generator.{key}": view[0] for key, view in generator.parameters.value.items()}
    places |= {
        "generator.running_mean": generator.running_mean[0],
        "generator.running_variance": generator.running_variance[0],
    }
    for key in sorted(places.keys() | state.keys()):
        if key not in state or key not in places:
            raise ValueError(f"{name}: tensor {key!r} is {'missing' if key in places else 'not one of the networks'}")
        if state[key].shape != places[key].shape:
            raise ValueError(
                f"{name}: {key} must have shape {tuple(places[key].shape)}, it has {tuple(state[key].shape)}"
            )
        places[key].copy_(state[key])
    return TrainedPair(generator, discriminator, 0, noise)


def _size(state: Mapping[str, Tensor], key: str, side: int, name: str) -> int:
    if key not in state or state[key].ndim != 2:
        raise ValueError(f"{name}: there is no matrix {key!r} in it")
    return int(state[key].shape[side])
