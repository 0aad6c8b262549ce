"""The classifier of digits whose predictions score generated images, trained here: its weights were not released.

Paper: Energy-based Generative Adversarial Networks (Zhao et al., 2016), arXiv:1609.03126; zhao2019, section 3.5.1
Code:  none released; the network is that of `repro.metrics.images.mnist_classifier`
Departures: the thesis names neither network nor training. A score I' is not bounded: with a classifier that is surer of
            itself, as it is after more epochs, it is higher. So rows compare only under one and the same classifier.
Shapes: B images (B, H, W, 1) uint8, 0 the background; K classes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.parts import copied, evaluating
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.images import Images
from repro.metrics.images.mnist_classifier import MnistClassifier

SIDE = 28  # of the images that the network sees
CLASSIFIED_IMAGES = 500  # at a time


@dataclass(frozen=True)
class DigitClassifier:
    """Convolutions of 32 and 64 maps and 128 hidden units, by Adam on all training images.

    Smaller images are enlarged by repeated pixels, as often as they fit into 28x28, and framed by background.

    Attributes:
        epochs: passes over the training images.
        batch_size: images a step.
        learning_rate: of Adam.
    """

    epochs: int = 5
    batch_size: int = 100
    learning_rate: float = 0.001

    def fit(self, data: Images, context: Context) -> TrainedDigitClassifier:
        """Trains one seed. Raises Diverged, and ValueError for images that are no grey ones of at most 28x28."""
        train = data.splits["train"]
        if train.labels is None:
            raise ValueError(f"the training images of {data.name} have no labels to train a classifier by")
        images = torch.from_numpy(enlarged(train.images)).to(context.device)
        labels = torch.from_numpy(np.array(train.labels)).to(context.device)
        batches = Batches(context, len(images), self.batch_size)
        with seeded(context, "weights", 0):
            network = MnistClassifier().to(context.device)
        adam = torch.optim.Adam(network.parameters(), lr=self.learning_rate)

        def step(number: int) -> dict[str, Tensor]:
            batch = batches[number]
            loss = functional.cross_entropy(network(shaped(images[batch])), labels[batch])
            adam.zero_grad()
            torch.autograd.backward(loss)
            adam.step()
            return {"loss": loss}

        Loop(context, {"network": network, "adam": adam}, step, self.epochs * batches.per_epoch).run()
        return TrainedDigitClassifier(network)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedDigitClassifier:
        """The trained model whose `state()` this is."""
        with torch.random.fork_rng(devices=[]):
            network = MnistClassifier()
        network.load_state_dict(state["weights"])
        return TrainedDigitClassifier(network.to(context.device))


class TrainedDigitClassifier:
    """The classifier, as task image-generation wants it."""

    def __init__(self, network: MnistClassifier) -> None:
        self.network = network

    def logits(self, images: np.ndarray) -> np.ndarray:
        """The logits (B, 10) of images."""
        device = self.network.output.weight.device
        pixels = torch.from_numpy(enlarged(images)).to(device)
        with evaluating([self.network]):
            blocks = [self.network(shaped(block)).cpu() for block in torch.split(pixels, CLASSIFIED_IMAGES)]
        found: np.ndarray = torch.cat(blocks).numpy()
        return found

    def state(self) -> dict[str, Any]:
        """The weights."""
        return {"weights": copied(self.network.state_dict())}


def enlarged(images: np.ndarray) -> np.ndarray:
    """Grey images (B, H, W, 1) uint8 as (B, 28, 28), repeated as often as they fit and framed. Raises ValueError."""
    height, width = images.shape[1:3]
    if images.shape[3:] != (1,) or max(height, width) > SIDE:
        raise ValueError(f"the classifier of digits wants grey images of at most 28x28, not {images.shape[1:]}")
    times = SIDE // max(height, width)
    large = images[..., 0].repeat(times, axis=1).repeat(times, axis=2)
    above, before = (SIDE - times * height) // 2, (SIDE - times * width) // 2
    found = np.zeros((len(images), SIDE, SIDE), dtype=np.uint8)
    found[:, above : above + times * height, before : before + times * width] = large
    return found


def shaped(pixels: Tensor) -> Tensor:
    """Pixels (B, 28, 28) uint8 as (B, 1, 28, 28) in [0, 1], in torch's default precision."""
    return pixels[:, None].to(torch.get_default_dtype()) / 255
