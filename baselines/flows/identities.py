"""What must hold of any flow, whatever it was trained to: by numbers alone, with no formula of its own.

Source: salakhutdinov, the slides on normalizing flows (invertible, change of variables, exact log-likelihood)
Shapes: N points, D numbers of a point
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

INVERTED = 100  # points
DIFFERENTIATED = 5  # points, each with 2 D others about it
DISTANCE = 1e-5  # of these others: its square and 1e-16 / 1e-5 are the errors of a central difference
DRAWN = 10_000  # points whose range, stretched, is the plane that is integrated over
STRETCH = 2.0
PLANE = 2  # inputs
NODES = 400  # of each axis


class FlowModel(Protocol):
    """What these ask of a trained flow, in float64."""

    def normalise(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (N, D) -> their noise (N, D) and log |det d noise / d point| (N,)."""

    def generate(self, noise: np.ndarray) -> np.ndarray:
        """Noise (N, D) -> points (N, D)."""

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """log p of points (N, D), in nats: (N,)."""

    def small(self, inputs: int, random: np.random.Generator) -> FlowModel:
        """A flow of the same class over so many inputs, all of its parameters random."""

    @property
    def width(self) -> int:
        """D."""


def inverse_error(model: FlowModel, data: object, random: np.random.Generator) -> float:
    """The largest difference, over 100 draws of noise, between noise and what is found for the points it gives, or
    between these points and those that the found noise gives."""
    del data  # points of the model's own
    noise = random.standard_normal((INVERTED, model.width))
    points = model.generate(noise)
    found = model.normalise(points)[0]
    return float(max(np.abs(found - noise).max(), np.abs(model.generate(found) - points).max()))


def determinant_error(model: FlowModel, data: object, random: np.random.Generator, small: int) -> float:
    """The largest difference, over five points, between a log-determinant and that of the Jacobian by differences.

    Of the trained flow where it has no more than `small` inputs, else of one of its class with so many.
    """
    del data
    flow = model if model.width <= small else model.small(small, random)
    points = flow.generate(random.standard_normal((DIFFERENTIATED, flow.width)))
    steps = DISTANCE * np.eye(flow.width)
    around = [np.concatenate([point + steps, point - steps]) for point in points]
    noise = [np.split(flow.normalise(others)[0], 2) for others in around]
    jacobians = np.stack([(above - below) / (2 * DISTANCE) for above, below in noise])
    return float(np.abs(flow.normalise(points)[1] - np.linalg.slogdet(jacobians)[1]).max())


def integral_error(model: FlowModel, data: object, random: np.random.Generator) -> float:
    """|integral of p - 1| over a plane, by the trapezoidal rule on a grid of 400 x 400 points.

    Of the trained flow where it is one of a plane, else of one of its class with two inputs. The grid is twice as wide
    as 10,000 points of the flow's own.
    """
    del data
    flow = model if model.width == PLANE else model.small(PLANE, random)
    drawn = flow.generate(random.standard_normal((DRAWN, PLANE)))
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    middle, half = (low + high) / 2, STRETCH * (high - low) / 2
    x, y = (np.linspace(middle[d] - half[d], middle[d] + half[d], NODES) for d in range(2))
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    density = np.exp(flow.log_density(grid)).reshape(NODES, NODES)
    return abs(float(np.trapezoid(np.trapezoid(density, y, axis=1), x)) - 1)
