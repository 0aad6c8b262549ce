"""Steps of EBGAN, EBGAN-PT and GAN against the published ones, in float64: losses, gradients, weights after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.ebgan.methods import Ebgan, Gan
from baselines.ebgan.networks import AutoEncoder
from baselines.ebgan.training import Adversarial, AdversarialRun
from repro.data.kinds.images import digits
from tests.baselines.contract import Mortal, same
from tests.baselines.ebgan.published import Adam, Layer, Published, Sgd, parameters

SIZES: dict[str, Any] = {"generator_size": 11, "discriminator_size": 7, "noise_size": 5, "batch_size": 13, "padding": 1}
METHODS = {
    "ebgan": Ebgan(**SIZES),
    "ebgan, two layers of a decoder, dropout": Ebgan(
        discriminator_layers=4, decoder_layers=2, discriminator_dropout=True, dropout_rate=0.3,
        generator_layers=3, learning_rate=0.01, beta1=0.5, **SIZES,
    ),
    "ebgan-pt": Ebgan(pull_away_weight=3.0, discriminator_layers=3, **SIZES),
    "gan": Gan(**SIZES),
    "gan, adam against sgd, dropout": Gan(
        generator_optimiser="sgd", momentum=0.4, discriminator_dropout=True, discriminator_layers=3, **SIZES
    ),
    "gan, sgd against adam": Gan(discriminator_optimiser="sgd", generator_layers=4, learning_rate=0.05, **SIZES),
}  # fmt: skip
TIGHT = {"rtol": 1e-9, "atol": 1e-11}  # float64: what is left is the order of sums, and Adam's division of small roots


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Drawn:
    """The noise and the masks of dropout that a step draws, in their order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.noises: list[Tensor] = []
        self.masks: list[Tensor] = []
        randn = torch.randn

        def recorded(*size: int, **where: Any) -> Tensor:
            self.noises.append(randn(*size, **where))
            return self.noises[-1]

        def dropout(x: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
            assert training, "dropout is on in both roles of a discriminator"
            assert not inplace
            self.masks.append((torch.rand_like(x) >= p) / (1 - p))
            return x * self.masks[-1]

        patch.setattr(torch, "randn", recorded)
        patch.setattr(functional, "dropout", dropout)

    def take(self) -> tuple[list[Tensor], list[Tensor]]:
        found = list(self.noises), list(self.masks)
        self.noises.clear()
        self.masks.clear()
        return found


def layers(*modules: nn.Module) -> list[tuple[nn.Linear, nn.BatchNorm1d | None]]:
    """The layers of networks from below, each with its normalisation."""
    flat = [each for module in modules for each in module.modules()]
    found: list[tuple[nn.Linear, nn.BatchNorm1d | None]] = []
    for each in flat:
        if isinstance(each, nn.Linear):
            found.append((each, None))
        elif isinstance(each, nn.BatchNorm1d):
            found[-1] = (found[-1][0], each)
    return found


def moved(*modules: nn.Module) -> list[Tensor]:
    """What training moves of networks: weights and shift of each layer."""
    return [each for linear, norm in layers(*modules) for each in (linear.weight, (norm or linear).bias)]


def theirs_of(*modules: nn.Module) -> list[Layer]:
    return [
        Layer(linear.weight.detach().T.clone(), (norm or linear).bias.detach().clone(), norm is not None)
        for linear, norm in layers(*modules)
    ]


def published(method: Adversarial, run: AdversarialRun) -> Published:
    network = run.discriminator
    if isinstance(network, AutoEncoder):
        encoder, decoder = theirs_of(network.encoder), theirs_of(network.decoder, network.output)
    else:
        encoder, decoder = theirs_of(network), []
    return Published(
        theirs_of(run.generator), encoder, decoder,
        optimiser(method, method.discriminator_optimiser), optimiser(method, method.generator_optimiser),
        getattr(method, "margin", 0.0), getattr(method, "pull_away_weight", 0.0),
    )  # fmt: skip


def optimiser(method: Adversarial, kind: str) -> Adam | Sgd:
    if kind == "adam":
        return Adam(method.learning_rate, method.beta1)
    return Sgd(method.learning_rate, method.momentum)


def enlarge(run: AdversarialRun) -> None:
    """Weights that are large enough for all terms to matter; at first those of a discriminator hardly do."""
    with torch.no_grad():
        for network, factor in ((run.generator, 40), (run.discriminator, 150)):
            for linear, norm in layers(network):
                linear.weight.mul_(factor)
                (norm or linear).bias.add_(torch.rand_like((norm or linear).bias) / 2)


def with_a_margin_among_energies(run: AdversarialRun) -> Adversarial:
    """An EBGAN's method with a margin that half of the first generated images are below."""
    if not isinstance(run.method, Ebgan):
        return run.method
    theirs = published(run.method, run)
    energies = theirs.energy(theirs.generate(torch.randn(100, run.method.noise_size)), None)[0]
    return replace(run.method, margin=float(energies.detach().median()))


def expect_equal(ours: list[Any], theirs: list[Tensor]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.T if one.ndim == 2 else one, other, **TIGHT)  # type: ignore[arg-type]


def real_images(context: Mortal, number: int, size: int) -> Tensor:
    """The images of a step in [-1, 1] with a frame of one pixel of background, by hand."""
    images = digits().splits["train"].images[..., 0]
    epoch, place = divmod(number, len(images) // size)
    order = context.generator(3, "batches", epoch).permutation(len(images))
    large = np.zeros((size, 10, 10))
    large[:, 1:9, 1:9] = images[order[place * size :][:size]]
    return torch.from_numpy(large.reshape(size, 100) / 127.5 - 1)


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("name", METHODS)
def test_steps_are_the_published_ones(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    method, context = METHODS[name], Mortal(tmp_path)
    torch.manual_seed(5)
    run = AdversarialRun(method, digits().splits["train"].images, context)
    enlarge(run)
    method = run.method = with_a_margin_among_energies(run)
    theirs, drawn = published(method, run), Drawn(monkeypatch)
    ours_of_discriminator = moved(run.discriminator)
    ours_of_generator = moved(run.generator)
    gradients: dict[str, list[Tensor]] = {}

    def remember(name: str, parameters: list[Tensor]) -> Callable[..., None]:
        def hook(*_: object) -> None:
            gradients[name] = [each.grad.clone() for each in parameters if each.grad is not None]

        return hook

    run.of_discriminator.register_step_pre_hook(remember("discriminator", ours_of_discriminator))
    run.of_generator.register_step_pre_hook(remember("generator", ours_of_generator))
    sides: set[bool] = set()
    per_epoch = len(run.pool) // method.batch_size
    for number in range(per_epoch - 2, per_epoch + 3):  # into the second epoch
        found = run.step(number)
        noises, masks = drawn.take()
        assert len(noises) == 2
        assert bool(masks) == method.discriminator_dropout
        if isinstance(method, Ebgan):
            of_fake = iter(masks[len(masks) // 3 :]) if masks else None
            energies = theirs.energy(theirs.generate(noises[0]), of_fake)[0]
            sides |= {bool(each) for each in energies > theirs.margin}
        left = iter(masks) if masks else None
        loss, expected = theirs.discriminator_step(real_images(context, number, method.batch_size), noises[0], left)
        expect_equal([found["discriminator-loss"].detach()], [loss.detach()])
        expect_equal(gradients["discriminator"], expected)
        loss, expected = theirs.generator_step(noises[1], left)
        expect_equal([found["generator-loss"].detach()], [loss.detach()])
        expect_equal(gradients["generator"], expected)
        expect_equal([p.detach() for p in ours_of_discriminator], [p.data for p in parameters(theirs.discriminator)])
        expect_equal([p.detach() for p in ours_of_generator], [p.data for p in parameters(theirs.generator)])
        assert left is None or next(left, None) is None, "a mask of dropout is left over"
    if isinstance(method, Ebgan):
        assert sides == {True, False}, "the hinge is on one side in all steps"


def test_each_update_moves_one_network(tmp_path: Path) -> None:
    run = AdversarialRun(METHODS["gan"], digits().splits["train"].images, Mortal(tmp_path))
    states: dict[str, Any] = {}

    def remember(*_: object) -> None:
        states["generator"] = [p.detach().clone() for p in moved(run.generator)]
        states["discriminator"] = [p.detach().clone() for p in moved(run.discriminator)]

    remember()
    before = dict(states)
    run.of_generator.register_step_pre_hook(remember)
    run.step(0)
    assert same(states["generator"], before["generator"])
    assert not same(states["discriminator"], before["discriminator"])
    assert same([p.detach() for p in moved(run.discriminator)], states["discriminator"])
    assert not same([p.detach() for p in moved(run.generator)], states["generator"])


def test_the_scales_of_batch_normalisation_stay_1(tmp_path: Path) -> None:
    run = AdversarialRun(METHODS["ebgan-pt"], digits().splits["train"].images, Mortal(tmp_path))
    run.step(0)
    norms = [
        each for net in (run.generator, run.discriminator) for each in net.modules() if isinstance(each, nn.BatchNorm1d)
    ]
    assert norms
    assert all(torch.equal(each.weight, torch.ones_like(each.weight)) for each in norms)
