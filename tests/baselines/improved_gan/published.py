"""The published step of improved GAN on MNIST, plainly: three passes of the classifier, every update by its formula.

Weights are (inputs, outputs), as in the code. What is drawn (noise on layers, noise of the generator) is given.
Paper: Improved Techniques for Training GANs (Salimans et al., 2016)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass
class Layer:
    """A weight-normalised layer."""

    theta: Tensor
    scale: Tensor
    b: Tensor
    under_root: float = 0.0

    def apply(self, x: Tensor) -> Tensor:
        norm = (self.under_root + (self.theta**2).sum(dim=0)) ** 0.5
        return x @ (self.theta * (self.scale / norm)) + self.b


@dataclass
class Adam:
    """One moment of each order for each parameter; epsilon is below the root."""

    rate: float
    first: float
    second: float = 0.999
    epsilon: float = 1e-8
    time: int = 1
    means: list[Tensor] = field(default_factory=list)
    squares: list[Tensor] = field(default_factory=list)

    def update(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        if not self.means:
            self.means = [torch.zeros_like(p) for p in parameters]
            self.squares = [torch.zeros_like(p) for p in parameters]
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            self.means[i] = self.first * self.means[i] + (1 - self.first) * g
            self.squares[i] = self.second * self.squares[i] + (1 - self.second) * g**2
            mean = self.means[i] / (1 - self.first**self.time)
            square = self.squares[i] / (1 - self.second**self.time)
            p.data = p.data - self.rate * mean / (square + self.epsilon) ** 0.5
        self.time += 1


@dataclass
class Published:
    """Both networks, their optimisers, and the average of the classifier's parameters, which starts at zero."""

    hidden: list[Layer]
    output: Layer
    generator_weights: list[Tensor]
    generator_shifts: list[Tensor]
    generator_output: Layer
    deviations: Sequence[float]
    of_classifier: Adam
    of_generator: Adam
    unlabelled_weight: float
    average_rate: float

    def __post_init__(self) -> None:
        for parameter in (*self.classifier_parameters, *self.generator_parameters):
            parameter.requires_grad_()
        self.averages = [torch.zeros_like(p) for p in self.classifier_parameters]

    @property
    def classifier_parameters(self) -> list[Tensor]:
        """Hidden directions and biases, and of the output layer the scale too."""
        found = [t for layer in self.hidden for t in (layer.theta, layer.b)]
        return [*found, self.output.theta, self.output.b, self.output.scale]

    @property
    def generator_parameters(self) -> list[Tensor]:
        last = self.generator_output
        return [*self.generator_weights, *self.generator_shifts, last.theta, last.b, last.scale]

    def features(self, x: Tensor, noise: Sequence[Tensor]) -> Tensor:
        for layer, deviation, drawn in zip(self.hidden, self.deviations, noise, strict=False):
            x = torch.clamp(layer.apply(x + deviation * drawn), min=0)
        return x

    def logits(self, x: Tensor, noise: Sequence[Tensor]) -> Tensor:
        return self.output.apply(self.features(x, noise) + self.deviations[-1] * noise[-1])

    def generate(self, z: Tensor) -> Tensor:
        x = z
        for weight, shift in zip(self.generator_weights, self.generator_shifts, strict=True):
            x = x @ weight
            centred = x - x.mean(dim=0)
            x = torch.log(1 + torch.exp(centred / (1e-6 + (centred**2).mean(dim=0)) ** 0.5 + shift))
        return 1 / (1 + torch.exp(-self.generator_output.apply(x)))

    def initialise(self, x: Tensor, noise: Sequence[Tensor]) -> None:
        """Scales and biases by a first batch, from below."""
        for i, layer in enumerate((*self.hidden, self.output)):
            a = (x + self.deviations[i] * noise[i]) @ (layer.theta * (layer.scale / (layer.theta**2).sum(dim=0) ** 0.5))
            mean = a.mean(dim=0)
            deviation = ((a - mean) ** 2).mean(dim=0) ** 0.5
            layer.scale.data, layer.b.data = (layer.scale / deviation).data, (-mean / deviation).data
            x = torch.clamp((a - mean) / deviation, min=0)

    def classifier_step(
        self, labelled: Tensor, labels: Tensor, unlabelled: Tensor, z: Tensor, noises: Sequence[Sequence[Tensor]]
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Both losses and the gradients; then the average takes the parameters in, and only then they move."""

        def log_sum_exp(x: Tensor) -> Tensor:
            return torch.log(torch.exp(x).sum(dim=1))

        def softplus(x: Tensor) -> Tensor:
            return torch.log(1 + torch.exp(x))

        on_labelled, on_unlabelled = self.logits(labelled, noises[0]), self.logits(unlabelled, noises[1])
        on_fake = self.logits(self.generate(z).detach(), noises[2])
        supervised = -on_labelled[torch.arange(len(labels)), labels].mean() + log_sum_exp(on_labelled).mean()
        real = log_sum_exp(on_unlabelled)
        rest = -0.5 * real.mean() + 0.5 * softplus(real).mean() + 0.5 * softplus(log_sum_exp(on_fake)).mean()
        parameters = self.classifier_parameters
        gradients = list(torch.autograd.grad(supervised + self.unlabelled_weight * rest, parameters))
        self.averages = [a + self.average_rate * (p.data - a) for a, p in zip(self.averages, parameters, strict=True)]
        self.of_classifier.update(parameters, gradients)
        return supervised, rest, gradients

    def generator_step(
        self, unlabelled: Tensor, z: Tensor, fake_noise: Sequence[Tensor], real_noise: Sequence[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """The loss and the gradients."""
        fake = self.features(self.generate(z), fake_noise).mean(dim=0)
        loss = ((fake - self.features(unlabelled, real_noise).mean(dim=0)) ** 2).mean()
        parameters = self.generator_parameters
        gradients = list(torch.autograd.grad(loss, parameters))
        self.of_generator.update(parameters, gradients)
        return loss, gradients
