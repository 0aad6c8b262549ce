"""What the slides say of Boltzmann machines, held against sums over all states of a small one with random parameters.

Source: salakhutdinov, lines 189, 206-210, 282 and 311-312

The sums know nothing of a machine but log p*(v, h) of complete states; what is held against them is the model's own
formula. Derivatives of the exact log-likelihood are central differences in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from scipy.special import logsumexp

from repro.tasks.total_probability import all_states

STEP = 1e-5  # of differences: their error is some 1e-10, of rounding (1e-16 / 1e-5) and of the third derivative
EXAMPLES = 20


class Boltzmann(Protocol):
    """A small model. Visible states are (N, D), those of all hidden layers side by side (N, F)."""

    @property
    def hidden_units(self) -> int:
        """F."""

    def small(self, inputs: int, random: np.random.Generator) -> Any:
        """A model of the same class with few units and random parameters."""

    def log_joint(self, visible: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """log p*(v, h) (N,)."""

    def log_unnormalised(self, examples: np.ndarray) -> np.ndarray:
        """log p*(v) (N,), or a lower bound of it."""

    def visible_given(self, hidden: np.ndarray) -> np.ndarray:
        """P(v_i = 1 | h) (N, D)."""

    def hidden_given(self, visible: np.ndarray) -> np.ndarray:
        """P(h_j = 1 | v) (N, F), of an RBM."""

    def statistics(self, visible: np.ndarray, hidden: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """The sum with weights (N,) of what multiplies each parameter in log p*(v, h): (P,)."""

    def parameters(self) -> np.ndarray:
        """All parameters (P,)."""

    def with_parameters(self, values: np.ndarray) -> Any:
        """The same model with other parameters (P,)."""


def conditional_error(model: Boltzmann, data: object, random: np.random.Generator, small: int) -> float:
    """The largest difference of P(v|h) from the product of the P(v_i|h), over all v and h of a small RBM."""
    del data  # the small model has inputs of its own
    model = model.small(small, random)
    visible, hidden = all_states(small), all_states(model.hidden_units)
    joint = log_joint_table(model, small)
    exact = np.exp(joint - logsumexp(joint, axis=0))
    ones = model.visible_given(hidden)[None]
    factors = np.where(visible[:, None, :] == 1, ones, 1 - ones)
    return float(np.abs(factors.prod(axis=2) - exact).max())


def restricted_gradient_error(model: Boltzmann, data: object, random: np.random.Generator, small: int) -> float:
    """The largest error of E_Pdata[v h] - E_Pθ[v h] (and of the biases' terms) as the derivative of the mean log p(v),
    where P(h|v) is the RBM's own formula.
    """
    del data
    model = model.small(small, random)

    def of_data(share: np.ndarray) -> np.ndarray:
        visible = all_states(small)
        return model.statistics(visible, model.hidden_given(visible), share)

    return _gradient_error(model, small, random, of_data)


def deep_gradient_error(model: Boltzmann, data: object, random: np.random.Generator, small: int) -> float:
    """The same where P(h|v) is found by a sum over all hidden states: of a machine with any number of layers."""
    del data
    model = model.small(small, random)
    joint = log_joint_table(model, small)
    posterior = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def of_data(share: np.ndarray) -> np.ndarray:
        return model.statistics(*_pairs(model, small), (share[:, None] * posterior).reshape(-1))

    return _gradient_error(model, small, random, of_data)


def mean_field_gap(model: Boltzmann, data: object, random: np.random.Generator, small: int) -> float:
    """The least log p(v) - bound in nats among all visible states of a small model; log Z is in both, and cancels."""
    del data
    model = model.small(small, random)
    exact = logsumexp(log_joint_table(model, small), axis=1)
    return float((exact - model.log_unnormalised(all_states(small))).min())


def log_joint_table(model: Boltzmann, inputs: int) -> np.ndarray:
    """log p*(v, h) of all states (2^D, 2^F)."""
    table: np.ndarray = model.log_joint(*_pairs(model, inputs)).reshape(2**inputs, -1)
    return table


def _pairs(model: Boltzmann, inputs: int) -> tuple[np.ndarray, np.ndarray]:
    """All visible states, each with all hidden ones."""
    visible, hidden = all_states(inputs), all_states(model.hidden_units)
    return np.repeat(visible, len(hidden), axis=0), np.tile(hidden, (len(visible), 1))


def _gradient_error(
    model: Boltzmann, inputs: int, random: np.random.Generator, of_data: Callable[[np.ndarray], np.ndarray]
) -> float:
    """Of a formula whose first term is `of_data`, given the share of each visible state among the data (2^D,)."""
    share = random.multinomial(EXAMPLES, np.full(2**inputs, 2.0**-inputs)) / EXAMPLES
    joint = log_joint_table(model, inputs)
    of_model = model.statistics(*_pairs(model, inputs), np.exp(joint - logsumexp(joint)).reshape(-1))

    def log_likelihood(values: np.ndarray) -> float:
        table = log_joint_table(model.with_parameters(values), inputs)
        return float(share @ logsumexp(table, axis=1) - logsumexp(table))

    at = model.parameters()
    steps = STEP * np.eye(len(at))
    exact = [(log_likelihood(at + step) - log_likelihood(at - step)) / (2 * STEP) for step in steps]
    return float(np.abs(of_data(share) - of_model - exact).max())
