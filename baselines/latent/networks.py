"""The recognition network and the decoder in one flat tensor, with their derivatives written out.

Paper:  Importance Weighted Autoencoders (Burda et al., 2015), arXiv:1509.00519
Code:   yburda/iwae, iwae.py (GaussianSampler, BernoulliSampler, IWAE) and nnet.py; read at 8fdcbab
Shapes: B images, k samples an image, D pixels, L latents, I inputs and O outputs of a chain; P parameters

At batches of 20 autograd's bookkeeping costs as much as the arithmetic. Here every gradient is written in place, once;
the tests hold them against autograd in float64.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

INITIAL_SEED = 123  # of every layer's weights in every run, as in the code: layers of one shape begin alike
MEAN_RANGE = 0.001, 0.999


class Chain:
    """x (B, I) -> FC-tanh-...-FC -> (B, O): weights (inputs, outputs) and biases are views of a flat tensor."""

    def __init__(self, sizes: Sequence[int], values: Tensor, slopes: Tensor) -> None:
        self.layers, self.slopes = _layers(sizes, values), _layers(sizes, slopes)

    def forward(self, x: Tensor) -> Tensor:
        """The outputs (B, O); keeps what `backward` needs."""
        self.inputs = [x]
        for weight, bias in self.layers[:-1]:
            x = torch.addmm(bias, x, weight).tanh_()
            self.inputs.append(x)
        weight, bias = self.layers[-1]
        return torch.addmm(bias, x, weight)

    def backward(self, slope: Tensor, *, to_input: bool) -> Tensor:
        """Writes the parameters' gradients for d objective / d outputs (B, O).

        Returns d objective / d x (B, I) where `to_input`; without it the slope of the first layer's outputs.
        """
        for number in reversed(range(len(self.layers))):
            x, (to_weight, to_bias) = self.inputs[number], self.slopes[number]
            torch.mm(x.T, slope, out=to_weight)
            torch.sum(slope, dim=0, out=to_bias)
            if number or to_input:
                slope = slope @ self.layers[number][0].T
            if number:
                slope = torch.ops.aten.tanh_backward(slope, x)
        return slope


def size(sizes: Sequence[int]) -> int:
    """How many parameters a chain has."""
    return sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))


def _layers(sizes: Sequence[int], flat: Tensor) -> list[tuple[Tensor, Tensor]]:
    layers, start = [], 0
    for inputs, outputs in pairwise(sizes):
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        layers.append((flat[start:middle].view(inputs, outputs), flat[middle:end]))
        start = end
    return layers


class Autoencoder:
    """q(z|x) = N(mean(x), deviation(x)^2), p(z) = N(0, 1), p(x|z) Bernoulli, all over tanh layers.

    The encoder's last layer gives the L means and then the logarithms of the L deviations, the decoder's the logits of
    the D pixels. `flat` (P,) has the encoder's parameters first, `gradient` their gradients.
    """

    def __init__(self, pixels: int, hidden: Sequence[int], latents: int, device: str, dtype: torch.dtype) -> None:
        self.pixels, self.hidden, self.latents = pixels, tuple(hidden), latents
        below, above = (pixels, *hidden, 2 * latents), (latents, *reversed(hidden), pixels)
        self.recognition = q = size(below)
        self.flat = torch.zeros(q + size(above), device=device, dtype=dtype)
        self.gradient = torch.zeros_like(self.flat)
        self.encoder = Chain(below, self.flat[:q], self.gradient[:q])
        self.decoder = Chain(above, self.flat[q:], self.gradient[q:])

    def initialise(self, means: np.ndarray) -> None:
        """Glorot's uniform weights from one seed for all layers, biases 0 but the last: the logit of pixel means (D,).

        Means and log-deviations are two layers in the code, which begin alike too.
        """
        head = self.encoder.layers[-1][0]
        weights = [*(layer[0] for layer in self.encoder.layers[:-1]), *head.chunk(2, dim=1)]
        weights += [layer[0] for layer in self.decoder.layers]
        self.flat.zero_()
        for weight in weights:
            limit = np.sqrt(6 / sum(weight.shape))
            drawn = np.random.RandomState(INITIAL_SEED).uniform(-limit, limit, tuple(weight.shape))
            weight.copy_(torch.from_numpy(drawn))
        clipped = np.clip(means, *MEAN_RANGE)
        self.decoder.layers[-1][1].copy_(torch.from_numpy(np.log(clipped / (1 - clipped))))

    def proposal(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log-deviations (B, L) of q(z|x)."""
        mean, log_deviation = self.encoder.forward(x).chunk(2, dim=1)
        return mean, log_deviation

    def log_weights(self, x: Tensor, noise: Tensor) -> Tensor:
        """log p(x, z) / q(z|x), in nats, (B, k), of binary x (B, D) and z = mean + deviation * noise (B, k, L)."""
        mean, log_deviation = self.proposal(x)
        self.x, self.noise, self.deviation = x, noise, log_deviation.exp()
        self.z = torch.addcmul(mean.unsqueeze(1), self.deviation.unsqueeze(1), noise)
        self.logits = self.decoder.forward(self.z.flatten(end_dim=1)).view(*noise.shape[:2], self.pixels)
        log_likelihood = (self.logits * x.unsqueeze(1)).sum(dim=2).sub_(softplus(self.logits).sum(dim=2))
        squares = (noise.square() - self.z.square()).sum(dim=2)  # the normalisers of prior and q cancel
        return torch.add(log_likelihood, squares, alpha=0.5).add_(log_deviation.sum(dim=1, keepdim=True))

    def backward(self, shares: Tensor, scores: Tensor | None = None) -> None:
        """Writes the gradient of sum shares * log_weights over the batch, shares (B, k) held constant.

        z moves with q's parameters, unless there are `scores` (B, k): then z is held constant and what q's parameters
        get is the gradient of sum scores * log q(z|x).
        """
        share = shares.unsqueeze(2)
        to_logits = (self.x.unsqueeze(1) - torch.sigmoid(self.logits)).mul_(share)
        to_z = self.decoder.backward(to_logits.flatten(end_dim=1), to_input=True).view_as(self.z)
        if scores is None:
            to_z = torch.addcmul(to_z, share, self.z, value=-1)
            to_mean = to_z.sum(dim=1)
            to_log_deviation = (to_z * self.noise).sum(dim=1).mul_(self.deviation).add_(shares.sum(dim=1, keepdim=True))
        else:
            score = scores.unsqueeze(2)
            to_mean = (score * self.noise).sum(dim=1) / self.deviation
            to_log_deviation = (score * (self.noise.square() - 1)).sum(dim=1)
        self.encoder.backward(torch.cat([to_mean, to_log_deviation], dim=1), to_input=False)

    def state_dict(self) -> dict[str, Any]:
        """The parameters and what they are of."""
        return {"pixels": self.pixels, "hidden": list(self.hidden), "latents": self.latents, "flat": self.flat}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.flat.copy_(state["flat"])
