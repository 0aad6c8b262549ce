"""What bounds are measured by: how loose they are, how noisy their gradients, how much of the latents is used.

Papers: Auto-Encoding Variational Bayes (Kingma and Welling, 2014), arXiv:1312.6114
        Importance Weighted Autoencoders (Burda et al., 2015), arXiv:1509.00519, section 5.2 for active units
Shapes: N examples of split test, P parameters of the recognition network, L latents
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import norm

from repro.data.kinds.exact import GaussianLatent
from repro.tasks.examples import DensityData, examples_of

GRADIENT_IMAGES, GRADIENT_DRAWS = 100, 100
ACTIVE = 0.01
NODES = np.arange(-12, 12, 0.01)  # deviations of q from its mean: sums over them are exact to rounding for normal q


def importance_weighted_bound(
    model: Any, data: DensityData, random: np.random.Generator, binarised: str, examples: int
) -> float:
    """The mean of the bound L_k that the model was trained by, with its own k, in nats; higher is better.

    On images one draw of k samples an example estimates it; on the Gaussian toy it is the expectation itself.
    """
    found = examples_of(data, "test", examples, binarised)
    return float(np.mean(model.log_bound(found, model.importance_samples, random)))


def bound_gap(model: Any, data: DensityData, random: np.random.Generator, binarised: str, examples: int) -> float:
    """The mean of log p(x) less the model's own bound, in nats; 0 where the bound is tight, lower is better."""
    found = examples_of(data, "test", examples, binarised)
    gap = model.log_likelihood(found, random) - model.log_bound(found, model.importance_samples, random)
    return float(np.mean(gap))


def variational_bound_error(model: Any, data: GaussianLatent, random: np.random.Generator) -> float:
    """The largest |bound - (log p(x) - KL(q(z|x) || p(z|x)))| over the points of the toy, in nats; 0 where it holds.

    The bound is the model's; log p and the posterior are the data's, and the divergence is the sum of q log(q / p(z|x))
    over steps of a hundredth of q's deviation.
    """
    x = data.points
    bound = model.log_bound(x[:, None], 1, random)
    mean, deviation = (np.reshape(each, (-1, 1)) for each in model.proposal(x[:, None]))
    z = mean + deviation * NODES
    centre, variance = data.posterior(x)
    log_ratio = norm.logpdf(NODES) - np.log(deviation) - norm.logpdf(z, centre[:, None], np.sqrt(variance))
    divergence = (norm.pdf(NODES) * log_ratio).sum(axis=1) * (NODES[1] - NODES[0])
    return float(np.abs(bound - (data.log_evidence(x) - divergence)).max())


def gradient_variance(
    model: Any, data: DensityData, random: np.random.Generator, binarised: str, examples: int
) -> float:
    """The variance of the gradient's estimate by the recognition network's parameters, per image; lower is better.

    The gradient is that of the model's own objective, by its own estimator, at its trained parameters, summed over the
    first 100 test images (or `examples`, where these are fewer). 100 times the latent noise is drawn anew, the pixels
    stay. The value is the trace of the covariance (P, P) over draws, divided by the number of images: since their
    noises are independent, the mean of the traces of single images.
    """
    images = examples_of(data, "test", min(examples or GRADIENT_IMAGES, GRADIENT_IMAGES), binarised)
    mean = squares = np.zeros(1)
    for number in range(1, GRADIENT_DRAWS + 1):
        gradient = model.recognition_gradient(images, random)
        away = gradient - mean
        mean = mean + away / number
        squares = squares + away * (gradient - mean)
    return float(squares.sum() / (GRADIENT_DRAWS - 1) / len(images))


def active_units(model: Any, data: DensityData, random: np.random.Generator, binarised: str, examples: int) -> float:
    """How many of the L latents have a posterior mean whose variance over the examples is above 0.01."""
    del random
    means = model.posterior_means(examples_of(data, "test", examples, binarised))
    return float((means.var(axis=0) > ACTIVE).sum())
