"""Training steps against autograd; schedules, gates, many seeds in one pass, checkpoints, divergence."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.cegan.methods import BinaryGan, DataDistribution, EnergyGan
from baselines.cegan.neighbours import density_direction
from baselines.cegan.objectives import BinaryGanRun, EnergyGanRun
from baselines.cegan.training import TrainedPair
from repro.contracts import Diverged, State
from repro.data.kinds.mixtures import Grid, Samples2D, biased_gaussians
from tests.benchmarks.context import Quiet

EGAN = EnergyGan(entropy="const", epochs=2, constant_epochs=0, batch_size=50, hidden_size=13)
WIDE = replace(EGAN, discriminator_deviation=0.5, generator_deviation=0.5, inference_deviation=0.5)


class Memory(Quiet):
    """A context that keeps everything in memory."""

    def __init__(self, *seeds: int) -> None:
        super().__init__(seeds)
        self.saved: list[Mapping[str, Any]] = []
        self.given: Mapping[str, Any] | None = None
        self.curves: list[tuple[str, int, float, int]] = []

    def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
        return np.random.default_rng([seed, *hashlib.sha256(repr(stream).encode()).digest()])

    def restore(self) -> Mapping[str, Any] | None:
        return self.given

    def save(self, state: State, *, force: bool = False) -> None:
        self.saved.append(_copied(state() if callable(state) else state))

    def progress(self, done: int, total: int, **shown: float) -> None:
        assert 0 < done <= total

    def curve(self, name: str, step: int, value: float, seed: int) -> None:
        self.curves.append((name, step, value, seed))


def _copied(state: Any) -> Any:
    if isinstance(state, Mapping):
        return {key: _copied(value) for key, value in state.items()}
    return state.clone() if isinstance(state, Tensor) else state


@pytest.fixture(scope="module")
def data() -> Samples2D:
    full = biased_gaussians(1000)
    return Samples2D("small", full.samples, full.truth, full.drawn_from, Grid.over(full.samples))


def plain(p: Mapping[str, Tensor], x: Tensor) -> Tensor:
    h = torch.relu(x @ p["W1"] + p["b1"])
    return torch.relu(h @ p["W2"] + p["b2"]) @ p["W3"] + p["b3"]


def plain_generator(p: Mapping[str, Tensor], z: Tensor) -> Tensor:
    h = z
    for layer in "12":
        a = h @ p["W" + layer]
        a = (a - a.mean(1, keepdim=True)) / (a.var(1, correction=0, keepdim=True) + 1e-6).sqrt()
        h = torch.relu(a * p["scale" + layer] + p["shift" + layer])
    return h @ p["W3"] + p["b3"]


def leaves(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.clone().requires_grad_() for name, value in values.items()}


def energies(
    run: Any, real: Tensor, noise: Tensor
) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor, Tensor, Tensor]:
    d, g = leaves(run.discriminator.parameters.value), leaves(run.generator.parameters.value)
    fake = plain_generator(g, noise)
    return d, g, fake, plain(d, real), plain(d, fake)


def batches(run: Any) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(2)
    return run.data[:50].unsqueeze(0), torch.randn(1, 50, 4, generator=source)


def compare(measured: Mapping[str, Tensor], loss: Tensor, parameters: dict[str, Tensor]) -> None:
    for name, gradient in zip(
        parameters, torch.autograd.grad(loss, list(parameters.values()), retain_graph=True), strict=True
    ):
        # float32 sums of 50 terms; the largest entries are of order one
        torch.testing.assert_close(measured[name], gradient, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("margin", [None, 0.02])
@pytest.mark.parametrize("entropy", ["const", "nn", "vi"])
def test_a_step_of_the_energy_gan_follows_the_gradients_of_its_costs(
    data: Samples2D, entropy: Any, margin: float | None
) -> None:
    settings = replace(WIDE, entropy=entropy, entropy_weight=0.3, shared_trunk=False, neighbours=5, margin=margin)
    run = EnergyGanRun(settings, data, Memory(0))
    run.begin_epoch(0)
    run.gap.fill_(0.0)  # both networks move
    real, noise = batches(run)
    d, g, fake, energy_real, energy_fake = energies(run, real, noise)
    difference = energy_real.mean() - energy_fake
    cost_d = (difference if margin is None else difference.clamp(min=-margin)).mean()
    cost_g = energy_fake.mean()
    if entropy == "nn":
        cost_g = cost_g + 0.3 * (density_direction(fake, 5, "variance") * fake).sum()
    if entropy == "vi":
        q = leaves(run.inference.parameters.value)
        mean, log_deviation = plain(q, fake).chunk(2, dim=-1)
        nll = (log_deviation + 0.5 * ((noise - mean) / (log_deviation.exp() + 1e-6)) ** 2).sum(-1).mean()
        cost_g = cost_g + 0.3 * nll
    run.step(real, noise)
    compare(run.discriminator.parameters.slope, cost_d, d)
    compare(run.generator.parameters.slope, cost_g, g)
    if entropy == "vi":
        compare(run.inference.parameters.slope, 0.3 * nll, q)
    torch.testing.assert_close(run.gap.squeeze(), cost_d.detach(), rtol=1e-4, atol=1e-5)


def test_a_shared_trunk_descends_the_discriminator_s_cost_and_the_bound(data: Samples2D) -> None:
    settings = replace(WIDE, entropy="vi", entropy_weight=0.3)
    run = EnergyGanRun(settings, data, Memory(0))
    run.begin_epoch(0)
    run.gap.fill_(0.0)
    real, noise = batches(run)
    d, g, fake, energy_real, energy_fake = energies(run, real, noise)
    q = leaves(run.inference.parameters.value)
    hidden = torch.relu(torch.relu(fake @ d["W1"] + d["b1"]) @ d["W2"] + d["b2"])
    mean, log_deviation = (hidden @ q["W"] + q["b"]).chunk(2, dim=-1)
    bound = 0.3 * (log_deviation + 0.5 * ((noise - mean) / (log_deviation.exp() + 1e-6)) ** 2).sum(-1).mean()
    run.step(real, noise)
    compare(run.discriminator.parameters.slope, energy_real.mean() - energy_fake.mean() + bound, d)
    compare(run.generator.parameters.slope, energy_fake.mean() + bound, g)
    compare(run.inference.parameters.slope, bound, q)


def test_a_step_of_the_binary_gan_follows_the_gradients_of_its_costs(data: Samples2D) -> None:
    run = BinaryGanRun(BinaryGan(epochs=1, batch_size=50, hidden_size=13, discriminator_deviation=0.5), data, Memory(0))
    real, noise = batches(run)
    d, g, _, energy_real, energy_fake = energies(run, real, noise)
    log_sigmoid = torch.nn.functional.logsigmoid
    cost_d = -log_sigmoid(-energy_real).mean() - log_sigmoid(energy_fake).mean()
    cost_g = -log_sigmoid(-energy_fake).mean()
    run.step(real, noise)
    compare(run.discriminator.parameters.slope, cost_d, d)
    compare(run.generator.parameters.slope, cost_g, g)


@pytest.mark.parametrize(("gap", "moves"), [(0.05, (True, True)), (0.2, (True, False)), (-11.0, (False, True))])
def test_the_gap_of_the_step_before_decides_who_moves(data: Samples2D, gap: float, moves: tuple[bool, bool]) -> None:
    run = EnergyGanRun(EGAN, data, Memory(0))
    run.begin_epoch(0)
    run.gap.fill_(gap)
    before = run.discriminator.parameters.flat.clone(), run.generator.parameters.flat.clone()
    run.step(*batches(run))
    moved = (not torch.equal(run.discriminator.parameters.flat, before[0]),
             not torch.equal(run.generator.parameters.flat, before[1]))  # fmt: skip
    assert moved == moves
    assert bool(run.generator.running_mean.any()) == moves[1]


def test_the_first_step_moves_the_discriminator_alone(data: Samples2D) -> None:
    run = EnergyGanRun(EGAN, data, Memory(0))
    assert run._gates() == (True, False)


def test_the_learning_rate_waits_then_decays_and_stops_at_its_floor() -> None:
    method = replace(EGAN, constant_epochs=10, learning_rate_decay=0.985)
    rates = [method.learning_rate_at(epoch) for epoch in range(400)]
    assert rates[:11] == [2e-4] * 11  # epochs 0 to 10: the code decays where epoch > 10
    assert rates[11] == pytest.approx(2e-4 * 0.985, rel=1e-12)
    assert rates[-1] <= 1e-5 < rates[-1] / 0.985  # the first rate that is not above the floor stays


@pytest.mark.parametrize("method", [EGAN, replace(EGAN, entropy="vi", entropy_weight=0.1),
                                    replace(EGAN, entropy="vi", entropy_weight=0.1, shared_trunk=False),
                                    BinaryGan(2, batch_size=50, hidden_size=13),
                                    replace(EGAN, entropy="nn", entropy_weight=1e-3)])  # fmt: skip
def test_many_seeds_in_one_pass_are_the_seeds_one_by_one(data: Samples2D, method: Any) -> None:
    points = data.grid.points[::997]
    together = method.fit_many(data, Memory(3, 5))
    for model, seed in zip(together, (3, 5), strict=True):
        alone = method.fit(data, Memory(seed))
        # 40 steps of float32: batched and single matrix products add in another order
        np.testing.assert_allclose(model.energy(points), alone.energy(points), rtol=1e-3, atol=1e-4)
        random = np.random.default_rng
        np.testing.assert_allclose(model.sample(11, random(0)), alone.sample(11, random(0)), rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    "method",
    [
        replace(EGAN, entropy="vi", entropy_weight=0.1, beta1=0.5),
        replace(EGAN, entropy="vi", entropy_weight=0.1, shared_trunk=False),
        replace(EGAN, entropy="nn", entropy_weight=1e-3, neighbours=5),
        BinaryGan(2, batch_size=50, hidden_size=13),
    ],
)
def test_a_run_that_continues_from_a_checkpoint_ends_bit_for_bit_as_the_whole_one(data: Samples2D, method: Any) -> None:
    whole = Memory(3, 5)
    expected = [model.energy(data.grid.points) for model in method.fit_many(data, whole)]
    second = Memory(3, 5)
    second.given = whole.saved[0]
    assert second.given["epoch"] == 1
    continued = [model.energy(data.grid.points) for model in method.fit_many(data, second)]
    for a, b in zip(expected, continued, strict=True):
        assert np.array_equal(a, b)


def test_a_model_of_many_seeds_is_restored_to_the_bit(data: Samples2D) -> None:
    context = Memory(3, 5, 7)
    for model in EGAN.fit_many(data, context):
        assert isinstance(model, TrainedPair)
        again, random = EGAN.restore(model.state(), context), np.random.default_rng
        assert np.array_equal(again.energy(data.grid.points), model.energy(data.grid.points))
        assert np.array_equal(again.sample(1001, random(0)), model.sample(1001, random(0)))


def test_a_seed_that_leaves_the_finite_numbers_is_reported_and_the_others_go_on(data: Samples2D) -> None:
    class Poisoned(Memory):
        def generator(self, seed: int, *stream: int | str) -> np.random.Generator:
            made = super().generator(seed, *stream)
            return _Infinite(made.bit_generator) if seed == 5 and stream[0] == "epoch" else made

    first, second = EGAN.fit_many(data, Poisoned(3, 5))
    assert isinstance(second, Diverged)
    assert str(second) == "parameters are not finite after epoch 1 of 2"
    assert not isinstance(first, Diverged)
    assert np.isfinite(first.energy(data.grid.points)).all()
    with pytest.raises(Diverged):
        EGAN.fit(data, Poisoned(5))


class _Infinite(np.random.Generator):
    def standard_normal(self, *args: Any, **kwargs: Any) -> Any:
        return super().standard_normal(*args, **kwargs) * np.float32(np.inf)


def test_a_batch_larger_than_the_data_is_refused(data: Samples2D) -> None:
    with pytest.raises(ValueError, match="batch_size 1001 is more than the 1000 training samples"):
        replace(EGAN, batch_size=1001).fit(data, Memory(0))


def test_the_data_distribution_offers_the_samples_and_the_true_energy(data: Samples2D) -> None:
    model = DataDistribution().fit(data, Memory(0))
    assert np.array_equal(model.sample(7, np.random.default_rng(0)), data.samples[:7])
    np.testing.assert_array_equal(model.energy(data.grid.points), -data.truth.log_density(data.grid.points))
