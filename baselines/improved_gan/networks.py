"""The fully connected networks of improved GAN on MNIST: a noisy classifier and a generator, both weight-normalised.

Paper: Improved Techniques for Training GANs (Salimans et al., 2016), arXiv:1606.03498
       Weight Normalization (Salimans and Kingma, 2016), arXiv:1602.07868
Code:  openai/improved-gan, mnist_svhn_cifar10/nn.py and train_mnist_feature_matching.py; read at 0fa06b5
Shapes: B batch, D pixels, F features of the last hidden layer, K classes, I inputs of a layer, O outputs
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

DEVIATION = 0.1  # of a classifier's initial directions
GENERATOR_EPSILON = 1e-6  # below the roots of the generator: norms of weights, and variances


class NormalisedLinear(nn.Module):
    """x (B, I) -> x W' + b (B, O), where a unit's weights are `scale` times its direction over the direction's norm.

    The scale is trained (a parameter) or stays as the first batch sets it (a buffer); epsilon is added to the squared
    norm.
    """

    scale: Tensor

    def __init__(self, inputs: int, outputs: int, *, trained_scale: bool, epsilon: float = 0.0) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.direction = nn.Parameter(DEVIATION * torch.randn(outputs, inputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        if trained_scale:
            self.scale = nn.Parameter(torch.ones(outputs))
        else:
            self.register_buffer("scale", torch.ones(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """The outputs (B, O)."""
        return functional.linear(x, self.weight(), self.bias)

    def weight(self) -> Tensor:
        """W (O, I)."""
        return self.direction * (self.scale * self.direction.square().sum(1).add(self.epsilon).rsqrt())[:, None]

    def standardise(self, x: Tensor) -> Tensor:
        """Sets scale and bias so that on x (B, I) every output has mean 0 and deviation 1, and gives these outputs."""
        with torch.no_grad():
            outputs = functional.linear(x, self.weight())
            mean, deviation = outputs.mean(0), outputs.std(0, correction=0)
            self.scale.div_(deviation)
            self.bias.copy_(-mean / deviation)
            return (outputs - mean) / deviation


class Classifier(nn.Module):
    """Images (B, D) -> logits (B, K) through rectified layers, with Gaussian noise before each while it is trained.

    The discriminator's K + 1 classes are these K and, with the fixed logit 0, that of generated images.
    """

    def __init__(
        self, pixels: int, hidden: Sequence[int], classes: int, *, input_noise: float, hidden_noise: float
    ) -> None:
        super().__init__()
        self.pixels, self.classes = pixels, classes
        widths = (pixels, *hidden)
        self.hidden = nn.ModuleList(
            NormalisedLinear(below, above, trained_scale=False) for below, above in zip(widths, hidden, strict=False)
        )
        self.output = NormalisedLinear(widths[-1], classes, trained_scale=True)
        self.noises = (input_noise, *(hidden_noise for _ in hidden))

    def forward(self, images: Tensor) -> Tensor:
        """The logits (B, K)."""
        logits: Tensor = self.output(self._noisy(self.features(images), len(self.hidden)))
        return logits

    def features(self, images: Tensor) -> Tensor:
        """The last hidden layer (B, F), without the noise that the output layer sees."""
        x = images
        for number, layer in enumerate(self.hidden):
            x = functional.relu(layer(self._noisy(x, number)))
        return x

    def standardise(self, images: Tensor) -> None:
        """Sets scales and biases by images (B, D), layer by layer from below, with the noise of training."""
        x = images
        for number, layer in enumerate(self.hidden):
            assert isinstance(layer, NormalisedLinear)
            x = functional.relu(layer.standardise(self._noisy(x, number)))
        self.output.standardise(self._noisy(x, len(self.hidden)))

    def _noisy(self, x: Tensor, number: int) -> Tensor:
        deviation = self.noises[number]
        return x + deviation * torch.randn_like(x) if self.training and deviation else x


class Generator(nn.Module):
    """Noise (B, Z) -> images (B, D) in (0, 1): softplus layers on batch normalisation, and a sigmoid.

    Batch normalisation is by the batch's own statistics and has a shift and no scale. No running statistics are kept:
    nothing is ever generated but in training.
    """

    def __init__(self, noise: int, hidden: Sequence[int], pixels: int) -> None:
        super().__init__()
        self.noise = noise
        widths = (noise, *hidden)
        self.weights = nn.ParameterList(_glorot(above, below) for below, above in zip(widths, hidden, strict=False))
        self.shifts = nn.ParameterList(torch.zeros(width) for width in hidden)
        self.output = NormalisedLinear(widths[-1], pixels, trained_scale=True, epsilon=GENERATOR_EPSILON)
        self.output.direction = nn.Parameter(_glorot(pixels, widths[-1]))

    def forward(self, noise: Tensor) -> Tensor:
        """The images (B, D)."""
        x = noise
        for weight, shift in zip(self.weights, self.shifts, strict=True):
            x = functional.batch_norm(functional.linear(x, weight), None, None, training=True, eps=GENERATOR_EPSILON)
            x = functional.softplus(x + shift)
        return torch.sigmoid(self.output(x))

    def draw(self, count: int) -> Tensor:
        """Images (count, D) from noise that is uniform in [0, 1), by torch's current generator."""
        images: Tensor = self(torch.rand(count, self.noise, device=self.output.bias.device))
        return images


def _glorot(outputs: int, inputs: int) -> Tensor:
    bound = math.sqrt(6 / (inputs + outputs))
    return torch.empty(outputs, inputs).uniform_(-bound, bound)
