"""Semi-supervised learning by feature matching: a classifier whose unlabelled loss a generator makes harder.

Paper: Improved Techniques for Training GANs (Salimans et al., 2016), arXiv:1606.03498; dai2019, section 6.3, table C.1
Code:  openai/improved-gan, mnist_svhn_cifar10/train_mnist_feature_matching.py; read at 0fa06b5
Departures: -log s(-L) is computed as such, where the code adds up softplus(L) and -L: the same but for rounding. The
            labelled, unlabelled and generated images of a step go through the classifier as one batch, which has no
            statistics of a batch. What sees images as in the code: the first 500 of a permutation set the initial
            scales, and the labelled ones come in permutations of all of them, one after another.

The average of the classifier's parameters starts at zero and takes in every iterate before its update, as in the code.
After n steps it lacks the share (1 - average_rate)^n of its weight. Hidden weights are normalised and do not mind; all
biases, and the scale of the logits, are smaller by that share. At 180,000 steps it is 1.5e-8; a shorter training needs
a higher rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor

from baselines.improved_gan.adam import RootAdam
from baselines.improved_gan.networks import Classifier, Generator
from baselines.improved_gan.objectives import feature_matching_loss, labelled_loss, unlabelled_loss
from baselines.training.averages import Average, exponential
from baselines.training.loop import Loop, Validation
from baselines.training.parts import Part, copied
from baselines.training.seeding import seeded
from baselines.training.selection import Best
from repro.contracts import Context, single
from repro.data.kinds.partly_labelled import PartlyLabelled

PREDICTED_IMAGES = 1_000  # at a time


@dataclass(frozen=True)
class FeatureMatching:
    """The fully connected networks of improved GAN, with its settings on MNIST as defaults.

    Attributes:
        hidden_sizes: of the classifier's layers from below.
        generator_sizes: of the generator's hidden layers from below.
        noise_size: of the generator's input, uniform in [0, 1).
        input_noise: standard deviation of the noise on images, which are in [0, 1].
        hidden_noise: the same on every hidden layer, before the next.
        epochs: passes over the images without labels.
        batch_size: labelled, unlabelled and generated images a step, each.
        learning_rate: of both networks.
        beta1: of both networks' Adam.
        unlabelled_weight: factor of the unlabelled loss; 0: supervised learning alone, and no generator is trained.
        average_rate: of the average of parameters that the trained classifier has.
        initial_images: so many training images set the initial scales and biases.
        selection: the classifier kept: the `last`, or the `best` on the validation images, measured after each epoch.
    """

    evaluates: ClassVar[bool] = True

    hidden_sizes: tuple[int, ...] = (1000, 500, 250, 250, 250)
    generator_sizes: tuple[int, ...] = (500, 500)
    noise_size: int = 100
    input_noise: float = 0.3
    hidden_noise: float = 0.5
    epochs: int = 300
    batch_size: int = 100
    learning_rate: float = 0.003
    beta1: float = 0.5
    unlabelled_weight: float = 1.0
    average_rate: float = 1e-4
    initial_images: int = 500
    selection: Literal["last", "best"] = "last"

    def fit(self, data: PartlyLabelled, context: Context) -> TrainedClassifier:
        """Trains one seed. Raises Diverged, and ValueError for too few images or a selection by none."""
        if len(data.unlabelled) < self.batch_size:
            raise ValueError(f"batch_size {self.batch_size} is more than the {len(data.unlabelled)} unlabelled images")
        if self.selection == "best" and data.validation is None:
            raise ValueError(
                "selection: best needs validation images: hold some out by `protocol: {validation: 10000}`"
            )
        return FeatureMatchingRun(self, data, context).train()

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedClassifier:
        """The trained model whose `state()` this is."""
        with torch.random.fork_rng(devices=[]):
            network = self.classifier(state["pixels"], state["classes"])
        network.load_state_dict(state["weights"])
        return TrainedClassifier(network.to(context.device))

    def classifier(self, pixels: int, classes: int) -> Classifier:
        """The untrained classifier; its initial weights come from torch's current generator."""
        noises = {"input_noise": self.input_noise, "hidden_noise": self.hidden_noise}
        return Classifier(pixels, self.hidden_sizes, classes, **noises)


class TrainedClassifier:
    """The classifier, as task semi-supervised wants it."""

    def __init__(self, network: Classifier) -> None:
        self.network = network

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The class of each image (N, H, W, C) uint8, without noise: (N,) int64."""
        mode = self.network.training
        self.network.eval()
        with torch.no_grad():
            blocks = [
                self.network(flat(images[start : start + PREDICTED_IMAGES], self.network.output.bias.device)).argmax(1)
                for start in range(0, len(images), PREDICTED_IMAGES)
            ]
        self.network.train(mode)
        found: np.ndarray = torch.cat(blocks).cpu().numpy()
        return found

    def state(self) -> dict[str, Any]:
        """The weights, and the numbers of pixels and classes."""
        network = self.network
        return {"pixels": network.pixels, "classes": network.classes, "weights": copied(network.state_dict())}


def flat(images: np.ndarray, device: str | torch.device) -> Tensor:
    """Images (N, H, W, C) uint8 as (N, D) in [0, 1], in torch's default precision."""
    pixels = torch.from_numpy(np.array(images).reshape(len(images), -1)).to(device)
    return pixels.to(torch.get_default_dtype()) / 255


