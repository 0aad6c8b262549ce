"""The networks and losses of EBGAN's grid: what is known of them before any training, and by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from baselines.ebgan.methods import Ebgan, Gan
from baselines.ebgan.networks import AutoEncoder, Discriminator, Generator
from baselines.ebgan.objectives import discriminator_loss, energy, generator_loss, margin_loss, pull_away
from baselines.ebgan.training import AdversarialRun, TrainedGenerator, framed, scaled, without_frame
from repro.contracts import Diverged, MissingData
from repro.data.kinds.images import digits
from repro.registry import DATASETS
from tests.baselines.contract import Mortal

PIXELS = 32 * 32


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def tensor(*rows: list[float]) -> Tensor:
    return torch.tensor(rows)


# --- at the start of training: figures of the fact sheet of image models, part 2, section 3


def test_at_first_the_energy_of_mnist_is_the_norm_of_its_images() -> None:
    """D(x) = 31.07 with weights from N(0, 0.002): a reconstruction has an entry of about 0.002 sqrt(64) = 0.016."""
    try:
        images = DATASETS.load("mnist")().splits["train"].images[:10_000]
    except MissingData as missing:
        pytest.skip(str(missing))
    x = scaled(framed(images, 2))
    network = Ebgan().discriminator(PIXELS)
    with torch.no_grad():
        found = float(energy(x, network(x)[1]).mean())
    assert float(x.norm(dim=1).mean()) == pytest.approx(31.07, abs=0.01)  # printed to two decimals, of all 60,000
    assert found == pytest.approx(31.07, abs=0.01)


@pytest.mark.parametrize(("size", "norm"), [(400, 8.3), (800, 11.2), (1600, 14.4), (3200, 17.9)])
def test_at_first_generated_images_have_norms_that_grow_with_the_size(size: int, norm: float) -> None:
    """32 times the root of E tanh^2 of N(0, 0.02^2 size / 2): a rectified unit of variance 1 has second moment 1/2."""
    with torch.no_grad():
        found = float(Generator(100, 2, size, PIXELS).draw(500).norm(dim=1).mean())
    assert found == pytest.approx(norm, abs=0.1)  # printed to one decimal; 500 images leave a deviation of 0.02
    x = torch.randn(1_000_000) * 0.02 * math.sqrt(size / 2)
    assert found == pytest.approx(32 * float(torch.tanh(x).square().mean().sqrt()), rel=0.01)


# --- networks


def test_layers_are_counted_as_table_3_1_does() -> None:
    """Weights and shifts by hand: no bias below a batch normalisation, no learned scale."""
    ebgan = Ebgan(generator_layers=3, discriminator_layers=4, generator_size=7, discriminator_size=5, noise_size=3)
    generator = 3 * 7 + 7 + 7 * 7 + 7 + 7 * 11 + 11
    auto_encoder = (11 * 5 + 5) + 2 * (5 * 5 + 5) + (5 * 11 + 11)
    discriminator = (11 * 5 + 5) + 2 * (5 * 5 + 5) + (5 + 1)
    assert trainable(ebgan.generator(11)) == generator
    assert trainable(ebgan.discriminator(11)) == auto_encoder
    assert trainable(Gan(discriminator_layers=4, discriminator_size=5).discriminator(11)) == discriminator


def trainable(network: nn.Module) -> int:
    return sum(each.numel() for each in network.parameters() if each.requires_grad)


@pytest.mark.parametrize(
    ("network", "normalised"),
    [
        (Generator(3, 4, 7, 11), [True, True, True, False]),
        (Discriminator(11, 4, 7, 0.5), [False, True, True, False]),
        (AutoEncoder(11, 4, 1, 7, 0.5), [False, True, True, False]),
        (AutoEncoder(11, 4, 2, 7, 0.5), [False, True, True, False]),
    ],
)
def test_all_layers_are_normalised_but_outputs_and_the_first_of_a_discriminator(
    network: nn.Module, normalised: list[bool]
) -> None:
    found: list[bool] = []
    for each in network.modules():
        found += [False] if isinstance(each, nn.Linear) else []
        if isinstance(each, nn.BatchNorm1d):
            found[-1] = True
    assert found == normalised


@pytest.mark.parametrize(
    ("network", "deviation"), [(Generator(300, 2, 300, 7), 0.02), (Discriminator(300, 3, 300, 0.0), 0.002)]
)
def test_initial_weights_have_the_deviation_of_their_network(network: nn.Module, deviation: float) -> None:
    weights = torch.cat([each.weight.detach().flatten() for each in network.modules() if isinstance(each, nn.Linear)])
    assert float(weights.std()) == pytest.approx(deviation, rel=0.02)  # of at least 90,000 weights: deviation 0.0024
    biases = [each.bias for each in network.modules() if isinstance(each, nn.Linear) and each.bias is not None]
    assert biases
    assert not any(bias.detach().any() for bias in biases)


def test_dropout_is_there_where_it_is_asked_for() -> None:
    def rates(method: Ebgan | Gan) -> list[float]:
        return [each.p for each in method.discriminator(11).modules() if isinstance(each, nn.Dropout)]

    assert rates(Ebgan(discriminator_layers=3)) == rates(Gan()) == []
    assert rates(Ebgan(discriminator_layers=3, discriminator_dropout=True)) == [0.5, 0.5]
    assert rates(Gan(discriminator_layers=3, discriminator_dropout=True, dropout_rate=0.2)) == [0.2, 0.2]


# --- losses


def test_an_energy_is_the_norm_of_an_image_s_error() -> None:
    assert energy(tensor([0.0, 0.0], [1.0, 1.0]), tensor([3.0, 4.0], [1.0, 1.0])).tolist() == [5, 0]


def test_the_hinge_is_zero_above_the_margin() -> None:
    real = torch.tensor([1.0, 2.0])
    assert float(margin_loss(real, torch.tensor([10.0, 31.0]), 10.0)) == 1.5
    assert float(margin_loss(real, torch.tensor([4.0, 31.0]), 10.0)) == 1.5 + 3
    fake = torch.tensor([4.0, 31.0], requires_grad=True)
    torch.autograd.backward(margin_loss(real, fake, 10.0))
    assert fake.grad is not None
    assert fake.grad.tolist() == [-0.5, 0]


@pytest.mark.parametrize("constant", [0.0, 2.5, 10.0])
def test_at_the_equilibrium_the_discriminator_s_loss_is_the_margin(constant: float) -> None:
    """Generated images are distributed as real ones are, and D is constant in [0, m]: zhao2019, theorem 2."""
    energies = torch.full((7,), constant)
    assert float(margin_loss(energies, energies, 10.0)) == 10


def test_the_pulling_away_term_is_0_of_orthogonal_codes_and_1_of_parallel_ones() -> None:
    assert float(pull_away(torch.eye(5) * torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0]))) == 0
    assert float(pull_away(torch.tensor([1.0, -2.0, 3.0])[:, None] * torch.ones(3, 4))) == pytest.approx(1, abs=1e-12)


def test_of_codes_in_all_directions_the_pulling_away_term_is_one_over_their_size() -> None:
    """E cos^2 = 1/d. Over 4,000 codes the deviation is about sqrt(2) / (d 4,000) for the pairs, far below 1 %."""
    assert float(pull_away(torch.randn(4_000, 16))) == pytest.approx(1 / 16, rel=0.01)
    assert float(pull_away(torch.relu(torch.randn(2_000, 250)))) == pytest.approx(0.104, abs=0.001)  # fact sheet, 9


def test_the_pulling_away_term_does_not_see_a_scale_and_bears_a_code_of_zeros() -> None:
    codes = torch.rand(6, 4)
    assert float(pull_away(codes * 7)) == pytest.approx(float(pull_away(codes)), rel=1e-12)
    codes[2] = 0
    codes.requires_grad_()
    torch.autograd.backward(pull_away(codes))
    assert codes.grad is not None
    assert codes.grad.isfinite().all()


def test_the_losses_of_a_gan_by_hand() -> None:
    """A logit of log 3 is a probability of 3/4. At the equilibrium, of logits 0, they are 2 log 2 and log 2."""
    sure, unsure = torch.tensor([math.log(3)]), torch.zeros(1)
    assert float(discriminator_loss(sure, -sure)) == pytest.approx(2 * math.log(4 / 3))
    assert float(discriminator_loss(sure, sure)) == pytest.approx(math.log(4 / 3) + math.log(4))
    assert float(discriminator_loss(unsure, unsure)) == pytest.approx(2 * math.log(2))
    assert float(generator_loss(-sure)) == pytest.approx(math.log(4))
    assert float(generator_loss(torch.tensor([-800.0]))) == 800  # where a probability would be zero


# --- images


def test_frames_and_scales_are_undone() -> None:
    images = np.random.RandomState(0).randint(0, 256, (4, 6, 5, 3)).astype(np.uint8)
    pixels = scaled(framed(images, 2))
    assert pixels.shape == (4, 10 * 9 * 3)
    assert (float(pixels.min()), float(scaled(torch.tensor([[255]])))) == (-1, 1)
    assert np.array_equal(without_frame(pixels, (6, 5, 3), 2), images)


def test_an_image_does_not_depend_on_those_drawn_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Running statistics, not those of a batch; whatever the blocks, and the network stays in its mode."""
    network = Generator(3, 2, 7, 64)
    network.draw(50)
    network.output.weight.detach().mul_(50)
    model = TrainedGenerator(network, (4, 4, 1), 2)
    images = model.sample(20, np.random.default_rng(1))
    assert images.shape == (20, 4, 4, 1)
    assert images.dtype == np.uint8
    assert len(np.unique(images)) > 20
    assert np.array_equal(model.sample(9, np.random.default_rng(1)), images[:9])
    monkeypatch.setattr("baselines.ebgan.training.DRAWN_IMAGES", 3)
    assert np.array_equal(model.sample(20, np.random.default_rng(1)), images)
    assert network.training


