"""Annealed importance sampling against exact partition functions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.boltzmann.ais import Annealing, base_rate, published_schedule, three_deviations
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.model import BoltzmannModel
from repro.metrics.density.rbm import reference_schedule
from tests.baselines.boltzmann.exact import fixture, log_partition, random_machine

EXACT = 10.897025  # fact sheet 6.2
CHAINS = 20_000


def annealing(machine: Machine, chains: int = CHAINS, key: int = 0, base: float = 0.0) -> Annealing:
    bias = torch.full((machine.sizes[0],), base, dtype=torch.float64)
    return Annealing(machine, bias, chains, Draws(key))


@pytest.mark.parametrize(("temperatures", "spread"), [(10, 0.36), (100, 0.12)])
def test_log_z_of_the_fact_sheet_s_machine_and_the_spread_of_its_weights(temperatures: int, spread: float) -> None:
    """Fact sheet 9.13: within 0.005 with 20,000 chains from the uniform start, with these deviations of log w."""
    log_weights = annealing(fixture()).run(np.linspace(0, 1, temperatures + 1)).numpy()
    value, low, high = three_deviations(log_weights)
    assert value == pytest.approx(EXACT, abs=0.005)
    assert low < EXACT < high
    assert log_weights.std() == pytest.approx(spread, rel=0.15)


@pytest.mark.parametrize("base", [0.0, -0.7])
@pytest.mark.parametrize("sizes", [(5, 4), (5, 3, 2), (4, 3, 2, 2)])
def test_the_mean_weight_is_unbiased_however_few_the_temperatures(sizes: tuple[int, ...], base: float) -> None:
    machine = random_machine(sizes, seed=4, scale=0.6)
    for schedule in ([0.0, 1.0], [0.0, 0.3, 1.0]):
        _, low, high = three_deviations(annealing(machine, 5 * CHAINS, base=base).run(np.array(schedule)).numpy())
        assert low < log_partition(machine) < high
        assert high - low < 0.1  # so that the interval says something


def test_a_point_that_is_weighed_after_its_move_is_found_too_heavy() -> None:
    """The wrong order, which some codes have: log Z + 0.12 at ten temperatures (plan, section 3)."""
    wrong = annealing(fixture())
    for before, now in zip(np.arange(10) / 10, np.arange(1, 11) / 10, strict=True):
        wrong.move(now)
        wrong.weigh(before, now)
    value, low, _ = three_deviations(wrong.log_weights.numpy())
    assert value - EXACT == pytest.approx(0.12, abs=0.02)
    assert low > EXACT + 0.08


def softplus_difference(run: Annealing, before: float, now: float) -> Tensor:
    """log p*_now - log p*_before of the kept layers, as the difference of two sums of softplus."""
    total = torch.zeros(len(run.log_weights), dtype=torch.float64)
    for t, sign in ((before, -1), (now, 1)):
        for layer in run.summed:
            odds = (1 - t) * run.base[layer] + t * run.machine.total_input(layer, run.states)
            total += sign * torch.nn.functional.softplus(odds, threshold=1000).sum(1)
        for layer in run.kept:
            total += sign * run.states[layer] @ ((1 - t) * run.base[layer] + t * run.machine.biases[layer])
    return total


@pytest.mark.parametrize("sizes", [(7, 5), (6, 4, 3), (5, 4, 3, 3)])
def test_a_weight_is_the_ratio_of_two_unnormalised_probabilities(sizes: tuple[int, ...]) -> None:
    """Also where log odds are hundreds, and the temperatures far apart or near."""
    for scale in (1.0, 100.0):
        run = annealing(random_machine(sizes, scale=scale), 50, base=-1.3)
        for before, now in ((0.0, 0.4), (0.4, 0.40001), (0.40001, 1.0)):
            start, expected = run.log_weights.clone(), softplus_difference(run, before, now)
            run.weigh(before, now)
            torch.testing.assert_close(run.log_weights - start, expected, rtol=1e-9, atol=1e-10 * scale)
            run.move(now)


def test_the_start_is_the_partition_function_of_independent_units() -> None:
    run = annealing(random_machine((3, 2, 2)), 4, base=0.7)
    assert run.log_weights.tolist() == pytest.approx([3 * np.logaddexp(0, 0.7) + 4 * np.log(2)] * 4)


def test_the_chains_start_at_the_base_rate() -> None:
    run = annealing(random_machine((3, 2)), 50_000, base=-1.0)
    assert float(run.states[0].mean()) == pytest.approx(1 / (1 + np.e), abs=5 * 0.45 / 150_000**0.5)


def test_of_a_deep_machine_every_second_layer_is_kept_from_the_first_hidden_one() -> None:
    kept = [list(annealing(random_machine(sizes), 2).kept) for sizes in ((3, 2), (3, 2, 2), (3, 2, 2, 2))]
    assert kept == [[0], [1], [1, 3]]


def test_the_schedule_and_the_base_rate_are_the_demo_s() -> None:
    """The schedule is also the metric's; (count + 5 batches) / (N + 5 batches) of 1,000 images in 10 batches."""
    np.testing.assert_array_equal(published_schedule(), reference_schedule())
    counts = torch.tensor([0.0, 120.0, 1000.0])
    expected = torch.logit(torch.tensor([50 / 1050, 170 / 1050, 0.999]))
    torch.testing.assert_close(base_rate(counts / 1000), expected)


def test_three_deviations_by_hand() -> None:
    """Weights 1 and 3: mean 2, deviation of the mean 1, so that the lower end is below zero; 9 and 11: 10 -+ 3."""
    value, low, high = three_deviations(np.log([1.0, 3.0]))
    assert (np.exp(value), low, np.exp(high)) == pytest.approx((2, -np.inf, 5))
    assert np.exp(three_deviations(np.log([9.0, 11.0]) + 600) - np.full(3, 600.0)) == pytest.approx([10, 7, 13])


def test_a_model_s_log_z_follows_from_the_generator_and_is_right() -> None:
    machine = random_machine((6, 4, 3), scale=0.5)
    model = BoltzmannModel(machine, torch.full((6,), 0.3, dtype=torch.float64))
    one, same, other = (model.log_partition(2000, 50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert one.low < log_partition(machine) < one.high
    assert one.high - one.low < 0.1
