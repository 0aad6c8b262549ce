"""PixelCNN: masked convolutions, so that each pixel's logit sees the pixels above it and to its left alone.

Paper:      Pixel Recurrent Neural Networks (van den Oord et al., 2016), arXiv:1601.06759, sections 3.3 and 3.4
Code:       EugenHotaj/pytorch-generative, models/autoregressive/pixel_cnn.py (sizes, rate); read at 23cba7b
Departures: the code adds a block's input to its output twice, the paper once, and so here. It draws the binary images
            anew in every epoch; here they are fixed, as in the paper, and the epoch with the best validation is kept.
Shapes:     N images, H height, W width, C channels of the blocks
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.autoregressive.model import AutoregressiveModel, Network, bernoulli_losses, bits_of, randomised, train
from baselines.training.batches import Batches
from baselines.training.schedules import set_rate
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.images import Images

BLOCK = 200  # images at a time


@dataclass(frozen=True)
class PixelCnn:
    """PixelCNN for binary images of one channel.

    Attributes:
        blocks: residual ones.
        channels: of a block's narrow layers; it is twice as wide between blocks.
        head_channels: of the layer before the logits.
        learning_rate: Adam's, at first.
        rate_decay: its factor from step to step.
        batch_size: images a step.
        epochs: at most so many.
        look_ahead: so many epochs without a better validation likelihood end the training.
    """

    evaluates: ClassVar[bool] = True

    blocks: int = 15
    channels: int = 16
    head_channels: int = 32
    learning_rate: float = 1e-3
    rate_decay: float = 0.999977
    batch_size: int = 64
    epochs: int = 40
    look_ahead: int = 10

    def fit(self, data: Images, context: Context) -> AutoregressiveModel:
        """Trains one seed. Raises Diverged, and ValueError for images of more than one channel."""
        images = data.splits["train"].images
        if images.shape[3] != 1:
            raise ValueError(f"this PixelCNN is one of binary images of 1 channel, {data.name} has {images.shape[3]}")
        bits = torch.from_numpy(bits_of(images, context)).to(context.device)
        with seeded(context, "weights", 0):
            network = PixelCnnNetwork(images.shape[1:3], self.blocks, self.channels, self.head_channels)
        network.to(context.device)
        batches = Batches(context, len(bits), self.batch_size)
        adam = torch.optim.Adam(network.parameters(), lr=self.learning_rate)

        def step(number: int) -> dict[str, Tensor]:
            set_rate(adam, self.rate_decay**number)
            return pixelcnn_step(network, adam, bits[batches[number]])

        return train(network, adam, step, batches.per_epoch, self.epochs, self.look_ahead, context)

    def restore(self, state: Mapping[str, Any], context: Context) -> AutoregressiveModel:
        """The trained model whose `state()` this is."""
        with torch.random.fork_rng(devices=[]):
            network = PixelCnnNetwork(**state["sizes"])
        network.load_state_dict(state["weights"])
        return AutoregressiveModel(network.to(context.device))


class MaskedConvolution(nn.Conv2d):
    """A convolution that keeps the image's size and sees the pixels before each one in raster order.

    Of kind `A` it does not see the pixel itself, of kind `B` it does.
    """

    mask: Tensor

    def __init__(self, kind: Literal["A", "B"], inputs: int, outputs: int, width: int) -> None:
        super().__init__(inputs, outputs, width, padding=width // 2)
        before = torch.arange(width**2).reshape(width, width) < width**2 // 2 + (kind == "B")
        self.register_buffer("mask", before, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Maps (N, inputs, H, W) to (N, outputs, H, W)."""
        found: Tensor = self._conv_forward(images, self.weight * self.mask, self.bias)
        return found


class ResidualBlock(nn.Module):
    """Narrow, masked and wide again, added to what came in: (N, 2C, H, W) to the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = nn.Conv2d(2 * channels, channels, 1)
        self.masked = MaskedConvolution("B", channels, channels, 3)
        self.wide = nn.Conv2d(channels, 2 * channels, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Of the paper's figure 5, on the left."""
        inside = self.masked(F.relu(self.narrow(F.relu(images))))
        found: Tensor = images + self.wide(F.relu(inside))
        return found


class PixelCnnNetwork(Network):
    """A 7x7 convolution of kind A, residual blocks of kind B, and two 1x1 layers to the logits."""

    def __init__(self, shape: tuple[int, ...] | list[int], blocks: int, channels: int, head_channels: int) -> None:
        super().__init__()
        self.shape, self.channels = tuple(shape), channels
        self.first = MaskedConvolution("A", 1, 2 * channels, 7)
        self.blocks = nn.ModuleList(ResidualBlock(channels) for _ in range(blocks))
        self.head, self.output = nn.Conv2d(2 * channels, head_channels, 1), nn.Conv2d(head_channels, 1, 1)

    def logits(self, bits: Tensor) -> Tensor:
        """Of each pixel given those before it, for examples (N, H W) in the precision of the weights: (N, H W)."""
        images = self.first(bits.reshape(-1, 1, *self.shape))
        for block in self.blocks:
            images = block(images)
        logits: Tensor = self.output(F.relu(self.head(F.relu(images))))
        return logits.flatten(1)

    def losses(self, bits: Tensor) -> Tensor:
        """-log p of examples (N, H W), in nats: (N,) float64."""
        return bernoulli_losses(self.logits(bits), bits)

    def log_probabilities(self, bits: np.ndarray) -> np.ndarray:
        """log p of examples (N, H W) uint8, in nats: (N,) float64."""
        examples = torch.from_numpy(bits).to(self.output.weight)
        found: np.ndarray = -torch.cat([self.losses(x) for x in torch.split(examples, BLOCK)]).cpu().numpy()
        return found

    def small(self, inputs: int, random: np.random.Generator) -> PixelCnnNetwork:
        """Two blocks of three channels in float64 on an image as square as may be, parameters from N(0, 1)."""
        height = next(side for side in range(math.isqrt(inputs), 0, -1) if inputs % side == 0)
        network = PixelCnnNetwork((height, inputs // height), 2, 3, 4).double()
        randomised(network, random)
        return network

    def sizes(self) -> dict[str, Any]:
        """What the constructor was given."""
        return {
            "shape": list(self.shape), "blocks": len(self.blocks), "channels": self.channels,
            "head_channels": self.head.out_channels,
        }  # fmt: skip


def pixelcnn_step(network: PixelCnnNetwork, adam: torch.optim.Optimizer, bits: Tensor) -> dict[str, Tensor]:
    """One update on examples (N, H W) uint8: the mean of -log p, in nats."""
    loss = network.losses(bits.to(network.output.weight)).mean()
    adam.zero_grad()
    torch.autograd.backward(loss)
    adam.step()
    return {"loss": loss}
