"""The trainings of Boltzmann machines: what they learn, what they refuse, and what is left of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.boltzmann.dbm import DeepBoltzmannMachine, LayerByLayer, stacked
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.paces import divided, ramped, stepped
from baselines.boltzmann.rbm import RestrictedBoltzmannMachine
from baselines.boltzmann.training import Pixels
from repro.contracts import Diverged
from repro.data.kinds.images import Images, Split, digits
from repro.tasks.examples import examples_of
from tests.baselines.boltzmann.exact import log_partition
from tests.baselines.contract import Mortal, same

RBM = RestrictedBoltzmannMachine(
    hidden=5, gibbs_steps=5, epochs=40, settling_epochs=8, batch_size=40, learning_rate=0.1, weight_decay=0.0
)
LAYERS = LayerByLayer(hidden_sizes=(5, 4, 3), epochs=(4, 4, 4), epochs_per_step=2, batch_size=40)
JOINT = DeepBoltzmannMachine(hidden_sizes=(5, 4, 3), epochs=2, batch_size=40, chains=20, learning_rate=0.01)


def bars() -> Images:
    """Images of 3x3 pixels, each with one row or one column of ones: six kinds, log 6 = 1.79 nats."""
    kinds = np.zeros((6, 3, 3), np.uint8)
    for line in range(3):
        kinds[line, line], kinds[3 + line, :, line] = 255, 255
    chosen = np.random.RandomState(0).randint(0, 6, 400)
    train = Split(kinds[chosen][..., None])
    return Images("bars", {"train": train, "test": train.take(slice(100))})


def likelihood(model: object, images: Images) -> float:
    """The mean exact log p of an RBM in nats."""
    found = model.log_unnormalised(examples_of(images, "test")).mean()  # type: ignore[attr-defined]
    return float(found - log_partition(model.machine.double()))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "method",
    [
        replace(RBM, schedule="stepped", learning_rate=0.02, epochs=100),
        replace(RBM, schedule="stepped", persistent=False, nesterov=False, initial_weights="normal"),
    ],
)
def test_an_rbm_learns_what_there_is_to_learn(method: RestrictedBoltzmannMachine, tmp_path: Path) -> None:
    """Independent pixels have 5.7 nats, each kind alike 1.8: it comes more than half the way."""
    assert likelihood(method.fit(bars(), Mortal(tmp_path)), bars()) > -3.5


def test_an_rbm_begins_at_the_base_rate(tmp_path: Path) -> None:
    """With small weights, log p of the data under independent pixels; each is on in a third of the images."""
    pixels = Pixels(bars(), 0, "cpu")
    machine = replace(RBM, initial_weights="normal").training(pixels, Mortal(tmp_path)).step.learner.machine
    torch.testing.assert_close(torch.sigmoid(machine.biases[0]), pixels.means)
    assert machine.weights[0].abs().max() < 0.05
    orthogonal = RBM.training(pixels, Mortal(tmp_path)).step.learner.machine.weights[0]
    torch.testing.assert_close(orthogonal.T @ orthogonal, torch.eye(5), atol=1e-5, rtol=0)


def test_a_pixel_that_is_never_on_begins_at_one_in_a_thousand(tmp_path: Path) -> None:
    pixels = Pixels(digits(), 0, "cpu")
    at_first = torch.sigmoid(RBM.training(pixels, Mortal(tmp_path)).step.learner.machine.biases[0])
    torch.testing.assert_close(at_first, pixels.means.clamp(1e-3, 1 - 1e-3))
    assert float(pixels.means.min()) == 0


def test_pixels_are_drawn_by_their_intensity_anew_at_every_visit() -> None:
    pixels, draws = Pixels(digits(), 0, "cpu"), Draws(0)
    index = torch.arange(1000)
    visits = torch.stack([pixels(index, draws) for _ in range(60)])
    assert ((visits == 0) | (visits == 1)).all()
    expected = pixels.pool[index].float() / 255
    assert float((visits.mean(0) - expected).abs().mean()) < 0.05
    assert not torch.equal(visits[0], visits[1])


def test_images_are_the_first_so_many() -> None:
    pixels = Pixels(digits(), 30, "cpu")
    assert len(pixels) == 30
    expected = digits().splits["train"].images[:30].reshape(30, -1)
    assert np.array_equal(pixels.pool.numpy(), expected)
    np.testing.assert_allclose(pixels.means.numpy(), expected.mean(0) / 255, atol=1e-6)
    with pytest.raises(ValueError, match="digits has 1297 training images, fewer than images: 2000"):
        Pixels(digits(), 2000, "cpu")


def test_a_stack_has_the_weights_of_its_machines_and_the_sums_of_their_biases() -> None:
    machines = [Machine(sizes).scatter(1.0) for sizes in ((4, 3), (3, 2), (2, 5))]
    for number, machine in enumerate(machines):
        for bias in machine.biases:
            bias.fill_(10.0**number)
    deep = stacked(machines)
    assert deep.sizes == (4, 3, 2, 5)
    assert all(torch.equal(deep.weights[layer], machine.weights[0]) for layer, machine in enumerate(machines))
    assert [float(bias[0]) for bias in deep.biases] == [1, 11, 110, 100]


def test_joint_learning_starts_from_the_layers_and_moves_them(tmp_path: Path) -> None:
    layers = LAYERS.fit(bars(), Mortal(tmp_path / "layers"))
    context = Mortal(tmp_path / "joint", start=layers.state())
    pixels = Pixels(bars(), 0, "cpu")
    assert same(JOINT.training(pixels, context).step.learner.machine.state_dict(), layers.machine.state_dict())
    joint = JOINT.fit(bars(), context)
    assert not same(joint.state()["weights"], layers.state()["weights"])
    alone = JOINT.training(pixels, Mortal(tmp_path / "alone")).step.learner.machine
    assert 0 < float(alone.weights[0].abs().max()) < 0.05


def test_a_start_of_other_sizes_is_refused(tmp_path: Path) -> None:
    layers = LAYERS.fit(bars(), Mortal(tmp_path / "layers"))
    other = replace(JOINT, hidden_sizes=(5, 4, 4))
    with pytest.raises(ValueError, match=r"hidden_sizes give layers of \(9, 5, 4, 4\), it starts from ones of \[9, 5"):
        other.fit(bars(), Mortal(tmp_path / "joint", start=layers.state()))


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="2 or 3 hidden layers, and epochs for each"):
        LayerByLayer(hidden_sizes=(5, 4), epochs=(1, 1, 1))
    with pytest.raises(ValueError, match="2 or 3 hidden layers, and a sparsity target for each"):
        DeepBoltzmannMachine(hidden_sizes=(5,), sparsity_targets=(0.1,))
    with pytest.raises(ValueError, match="gibbs_steps must be 1 or more, it is 0"):
        RestrictedBoltzmannMachine(gibbs_steps=0)
    with pytest.raises(ValueError, match="epochs_per_step belongs to schedule: stepped"):
        RestrictedBoltzmannMachine(epochs_per_step=10)


def test_a_training_that_leaves_the_finite_numbers_is_said_to(tmp_path: Path) -> None:
    method = replace(RBM, learning_rate=1e38, momentum=0.99)
    with pytest.raises(Diverged, match=r"gradient-norm is|the norm of the parameters is"):
        method.fit(bars(), Mortal(tmp_path))


def test_schedules_by_hand() -> None:
    """The rate ends at a tenth; the momentum is 0.45 at both ends and in the last updates, and nearly 0.9 between."""
    pace = ramped(0.01, 0.9, 25, updates=100_000, settling=20_000)
    assert [pace(number).rate for number in (0, 100_000)] == pytest.approx([0.01, 0.001])
    assert pace(50_000).rate == pytest.approx(0.01 / 5.5)
    found = [pace(number).momentum for number in (0, 40_000, 79_999, 80_000, 99_999)]
    assert found == pytest.approx([0.45, 0.9 * (1 - 0.5 * 0.96**160) ** 2, 0.45, 0.45, 0.45], rel=1e-3)
    demo = stepped(0.05, 0.9, 25, per_epoch=10, epochs_per_step=10)
    assert [demo(number).sweeps for number in (0, 99, 100, 2399, 2400, 2600)] == [1, 1, 2, 24, 25, 25]
    assert [demo(number).momentum for number in (49, 50)] == [0.5, 0.9]
    assert demo(250).rate == pytest.approx(0.05 / 3)
    joint = divided(1e-3, 0.9, 5, per_epoch=10, divisor=1.000015, least=1e-4)
    assert joint(1000).rate == pytest.approx(1e-3 / 1.000015**1000)
    assert joint(10**6).rate == 1e-4
