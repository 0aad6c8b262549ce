"""EBGAN and GAN as the grid search of EBGAN has them: fully connected, with the settings of its grid as parameters.

Paper: Energy-based Generative Adversarial Networks (Zhao et al., 2016), arXiv:1609.03126; zhao2019, section 3.5.1 and
       table 3.1
Code:  none released
Departures: batch size, epochs, noise, rate of dropout, momentum and Adam's decay rates are published nowhere. They are
            fields with a default, of which `Adversarial` says what each moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from baselines.ebgan import objectives
from baselines.ebgan.networks import AutoEncoder, Discriminator
from baselines.ebgan.training import Adversarial


@dataclass(frozen=True)
class Gan(Adversarial):
    """A generator against a discriminator that tells generated images from real ones.

    Its generator's loss is -log D(G(z)), see `baselines.ebgan.objectives`.
    """

    def discriminator(self, pixels: int) -> Discriminator:
        """The untrained discriminator; its weights come from torch's current generator."""
        return Discriminator(pixels, self.discriminator_layers, self.discriminator_size, self.dropout)

    def discriminator_loss(self, network: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """Of images (B, D), in nats."""
        return objectives.discriminator_loss(network(real), network(fake))

    def generator_loss(self, network: nn.Module, fake: Tensor) -> Tensor:
        """Of generated images (B, D), in nats."""
        return objectives.generator_loss(network(fake))


@dataclass(frozen=True)
class Ebgan(Adversarial):
    """A generator against an auto-encoder whose error is the energy of an image, low for real ones.

    Attributes:
        margin: m, above which the energy of a generated image is no matter of the discriminator's any more.
        decoder_layers: those of the auto-encoder's layers that are its decoder's.
        pull_away_weight: of the pulling-away term in the generator's loss; the paper's EBGAN-PT has 0.1.
    """

    margin: float = 10.0
    decoder_layers: int = 1
    pull_away_weight: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.decoder_layers < self.discriminator_layers:
            raise ValueError(
                f"of {self.discriminator_layers} discriminator_layers 1 to {self.discriminator_layers - 1} can be "
                f"decoder_layers, not {self.decoder_layers}"
            )

    def discriminator(self, pixels: int) -> AutoEncoder:
        """The untrained auto-encoder; its weights come from torch's current generator."""
        layers, size = self.discriminator_layers, self.discriminator_size
        return AutoEncoder(pixels, layers, self.decoder_layers, size, self.dropout)

    def discriminator_loss(self, network: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """Of images (B, D), in units of a pixel's half range."""
        of_real, of_fake = (objectives.energy(images, network(images)[1]) for images in (real, fake))
        return objectives.margin_loss(of_real, of_fake, self.margin)

    def generator_loss(self, network: nn.Module, fake: Tensor) -> Tensor:
        """The mean energy of generated images (B, D), and the weighted pulling-away term of their codes."""
        codes, reconstructions = network(fake)
        loss = objectives.energy(fake, reconstructions).mean()
        if self.pull_away_weight:
            loss = loss + self.pull_away_weight * objectives.pull_away(codes)
        return loss
