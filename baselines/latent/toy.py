"""One Gaussian latent: the bounds L_k of two proposals, as the integrals that they are, without a sample.

Paper: Importance Weighted Autoencoders (Burda et al., 2015), arXiv:1509.00519, theorem 1

L_k is the expectation of log(S / k), S the sum of the weights of k independent draws. For any positive S

    log S = integral over t > 0 of (exp(-t) - exp(-t S)) / t,

so E[log S] needs of the weights only their Laplace transform, which for a sum is one weight's to the power of k: one
integral over z, in another over t. Both are of smooth functions that vanish at both ends, where sums over equal steps
are exact to rounding.
Shapes: N points
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy.stats import norm

from repro.data.kinds.exact import GaussianLatent

DEVIATIONS = np.arange(-12, 12, 0.02)  # of z from the proposal's mean, in its deviations
LOG_T = np.arange(-40, 60, 0.05)


class GaussianBounds:
    """p(z) = N(0, 1), p(x|z) = N(z, 1), and as q(z|x) either the prior or the exact posterior N(x / 2, 1 / 2).

    Attributes:
        importance_samples: k of its own bound.
    """

    def __init__(self, posterior: Literal["prior", "exact"], importance_samples: int) -> None:
        self.posterior, self.importance_samples = posterior, importance_samples
        self.densities = GaussianLatent("gaussian-latent", np.zeros(1))

    def log_likelihood(self, points: np.ndarray, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """log p(x) of points, exactly: (N,), in nats."""
        return self.densities.log_evidence(_flat(points))

    def proposal(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of q(z|x): (N,) each."""
        x = _flat(points)
        if self.posterior == "prior":
            return np.zeros_like(x), np.ones_like(x)
        mean, variance = self.densities.posterior(x)
        return mean, np.full_like(x, np.sqrt(variance))

    def log_weight(self, points: np.ndarray, z: np.ndarray) -> np.ndarray:
        """log p(x, z) / q(z|x) in nats for points (N,) and latents (N, M): (N, M)."""
        x = _flat(points)[:, None]
        mean, deviation = (each[:, None] for each in self.proposal(points))
        joint = self.densities.log_prior(z) + self.densities.log_likelihood(x, z)
        return np.asarray(joint - norm.logpdf(z, mean, deviation))

    def log_bound(self, points: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002
        """L_k itself, k = `samples`, to rounding: (N,), in nats."""
        mean, deviation = (each[:, None] for each in self.proposal(points))
        log_weights = self.log_weight(points, mean + deviation * DEVIATIONS)
        return np.array([_mean_log_mean(each, samples) for each in log_weights])

    def state(self) -> dict[str, Any]:
        """Nothing but the parameters: there is nothing to train."""
        return {"posterior": self.posterior, "importance_samples": self.importance_samples}


def _mean_log_mean(log_weights: np.ndarray, samples: int) -> float:
    """E[log of the mean of `samples` weights], for the log-weights at `DEVIATIONS` of a standard normal."""
    chances = norm.pdf(DEVIATIONS)
    chances /= chances.sum()
    middle = float(np.log(chances @ np.exp(log_weights)))  # of a scale on which the sum is about one
    t = np.exp(LOG_T)
    transform = np.exp(-np.outer(t, np.exp(log_weights - middle) / samples)) @ chances
    step = LOG_T[1] - LOG_T[0]
    return float(middle + step * np.sum(np.exp(-t) - transform**samples))


def _flat(points: np.ndarray) -> np.ndarray:
    return np.asarray(points, dtype=np.float64).reshape(len(points))
