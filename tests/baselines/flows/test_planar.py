"""Planar flows: their inverse, their density, and the step of their training against the formulas by themselves."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import brentq
from torch import Tensor

from baselines.flows.flow import TrainedFlow
from baselines.flows.identities import determinant_error, integral_error, inverse_error
from baselines.flows.planar import Planar, PlanarFlow, PlanarRun, before, roots
from repro.data.kinds.mixtures import four_gaussians
from tests.baselines.contract import Mortal
from tests.baselines.flows.jacobian import log_determinants


def small(width: int = 2, layers: int = 5, seed: int = 1) -> TrainedFlow:
    untrained = TrainedFlow(PlanarFlow(layers=layers).flow(width), PlanarFlow(layers=layers).flow)
    return untrained.small(width, np.random.default_rng(seed))


def test_a_log_determinant_is_that_of_the_jacobian_by_autograd() -> None:
    """Three dimensions; float64, so that what is left is rounding through five layers."""
    flow = small(3)
    assert isinstance(flow.network, Planar)
    network, points = flow.network, torch.from_numpy(flow.sample(7, np.random.default_rng(2)))
    _, found = network.normalise(points)
    assert found.tolist() == pytest.approx(log_determinants(network, points), abs=1e-9)


def test_noise_comes_back_from_the_points_that_it_gives() -> None:
    """Errors of a root are those of float64, up to the slopes of five layers."""
    assert inverse_error(small(), None, np.random.default_rng(3)) < 1e-10


def test_a_density_integrates_to_one() -> None:
    """The issue's bound; smooth densities leave the trapezoidal rule far less."""
    assert integral_error(small(), None, np.random.default_rng(4)) < 1e-3


@pytest.mark.parametrize("c", [-1 + 1e-9, -0.7, 0.0, 3.0, 500.0])
def test_a_root_is_one_wherever_it_lies(c: float) -> None:
    """At c = -1 the function is flat at -b, and Newton's steps alone would leave for good; at 500 they would cycle."""
    after = np.array([-1e3, -700.0, -3.0, -0.5, 0.0, 1e-9, 0.5, 3.0, 700.0, 1e3])
    a = roots(after, c, 0.5)
    np.testing.assert_allclose(a + c * np.tanh(a + 0.5), after, rtol=1e-14, atol=1e-12)


def test_gradients_of_a_root_are_those_of_the_function_that_it_solves() -> None:
    """da/dy = 1/g', da/dc = -tanh/g', da/db = -c(1 - tanh²)/g' with g' = 1 + c(1 - tanh²): by hand."""
    y = torch.tensor([0.3, -2.0], dtype=torch.float64, requires_grad=True)
    c, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (1.5, -0.4))
    a = before(y, c, b)
    torch.autograd.backward(a.sum())
    t = torch.tanh(a.detach() + b.detach())
    slope = 1 + 1.5 * (1 - t**2)
    assert y.grad is not None
    assert c.grad is not None
    assert b.grad is not None
    torch.testing.assert_close(y.grad, 1 / slope, rtol=1e-12, atol=0)
    assert c.grad.item() == pytest.approx(-(t / slope).sum().item(), rel=1e-12)
    assert b.grad.item() == pytest.approx(-(1.5 * (1 - t**2) / slope).sum().item(), rel=1e-12)


