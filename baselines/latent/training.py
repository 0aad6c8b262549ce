"""The training of one autoencoder: batches in file order, drawn anew at every visit, rates that fall in eight stages.

Code: yburda/iwae, experiments.py, train.py and datasets.py (BinarizedDatasetTheano); read at 8e601aa
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from baselines.latent.adam import LaggingAdam
from baselines.latent.estimators import ESTIMATORS
from baselines.latent.networks import Autoencoder
from baselines.training.loop import Loop
from baselines.training.parts import Part
from repro.contracts import Context
from repro.data.kinds.images import Images

if TYPE_CHECKING:
    from baselines.latent.methods import IWAE, VAE


def rate(epoch: int) -> float:
    """The learning rate of an epoch, counted from 0: stage i = 1, 2, ... has 3^(i-1) epochs.

    Example:
        >>> [round(rate(epoch), 5) for epoch in (0, 1, 3, 4, 13, 1093, 3279)]
        [0.001, 0.00072, 0.00072, 0.00052, 0.00037, 0.0001, 0.0001]
    """
    stage = 1
    while epoch >= epochs(stage):
        stage += 1
    return float(1e-4 * round(10.0 ** (1 - (stage - 1) / 7), 1))


def epochs(stages: int) -> int:
    """How many epochs so many stages have: 3,280 in eight."""
    return int(3**stages - 1) // 2


class AutoencoderRun:
    """Parameters, optimiser and images of one training; a step is one batch.

    Pixels become ones with the probability that their brightness is, each time that an image is seen.
    """

    def __init__(self, method: VAE | IWAE, data: Images, context: Context) -> None:
        self.method, self.context = method, context
        self.estimate = ESTIMATORS[method.estimator]
        images = data.splits["train"].images
        images = images[: len(images) - method.held_out]
        if len(images) < method.batch_size:
            raise ValueError(
                f"batch_size {method.batch_size} is more than the {len(images)} images of {data.name} that are left "
                f"with held_out {method.held_out}"
            )
        self.images = torch.from_numpy(np.array(images).reshape(len(images), -1)).to(context.device)
        self.dtype = torch.get_default_dtype()
        self.network = Autoencoder(
            self.images.shape[1], method.hidden_sizes, method.latents, context.device, self.dtype
        )
        self.network.initialise(images.reshape(len(images), -1).mean(axis=0, dtype=np.float64) / 255)
        self.adam = LaggingAdam(self.network.flat, self.network.gradient)
        self.per_epoch = len(images) // method.batch_size

    def train(self) -> Autoencoder:
        """The trained network. Raises Diverged."""
        parts: dict[str, Part] = {"network": self.network, "adam": self.adam}
        steps = epochs(self.method.stages) * self.per_epoch
        Loop(self.context, parts, self.step, steps, kept=("network",)).run()
        return self.network

    def step(self, number: int) -> dict[str, Tensor]:
        """One update; the bound that is watched is the mean of the batch, the gradient that of its sum."""
        epoch, place = divmod(number, self.per_epoch)
        x = self.binarised(self.batch(place))
        noise = torch.randn(len(x), self.method.samples, self.method.latents, device=x.device, dtype=self.dtype)
        bounds, shares, scores = self.estimate(self.network.log_weights(x, noise))
        self.network.backward(shares, scores)
        self.adam.step(rate(epoch))
        return {"bound": bounds.mean()}

    def batch(self, place: int) -> Tensor:
        """The images (B, D) uint8 of one place in the order of the file; what fills no batch is left out."""
        size = self.method.batch_size
        return self.images[place * size : (place + 1) * size]

    def binarised(self, images: Tensor) -> Tensor:
        """Zeros and ones (B, D) for images uint8."""
        probabilities = images.to(self.dtype) / 255
        return (torch.rand(images.shape, device=images.device, dtype=self.dtype) < probabilities).to(self.dtype)
