"""Training against the published step, in float64, and what images it sees: in file order, drawn at every visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.latent.adam import LaggingAdam
from baselines.latent.methods import IWAE, VAE
from baselines.latent.networks import Autoencoder
from baselines.latent.training import AutoencoderRun, epochs, rate
from repro.data.kinds.exact import gaussian_latent
from repro.data.kinds.images import Images, Split, digits
from tests.baselines.contract import Killed, Mortal, same
from tests.baselines.latent.published import Published

SIZES: dict[str, Any] = {"samples": 3, "latents": 5, "hidden_sizes": (11, 7), "batch_size": 20, "held_out": 1237}
METHODS = (VAE(**SIZES), VAE(gradient="score-function", **SIZES), IWAE(**SIZES))
BY_ESTIMATOR = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.estimator)
TIGHT: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-11}  # float64: what is left is the order of sums


@pytest.fixture
def double() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def grey(count: int = 60, pixels: int = 13) -> Images:
    """Images of one row of pixels; in the first column the number of the image, in the last black, then white."""
    images = np.random.RandomState(0).randint(1, 255, (count, 1, pixels, 1)).astype(np.uint8)
    images[:, 0, 0, 0], images[:, 0, -2, 0], images[:, 0, -1, 0] = np.arange(count), 0, 255
    return Images("grey", {"train": Split(images)})


def run_of(method: VAE | IWAE, folder: Path, data: Images | None = None) -> AutoencoderRun:
    return AutoencoderRun(method, digits() if data is None else data, Mortal(folder))


def separate(network: Autoencoder, layers: str = "layers") -> list[tuple[Tensor, Tensor]]:
    """The layers of an autoencoder as the code has them: means and deviations apart."""
    *hidden, (weight, bias) = getattr(network.encoder, layers)
    heads = zip(weight.chunk(2, dim=1), bias.chunk(2), strict=True)
    found = [*hidden, *heads, *getattr(network.decoder, layers)]
    return [(weight.detach().clone(), bias.detach().clone()) for weight, bias in found]


def published(network: Autoencoder) -> Published:
    layers, depth = separate(network), len(network.hidden)
    return Published(layers[:depth], layers[depth], layers[depth + 1], layers[depth + 2 :])


def flat(layers: list[tuple[Tensor, Tensor]]) -> list[Tensor]:
    return [each for layer in layers for each in layer]


def drawn_by(run: AutoencoderRun, number: int) -> tuple[Tensor, Tensor]:
    """What a step draws after the seed 7: binary pixels and noise."""
    torch.manual_seed(7 + number)
    x = run.binarised(run.batch(number % run.per_epoch))
    noise = torch.randn(len(x), run.method.samples, run.method.latents)
    torch.manual_seed(7 + number)
    return x, noise


@pytest.mark.usefixtures("double")
@BY_ESTIMATOR
def test_steps_are_the_published_ones(method: VAE | IWAE, tmp_path: Path) -> None:
    """Bounds, gradients and weights over six steps, across the border of the first two stages, where the rate falls."""
    run = run_of(method, tmp_path)
    assert run.per_epoch == 3
    theirs = published(run.network)
    for number in range(6):
        x, noise = drawn_by(run, number)
        bounds, gradients = theirs.gradients(run.method.estimator, x, noise)
        theirs.update(gradients, 1e-3 if number < 3 else 7.2e-4)
        watched = run.step(number)
        torch.testing.assert_close(watched["bound"], bounds.mean(), **TIGHT)
        torch.testing.assert_close(flat(separate(run.network, "slopes")), gradients, **TIGHT)
        weights = [parameter.detach() for parameter in theirs.parameters]
        torch.testing.assert_close(flat(separate(run.network)), weights, **TIGHT)


@pytest.mark.usefixtures("double")
def test_a_step_by_the_mean_over_the_batch_would_be_another(tmp_path: Path) -> None:
    """Second moments begin at one, so that the scale of gradients tells; a plain Adam would move all but alike."""
    steps = {}
    for scale in (1.0, 1 / 20):
        run = run_of(METHODS[0], tmp_path)
        before = run.network.flat.clone()
        for number in range(2):
            drawn_by(run, number)
            run.network.backward(*_shares(run, number, scale))
            run.adam.step(1e-3)
        steps[scale] = (run.network.flat - before).norm()
    assert 15 < steps[1.0] / steps[1 / 20] < 20  # 20 but for what second moments have moved by then


def _shares(run: AutoencoderRun, number: int, scale: float) -> tuple[Tensor]:
    x, noise = drawn_by(run, number)
    log_weights = run.network.log_weights(x, noise)
    return (torch.full_like(log_weights, scale / log_weights.shape[1]),)


@pytest.mark.usefixtures("double")
def test_the_first_step_moves_nothing_and_the_second_goes_by_the_first_gradient_alone(tmp_path: Path) -> None:
    """Parameters move by the moments from before the step: by hand, with 0.01 of the first gradient as mean."""
    run = run_of(METHODS[0], tmp_path)
    start = run.network.flat.clone()
    run.step(0)
    assert torch.equal(run.network.flat, start)
    gradient = run.network.gradient.clone()
    run.step(1)
    alpha = 1e-3 * (1 - 0.999**2) ** 0.5 / (1 - 0.99**2)
    expected = alpha * 0.01 * gradient / ((0.999 + 0.001 * gradient**2) ** 0.5 + 1e-4)
    torch.testing.assert_close(run.network.flat - start, expected, rtol=1e-9, atol=1e-14)


@pytest.mark.usefixtures("double")
def test_adam_in_machine_code_is_adam_by_torch() -> None:
    random = torch.Generator().manual_seed(0)
    start = torch.randn(101, generator=random)
    gradients = torch.randn(5, 101, generator=random)
    found = []
    for way in ("step", "_step"):
        adam = LaggingAdam(start.clone(), torch.empty(101))
        for number, gradient in enumerate(gradients, start=1):
            adam.gradient.copy_(gradient)
            alpha = 1e-2 * (1 - 0.999**number) ** 0.5 / (1 - 0.99**number)
            adam.step(1e-2) if way == "step" else adam._step(alpha)
        found.append((adam.parameters, adam.first, adam.second))
    torch.testing.assert_close(*found, **TIGHT)


def test_stages_have_powers_of_three_epochs_and_the_published_rates() -> None:
    """3,280 epochs; the rates of the fact sheet."""
    assert [epochs(stages) for stages in (1, 2, 4, 8)] == [1, 4, 40, 3280]
    by_epoch = [round(rate(epoch), 7) for epoch in range(3280)]
    expected = [1e-3, 7.2e-4, 5.2e-4, 3.7e-4, 2.7e-4, 1.9e-4, 1.4e-4, 1e-4]
    assert by_epoch == [each for stage, each in enumerate(expected) for _ in range(3**stage)]


def test_images_come_in_the_order_of_the_file_and_the_last_ones_never(tmp_path: Path) -> None:
    """The number of each image is its first pixel; 60 less 7 images make two batches of 20, and 13 are left over."""
    run = run_of(replace(METHODS[0], held_out=7), tmp_path, grey())
    assert run.per_epoch == 2
    seen: list[int] = []
    batch = run.batch

    def watched(place: int) -> Tensor:
        found = batch(place)
        seen.extend(found[:, 0].tolist())
        return found

    run.batch = watched  # type: ignore[method-assign]
    for number in range(5):
        run.step(number)
    assert seen == [*range(40), *range(40), *range(20)]


def test_pixels_are_drawn_anew_at_every_visit_with_their_brightness_as_probability(tmp_path: Path) -> None:
    run = run_of(METHODS[0], tmp_path, grey(1257))
    seen: list[Tensor] = []
    binarised = run.binarised

    def watched(images: Tensor) -> Tensor:
        seen.append(binarised(images))
        return seen[-1]

    run.binarised = watched  # type: ignore[method-assign]
    torch.manual_seed(0)
    for number in range(400):
        run.step(number)  # one batch an epoch, always the same one
    visits = torch.stack(seen).double()
    assert set(visits.flatten().tolist()) == {0.0, 1.0}
    assert not visits[:, :, -2].any()
    assert visits[:, :, -1].all()
    assert not torch.equal(visits[0], visits[1])
    p = run.batch(0).double() / 255
    z = (visits.mean(dim=0) - p) / (p * (1 - p) / 400).sqrt().clamp(min=1e-9)
    assert z.abs().max() < 4.5  # 260 pixels


def test_layers_of_one_shape_begin_alike_and_the_output_as_the_means_of_pixels(tmp_path: Path) -> None:
    """Means of the images that are trained on, clipped to 0.001 and 0.999; by numpy's uniform from the seed 123."""
    run = run_of(replace(METHODS[0], hidden_sizes=(7, 7), latents=7, held_out=10), tmp_path, grey())
    layers = separate(run.network)
    second, mean, deviation, first_up = (layers[place][0] for place in (1, 2, 3, 4))
    assert all(torch.equal(second, other) for other in (mean, deviation, first_up))
    limit = (6 / 14) ** 0.5
    expected = np.random.RandomState(123).uniform(-limit, limit, (7, 7))
    np.testing.assert_allclose(second.numpy(), expected, rtol=1e-6)  # float32
    assert all(not bias.any() for _, bias in layers[:-1])
    means = np.clip(grey().splits["train"].images[:50].reshape(50, -1).mean(axis=0) / 255, 0.001, 0.999)
    np.testing.assert_allclose(torch.sigmoid(layers[-1][1]).numpy(), means, rtol=1e-5)
    assert means[-2:].tolist() == [0.001, 0.999]