def test_a_layer_stays_invertible_whatever_its_parameters_are() -> None:
    """w'û > -1, where w'u itself is far below, and û differs from u along w alone."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        flow = Planar(3, 50).to(torch.float64)
    with torch.no_grad():
        flow.u.sub_(3 * flow.w)
    assert (flow.u * flow.w).sum(1).min() < -1
    pushes, inner = flow.pushes()
    torch.testing.assert_close((pushes * flow.w).sum(1), inner)
    assert (inner > -1).all()
    across = (pushes - flow.u) - inner_part(pushes - flow.u, flow.w)
    assert across.abs().max() < 1e-12


def inner_part(vectors: Tensor, along: Tensor) -> Tensor:
    return (vectors * along).sum(1, keepdim=True) / along.square().sum(1, keepdim=True) * along


def test_no_layers_that_push_are_a_gaussian_of_the_data_s_moments(tmp_path: Path) -> None:
    """log N by hand, with the deviations of the points."""
    data = four_gaussians(400)
    run = PlanarRun(PlanarFlow(layers=2, batch_size=100), data.samples, Mortal(tmp_path))
    with torch.no_grad():
        run.flow.u.copy_(math.log(math.e - 1) * run.flow.w / run.flow.w.square().sum(1, keepdim=True))
    points = data.samples[:9].astype(np.float64)
    all_points = data.samples.astype(np.float64)
    scaled = (points - all_points.mean(axis=0)) / all_points.std(axis=0)
    expected = (-0.5 * scaled**2 - 0.5 * np.log(2 * np.pi) - np.log(all_points.std(axis=0))).sum(axis=1)
    found = TrainedFlow(run.flow, PlanarFlow(layers=2).flow).log_likelihood(points, np.random.default_rng(0))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


class Published:
    """Planar layers as equations 10 to 12 and appendix A.1 have them, point by point; gradients by differences."""

    def __init__(self, w: np.ndarray, u: np.ndarray, b: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> None:
        self.layers, self.width = w.shape
        self.theta = np.concatenate([w.ravel(), u.ravel(), b])
        self.mean, self.deviation = mean, deviation
        self.first, self.second, self.time = np.zeros_like(self.theta), np.zeros_like(self.theta), 0

    def loss(self, theta: np.ndarray, points: np.ndarray) -> float:
        w, u = (part.reshape(self.layers, self.width) for part in np.split(theta[: -self.layers], 2))
        b = theta[-self.layers :]
        return -sum(self._log_p(point, w, u, b) for point in points) / len(points)

    def _log_p(self, point: np.ndarray, w: np.ndarray, u: np.ndarray, b: np.ndarray) -> float:
        z = (point - self.mean) / self.deviation
        log_p = -float(np.log(self.deviation).sum())
        for k in reversed(range(self.layers)):
            inner = w[k] @ u[k]
            hat = u[k] + (-1 + np.log(1 + np.exp(inner)) - inner) * w[k] / (w[k] @ w[k])
            away = w[k] @ hat
            wide = abs(away) + 1
            a = brentq(
                lambda a, k=k, z=z, away=away: a + away * np.tanh(a + b[k]) - w[k] @ z,
                w[k] @ z - wide, w[k] @ z + wide, xtol=1e-15, rtol=1e-15,
            )  # fmt: skip
            z = z - hat * np.tanh(a + b[k])
            psi = (1 - np.tanh(w[k] @ z + b[k]) ** 2) * w[k]
            log_p -= np.log(abs(1 + hat @ psi))
        return float(log_p - 0.5 * z @ z - 0.5 * self.width * np.log(2 * np.pi))

    def step(self, points: np.ndarray, rate: float) -> tuple[float, np.ndarray]:
        """The loss and the gradient before the update, which is Adam's with its authors' constants."""
        h = 1e-5
        moves = h * np.eye(len(self.theta))
        pairs = [(self.loss(self.theta + move, points), self.loss(self.theta - move, points)) for move in moves]
        gradient = np.array([(above - below) / (2 * h) for above, below in pairs])
        loss, self.time = self.loss(self.theta, points), self.time + 1
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.999 * self.second + 0.001 * gradient**2
        root = np.sqrt(self.second / (1 - 0.999**self.time)) + 1e-8
        self.theta = self.theta - rate * self.first / (1 - 0.9**self.time) / root
        return loss, gradient


def test_steps_are_those_of_the_formulas(tmp_path: Path) -> None:
    """Central differences of a loss of order one are right to 1e-9, which Adam's division passes on."""
    data, context = four_gaussians(40), Mortal(tmp_path)
    method = PlanarFlow(layers=3, batch_size=8, learning_rate=0.05)
    run = PlanarRun(method, data.samples, context)
    flow = run.flow
    theirs = Published(*(part.detach().numpy().copy() for part in (flow.w, flow.u, flow.b, flow.mean, flow.deviation)))
    for number in range(7):  # into the second pass
        order = context.generator(3, "batches", number // 5).permutation(40)
        batch = data.samples[order[number % 5 * 8 :][:8]].astype(np.float64)
        loss, gradient = theirs.step(batch, 0.05)
        assert run.step(number)["loss"].item() == pytest.approx(loss, rel=1e-6)
        gradients = [part.grad for part in (flow.w, flow.u, flow.b)]
        ours = torch.cat([part.ravel() for part in gradients if part is not None]).numpy()
        np.testing.assert_allclose(ours, gradient, rtol=1e-5, atol=1e-7)
        now = torch.cat([part.detach().ravel() for part in (flow.w, flow.u, flow.b)]).numpy()
        np.testing.assert_allclose(now, theirs.theta, rtol=1e-5, atol=1e-6)


def test_a_trained_flow_is_the_same_from_its_state(tmp_path: Path) -> None:
    method, context = PlanarFlow(layers=2, steps=3, batch_size=20), Mortal(tmp_path)
    trained = method.fit(four_gaussians(100), context)
    again = method.restore(trained.state(), context)
    points = np.random.default_rng(0).normal(size=(5, 2))
    np.testing.assert_array_equal(trained.log_density(points), again.log_density(points))


def test_a_wrong_formula_is_found_by_the_identities(monkeypatch: pytest.MonkeyPatch) -> None:
    """u in the place of û in one direction, a determinant without w'û, a density a tenth too high."""
    flow, random = small(), np.random.default_rng(5)
    assert determinant_error(flow, None, random, 8) < 1e-7
    assert determinant_error(flow, None, random, 1) == pytest.approx(0, abs=1e-7)
    with monkeypatch.context() as patch:
        original = Planar.normalise
        patch.setattr(Planar, "normalise", lambda self, x: (original(self, x)[0], original(self, x)[1] * 1.01))
        assert determinant_error(flow, None, random, 8) > 1e-4
    with monkeypatch.context() as patch:
        patch.setattr(Planar, "generate", lambda self, z: z * 1.001)
        assert inverse_error(flow, None, random) > 1e-4
    with monkeypatch.context() as patch:
        log_density = TrainedFlow.log_density
        patch.setattr(TrainedFlow, "log_density", lambda self, x: log_density(self, x) + np.log(1.1))
        assert integral_error(flow, None, random) == pytest.approx(0.1, abs=1e-3)


@pytest.mark.parametrize("name", ["layers", "steps", "batch_size"])
def test_what_is_counted_is_one_or_more(name: str) -> None:
    wrong: dict[str, Any] = {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, it is 0"):
        replace(PlanarFlow(), **wrong)
