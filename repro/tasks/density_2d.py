"""Task density-2d: how near are four distributions on a plane: the true, the empirical, the generated, the energy's.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, section B.8.2.
Code:  the authors' evaluation is not released; how it is rebuilt and confirmed: repro.metrics.density.histogram.

A model offers `sample(count, random) -> (count, 2)` and `energy(points (N, 2)) -> (N,)`, low where data is likely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from scipy.special import softmax

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.mixtures import Samples2D
from repro.metrics.density.histogram import EMPTY_CELL, histogram_kl, nearest_node_histogram, tempered_kl
from repro.registry import DATASETS
from repro.spec.model import Column

GENERATED = 100_000
SHOWN = 2_000


class Density2DModel(Protocol):
    """What this task asks of a trained model."""

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` generated points (count, 2)."""

    def energy(self, points: np.ndarray) -> np.ndarray:
        """Energy at points (N, 2) as (N,), up to a constant."""


@dataclass(frozen=True)
class Density2D:
    """The protocol of section B.8.2: a 100 x 100 grid, 100,000 generated points, energies renormalised on the grid."""

    def load(self, name: str) -> Samples2D:
        """One of the three synthetic data sets, made afresh (well under a second)."""
        data: Samples2D = DATASETS.load(name)()
        return data

    def signature(self, column: Column) -> str:
        """Grid, canvas, search, size of the generated sample, rule for empty cells, units."""
        p, q = column.args.get("p", "?"), column.args.get("q", "?")
        grid = "grid 100x100 over 1.5x the range of the data, nearest node searched in float32"
        if column.metric == "histogram-kl":
            empty = f"empty cells: q + {EMPTY_CELL:g}, not renormalised"
            return f"KL({p}||{q}) in nats; {grid}; {GENERATED} generated; {empty}"
        return f"{column.metric} of KL({p}||softmax(-energy/T)) over T, in nats; {grid}; no empty cells"

    def measure(
        self, model: Density2DModel, data: Samples2D, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's divergence, and the arrays of the energy and sample plots."""
        plane = Plane(model, data, generator)
        measured = {
            name: Measurement(value=plane.value(column), signature=self.signature(column))
            for name, column in columns.items()
        }
        return Evaluation(measured, plane.artifacts())


class Plane:
    """The four distributions of one trained model on the grid of its data set."""

    def __init__(self, model: Density2DModel, data: Samples2D, generator: np.random.Generator) -> None:
        self.data, self.grid = data, data.grid
        self.generated = model.sample(GENERATED, generator)
        self.energy = np.asarray(model.energy(self.grid.points), dtype=np.float64)
        if not np.isfinite(self.energy).all():
            raise ValueError("the model's energy is not finite everywhere on the grid")

    @cached_property
    def distributions(self) -> dict[str, np.ndarray]:
        """`data`, `emp`, `gen`, `disc`: each (cells,) and summing to 1."""
        x, y = self.grid.x, self.grid.y
        return {
            "data": softmax(self.data.truth.log_density(self.grid.points)),
            "emp": nearest_node_histogram(self.data.samples, x, y),
            "gen": nearest_node_histogram(self.generated, x, y),
            "disc": softmax(-self.energy),
            "drawn": softmax(self.data.drawn_from.log_density(self.grid.points)),
        }

    def value(self, column: Column) -> float:
        """The number of one column."""
        p = self.distributions[str(column.args["p"])]
        if column.metric == "histogram-kl":
            return histogram_kl(p, self.distributions[str(column.args["q"])])
        least, temperature = tempered_kl(p, self.energy)
        return least if column.metric == "tempered-kl" else temperature

    def artifacts(self) -> dict[str, np.ndarray]:
        """What the figures draw: energy (X, Y) over nodes x and y, generated and real points."""
        step = max(1, len(self.data.samples) // SHOWN)
        return {
            "energy": self.energy.reshape(self.grid.shape).astype(np.float32),
            "x": self.grid.x.astype(np.float32),
            "y": self.grid.y.astype(np.float32),
            "samples": self.generated[:: max(1, len(self.generated) // SHOWN)].astype(np.float32),
            "data": self.data.samples[::step],
            "means": self.data.truth.means.astype(np.float32),
        }