# --- settings


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="of 2 discriminator_layers 1 to 1 can be decoder_layers, not 2"):
        Ebgan(decoder_layers=2)
    with pytest.raises(ValueError, match="generator_layers must be 1 or more, it is 0"):
        Gan(generator_layers=0)
    with pytest.raises(ValueError, match="batch_size must be 2 or more, for statistics of a batch; it is 1"):
        Gan(batch_size=1)


def test_each_network_has_its_own_optimiser() -> None:
    method = Gan(discriminator_optimiser="sgd", learning_rate=0.5, momentum=0.25, beta1=0.75)
    of_discriminator, of_generator = method.optimisers(method.discriminator(7), method.generator(7))
    assert isinstance(of_discriminator, torch.optim.SGD)
    assert isinstance(of_generator, torch.optim.Adam)
    assert (of_discriminator.defaults["lr"], of_discriminator.defaults["momentum"]) == (0.5, 0.25)
    assert (of_generator.defaults["lr"], of_generator.defaults["betas"]) == (0.5, (0.75, 0.999))


def test_fewer_images_than_a_batch_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a batch has 1 to 1297 of 1297 examples, not 2000"):
        Gan(batch_size=2000).fit(DATASETS.load("digits")(), Mortal(tmp_path))


def test_weights_that_left_the_finite_numbers_at_the_last_step_are_no_model(tmp_path: Path) -> None:
    """No loss would show it any more."""
    method = Gan(generator_size=3, discriminator_size=3, noise_size=2, epochs=1, batch_size=1297)
    run = AdversarialRun(method, digits().splits["train"].images, Mortal(tmp_path))

    def leave(*_: object) -> None:
        run.generator.output.bias.data.fill_(torch.inf)

    run.of_generator.register_step_post_hook(leave)
    with pytest.raises(Diverged, match="the norm of the generator's weights is inf at step 1"):
        run.train()