def test_the_published_size_has_the_published_number_of_parameters() -> None:
    assert len(Autoencoder(784, VAE().hidden_sizes, VAE().latents, "cpu", torch.float32).flat) == 425_284


@BY_ESTIMATOR
def test_a_killed_training_ends_with_the_same_bits(method: VAE | IWAE, tmp_path: Path) -> None:
    method = replace(method, stages=2)
    whole = method.fit(digits(), Mortal(tmp_path / "whole"))
    with pytest.raises(Killed):
        method.fit(digits(), Mortal(tmp_path / "killed", dies_at=7))
    again = method.fit(digits(), Mortal(tmp_path / "killed"))
    assert same(again.state(), whole.state())
    other = method.fit(digits(), Mortal(tmp_path / "other", 4))
    assert not same(other.state(), whole.state())


@pytest.mark.parametrize("method", [METHODS[0], METHODS[2]], ids=lambda method: method.estimator)
def test_training_raises_the_bound(method: VAE | IWAE, tmp_path: Path) -> None:
    """By nats in 40 epochs. The score function's gradient is mostly noise: it is held by its mean alone."""
    context = Mortal(tmp_path)
    replace(method, stages=4, held_out=400, hidden_sizes=(50,)).fit(digits(), context)
    bounds = context.curves(3)["bound"].value
    assert bounds[-1] > bounds[0] + 2


def test_what_cannot_be_trained_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"batch_size 61 is more than the 60 images of digits .* held_out 1237"):
        replace(METHODS[0], batch_size=61).fit(digits(), Mortal(tmp_path))
    with pytest.raises(ValueError, match="posterior exact is of gaussian-latent alone"):
        replace(METHODS[0], posterior="exact").fit(digits(), Mortal(tmp_path))
    with pytest.raises(
        ValueError, match="nothing is learned on gaussian-latent: posterior is to be `prior` or `exact`"
    ):
        METHODS[2].fit(gaussian_latent(), Mortal(tmp_path))
