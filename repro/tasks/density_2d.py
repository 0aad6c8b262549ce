"""Task density-2d: how near are four distributions on a plane: the true, the empirical, the generated, the energy's.

Paper: Calibrating Energy-based Generative Adversarial Networks (Dai et al., 2017); dai2019, section B.8.2.
Code:  the authors' evaluation is not released; how it is rebuilt and confirmed: repro.metrics.density.histogram.

A model offers `sample(count, random) -> (count, 2)` and `energy(points (N, 2)) -> (N,)`, low where data is likely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from scipy.special import softmax

from repro.contracts import Evaluation, Measurement
from repro.data.kinds.mixtures import Samples2D
from repro.metrics.density.histogram import EMPTY_CELL, histogram_kl, nearest_node_histogram, tempered_kl
from repro.metrics.score import signature
from repro.spec.model import Column
from repro.tasks.arguments import expect, word

GENERATED, ENERGY = "gen", "disc"
DISTRIBUTIONS = ("data", "emp", GENERATED, ENERGY, "drawn")
"""The truth, the real points, the generated points, the energy, and what the real points were drawn from."""
COUNTED = {"emp", GENERATED}
ARGUMENTS = {"histogram-kl": ("p", "q"), "tempered-kl": ("p",), "temperature": ("p",)}


class Density2DModel(Protocol):
    """What this task asks of a trained model."""

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` generated points (count, 2)."""

    def energy(self, points: np.ndarray) -> np.ndarray:
        """Energy at points (N, 2) as (N,), up to a constant."""


@dataclass(frozen=True)
class Density2D:
    """The protocol of section B.8.2 on the grid of the data set, with energies renormalised there.

    Attributes:
        generated: points that the generated distribution is counted from.
        shown: of real and of generated points, how many figures show.
    """

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    generated: int = 100_000
    shown: int = 2_000

    def __post_init__(self) -> None:
        for name in ("generated", "shown"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")

    def reads(self, column: Column) -> frozenset[str]:
        """The fields that a column's number depends on: the size of the generated sample, where it is about it."""
        expect(column, "density-2d", ARGUMENTS)
        return frozenset({"generated"} if GENERATED in _sides(column) else ())

    def signature(self, column: Column) -> str:
        """The two distributions, their cells, how points are counted and how many, the rule for empty cells."""
        reads, (p, q) = self.reads(column), _sides(column)
        protocol: dict[str, object] = {"p": p, "q": q, "cells": "grid of the data"}
        if {p, q} & COUNTED:
            protocol["search"] = "nearest node in float32"
        if "generated" in reads:
            protocol["generated"] = self.generated
        if column.metric == "histogram-kl":
            return signature(
                column.metric, "repro/1", **protocol, empty=f"q + {EMPTY_CELL:g}, not renormalised", unit="nats"
            )
        protocol["q"] = f"{q} at the best temperature"
        unit = {"unit": "nats"} if column.metric == "tempered-kl" else {}
        return signature(column.metric, "repro/1", **protocol, **unit)

    def measure(
        self, model: Density2DModel, data: Samples2D, columns: Mapping[str, Column], generator: np.random.Generator
    ) -> Evaluation:
        """Every column's divergence, and the arrays of the energy and sample plots."""
        said = {name: self.signature(column) for name, column in columns.items()}
        plane = Plane(model, data, generator, self.generated)
        measured = {
            name: Measurement(value=plane.value(column), signature=said[name]) for name, column in columns.items()
        }
        return Evaluation(measured, plane.artifacts(self.shown))


def _sides(column: Column) -> tuple[str, str]:
    """The names of the two distributions that a column compares."""
    p = word(column, "p", DISTRIBUTIONS)
    return p, word(column, "q", DISTRIBUTIONS) if column.metric == "histogram-kl" else ENERGY


class Plane:
    """The distributions of one trained model on the grid of its data set, `generated` points of it drawn."""

    def __init__(self, model: Density2DModel, data: Samples2D, generator: np.random.Generator, generated: int) -> None:
        self.data, self.grid = data, data.grid
        self.generated = model.sample(generated, generator)
        self.energy = np.asarray(model.energy(self.grid.points), dtype=np.float64)
        if not np.isfinite(self.energy).all():
            raise ValueError("the model's energy is not finite everywhere on the grid")

    @cached_property
    def distributions(self) -> dict[str, np.ndarray]:
        """Those of `DISTRIBUTIONS`, by name: each (cells,) and summing to 1."""
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
        p, q = (self.distributions[side] for side in _sides(column))
        if column.metric == "histogram-kl":
            return histogram_kl(p, q)
        least, temperature = tempered_kl(p, self.energy)
        return least if column.metric == "tempered-kl" else temperature

    def artifacts(self, shown: int) -> dict[str, np.ndarray]:
        """What the figures draw: energy (X, Y) over nodes x and y, about `shown` generated and real points."""
        return {
            "energy": self.energy.reshape(self.grid.shape).astype(np.float32),
            "x": self.grid.x.astype(np.float32),
            "y": self.grid.y.astype(np.float32),
            "samples": self.generated[:: max(1, len(self.generated) // shown)].astype(np.float32),
            "data": self.data.samples[:: max(1, len(self.data.samples) // shown)],
            "means": self.data.truth.means.astype(np.float32),
        }
