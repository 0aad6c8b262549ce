"""Variational and importance weighted autoencoders.

Papers: Auto-Encoding Variational Bayes (Kingma and Welling, 2014), arXiv:1312.6114
        Importance Weighted Autoencoders (Burda et al., 2015), arXiv:1509.00519
Code:   yburda/iwae; read at 8fdcbab. One stochastic layer, 425,284 parameters at the defaults on 28x28 pixels
Departures: the encoder sees an image once, not once a sample (the same gradient); a pixel of brightness 0 is never one
        (in the code with the probability of a uniform number's being 0); Theano's random numbers are torch's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from baselines.latent.toy import GaussianBounds
from baselines.latent.trained import TrainedAutoencoder, restored
from baselines.latent.training import AutoencoderRun
from repro.contracts import Context
from repro.data.kinds.exact import GaussianLatent
from repro.data.kinds.images import Images

Posterior = Literal["learned", "prior", "exact"]
Trained = GaussianBounds | TrainedAutoencoder


@dataclass(frozen=True)
class VAE:
    """The variational autoencoder with the settings of Burda et al. as defaults.

    Attributes:
        posterior: q(z|x): `learned` on images; on the Gaussian toy the `prior`, or the `exact` posterior.
        gradient: of the bound by q's parameters: through samples that move with them, or by the score function.
        samples: of z for an image a step, over which gradients are averaged.
        latents: of z.
        hidden_sizes: of the tanh layers of the encoder from below; the decoder has them from above.
        batch_size: images a step, over which gradients are summed.
        stages: the i-th has 3^(i-1) epochs, at the rate 1e-4 * round(10^(1 - (i-1)/7), 1).
        held_out: so many of the last training images are not trained on, as in the code.
    """

    posterior: Posterior = "learned"
    gradient: Literal["reparameterization", "score-function"] = "reparameterization"
    samples: int = 1
    latents: int = 50
    hidden_sizes: tuple[int, ...] = (200, 200)
    batch_size: int = 20
    stages: int = 8
    held_out: int = 400

    def fit(self, data: Images | GaussianLatent, context: Context) -> Trained:
        """Trains one seed. Raises Diverged, and ValueError for data of another kind than `posterior` says."""
        return _fitted(self, data, context)

    def restore(self, state: Mapping[str, Any], context: Context) -> Trained:
        """The trained model whose `state()` this is."""
        return _restored(self, state, context)

    @property
    def estimator(self) -> str:
        """The name among `ESTIMATORS`."""
        return self.gradient


@dataclass(frozen=True)
class IWAE:
    """The importance weighted autoencoder with the settings of Burda et al. as defaults.

    Attributes:
        posterior: as of `VAE`.
        samples: k of the bound L_k.
        latents: of z.
        hidden_sizes: of the tanh layers of the encoder from below; the decoder has them from above.
        batch_size: images a step, over which gradients are summed.
        stages: the i-th has 3^(i-1) epochs, at the rate 1e-4 * round(10^(1 - (i-1)/7), 1).
        held_out: so many of the last training images are not trained on, as in the code.
    """

    posterior: Posterior = "learned"
    samples: int = 5
    latents: int = 50
    hidden_sizes: tuple[int, ...] = (200, 200)
    batch_size: int = 20
    stages: int = 8
    held_out: int = 400

    def fit(self, data: Images | GaussianLatent, context: Context) -> Trained:
        """As of `VAE`."""
        return _fitted(self, data, context)

    def restore(self, state: Mapping[str, Any], context: Context) -> Trained:
        """The trained model whose `state()` this is."""
        return _restored(self, state, context)

    @property
    def estimator(self) -> str:
        """The name among `ESTIMATORS`."""
        return "importance-weighted"


def _fitted(method: VAE | IWAE, data: Images | GaussianLatent, context: Context) -> Trained:
    if isinstance(data, GaussianLatent):
        if method.posterior == "learned":
            raise ValueError(f"nothing is learned on {data.name}: posterior is to be `prior` or `exact`")
        return _toy(method)
    if method.posterior != "learned":
        raise ValueError(f"posterior {method.posterior} is of gaussian-latent alone; on {data.name} it is `learned`")
    return TrainedAutoencoder(AutoencoderRun(method, data, context).train(), method.estimator, method.samples)


def _restored(method: VAE | IWAE, state: Mapping[str, Any], context: Context) -> Trained:
    if method.posterior != "learned":
        return _toy(method)
    return TrainedAutoencoder(restored(state, context.device), method.estimator, method.samples)


def _toy(method: VAE | IWAE) -> GaussianBounds:
    assert method.posterior != "learned"
    return GaussianBounds(method.posterior, method.samples if isinstance(method, IWAE) else 1)
