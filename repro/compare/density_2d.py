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
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from repro.compare.loading import Loaded, arrays
from repro.data.kinds.mixtures import Samples2D
from repro.spec.model import Column
from repro.tasks.density_2d import Density2D

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
    """Predictions of task density-2d, for the protocol of `task`."""

    task: Density2D = field(default_factory=Density2D)

    def predictions(self, file: Path, data: Samples2D, columns: Mapping[str, Column]) -> Loaded:
        """Samples and energies from a file, in the form above."""
        on_grid = ((data.grid.points.shape[0],), tuple(data.grid.shape))
        found = arrays(file, KNOWN, {"samples": [(None, 2)], "energy": on_grid, "log_density": on_grid})
        if {"energy", "log_density"} <= found.keys():
            raise ValueError(f"{file} has both energy and log_density: which one counts?")
        samples, energy = np.zeros((self.task.generated, 2)), np.zeros(data.grid.points.shape[0])
        if "samples" in found:
            samples = found["samples"]
            if len(samples) < (least := self.task.generated):
                raise ValueError(f"{file}: the protocol counts {least} generated points, it has {len(samples)}")
        for name, sign in (("energy", 1.0), ("log_density", -1.0)):
            if name in found:
                energy = sign * found[name].reshape(-1)
        lacking = {name: why for name, column in columns.items() if (why := _lacking(column, found))}
        return Loaded(Predicted(samples, energy), lacking)


def _lacking(column: Column, found: Mapping[str, np.ndarray]) -> str:
    """Why a file does not say enough for a column; empty where it does."""
    sides = {str(column.args.get("p")), str(column.args.get("q"))}
    of_energy = "disc" in sides or column.metric in ("tempered-kl", "temperature")
    if of_energy and not {"energy", "log_density"} & found.keys():
        return "the file has neither energy nor log_density"
    return "the file has no samples" if "gen" in sides and "samples" not in found else ""