class FeatureMatchingRun:
    """The training of one classifier with its generator: what a step of the loop does."""

    def __init__(self, method: FeatureMatching, data: PartlyLabelled, context: Context) -> None:
        self.method, self.data, self.context = method, data, context
        self.seed, self.device = single(context.seeds), context.device
        assert data.labelled.labels is not None
        pixels = math.prod(data.unlabelled.shape[1:])
        self.pool = torch.from_numpy(np.array(data.unlabelled).reshape(-1, pixels)).to(self.device)
        self.images = flat(data.labelled.images, self.device)
        self.labels = torch.from_numpy(np.array(data.labelled.labels)).to(self.device)
        with seeded(context, "weights", 0):
            self.classifier = method.classifier(pixels, data.classes).to(self.device)
            self.generator = Generator(method.noise_size, method.generator_sizes, pixels).to(self.device)
            self.classifier.standardise(self._first_images())
        self.of_classifier, self.of_generator = (
            RootAdam(network.parameters(), method.learning_rate, (method.beta1, 0.999))
            for network in (self.classifier, self.generator)
        )
        self.average = Average(self.classifier.parameters(), exponential(1 - method.average_rate), zeros=True)
        self.average.start()
        self.steps_per_epoch = len(self.pool) // method.batch_size
        self.epoch, self.orders = -1, (torch.empty(0), torch.empty(0), torch.empty(0))

    def train(self) -> TrainedClassifier:
        """The trained classifier, with its averaged parameters."""
        trained = TrainedClassifier(self.classifier)
        parts: dict[str, Part] = {
            "classifier": self.classifier, "generator": self.generator,
            "adam": self.of_classifier, "generator-adam": self.of_generator,
        }  # fmt: skip
        Loop(
            self.context, parts, self.step, self.method.epochs * self.steps_per_epoch, self._validation(trained),
            average=self.average, kept=("classifier",),
        ).run()  # fmt: skip
        self.classifier.eval()
        return trained

    def step(self, number: int) -> dict[str, Tensor]:
        """One update of the classifier, then one of the generator on other images without labels."""
        labelled, first, second = self._batches(number)
        watched = self._classify(labelled, self._pooled(first))
        if self.method.unlabelled_weight:
            watched |= self._match(self._pooled(second))
        return watched

    def _classify(self, labelled: Tensor, real: Tensor) -> dict[str, Tensor]:
        size, weight = self.method.batch_size, self.method.unlabelled_weight
        images = [self.images[labelled]]
        if weight:
            with torch.no_grad():
                images += [real, self.generator.draw(size)]
        logits = self.classifier(torch.cat(images)).split(size)
        loss = supervised = labelled_loss(logits[0], self.labels[labelled])
        watched = {"labelled-loss": supervised}
        if weight:
            unlabelled = unlabelled_loss(logits[1], logits[2])
            loss = supervised + weight * unlabelled
            watched["unlabelled-loss"] = unlabelled
        self.of_classifier.zero_grad()
        torch.autograd.backward(loss)
        self.average.update()
        self.of_classifier.step()
        return watched

    def _match(self, real: Tensor) -> dict[str, Tensor]:
        features = self.classifier.features(self.generator.draw(self.method.batch_size))
        with torch.no_grad():
            target = self.classifier.features(real)
        loss = feature_matching_loss(features, target)
        parameters = list(self.generator.parameters())
        self.of_generator.zero_grad()
        torch.autograd.backward(loss, inputs=parameters)
        self.of_generator.step()
        return {"generator-loss": loss}

    def _validation(self, trained: TrainedClassifier) -> Validation | None:
        """The task's numbers after each epoch, where a model is chosen by them."""
        if self.method.selection == "last":
            return None

        def measure() -> dict[str, float]:
            return {f"valid-{name}": value for name, value in self.context.evaluate(trained).items()}

        return Validation(measure, self.steps_per_epoch, Best({"classifier": self.classifier}, "valid-error-rate"))

    def _first_images(self) -> Tensor:
        order = self.context.generator(self.seed, "initial images").permutation(len(self.pool))
        return self._pooled(torch.from_numpy(order[: self.method.initial_images]))

    def _pooled(self, indices: Tensor) -> Tensor:
        """Images without labels (B, D)."""
        return self.pool[indices.to(self.device)].to(torch.get_default_dtype()) / 255

    def _batches(self, number: int) -> tuple[Tensor, Tensor, Tensor]:
        """Indices (B,) of a step: among the labelled images, and twice among those without labels."""
        epoch, place = divmod(number, self.steps_per_epoch)
        if epoch != self.epoch:
            self.epoch, self.orders = epoch, self._orders(epoch)
        batch = slice(place * self.method.batch_size, (place + 1) * self.method.batch_size)
        labelled, first, second = (order[batch] for order in self.orders)
        return labelled.to(self.device), first, second

    def _orders(self, epoch: int) -> tuple[Tensor, Tensor, Tensor]:
        """The orders of an epoch: permutations of the labelled images, one after another, and two of all others."""
        random = self.context.generator(self.seed, "epoch", epoch)
        passes = math.ceil(self.steps_per_epoch * self.method.batch_size / len(self.images))
        labelled = np.concatenate([random.permutation(len(self.images)) for _ in range(passes)])
        first, second = random.permutation(len(self.pool)), random.permutation(len(self.pool))
        return torch.from_numpy(labelled), torch.from_numpy(first), torch.from_numpy(second)
