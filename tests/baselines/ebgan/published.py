"""One step of EBGAN, EBGAN-PT and GAN, written down from zhao2019, section 3.3, and from Goodfellow et al. (2014).

Weights are (inputs, outputs), sums over pairs are loops, Adam is algorithm 1 of Kingma and Ba (2015). Gradients are
autograd's of these formulas.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

EPSILON = 1e-5  # of batch normalisation


@dataclass
class Layer:
    """x W + b, or where it is normalised (x W - mean) / sqrt(variance + epsilon) + b."""

    weights: Tensor
    shift: Tensor
    normalised: bool

    def __post_init__(self) -> None:
        self.weights.requires_grad_()
        self.shift.requires_grad_()

    def __call__(self, x: Tensor) -> Tensor:
        y = x @ self.weights
        if self.normalised:
            y = (y - y.mean(0)) / torch.sqrt(((y - y.mean(0)) ** 2).mean(0) + EPSILON)
        return y + self.shift


def parameters(layers: list[Layer]) -> list[Tensor]:
    return [each for layer in layers for each in (layer.weights, layer.shift)]


def rectified(layers: list[Layer], x: Tensor, masks: Iterator[Tensor] | None = None) -> Tensor:
    """Through all layers, with a mask of dropout (0 or 1 / (1 - rate)) behind each where there are masks."""
    for layer in layers:
        x = layer(x) * (layer(x) > 0)
        if masks is not None:
            x = x * next(masks)
    return x


@dataclass
class Adam:
    rate: float
    beta1: float
    steps: int = 0
    moments: list[list[Tensor]] = field(default_factory=list)

    def update(self, parameters: list[Tensor], gradients: list[Tensor]) -> None:
        self.steps += 1
        if not self.moments:
            self.moments = [[torch.zeros_like(each), torch.zeros_like(each)] for each in parameters]
        for parameter, gradient, moments in zip(parameters, gradients, self.moments, strict=True):
            moments[0] = self.beta1 * moments[0] + (1 - self.beta1) * gradient
            moments[1] = 0.999 * moments[1] + 0.001 * gradient**2
            mean = moments[0] / (1 - self.beta1**self.steps)
            root = torch.sqrt(moments[1] / (1 - 0.999**self.steps))
            parameter.data -= self.rate * mean / (root + 1e-8)


@dataclass
class Sgd:
    rate: float
    momentum: float
    velocities: list[Tensor] = field(default_factory=list)

    def update(self, parameters: list[Tensor], gradients: list[Tensor]) -> None:
        if not self.velocities:
            self.velocities = [torch.zeros_like(each) for each in parameters]
        for number, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            self.velocities[number] = self.momentum * self.velocities[number] + gradient
            parameter.data -= self.rate * self.velocities[number]


@dataclass
class Published:
    """Layers from below, the last of each list a network's output. `decoder` is empty for a GAN."""

    generator: list[Layer]
    encoder: list[Layer]
    decoder: list[Layer]
    of_discriminator: Adam | Sgd
    of_generator: Adam | Sgd
    margin: float = 0.0
    pull_away_weight: float = 0.0

    @property
    def discriminator(self) -> list[Layer]:
        return self.encoder + self.decoder

    def generate(self, noise: Tensor) -> Tensor:
        return torch.tanh(self.generator[-1](rectified(self.generator[:-1], noise)))

    def code(self, x: Tensor, masks: Iterator[Tensor] | None) -> Tensor:
        return rectified(self.encoder, x, masks)

    def energy(self, x: Tensor, masks: Iterator[Tensor] | None) -> tuple[Tensor, Tensor]:
        code = self.code(x, masks)
        error = self.decoder[-1](rectified(self.decoder[:-1], code, masks)) - x
        return torch.sqrt((error**2).sum(1)), code

    def probability(self, x: Tensor, masks: Iterator[Tensor] | None) -> Tensor:
        logits = self.encoder[-1](rectified(self.encoder[:-1], x, masks))
        return 1 / (1 + torch.exp(-logits[:, 0]))

    def pull_away(self, code: Tensor) -> Tensor:
        """Equation 3.16."""
        total, count = torch.zeros(()), len(code)
        for i in range(count):
            for j in range(count):
                if i != j:
                    product = code[i] @ code[j]
                    total = total + (product / (torch.sqrt(code[i] @ code[i]) * torch.sqrt(code[j] @ code[j]))) ** 2
        return total / (count * (count - 1))

    def discriminator_step(
        self, real: Tensor, noise: Tensor, masks: Iterator[Tensor] | None
    ) -> tuple[Tensor, list[Tensor]]:
        fake = self.generate(noise).detach()
        if self.decoder:
            of_real, of_fake = self.energy(real, masks)[0], self.energy(fake, masks)[0]
            loss = (of_real + torch.maximum(torch.zeros(()), self.margin - of_fake)).mean()
        else:
            of_real, of_fake = self.probability(real, masks), self.probability(fake, masks)
            loss = (-torch.log(of_real) - torch.log(1 - of_fake)).mean()
        return loss, self._update(loss, self.discriminator, self.of_discriminator)

    def generator_step(self, noise: Tensor, masks: Iterator[Tensor] | None) -> tuple[Tensor, list[Tensor]]:
        fake = self.generate(noise)
        if self.decoder:
            energy, code = self.energy(fake, masks)
            loss = energy.mean()
            if self.pull_away_weight:
                loss = loss + self.pull_away_weight * self.pull_away(code)
        else:
            loss = -torch.log(self.probability(fake, masks)).mean()
        return loss, self._update(loss, self.generator, self.of_generator)

    def _update(self, loss: Tensor, layers: list[Layer], optimiser: Adam | Sgd) -> list[Tensor]:
        moved = parameters(layers)
        gradients = list(torch.autograd.grad(loss, moved))
        optimiser.update(moved, gradients)
        return gradients
