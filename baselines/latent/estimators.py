"""Bounds on log p(x) from importance weights, and unbiased estimates of their gradients.

Papers: Auto-Encoding Variational Bayes (Kingma and Welling, 2014), arXiv:1312.6114
        Importance Weighted Autoencoders (Burda et al., 2015), arXiv:1509.00519, equations 8, 13 and 14
        Variational Bayesian Inference with Stochastic Search (Paisley et al., 2012), arXiv:1206.6430, for the score
        function
Code:   yburda/iwae, iwae.py, gradIminibatch_srng: both forms; the gradient is the SUM over the batch
Shapes: B images, k samples an image

Each takes log-weights (B, k) and gives the bounds (B,) in nats, and what `Autoencoder.backward` wants.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Estimate(NamedTuple):
    """Bounds (B,) of the images, and the factors (B, k) by which log-weights, and log q, enter the gradient."""

    bounds: Tensor
    shares: Tensor
    scores: Tensor | None = None


Estimator = Callable[[Tensor], Estimate]


def reparameterised(log_weights: Tensor) -> Estimate:
    """The variational bound by k samples that move with q's parameters."""
    return Estimate(log_weights.mean(dim=1), torch.full_like(log_weights, 1 / log_weights.shape[1]))


def score_function(log_weights: Tensor) -> Estimate:
    """The variational bound by k fixed samples: E_q[log w * grad log q], without the term of mean 0, -E_q[grad log q].

    No baseline is subtracted: it is the estimator that reparameterisation replaces.
    """
    bounds, shares, _ = reparameterised(log_weights)
    return Estimate(bounds, shares, log_weights * shares)


def importance_weighted(log_weights: Tensor) -> Estimate:
    """L_k, the logarithm of the mean of k weights; its gradient has the normalised weights as factors."""
    bounds = torch.logsumexp(log_weights, dim=1) - math.log(log_weights.shape[1])
    return Estimate(bounds, torch.softmax(log_weights, dim=1))


ESTIMATORS: dict[str, Estimator] = {
    "reparameterization": reparameterised,
    "score-function": score_function,
    "importance-weighted": importance_weighted,
}
