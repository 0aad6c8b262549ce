"""A trained autoencoder as the tasks of densities want it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.latent.estimators import ESTIMATORS
from baselines.latent.networks import Autoencoder
from baselines.training.parts import copied

BLOCK = 2_500  # pairs of an image and a sample at a time
SMALL_HIDDEN, SMALL_LATENTS = (5, 4), 1


class TrainedAutoencoder:
    """What is asked of a trained model: bounds, the gradient that it was trained with, its posterior means.

    Attributes:
        importance_samples: of the bound that it was trained by; 1 for a VAE, whose bound is the same for any number.
    """

    def __init__(self, network: Autoencoder, estimator: str, samples: int) -> None:
        self.network, self.estimator, self.samples = network, estimator, samples

    @property
    def importance_samples(self) -> int:
        """k of the bound L_k that it was trained by."""
        return self.samples if self.estimator == "importance-weighted" else 1

    def log_bound(self, examples: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:
        """The log of the mean of `samples` importance weights for each example (N, D): (N,), in nats."""
        count = max(1, BLOCK // samples)
        blocks = [examples[start : start + count] for start in range(0, len(examples), count)]
        return np.concatenate([np.empty(0), *(self._log_mean(block, samples, random) for block in blocks)])

    def _log_mean(self, examples: np.ndarray, samples: int, random: np.random.Generator) -> np.ndarray:
        """A block of examples at once, and where one example's samples are too many for that, part by part."""
        x, total = self._tensor(examples), torch.full((len(examples),), -math.inf, dtype=torch.float64)
        for start in range(0, samples, BLOCK):
            log_weights = self.network.log_weights(x, self._noise(len(x), min(BLOCK, samples - start), random))
            total = torch.logaddexp(total, torch.logsumexp(log_weights.double().cpu(), dim=1))
        found: np.ndarray = (total - math.log(samples)).numpy()
        return found

    def recognition_gradient(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """One draw of the estimate that it was trained by: the gradient of the bounds' sum over examples (N, D), by
        the parameters (P,) of the recognition network."""
        network = self.network
        log_weights = network.log_weights(self._tensor(examples), self._noise(len(examples), self.samples, random))
        _, shares, scores = ESTIMATORS[self.estimator](log_weights)
        network.backward(shares, scores)
        found: np.ndarray = network.gradient[: network.recognition].double().cpu().numpy()
        return found

    def posterior_means(self, examples: np.ndarray) -> np.ndarray:
        """The means (N, L) of q(z|x)."""
        found: np.ndarray = self.network.proposal(self._tensor(examples))[0].double().cpu().numpy()
        return found

    def proposal(self, examples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The means and the deviations (N, L) of q(z|x)."""
        mean, log_deviation = self.network.proposal(self._tensor(examples))
        return mean.double().cpu().numpy(), log_deviation.double().exp().cpu().numpy()

    def log_likelihood_given(self, examples: np.ndarray, latents: np.ndarray) -> np.ndarray:
        """log p(x|z) in nats of each of examples (N, D) at each of latents (M, L): (N, M)."""
        logits = self.network.decoder.forward(self._tensor(latents)).double()
        x = self._tensor(examples).double()
        found: np.ndarray = (x @ logits.T - torch.nn.functional.softplus(logits).sum(dim=1)).cpu().numpy()
        return found

    def small(self, inputs: int, random: np.random.Generator) -> TrainedAutoencoder:
        """One of few units, one latent and `inputs` pixels with normal weights in float64, of the same estimator."""
        network = Autoencoder(inputs, SMALL_HIDDEN, SMALL_LATENTS, "cpu", torch.float64)
        network.flat.copy_(torch.from_numpy(random.normal(size=len(network.flat))))
        return TrainedAutoencoder(network, self.estimator, self.samples)

    def state(self) -> dict[str, Any]:
        """The parameters and what they are of."""
        found: dict[str, Any] = copied(self.network.state_dict())
        return found

    def _tensor(self, array: np.ndarray) -> Tensor:
        flat = self.network.flat
        return torch.from_numpy(np.ascontiguousarray(array)).to(flat.device, flat.dtype)

    def _noise(self, count: int, samples: int, random: np.random.Generator) -> Tensor:
        return self._tensor(random.standard_normal((count, samples, self.network.latents), dtype=np.float32))


def restored(state: Mapping[str, Any], device: str) -> Autoencoder:
    """The network whose `state_dict` this is."""
    network = Autoencoder(state["pixels"], state["hidden"], state["latents"], device, state["flat"].dtype)
    network.load_state_dict(state)
    return network
