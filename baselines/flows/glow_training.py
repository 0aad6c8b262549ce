"""Maximum likelihood of images under Glow, with the settings of its code for CIFAR-10 as defaults.

Paper: Glow: Generative Flow with Invertible 1x1 Convolutions (Kingma and Dhariwal, 2018), arXiv:1807.03039
Code:  openai/glow, train.py, model.py, data_loaders/get_mnist_cifar.py, README.md (the command for CIFAR-10 with
       `--flow_coupling 1 --learntop`, on 8 GPUs); read at 91b2c57
Departures: images are shifted by whole pixels, where Keras' generator shifts by fractions. The code has no last epoch;
            1,800 are about what its curves show. Its average of parameters is left out, since it never measures by it.
Shapes: N images, D = H W C pixels in the order (H, W, C)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from baselines.flows.adamax import GlowAdamax
from baselines.flows.flow import TrainedFlow
from baselines.flows.glow import GlowFlow
from baselines.flows.pixels import LEVELS, Scale, TrainedPixels
from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.schedules import set_rate, warm_up
from baselines.training.seeding import seeded
from repro.contracts import Context, single
from repro.data.kinds.images import Images

BETA1 = 0.9


@dataclass(frozen=True)
class Glow:
    """Glow with affine couplings.

    Attributes:
        levels: L, scales; each halves the sides.
        depth: K, steps of each level.
        hidden: channels of the hidden layers of a coupling.
        epochs: not published.
        batch_size: images a step; 64 on each of 8 GPUs.
        learning_rate: of Adamax, whose second decay rate is 1 - 1 / (steps of an epoch).
        warm_up_epochs: over which the rate rises from 0.
        initial_images: so many training images set the initial scales and biases.
        shift: training images are moved by up to this share of their sides, what is bare filled with the edge.
    """

    levels: int = 3
    depth: int = 32
    hidden: int = 512
    epochs: int = 1_800
    batch_size: int = 512
    learning_rate: float = 0.001
    warm_up_epochs: int = 10
    initial_images: int = 256
    shift: float = 0.1

    def __post_init__(self) -> None:
        for name in ("levels", "depth", "hidden", "epochs", "batch_size", "initial_images"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")
        if self.warm_up_epochs < 0 or not 0 <= self.shift < 1:
            raise ValueError(
                f"warm_up_epochs must be 0 or more and shift in [0, 1); they are {self.warm_up_epochs} and {self.shift}"
            )

    def fit(self, data: Images, context: Context) -> TrainedPixels:
        """Trains one seed. Raises Diverged, and ValueError for too few images or sides that cannot be halved."""
        images = data.splits["train"].images
        return self._trained(GlowRun(self, images, context).train(), images.shape[1:])

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedPixels:
        """The trained model whose `state()` this is."""
        shape = tuple(state["shape"])
        with torch.random.fork_rng(devices=[]):
            network = self.flow(shape)
        network.load_state_dict(state["weights"])
        return self._trained(network.to(context.device), shape)

    def flow(self, shape: tuple[int, ...]) -> GlowFlow:
        """The untrained flow of images (H, W, C); its weights come from torch's current generator."""
        return GlowFlow(shape, self.levels, self.depth, self.hidden)

    def small(self, inputs: int) -> GlowFlow:
        """One over so many numbers: of images that the most levels halve to a single place, of narrow couplings.

        Raises ValueError where no four of them make one channel.
        """
        levels = max((each for each in range(self.levels + 1) if inputs % 4**each == 0), default=0)
        if not levels:
            raise ValueError(f"Glow folds 2 x 2 places into channels: {inputs} inputs are not four times any number")
        side = 2**levels
        return GlowFlow((side, side, inputs // 4**levels), levels, self.depth, min(self.hidden, 16))

    def _trained(self, flow: GlowFlow, shape: tuple[int, ...]) -> TrainedPixels:
        return TrainedPixels(TrainedFlow(flow, self.small), Scale(0.0), shape)


class GlowRun:
    """The training of one Glow: what a step of the loop does. Images are (N, H, W, C) uint8."""

    def __init__(self, method: Glow, images: np.ndarray, context: Context) -> None:
        self.method, self.context, self.shape = method, context, images.shape[1:]
        self.images = torch.from_numpy(np.array(images)).to(context.device)
        self.batches = Batches(context, len(images), method.batch_size)
        with seeded(context, "weights", 0):
            self.flow = method.flow(self.shape).to(context.device)
            self.flow.start(self.points(self._first_images()))
        second = 1 - 1 / max(2, self.batches.per_epoch)
        self.adamax = GlowAdamax(self.flow.parameters(), method.learning_rate, (BETA1, second))
        steps = method.warm_up_epochs * self.batches.per_epoch
        self.schedule = warm_up(steps) if steps else lambda number: 1.0  # noqa: ARG005

    def train(self) -> GlowFlow:
        """The flow after the last step. Raises Diverged."""
        steps = self.method.epochs * self.batches.per_epoch
        Loop(self.context, {"flow": self.flow, "adamax": self.adamax}, self.step, steps).run()
        return self.flow.eval()

    def step(self, number: int) -> dict[str, Tensor]:
        """One update by the mean bits per dimension of a batch."""
        set_rate(self.adamax, self.schedule(number))
        loss = self.bits(self.points(self._shifted(self.images[self.batches[number]]))).mean()
        self.adamax.zero_grad()
        torch.autograd.backward(loss)
        self.adamax.step()
        return {"bits-per-dimension": loss}

    def bits(self, points: Tensor) -> Tensor:
        """Bits per dimension of points (N, D): (N,)."""
        return -self.flow.log_density(points) / (points.shape[1] * math.log(2)) + math.log2(LEVELS)

    def points(self, images: Tensor) -> Tensor:
        """Images (N, H, W, C) uint8 as points (N, D) in [-1/2, 1/2), with noise by torch's current generator."""
        levels = images.flatten(1).to(torch.get_default_dtype())
        return (levels + torch.rand_like(levels)) / LEVELS - 0.5

    def _first_images(self) -> Tensor:
        random = self.context.generator(single(self.context.seeds), "initial images")
        chosen = random.permutation(len(self.images))[: self.method.initial_images]
        return self.images[torch.from_numpy(chosen).to(self.images.device)]

    def _shifted(self, images: Tensor) -> Tensor:
        """Each image moved by whole pixels up to its share of the sides, by torch's current generator."""
        height, width, _ = self.shape
        down, across = int(self.method.shift * height), int(self.method.shift * width)
        if not down and not across:
            return images
        planes = images.permute(0, 3, 1, 2).to(torch.float32)
        framed = functional.pad(planes, (across, across, down, down), mode="replicate")
        rows = torch.randint(2 * down + 1, (len(images), 1)).to(images.device) + torch.arange(height).to(images.device)
        columns = torch.randint(2 * across + 1, (len(images), 1)).to(images.device) + torch.arange(width).to(
            images.device
        )
        number = torch.arange(len(images)).to(images.device)[:, None, None]
        return framed.permute(0, 2, 3, 1)[number, rows[:, :, None], columns[:, None, :]].to(torch.uint8)
