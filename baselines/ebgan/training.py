"""The training of a generator against a discriminator of images, whichever their losses are, and what comes of it.

Paper: zhao2019, section 3.5.1; the order of a step as in Generative Adversarial Nets (Goodfellow et al., 2014),
       algorithm 1 with k = 1: the discriminator on real images and one draw of noise, the generator on another
Departures: real and generated images are two batches, each with its own statistics of batch normalisation; which it was
            is not published. With statistics of both together the real images would shift a generated one's energy.
Shapes: N images, H height, W width, C channels, D = (H + 2P)(W + 2P) C pixels with a frame of P, B batch, Z noise
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from baselines.ebgan.networks import Generator
from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.parts import Part, copied, evaluating
from baselines.training.seeding import seeded
from baselines.training.watch import finite
from repro.contracts import Context
from repro.data.kinds.images import Images

Optimiser = Literal["adam", "sgd"]
DRAWN_IMAGES = 1_000  # at a time


@dataclass(frozen=True)
class Adversarial(ABC):
    """What both methods have: the grid of table 3.1, and what it leaves open.

    Attributes:
        generator_layers: nLayerG, of weights.
        discriminator_layers: nLayerD, of weights; of an auto-encoder those of encoder and decoder.
        generator_size: sizeG, units of each hidden layer.
        discriminator_size: sizeD, likewise.
        discriminator_dropout: whether the discriminator has dropout behind each hidden layer, in both its roles.
        discriminator_optimiser: optimD.
        generator_optimiser: optimG.
        learning_rate: lr, of both.
        epochs: not published. Passes over the images; more of them make more settings pass any score.
        batch_size: not published. Real and generated images a step; the pulling-away term is a mean over its pairs.
        noise_size: not published. Numbers of standard normal noise that an image is made of.
        dropout_rate: not published. A higher one makes the discriminator weaker, and its margin harder to reach.
        momentum: not published, of `sgd`. Near 1 it makes steps 1 / (1 - momentum) times as long: the lower learning
            rates of the grid, which barely move without, then do.
        beta1: not published, of `adam`: its authors' own. DCGAN has 0.5, said to oscillate less.
        padding: background around each image, so that MNIST has 32x32 pixels.
    """

    generator_layers: int = 2
    discriminator_layers: int = 2
    generator_size: int = 400
    discriminator_size: int = 128
    discriminator_dropout: bool = False
    discriminator_optimiser: Optimiser = "adam"
    generator_optimiser: Optimiser = "adam"
    learning_rate: float = 0.001
    epochs: int = 30
    batch_size: int = 100
    noise_size: int = 100
    dropout_rate: float = 0.5
    momentum: float = 0.0
    beta1: float = 0.9
    padding: int = 2

    def __post_init__(self) -> None:
        for name in ("generator_layers", "discriminator_layers", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")
        if self.batch_size < 2:
            raise ValueError(f"batch_size must be 2 or more, for statistics of a batch; it is {self.batch_size}")

    def fit(self, data: Images, context: Context) -> TrainedGenerator:
        """Trains one seed. Raises Diverged, and ValueError for fewer images than a batch has."""
        return AdversarialRun(self, data.splits["train"].images, context).train()

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedGenerator:
        """The trained model whose `state()` this is."""
        shape = tuple(state["shape"])
        with torch.random.fork_rng(devices=[]):
            network = self.generator(pixels_of(shape, self.padding))
        network.load_state_dict(state["weights"])
        return TrainedGenerator(network.to(context.device), shape, self.padding)

    @abstractmethod
    def discriminator(self, pixels: int) -> nn.Module:
        """The untrained discriminator; its weights come from torch's current generator."""

    @abstractmethod
    def discriminator_loss(self, network: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
        """What the discriminator lowers, of real and of generated images (B, D)."""

    @abstractmethod
    def generator_loss(self, network: nn.Module, fake: Tensor) -> Tensor:
        """What the generator lowers, of its images (B, D)."""

    def generator(self, pixels: int) -> Generator:
        """The untrained generator; its weights come from torch's current generator."""
        return Generator(self.noise_size, self.generator_layers, self.generator_size, pixels)

    def optimisers(self, discriminator: nn.Module, generator: nn.Module) -> tuple[torch.optim.Optimizer, ...]:
        """That of the discriminator and that of the generator."""
        return (
            self._optimiser(self.discriminator_optimiser, discriminator),
            self._optimiser(self.generator_optimiser, generator),
        )

    @property
    def dropout(self) -> float:
        """The rate of the discriminator's dropout."""
        return self.dropout_rate if self.discriminator_dropout else 0.0

    def _optimiser(self, kind: Optimiser, network: nn.Module) -> torch.optim.Optimizer:
        if kind == "sgd":
            return torch.optim.SGD(trained(network), lr=self.learning_rate, momentum=self.momentum)
        return torch.optim.Adam(trained(network), lr=self.learning_rate, betas=(self.beta1, 0.999))


class TrainedGenerator:
    """A generator, as task image-generation wants it. `shape` is that of an image without its frame: (H, W, C)."""

    def __init__(self, network: Generator, shape: tuple[int, ...], padding: int) -> None:
        self.network, self.shape, self.padding = network, shape, padding

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Images (count, H, W, C) uint8, by running statistics, so that none depends on those drawn with it."""
        drawn = torch.from_numpy(random.standard_normal((count, self.network.noise)))
        noise = drawn.to(self.network.output.weight)
        with evaluating([self.network]):
            blocks = [self.network(block).cpu() for block in torch.split(noise, DRAWN_IMAGES)]
        return without_frame(torch.cat(blocks), self.shape, self.padding)

    def state(self) -> dict[str, Any]:
        """The weights, and the shape of an image."""
        return {"shape": list(self.shape), "weights": copied(self.network.state_dict())}


class AdversarialRun:
    """The training of one generator with its discriminator: what a step of the loop does."""

    def __init__(self, method: Adversarial, images: np.ndarray, context: Context) -> None:
        self.method, self.context = method, context
        self.shape = images.shape[1:]
        self.pool = framed(images, method.padding).to(context.device)
        self.batches = Batches(context, len(images), method.batch_size)
        pixels = self.pool.shape[1]
        with seeded(context, "weights", 0):
            self.generator = method.generator(pixels).to(context.device)
            self.discriminator = method.discriminator(pixels).to(context.device)
        self.of_discriminator, self.of_generator = method.optimisers(self.discriminator, self.generator)

    def train(self) -> TrainedGenerator:
        """The generator after the last step. Raises Diverged."""
        parts: dict[str, Part] = {
            "generator": self.generator, "discriminator": self.discriminator,
            "generator-optimiser": self.of_generator, "discriminator-optimiser": self.of_discriminator,
        }  # fmt: skip
        steps = self.method.epochs * self.batches.per_epoch
        Loop(self.context, parts, self.step, steps, kept=("generator",)).run()
        norms = torch.stack([parameter.detach().norm() for parameter in self.generator.parameters()])
        finite("the norm of the generator's weights", float(norms.norm()), steps)
        return TrainedGenerator(self.generator, self.shape, self.method.padding)

    def step(self, number: int) -> dict[str, Tensor]:
        """One update of the discriminator, then one of the generator on noise of its own."""
        real = scaled(self.pool[self.batches[number]])
        with torch.no_grad():
            fake = self.generator.draw(self.method.batch_size)
        of_discriminator = self.method.discriminator_loss(self.discriminator, real, fake)
        _update(self.of_discriminator, of_discriminator, self.discriminator)
        of_generator = self.method.generator_loss(self.discriminator, self.generator.draw(self.method.batch_size))
        _update(self.of_generator, of_generator, self.generator)
        return {"discriminator-loss": of_discriminator, "generator-loss": of_generator}


def _update(optimiser: torch.optim.Optimizer, loss: Tensor, network: nn.Module) -> None:
    optimiser.zero_grad()
    torch.autograd.backward(loss, inputs=trained(network))
    optimiser.step()


def trained(network: nn.Module) -> list[nn.Parameter]:
    """The parameters that training moves."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def framed(images: np.ndarray, padding: int) -> Tensor:
    """Images (N, H, W, C) uint8 with a frame of zeros, flat: (N, D) uint8."""
    frame = ((0, 0), (padding, padding), (padding, padding), (0, 0))
    return torch.from_numpy(np.pad(images, frame).reshape(len(images), -1))


def scaled(pixels: Tensor) -> Tensor:
    """Pixels (B, D) uint8 in [-1, 1], in torch's default precision."""
    return pixels.to(torch.get_default_dtype()) / 127.5 - 1


def without_frame(images: Tensor, shape: tuple[int, ...], padding: int) -> np.ndarray:
    """Generated images (N, D) in [-1, 1] as (N, H, W, C) uint8: the inverse of `framed` and `scaled`."""
    height, width, channels = shape
    whole = images.reshape(-1, height + 2 * padding, width + 2 * padding, channels)
    inside = whole[:, padding : padding + height, padding : padding + width]
    found: np.ndarray = ((inside + 1) * 127.5).round().to(torch.uint8).numpy()
    return found


def pixels_of(shape: tuple[int, ...], padding: int) -> int:
    """How many numbers a framed image of a shape (H, W, C) is."""
    height, width, channels = shape
    return math.prod((height + 2 * padding, width + 2 * padding, channels))
