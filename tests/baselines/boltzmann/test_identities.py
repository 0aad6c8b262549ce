"""The identities of the slides hold for right formulas, and each is off for a wrong one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from baselines.boltzmann.identities import (
    conditional_error,
    deep_gradient_error,
    log_joint_table,
    mean_field_gap,
    restricted_gradient_error,
)
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.model import BoltzmannModel
from repro.tasks.total_probability import all_states
from tests.baselines.boltzmann.exact import log_joint, random_machine

GRADIENTS = [
    (restricted_gradient_error, 1),
    (deep_gradient_error, 1),
    (deep_gradient_error, 2),
    (deep_gradient_error, 3),
]


def model(layers: int = 1) -> BoltzmannModel:
    """A trained one, of which the identities take nothing but the number of its layers."""
    return BoltzmannModel(Machine((4, *(3,) * layers)), torch.full((4,), 0.5))


def error(of: Callable[..., float], of_model: BoltzmannModel, seed: int = 0) -> float:
    return of(of_model, None, np.random.default_rng(seed), 5)


@pytest.mark.parametrize("seed", range(3))
def test_the_conditional_is_the_product(seed: int) -> None:
    assert error(conditional_error, model(), seed) < 1e-12


@pytest.mark.parametrize(("of", "layers"), GRADIENTS)
def test_the_gradient_is_the_difference_of_two_expectations(of: Callable[..., float], layers: int) -> None:
    assert error(of, model(layers)) < 1e-8  # central differences


def test_the_difference_of_expectations_is_autograd_s_derivative_to_1e_10() -> None:
    """CD-infinity: the model's expectation is exact. Both in float64."""
    machine = random_machine((5, 4))
    at = BoltzmannModel(machine, torch.zeros(5))
    share = np.random.default_rng(0).dirichlet(np.ones(32))
    visible, exact = all_states(5), np.exp(log_joint_table(at, 5))
    p = exact.sum(1) / exact.sum()
    found = at.statistics(visible, at.hidden_given(visible), share) - at.statistics(
        visible, at.hidden_given(visible), p
    )
    for parameter in machine.parameters():
        parameter.requires_grad_()
    table = log_joint(machine)
    value = torch.from_numpy(share) @ table.logsumexp(1) - table.flatten().logsumexp(0)
    expected = torch.cat([each.flatten() for each in torch.autograd.grad(value, list(machine.parameters()))])
    np.testing.assert_allclose(found, expected.numpy(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_mean_field_bound_is_below_log_p_and_exact_for_one_layer(layers: int) -> None:
    gaps = [error(mean_field_gap, model(layers), seed) for seed in range(5)]
    assert all(gap > -1e-12 for gap in gaps)
    assert all(abs(gap) < 1e-12 for gap in gaps) == (layers == 1)


class Wrong(BoltzmannModel):
    """Every formula is off by a hundredth, and the bound by 5 nats."""

    def small(self, inputs: int, random: np.random.Generator) -> BoltzmannModel:
        right = super().small(inputs, random)
        return Wrong(right.machine, right.means)

    def with_parameters(self, values: np.ndarray) -> BoltzmannModel:
        return BoltzmannModel(self.machine, self.means).with_parameters(values)

    def visible_given(self, hidden: np.ndarray) -> np.ndarray:
        return super().visible_given(hidden) * 0.99

    def hidden_given(self, visible: np.ndarray) -> np.ndarray:
        return super().hidden_given(visible) * 0.99

    def statistics(self, visible: np.ndarray, hidden: np.ndarray, weights: np.ndarray) -> np.ndarray:
        return super().statistics(visible, hidden, weights) * 1.01

    def log_unnormalised(self, examples: np.ndarray) -> np.ndarray:
        return super().log_unnormalised(examples) + 5.0


@pytest.mark.parametrize(("of", "layers"), [(conditional_error, 1), *GRADIENTS])
def test_a_wrong_formula_shows(of: Callable[..., float], layers: int) -> None:
    """Off by a hundredth: far above the 1e-6 that the claims allow."""
    right = model(layers)
    assert error(of, Wrong(right.machine, right.means)) > 1e-4


def test_a_bound_that_is_none_shows() -> None:
    right = model(3)
    assert error(mean_field_gap, Wrong(right.machine, right.means)) < -1
