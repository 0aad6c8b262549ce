"""The discriminator's two Adams against Lasagne's formula; seeds of one pass; checkpoints."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.cegan.methods import EnergyGan
from baselines.cegan.objectives import EnergyGanRun
from baselines.cegan.two_adams import TwoAdamsEnergyGan, TwoAdamsRun
from repro.data.kinds.mixtures import Grid, Samples2D, biased_gaussians
from tests.baselines.cegan.test_methods import Memory, batches

EGAN = TwoAdamsEnergyGan(entropy="const", epochs=2, constant_epochs=0, batch_size=50, hidden_size=13)
WIDE = replace(EGAN, discriminator_deviation=0.5, generator_deviation=0.5)
TRUNK = 2 * 13 + 13 + 13 * 13 + 13  # weights and biases of the two hidden layers


@pytest.fixture(scope="module")
def data() -> Samples2D:
    full = biased_gaussians(1000)
    return Samples2D("small", full.samples, full.truth, full.drawn_from, Grid.over(full.samples))


def test_the_trunk_has_an_adam_for_steps_of_both_networks_and_one_for_steps_of_its_own(data: Samples2D) -> None:
    """Lasagne's Adam at beta1 = 0, in float64, after steps of the discriminator alone, of both, and of the generator
    alone: egan_knn.py has `updates_e` and `updates_d_e` for the trunk and `updates_d` for the energy's layer.
    """
    run = TwoAdamsRun(WIDE, data, Memory(0))
    run.begin_epoch(0)
    flat = run.discriminator.parameters.flat.double().clone()
    steps, second = {"energy": 0, "together": 0, "alone": 0}, torch.zeros(3, *flat.shape, dtype=torch.float64)
    for gap in (1.0, 0.05, 0.05, 0.3, -11.0, 0.05, 0.3):
        run.gap.fill_(gap)
        run.step(*batches(run))
        gradient = run.discriminator.parameters.grad.double()
        of_trunk = "alone" if gap > 0.1 else "together"
        for name, part in (("energy", slice(TRUNK, None)), (of_trunk, slice(0, TRUNK))):
            if gap > -10.0:
                steps[name] += 1
                moment = second[list(steps).index(name)][:, part]
                moment.mul_(0.999).add_(0.001 * gradient[:, part] ** 2)
                rate = 2e-4 * (1 - 0.999 ** steps[name]) ** 0.5
                flat[:, part] -= rate * gradient[:, part] / (moment.sqrt() + 1e-8)
        # float32 moments, and rates of 2e-4 a step
        torch.testing.assert_close(run.discriminator.parameters.flat.double(), flat, rtol=1e-5, atol=1e-7)
    assert steps == {"energy": 6, "together": 3, "alone": 3}


def test_the_generator_and_the_gates_are_those_of_egan(data: Samples2D) -> None:
    """Until the trunk's Adams differ, which is after the second step of the discriminator."""
    own, plain = TwoAdamsRun(WIDE, data, Memory(0)), EnergyGanRun(EnergyGan(**vars(WIDE)), data, Memory(0))
    for gap in (1.0, -11.0, -11.0):
        for run in (own, plain):
            run.begin_epoch(0)
            run.gap.fill_(gap)
            run.step(*batches(run))
    assert torch.equal(own.generator.parameters.flat, plain.generator.parameters.flat)
    assert torch.equal(own.discriminator.parameters.flat, plain.discriminator.parameters.flat)
    assert {each.name for each in fields(TwoAdamsEnergyGan)} == {each.name for each in fields(EnergyGan)}


def test_seeds_of_one_pass_whose_gaps_differ_use_each_its_own_adam(data: Samples2D) -> None:
    together = TwoAdamsRun(WIDE, data, Memory(3, 5))
    alone = [TwoAdamsRun(WIDE, data, Memory(seed)) for seed in (3, 5)]
    for gap in torch.tensor([[[1.0], [0.0]], [[0.0], [0.2]], [[0.2], [-11.0]]]):
        for run, gaps in ((together, gap), (alone[0], gap[:1]), (alone[1], gap[1:])):
            run.begin_epoch(0)
            run.gap = gaps
            real, noise = batches(run)
            run.step(real.expand(len(gaps), -1, -1), noise.expand(len(gaps), -1, -1))
    for seed, run in enumerate(alone):
        found = together.discriminator.parameters.flat[seed]
        # float32: batched and single products add in another order, which Adam's first steps enlarge to its rate
        torch.testing.assert_close(found, run.discriminator.parameters.flat[0], rtol=1e-4, atol=1e-5)


def test_a_run_that_continues_from_a_checkpoint_ends_bit_for_bit_as_the_whole_one(data: Samples2D) -> None:
    method: Any = replace(EGAN, upper_gap=0.0)  # so that steps of both kinds follow each other
    whole, second = Memory(3, 5), Memory(3, 5)
    expected = [model.energy(data.grid.points) for model in method.fit_many(data, whole)]
    second.given = whole.saved[0]
    continued = [model.energy(data.grid.points) for model in method.fit_many(data, second)]
    for a, b in zip(expected, continued, strict=True):
        assert np.array_equal(a, b)
