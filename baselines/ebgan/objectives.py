"""The losses of EBGAN, its pulling-away term, and the losses of GAN.

Paper: Energy-based Generative Adversarial Networks (Zhao et al., 2016), arXiv:1609.03126; zhao2019, section 3.3
       Generative Adversarial Nets (Goodfellow et al., 2014), arXiv:1406.2661, section 3
Departures: a GAN's generator has the loss -log D(G(z)), which Goodfellow et al. advise, and not log(1 - D(G(z))); the
            thesis does not say which its grid has. The latter gives almost no gradient while D is sure.
Shapes: B batch, D pixels, S units of a code
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def energy(images: Tensor, reconstructions: Tensor) -> Tensor:
    """|Dec(Enc(x)) - x|, the norm of each image's error, neither squared nor averaged over pixels: (B, D) -> (B,)."""
    errors: Tensor = torch.linalg.vector_norm(reconstructions - images, dim=1)
    return errors


def margin_loss(real: Tensor, fake: Tensor, margin: float) -> Tensor:
    """D(x) + [m - D(G(z))]+, averaged: energies (B,) of real and of generated images, zero above the margin."""
    return real.mean() + functional.relu(margin - fake).mean()


def pull_away(codes: Tensor) -> Tensor:
    """The mean squared cosine of all pairs of different codes (B, S), from 0 (orthogonal) to 1 (parallel)."""
    directions = functional.normalize(codes, dim=1)
    cosines = directions @ directions.T
    count = len(codes)
    return (cosines.square().sum() - cosines.diagonal().square().sum()) / (count * (count - 1))


def discriminator_loss(real: Tensor, fake: Tensor) -> Tensor:
    """-log D(x) - log(1 - D(G(z))) in nats, averaged: logits (B,) of real and of generated images."""
    return functional.softplus(-real).mean() + functional.softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """-log D(G(z)) in nats, averaged: logits (B,) of generated images."""
    return functional.softplus(-fake).mean()
