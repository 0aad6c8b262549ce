"""The fully connected networks of EBGAN's grid search: a generator, an auto-encoder and a classifying discriminator.

Paper: Energy-based Generative Adversarial Networks (Zhao et al., 2016), arXiv:1609.03126; zhao2019, section 3.5.1
Code:  none released
Departures: the thesis leaves out the appendix with the details, so these are as remembered of it and of DCGAN, which it
            follows: batch normalisation after every layer but a network's output and a discriminator's first one, with
            a learned shift and no learned scale; rectified hidden units; weights from N(0, 0.02) in a generator and
            N(0, 0.002) in a discriminator, biases from 0. The rate of dropout is stated nowhere.
Shapes: B batch, Z noise, D pixels, H units of a hidden layer, S units of a code
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

GENERATOR_DEVIATION = 0.02  # of initial weights
DISCRIMINATOR_DEVIATION = 0.002


class Generator(nn.Module):
    """Noise (B, Z) -> images (B, D) in (-1, 1) through `layers` layers, all but the last of `size` units."""

    def __init__(self, noise: int, layers: int, size: int, pixels: int) -> None:
        super().__init__()
        self.noise = noise
        widths = (noise, *(size for _ in range(layers - 1)))
        self.hidden = hidden(widths, GENERATOR_DEVIATION, first_normalised=True)
        self.output = linear(widths[-1], pixels, GENERATOR_DEVIATION, bias=True)

    def forward(self, noise: Tensor) -> Tensor:
        """The images (B, D)."""
        return torch.tanh(self.output(self.hidden(noise)))

    def draw(self, count: int) -> Tensor:
        """Images (count, D) from standard normal noise, by torch's current generator."""
        images: Tensor = self(torch.randn(count, self.noise, device=self.output.weight.device))
        return images


class AutoEncoder(nn.Module):
    """Images (B, D) -> their codes (B, S) and reconstructions (B, D): the discriminator of an EBGAN.

    Of `layers` layers the last `decoder_layers` are the decoder's.
    """

    def __init__(self, pixels: int, layers: int, decoder_layers: int, size: int, dropout: float) -> None:
        super().__init__()
        encoder = (pixels, *(size for _ in range(layers - decoder_layers)))
        decoder = (size, *(size for _ in range(decoder_layers - 1)))
        self.encoder = hidden(encoder, DISCRIMINATOR_DEVIATION, first_normalised=False, dropout=dropout)
        self.decoder = hidden(decoder, DISCRIMINATOR_DEVIATION, first_normalised=True, dropout=dropout)
        self.output = linear(size, pixels, DISCRIMINATOR_DEVIATION, bias=True)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """The codes (B, S), after rectification and dropout as the decoder sees them, and the reconstructions."""
        codes = self.encoder(images)
        return codes, self.output(self.decoder(codes))


class Discriminator(nn.Module):
    """Images (B, D) -> logits (B,) of being real, through `layers` layers, all but the last of `size` units."""

    def __init__(self, pixels: int, layers: int, size: int, dropout: float) -> None:
        super().__init__()
        widths = (pixels, *(size for _ in range(layers - 1)))
        self.hidden = hidden(widths, DISCRIMINATOR_DEVIATION, first_normalised=False, dropout=dropout)
        self.output = linear(widths[-1], 1, DISCRIMINATOR_DEVIATION, bias=True)

    def forward(self, images: Tensor) -> Tensor:
        """The logits (B,)."""
        logits: Tensor = self.output(self.hidden(images))
        return logits.squeeze(1)


def hidden(widths: Sequence[int], deviation: float, *, first_normalised: bool, dropout: float = 0.0) -> nn.Sequential:
    """Rectified layers from each width to the next, with dropout behind each, or none for one width."""
    found: list[nn.Module] = []
    for number, (below, above) in enumerate(pairwise(widths)):
        normalised = first_normalised or number > 0
        found.append(linear(below, above, deviation, bias=not normalised))
        found += [shifted(above)] if normalised else []
        found.append(nn.ReLU())
        found += [nn.Dropout(dropout)] if dropout else []
    return nn.Sequential(*found)


def linear(inputs: int, outputs: int, deviation: float, *, bias: bool) -> nn.Linear:
    """A layer with weights from N(0, deviation) and, before no shift of its own, a bias from 0."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.normal_(layer.weight, std=deviation)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def shifted(units: int) -> nn.BatchNorm1d:
    """Batch normalisation with a learned shift, and a scale that stays 1."""
    layer = nn.BatchNorm1d(units)
    layer.weight.requires_grad_(False)
    return layer
