"""Maximum likelihood of dequantised images under stacked layers, stopped by a validation split, as in MAF's code.

Paper: Masked Autoregressive Flow for Density Estimation (Papamakarios et al., 2017), arXiv:1705.07057, section 4.1 and
       appendix E
Code:  gpapamak/maf, experiments.py, ml/trainers.py; read at db090d6
Departures: the noise of dequantisation is drawn from the run's seed, where the code has 42 for all, and for other
            splits than those that training sees anew where they are measured. Images are visited in a new permutation
            in each epoch. `epochs` bounds a training that the code leaves to its patience alone.
Shapes: N images, D pixels
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.flows.adam import DecayedRootAdam
from baselines.flows.flow import TrainedFlow
from baselines.flows.maf import maf
from baselines.flows.pixels import Scale, TrainedPixels
from baselines.flows.real_nvp import real_nvp
from baselines.flows.stack import Stack
from baselines.training.batches import Batches
from baselines.training.loop import Loop, Validation
from baselines.training.seeding import seeded
from baselines.training.selection import Best
from repro.contracts import Context, single
from repro.data.kinds.images import Images

LOSS = "valid-negative-log-likelihood"
ROWS = 5_000  # at a time, where validation images are measured


@dataclass(frozen=True)
class StackedFlow(ABC):
    """What both methods have; the defaults are those for MNIST.

    Attributes:
        layers: of the flow, each with batch normalisation behind it.
        hidden_sizes: of every network.
        learning_rate: of Adam.
        batch_size: images a step.
        weight_decay: in the loss, over 2 times the sum of all squared parameters.
        patience: so many validations, one an epoch, without a better one end the training.
        epochs: at most.
        squeeze: pixels are put into [squeeze, 1 - squeeze] before the logit.
        held_out: so many of the last training images are for validation, where the data set has no split for it.
    """

    layers: int = 5
    hidden_sizes: tuple[int, ...] = (1024, 1024)
    learning_rate: float = 1e-4
    batch_size: int = 100
    weight_decay: float = 1e-6
    patience: int = 30
    epochs: int = 1_000
    squeeze: float = 1e-6
    held_out: int = 10_000

    def __post_init__(self) -> None:
        for name, least in (("layers", 1), ("batch_size", 2), ("patience", 1), ("epochs", 1), ("held_out", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, it is {getattr(self, name)}")
        Scale(self.squeeze)

    def fit(self, data: Images, context: Context) -> TrainedPixels:
        """Trains one seed. Raises Diverged, and ValueError for fewer images than are held out or than a batch has."""
        train, valid = divided(data, self.held_out)
        trained = TrainedFlow(StackRun(self, train, valid, context).train(), self.flow)
        return TrainedPixels(trained, Scale(self.squeeze), data.splits["train"].images.shape[1:])

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedPixels:
        """The trained model whose `state()` this is."""
        with torch.random.fork_rng(devices=[]):
            network = self.flow(int(state["width"]))
        network.load_state_dict(state["weights"])
        trained = TrainedFlow(network.to(context.device), self.flow)
        return TrainedPixels(trained, Scale(self.squeeze), tuple(state["shape"]))

    @abstractmethod
    def flow(self, width: int) -> Stack:
        """The untrained flow of points (N, width); its weights come from torch's current generator."""


@dataclass(frozen=True)
class MaskedAutoregressiveFlow(StackedFlow):
    """MAF: layers of Gaussian MADEs."""

    def flow(self, width: int) -> Stack:
        """The untrained flow; its weights come from torch's current generator."""
        return maf(width, self.layers, self.hidden_sizes)


@dataclass(frozen=True)
class RealNvp(StackedFlow):
    """Real NVP: couplings, with a network for scales and one for translations each."""

    def flow(self, width: int) -> Stack:
        """The untrained flow; its weights come from torch's current generator."""
        return real_nvp(width, self.layers, self.hidden_sizes)


def divided(data: Images, held_out: int) -> tuple[np.ndarray, np.ndarray]:
    """Levels (N, D) uint8 to train on and to validate by: the data set's split, else its last training images.

    Raises ValueError where no image would be left to train on.
    """
    train = data.splits["train"].images
    if "valid" in data.splits:
        valid = data.splits["valid"].images
    elif held_out < len(train):
        train, valid = train[:-held_out], train[-held_out:]
    else:
        raise ValueError(f"held_out must be below the {len(train)} training images of {data.name}, it is {held_out}")
    pixels = math.prod(train.shape[1:])
    return np.array(train).reshape(-1, pixels), np.array(valid).reshape(-1, pixels)


class StackRun:
    """The training of one flow: what a step of the loop does. Levels are (N, D) uint8."""

    def __init__(self, method: StackedFlow, train: np.ndarray, valid: np.ndarray, context: Context) -> None:
        self.method, self.context = method, context
        self.batches = Batches(context, len(train), method.batch_size)
        self.points, self.valid = (self._points(*each) for each in (("train", train), ("valid", valid)))
        with seeded(context, "weights", 0):
            self.flow = method.flow(train.shape[1]).to(context.device)
        self.adam = DecayedRootAdam(self.flow.parameters(), method.learning_rate, method.weight_decay)

    def train(self) -> Stack:
        """The flow of the best validation. Raises Diverged."""
        best = Best({"flow": self.flow}, LOSS, patience=self.method.patience)
        validation = Validation(self.measure, self.batches.per_epoch, best)
        steps = self.method.epochs * self.batches.per_epoch
        Loop(self.context, {"flow": self.flow, "adam": self.adam}, self.step, steps, validation).run()
        return self.flow.eval()

    def step(self, number: int) -> dict[str, Tensor]:
        """One update by the mean negative log-density of a batch, in nats, with weight decay."""
        loss = -self.flow.log_density(self.points[self.batches[number]]).mean()
        self.adam.zero_grad()
        torch.autograd.backward(loss)
        self.adam.step()
        return {"loss": loss}

    def measure(self) -> dict[str, float]:
        """The mean negative log-density of the validation images, by the statistics of all training images."""
        self.flow.take_statistics(self.points)
        log_p = torch.cat([self.flow.log_density(block) for block in torch.split(self.valid, ROWS)])
        return {LOSS: -float(log_p.double().mean())}

    def _points(self, split: str, levels: np.ndarray) -> Tensor:
        random = self.context.generator(single(self.context.seeds), "dequantisation", split)
        points = Scale(self.method.squeeze).points(levels.astype(np.float64), random)
        return torch.from_numpy(points).to(torch.get_default_dtype()).to(self.context.device)
