"""Log-weights and gradients: against densities of torch, autograd, and integrals over one latent."""

from __future__ import annotations

import math
from itertools import combinations, pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from baselines.latent import trained
from baselines.latent.estimators import ESTIMATORS, importance_weighted, reparameterised, score_function
from baselines.latent.methods import IWAE, VAE
from baselines.latent.networks import Autoencoder
from baselines.latent.trained import TrainedAutoencoder
from tests.baselines.contract import Mortal, same

TIGHT: dict[str, Any] = {"rtol": 1e-9, "atol": 1e-11}  # float64: what is left is the order of sums


def network(pixels: int = 6, latents: int = 3) -> Autoencoder:
    found = Autoencoder(pixels, (5, 4), latents, "cpu", torch.float64)
    found.flat.copy_(torch.randn(len(found.flat), generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    return found


def drawn(images: int, k: int, pixels: int = 6, latents: int = 3) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(1)
    x = (torch.rand(images, pixels, generator=random) < 0.4).double()
    return x, torch.randn(images, k, latents, generator=random, dtype=torch.float64)


def plain(of: Autoencoder, flat: Tensor, x: Tensor, noise: Tensor) -> Tensor:
    """Log-weights (B, k) as a function of the flat parameters that autograd can go through."""

    def output(sizes: list[int], start: int, h: Tensor) -> Tensor:
        for number, (inputs, outputs) in enumerate(pairwise(sizes), start=2):
            end = start + inputs * outputs
            h = h @ flat[start:end].view(inputs, outputs) + flat[end : end + outputs]
            start = end + outputs
            h = torch.tanh(h) if number < len(sizes) else h
        return h

    mean, log_deviation = output([of.pixels, *of.hidden, 2 * of.latents], 0, x)[:, None].chunk(2, dim=2)
    z = mean + log_deviation.exp() * noise
    logits = output([of.latents, *reversed(of.hidden), of.pixels], of.recognition, z)
    likelihood = -binary_cross_entropy_with_logits(logits, x[:, None].expand_as(logits), reduction="none").sum(dim=2)
    return likelihood + (normal(z, 0 * z, 0 * z) - normal(z, mean, log_deviation)).sum(dim=2)


def normal(z: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """The logarithm of the density."""
    return -((z - mean) ** 2) / (2 * (2 * log_deviation).exp()) - log_deviation - math.log(2 * math.pi) / 2


def test_log_weights_are_by_the_densities_and_the_gradient_of_l_k_is_autograd_of_the_log_of_the_mean() -> None:
    of, (x, noise) = network(), drawn(7, 5)
    flat = of.flat.clone().requires_grad_()
    expected = plain(of, flat, x, noise)
    log_weights = of.log_weights(x, noise)
    torch.testing.assert_close(log_weights, expected.detach(), **TIGHT)
    bounds, shares, _ = importance_weighted(log_weights)
    objective = torch.log(torch.exp(expected).mean(dim=1))
    torch.testing.assert_close(bounds, objective.detach(), **TIGHT)
    of.backward(shares)
    torch.testing.assert_close(of.gradient, torch.autograd.grad(objective.sum(), flat)[0], **TIGHT)


def test_with_one_sample_the_importance_weighted_gradient_is_the_reparameterised_one() -> None:
    of, (x, noise) = network(), drawn(7, 1)
    log_weights = of.log_weights(x, noise)
    gradients = []
    for estimate in (importance_weighted, reparameterised):
        of.backward(estimate(log_weights).shares)
        gradients.append(of.gradient.clone())
    assert torch.equal(*gradients)


def test_both_gradients_of_the_variational_bound_have_one_mean_and_the_score_functions_variance_is_larger() -> None:
    """Means and variances over one latent, by sums over equal steps, which are exact to eight digits here."""
    of, (x, _) = network(latents=1), drawn(1, 1)
    nodes = np.arange(-10, 10, 0.05)
    chances = norm.pdf(nodes) * 0.05
    found = {}
    for estimate in (reparameterised, score_function):
        rows = []
        for node in nodes:
            _, shares, scores = estimate(of.log_weights(x, torch.full((1, 1, 1), node, dtype=torch.float64)))
            of.backward(shares, scores)
            rows.append(of.gradient.numpy().copy())
        mean = chances @ np.array(rows)
        found[estimate] = mean, chances @ (np.array(rows) - mean) ** 2
    (mean, variance), (other_mean, other_variance) = found[reparameterised], found[score_function]
    np.testing.assert_allclose(other_mean, mean, rtol=1e-6, atol=1e-8)
    recognition = slice(of.recognition)
    assert other_variance[recognition].sum() > 3 * variance[recognition].sum()
    np.testing.assert_allclose(other_variance[of.recognition :], variance[of.recognition :], rtol=1e-9)


def test_bounds_rise_with_k_on_common_samples() -> None:
    """The mean over all subsets of j of five weights, for each image: the paper's theorem 1 before its expectation."""
    log_weights = network().log_weights(*drawn(7, 5))
    means = []
    for size in range(1, 6):
        subsets = [importance_weighted(log_weights[:, list(places)]).bounds for places in combinations(range(5), size)]
        means.append(torch.stack(subsets).mean(dim=0))
    assert all(bool((below < above).all()) for below, above in pairwise(means))


def small(estimator: str = "importance-weighted", samples: int = 3) -> TrainedAutoencoder:
    return TrainedAutoencoder(network(), estimator, samples).small(4, np.random.default_rng(0))


EVERY = np.array(list(product((0.0, 1.0), repeat=4)))
GRID = np.linspace(-9, 9, 2001)


def test_probabilities_of_all_images_sum_to_one_and_bounds_are_log_p_less_a_divergence() -> None:
    """By sums over a fine grid of the one latent: log p(x) and KL(q || p(z|x)). The mean of 4,000 sampled bounds is
    within four of its standard errors; that of 20,000 weights, which are bounded for q so near the prior, within 0.05.
    """
    model = small()
    model.network.flat[: model.network.recognition] *= 0.1
    step = GRID[1] - GRID[0]
    log_joint = model.log_likelihood_given(EVERY, GRID[:, None]) + norm.logpdf(GRID)
    log_p = np.log(np.exp(log_joint).sum(axis=1) * step)
    assert np.exp(log_p).sum() == pytest.approx(1, abs=1e-9)
    log_q = norm.logpdf(GRID, *model.proposal(EVERY))
    divergence = (np.exp(log_q) * (log_q - log_joint + log_p[:, None])).sum(axis=1) * step
    draws = model.log_bound(np.repeat(EVERY, 4000, axis=0), 1, np.random.default_rng(0)).reshape(16, -1)
    errors = draws.std(axis=1) / np.sqrt(draws.shape[1])
    assert (abs(draws.mean(axis=1) - (log_p - divergence)) < 4 * errors).all()
    np.testing.assert_allclose(model.log_bound(EVERY, 20_000, np.random.default_rng(0)), log_p, atol=0.05)


@pytest.mark.parametrize("block", [1, 2, 5, 16, 10_000])
def test_blocks_of_any_size_give_the_same_bounds(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The noise comes in the order of the examples, and where a block is less than their samples in that of samples."""
    at_once = small().log_bound(EVERY, 5, np.random.default_rng(0))
    monkeypatch.setattr(trained, "BLOCK", block)
    np.testing.assert_allclose(small().log_bound(EVERY, 5, np.random.default_rng(0)), at_once, rtol=1e-12)


def test_bounds_have_as_many_samples_as_the_training_only_where_they_are_importance_weighted() -> None:
    assert {name: small(name, 5).importance_samples for name in ESTIMATORS} == {
        "importance-weighted": 5, "reparameterization": 1, "score-function": 1,
    }  # fmt: skip


@pytest.mark.parametrize("name", ESTIMATORS)
def test_the_gradient_that_is_measured_is_the_estimate_of_the_training(name: str) -> None:
    """One draw is the training's estimate by the same noise; the decoder's part is left out."""
    model, random = small(name, 3), np.random.default_rng(5)
    found = model.recognition_gradient(EVERY, np.random.default_rng(5))
    noise = torch.from_numpy(random.standard_normal((16, 3, 1), dtype=np.float32)).double()
    _, shares, scores = ESTIMATORS[name](model.network.log_weights(torch.from_numpy(EVERY), noise))
    model.network.backward(shares, scores)
    assert np.array_equal(found, model.network.gradient[: model.network.recognition].numpy())


def test_a_restored_model_is_the_same_and_posterior_means_are_those_of_q(tmp_path: Path) -> None:
    for method in (VAE(samples=3), IWAE(samples=3)):
        model = TrainedAutoencoder(network(), method.estimator, 3)
        again = method.restore(model.state(), Mortal(tmp_path))
        assert isinstance(again, TrainedAutoencoder)
        assert same(again.state(), model.state())
        examples = drawn(7, 1)[0].numpy()
        assert np.array_equal(again.log_bound(examples, 3, np.random.default_rng(0)),
                              model.log_bound(examples, 3, np.random.default_rng(0)))  # fmt: skip
        assert np.array_equal(again.posterior_means(examples), again.proposal(examples)[0])
