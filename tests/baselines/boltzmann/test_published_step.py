"""The steps of all trainings against the published ones, in float64: odds, draws and weights after several steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from baselines.boltzmann.dbm import DeepBoltzmannMachine, LayerByLayer
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.rbm import RestrictedBoltzmannMachine
from baselines.boltzmann.training import MachineTraining, Pixels
from baselines.training.seeding import seeded
from repro.data.kinds.images import digits
from tests.baselines.boltzmann.published import Dbm, Rbm, natural_bm_momentum, natural_bm_rate
from tests.baselines.contract import Mortal


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@dataclass
class Drawn:
    """What is asked of `Draws`, and what comes of it."""

    asked: list[Tensor] = field(default_factory=list)
    given: list[Tensor] = field(default_factory=list)

    @classmethod
    def recording(cls, patch: pytest.MonkeyPatch) -> Drawn:
        found, bernoulli = cls(), Draws.bernoulli

        def recorded(self: Draws, probabilities: Tensor, out: Tensor) -> Tensor:
            found.asked.append(probabilities.clone())
            found.given.append(bernoulli(self, probabilities, out).clone())
            return out

        patch.setattr(Draws, "bernoulli", recorded)
        return found

    def of(self, training: MachineTraining, number: int, context: Mortal) -> tuple[list[Tensor], list[Tensor]]:
        """The probabilities and the draws of one step, made as the loop makes it."""
        self.asked.clear()
        self.given.clear()
        with seeded(context, "step", number):
            training.update(number)
        return list(self.asked), list(self.given)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Drawn:
    return Drawn.recording(monkeypatch)


@pytest.fixture
def pixels() -> Pixels:
    return Pixels(digits(), 100, "cpu")


def expect_equal(found: list[Tensor], expected: list[Tensor]) -> None:
    """In float64, so that what is left is the order of sums."""
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-12)


def as_published(machine: Machine) -> Rbm:
    return Rbm(machine.weights[0], machine.biases[0], machine.biases[1], up=machine.upward, down=machine.downward)


def parameters(machine: Machine) -> list[Tensor]:
    return [each.detach() for each in machine.parameters()]


def test_persistent_chains_learn_as_natural_bm_does(pixels: Pixels, drawn: Drawn, tmp_path: Path) -> None:
    """Six updates in three epochs, of which the last has half the momentum."""
    method = RestrictedBoltzmannMachine(hidden=7, gibbs_steps=3, epochs=3, settling_epochs=1, batch_size=50)
    context = Mortal(tmp_path)
    training = method.training(pixels, context)
    theirs, h = as_published(training.step.learner.machine), training.step.chains.states[1].clone()
    for number in range(6):
        asked, given = drawn.of(training, number, context)
        expect_equal(asked[:1], [pixels.pool[training.batches[number]] / 255])
        h = theirs.persistent_step(
            given[0], h, 3, natural_bm_rate(number, 6), natural_bm_momentum(number, 4), 2e-4, iter(given[1:])
        )
        expect_equal(asked[1:], theirs.asked)
        theirs.asked.clear()
        expect_equal(parameters(training.step.learner.machine), [theirs.w, theirs.b, theirs.a])


def test_contrastive_divergence_learns_as_the_demo_does(pixels: Pixels, drawn: Drawn, tmp_path: Path) -> None:
    """Two updates an epoch; a second sweep from the fifth epoch on, a third from the ninth, at that part of the rate;
    momentum 0.5 up to the fifth.
    """
    method = RestrictedBoltzmannMachine(
        hidden=7, persistent=False, gibbs_steps=3, epochs_per_step=4, epochs=20, batch_size=50, learning_rate=0.05,
        schedule="stepped", nesterov=False, weight_decay=2e-4, initial_weights="normal", initial_visible_bias="zero",
    )  # fmt: skip
    context = Mortal(tmp_path)
    training = method.training(pixels, context)
    theirs = as_published(training.step.learner.machine)
    for number in range(26):
        epoch = number // 2 + 1
        steps = min(3, -(-epoch // 4))
        asked, given = drawn.of(training, number, context)
        theirs.contrastive_step(given[0], steps, 0.05 / steps, 0.9 if epoch > 5 else 0.5, 2e-4, iter(given[1:]))
        expect_equal(asked[1:], theirs.asked)
        theirs.asked.clear()
        expect_equal(parameters(training.step.learner.machine), [theirs.w, theirs.b, theirs.a])


def test_layers_are_learned_one_by_one_with_doubled_inputs(pixels: Pixels, drawn: Drawn, tmp_path: Path) -> None:
    """Upwards where a layer will have one above it, downwards where it has one below; first states are drawn."""
    method = LayerByLayer(hidden_sizes=(6, 5, 4), epochs=(2, 2, 2), epochs_per_step=1, batch_size=50)
    context = Mortal(tmp_path)
    trainings = method.trainings(pixels, context)
    for layer, training in enumerate(trainings):
        machine = training.step.learner.machine
        theirs = as_published(machine)
        assert (theirs.up, theirs.down) == [(2, 1), (2, 2), (1, 2)][layer]
        for number in range(3):
            asked, given = drawn.of(training, number, context)
            for below in range(layer):
                lower = as_published(trainings[below].step.learner.machine)
                expect_equal(asked[below + 1 : below + 2], [lower.hidden(given[below])])
            steps = 1 + number // 2 if layer else 1
            theirs.contrastive_step(given[layer], steps, 0.05 / steps, 0.5, 1e-3, iter(given[layer + 1 :]))
            expect_equal(asked[layer + 1 :], theirs.asked)
            theirs.asked.clear()
            expect_equal(parameters(machine), [theirs.w, theirs.b, theirs.a])


def test_all_layers_are_learned_jointly_as_published(pixels: Pixels, drawn: Drawn, tmp_path: Path) -> None:
    """Twelve updates in six epochs: mean field, persistent chains, a falling rate with a least, sparsity, momentum."""
    method = DeepBoltzmannMachine(
        hidden_sizes=(6, 5, 4), epochs=6, batch_size=50, chains=30, gibbs_steps=2, mean_field_sweeps=3,
        learning_rate=0.02, rate_divisor=1.1, final_rate=0.01, weight_decay=0.01, sparsity_targets=(0.3, 0.2, 0.1),
        sparsity_cost=0.5,
    )  # fmt: skip
    context = Mortal(tmp_path)
    training = method.training(pixels, context)
    machine, chains = training.step.learner.machine, training.step.chains
    torch.manual_seed(0)
    machine.scatter(0.5)  # so large that the sweeps do not forget where they started
    theirs = Dbm(list(machine.weights), list(machine.biases), (0.3, 0.2, 0.1))
    h1, h3 = chains.states[1].clone(), chains.states[3].clone()
    for number in range(12):
        asked, given = drawn.of(training, number, context)
        h1, h3 = theirs.step(
            given[0], h1, h3, mean_field=3, gibbs=2, rate=max(0.01, 0.02 / 1.1**number),
            momentum=0.9 if number >= 10 else 0.5, decay=0.01, cost=0.5, damping=0.9, drawn=iter(given[1:]),
        )  # fmt: skip
        expect_equal(asked[1:], theirs.asked)
        theirs.asked.clear()
        expect_equal(parameters(machine), [*theirs.w, *theirs.b])


def test_the_update_of_given_states_is_the_derivative_of_their_log_p(pixels: Pixels, tmp_path: Path) -> None:
    """By autograd: the mean of log p*(v) over data less that over the chains' states, both with hidden units summed."""
    training = RestrictedBoltzmannMachine(hidden=7, batch_size=50).training(pixels, Mortal(tmp_path))
    learner, machine = training.step.learner, training.step.learner.machine
    data, model = torch.rand(50, 64), torch.rand(30, 64)
    learner.compare(*([v, torch.sigmoid(machine.total_input(1, [v, v]))] for v in (data, model)))
    w, b, a = (each.detach().clone().requires_grad_() for each in machine.parameters())

    def mean_log_p(v: Tensor) -> Tensor:
        return (v @ b + torch.nn.functional.softplus(v @ w + a).sum(1)).mean()

    expect_equal(learner.gradients, list(torch.autograd.grad(mean_log_p(data) - mean_log_p(model), (w, b, a))))


def test_the_defaults_are_the_published_settings() -> None:
    rbm, layers, joint = RestrictedBoltzmannMachine(), LayerByLayer(), DeepBoltzmannMachine()
    assert (rbm.hidden, rbm.gibbs_steps, rbm.batch_size, rbm.learning_rate, rbm.momentum) == (500, 25, 100, 0.01, 0.9)
    assert rbm == replace(rbm, persistent=True, nesterov=True, weight_decay=2 * 2e-4, settling_epochs=50)
    assert (layers.learning_rate, layers.epochs, layers.epochs_per_step, layers.weight_decay) == (
        0.05, (100, 200, 200), 20, 1e-3,
    )  # fmt: skip
    assert (joint.epochs, joint.learning_rate, joint.rate_divisor, joint.final_rate) == (300, 1e-3, 1.000015, 1e-4)
    assert (joint.mean_field_sweeps, joint.gibbs_steps, joint.chains, joint.weight_decay) == (10, 5, 100, 2e-4)
    assert (joint.sparsity_targets[:2], joint.sparsity_cost, joint.sparsity_damping) == ((0.2, 0.1), 1e-3, 0.9)
