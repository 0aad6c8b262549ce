"""Machines and their chains against sums over all states."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import chi2

from baselines.boltzmann.chains import Chains
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine, alternate
from baselines.boltzmann.model import BoltzmannModel
from repro.metrics.density.rbm import Rbm, free_log_probability
from tests.baselines.boltzmann.exact import complete_states, fixture, log_joint, log_partition, random_machine

SIZES = [(4, 3), (3, 2, 2), (3, 2, 2, 1)]


@pytest.mark.parametrize("sizes", SIZES)
def test_log_p_of_complete_states_is_the_sum_over_units_and_pairs(sizes: tuple[int, ...]) -> None:
    machine = random_machine(sizes)
    found = machine.log_joint(complete_states(machine))
    torch.testing.assert_close(found, log_joint(machine).flatten(), rtol=0, atol=1e-12)


def test_log_z_of_the_fact_sheet_s_machine() -> None:
    assert log_partition(fixture()) == pytest.approx(10.897025, abs=5e-7)  # printed to six decimals


@pytest.mark.parametrize("sizes", SIZES)
def test_a_unit_s_log_odds_are_the_difference_of_log_p_between_1_and_0(sizes: tuple[int, ...]) -> None:
    machine = random_machine(sizes)
    for layer in range(len(sizes)):
        for unit in range(sizes[layer]):
            at = [[state.clone() for state in complete_states(machine)] for _ in range(2)]
            for value, states in enumerate(at):
                states[layer][:, unit] = value
            zero, one = (machine.log_joint(states) for states in at)
            odds = machine.total_input(layer, complete_states(machine))[:, unit]
            torch.testing.assert_close(odds, one - zero, rtol=0, atol=1e-12)


@pytest.mark.parametrize("sizes", SIZES)
def test_a_sweep_leaves_the_joint_distribution_as_it_is(sizes: tuple[int, ...]) -> None:
    """The matrix of all transitions of a sweep, from the odds that it draws by."""
    machine, states = random_machine(sizes), None
    states = complete_states(machine)
    stationary = torch.softmax(log_joint(machine).flatten(), 0)
    for parity in (0, 1):
        layers = alternate(len(sizes), parity)
        moves = torch.ones(len(stationary), len(stationary), dtype=torch.float64)
        for layer in range(len(sizes)):
            if layer in layers:
                p = torch.sigmoid(machine.total_input(layer, states))[:, None]
                moves *= torch.where(states[layer] == 1, p, 1 - p).prod(dim=2)
            else:
                moves *= (states[layer][:, None] == states[layer]).all(dim=2)
        torch.testing.assert_close(moves.sum(1), torch.ones_like(stationary), rtol=0, atol=1e-12)
        torch.testing.assert_close(stationary @ moves, stationary, rtol=0, atol=1e-14)


@pytest.mark.parametrize("sizes", SIZES)
def test_chains_that_begin_in_the_distribution_stay_in_it(sizes: tuple[int, ...]) -> None:
    """40,000 chains drawn from the exact joint, one sweep later: a chi-square over all states, false in 1 of 10^4."""
    machine, count = random_machine(sizes, seed=1, scale=0.7), 40_000
    exact = torch.softmax(log_joint(machine).flatten(), 0).numpy()
    drawn = np.random.default_rng(0).choice(len(exact), count, p=exact)
    chains = Chains(machine, count)
    for mine, all_of_them in zip(chains.states, complete_states(machine), strict=True):
        mine.copy_(all_of_them[drawn])
    chains.advance(1, Draws(0))
    bits = torch.cat(chains.states, dim=1).numpy().astype(int)
    found = np.bincount(bits @ (1 << np.arange(bits.shape[1])[::-1]), minlength=len(exact))
    assert ((found - count * exact) ** 2 / (count * exact)).sum() < chi2.ppf(1 - 1e-4, len(exact) - 1)


def test_statistics_of_chains_have_the_machine_s_expectation() -> None:
    """Of chains in the distribution, states of even layers and means of odd ones: E[v h] within five errors."""
    machine, count = random_machine((3, 2, 2), seed=2), 100_000
    exact, states = torch.softmax(log_joint(machine).flatten(), 0), complete_states(machine)
    chains = Chains(machine, count)
    drawn = np.random.default_rng(1).choice(len(exact), count, p=exact.numpy())
    for mine, all_of_them in zip(chains.states, states, strict=True):
        mine.copy_(all_of_them[drawn])
    chains.advance(1, Draws(1))
    found = chains.statistics()
    for layer in range(2):
        expected = (exact[:, None] * states[layer]).T @ states[layer + 1]
        assert ((found[layer].T @ found[layer + 1] / count - expected).abs() < 5 * 0.5 / count**0.5).all()


def test_chains_go_on_from_their_state() -> None:
    machine = random_machine((5, 4, 3))
    chains, other = (Chains(machine, 6).scatter(Draws(seed)) for seed in (0, 1))
    chains.advance(2, Draws(2))
    other.load_state_dict(chains.state_dict())
    for each in (chains, other):
        each.advance(2, Draws(3))
    assert all(map(torch.equal, chains.states, other.states))


def test_doubled_inputs_are_twice_the_weights_on_one_way() -> None:
    machine = Machine((4, 3), upward=2.0).scatter(1.0)
    plain = Machine((4, 3))
    plain.load_state_dict(machine.state_dict())
    states = [torch.ones(1, 4), torch.ones(1, 3)]
    torch.testing.assert_close(machine.total_input(1, states), 2 * plain.total_input(1, states))
    assert torch.equal(machine.total_input(0, states), plain.total_input(0, states))


def test_log_p_of_visible_states_of_an_rbm_is_that_of_the_metric() -> None:
    """`repro.metrics.density.rbm`, in numpy; both in float64, and so for a machine that is trained in float32."""
    machine, random = random_machine((9, 5)), np.random.default_rng(0)
    rbm = Rbm(machine.weights[0].numpy(), machine.biases[0].numpy(), machine.biases[1].numpy())
    examples = random.random((30, 9))
    model = BoltzmannModel(machine, torch.full((9,), 0.5, dtype=torch.float64))
    np.testing.assert_allclose(model.log_unnormalised(examples), free_log_probability(rbm, examples), atol=1e-12)


def test_parameters_of_the_published_sizes() -> None:
    """Fact sheet 6.6: RBM 784-500 has 393,284, DBM 784-500-1000 has 894,284."""
    counts = [sum(p.numel() for p in Machine(sizes).parameters()) for sizes in ((784, 500), (784, 500, 1000))]
    assert counts == [393_284, 894_284]
