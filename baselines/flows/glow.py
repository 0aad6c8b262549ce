"""Glow: steps of activation normalisation, an invertible 1x1 convolution and an affine coupling, at several scales.

Paper:  Glow: Generative Flow with Invertible 1x1 Convolutions (Kingma and Dhariwal, 2018), arXiv:1807.03039
Code:   openai/glow, model.py, tfops.py; read at 91b2c57
Shapes: N images, H height, W width, C channels, D = H W C; tensors (N, C, H, W), points (N, D) in the order (H, W, C)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.flows.flow import Flow

DEVIATION = 0.05  # of initial weights
LOG_FACTOR = 3.0  # of logarithms of scales, which so learn three times as fast
FLOOR = 1e-6  # added to the deviations that a start divides by


class ActNorm(nn.Module):
    """y = (x + b) exp(3 l), a channel each; set by the first batch so that its outputs have mean 0 and deviation 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))
        self.log_scale = nn.Parameter(torch.zeros(channels, 1, 1))
        self.is_starting = False

    def forward(self, x: Tensor) -> Tensor:
        """Outputs (N, C, H, W)."""
        if self.is_starting:
            self._start(x)
        return (x + self.bias) * torch.exp(LOG_FACTOR * self.log_scale)

    def inverse(self, y: Tensor) -> Tensor:
        """The inputs."""
        return y * torch.exp(-LOG_FACTOR * self.log_scale) - self.bias

    def log_determinant(self, places: int) -> Tensor:
        """Of so many places: ()."""
        return places * LOG_FACTOR * self.log_scale.sum()

    def _start(self, x: Tensor) -> None:
        mean = x.mean((0, 2, 3), keepdim=True)[0]
        deviation = (x - mean).square().mean((0, 2, 3), keepdim=True)[0].sqrt()
        self.bias.copy_(-mean)
        self.log_scale.copy_(-torch.log(deviation + FLOOR) / LOG_FACTOR)


class EdgeConv(nn.Module):
    """A 3x3 convolution that sees where the image ends: the frame of zeros about it has one channel more, of ones."""

    def __init__(self, inputs: int, outputs: int, deviation: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(deviation * torch.randn(outputs, inputs + 1, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        """(N, I, H, W) -> (N, O, H, W)."""
        frame = functional.pad(x.new_zeros(1, 1, *x.shape[2:]), (1, 1, 1, 1), value=1.0)
        image = functional.conv2d(x, self.weight[:, :-1], padding=1)
        return image + functional.conv2d(frame, self.weight[:, -1:])


class ZeroConv(nn.Module):
    """An edge convolution from zero weights, with a bias, times exp(3 l), a channel each."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = EdgeConv(inputs, outputs, 0.0)
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))
        self.log_scale = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, I, H, W) -> the even channels and the odd ones, each (N, O / 2, H, W)."""
        outputs = (self.conv(x) + self.bias) * torch.exp(LOG_FACTOR * self.log_scale)
        return outputs[:, 0::2], outputs[:, 1::2]


class Step(nn.Module):
    """One step of the flow."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        half = channels // 2
        self.norm = ActNorm(channels)
        self.mixing = nn.Parameter(torch.linalg.qr(torch.randn(channels, channels))[0])
        self.first, self.first_norm = EdgeConv(half, hidden, DEVIATION), ActNorm(hidden)
        self.second, self.second_norm = nn.Conv2d(hidden, hidden, 1, bias=False), ActNorm(hidden)
        nn.init.normal_(self.second.weight, std=DEVIATION)
        self.last = ZeroConv(hidden, 2 * half)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) -> (N, C, H, W), and the log-determinant (N,)."""
        places = x.shape[2] * x.shape[3]
        mixed = functional.conv2d(self.norm(x), self.mixing[:, :, None, None])
        kept, moved = mixed.chunk(2, dim=1)
        shift, log_scale = self._coupled(kept)
        of_mixing = torch.linalg.slogdet(self.mixing.double())[1].to(x.dtype)
        change = self.norm.log_determinant(places) + places * of_mixing + log_scale.sum((1, 2, 3))
        return torch.cat([kept, (moved + shift) * torch.exp(log_scale)], dim=1), change

    def inverse(self, y: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, H, W)."""
        kept, moved = y.chunk(2, dim=1)
        shift, log_scale = self._coupled(kept)
        mixed = torch.cat([kept, moved * torch.exp(-log_scale) - shift], dim=1)
        return self.norm.inverse(functional.conv2d(mixed, torch.linalg.inv(self.mixing)[:, :, None, None]))

    def _coupled(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        """The shift of what is not kept, and the log of its scale, which is a logistic function and begins at 0.88."""
        hidden = torch.relu(self.first_norm(self.first(kept)))
        hidden = torch.relu(self.second_norm(self.second(hidden)))
        shift, raw = self.last(hidden)
        return shift, functional.logsigmoid(raw + 2)


class Level(nn.Module):
    """Pixels folded into channels, some steps, and half of the channels turned to noise given the others.

    At the last level all are turned to noise, by a mean and a deviation for each channel and place near an edge.
    """

    def __init__(self, channels: int, depth: int, hidden: int, *, is_last: bool) -> None:
        super().__init__()
        self.steps = nn.ModuleList(Step(channels, hidden) for _ in range(depth))
        self.is_last = is_last
        self.prior = ZeroConv(channels, 2 * channels) if is_last else ZeroConv(channels // 2, channels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(N, C, H, W) -> what goes on, nothing at the last level; noise; and the log-determinant (N,)."""
        x = functional.pixel_unshuffle(x, 2)
        log_determinant = x.new_zeros(len(x))
        for step in self.steps:
            x, change = step(x)
            log_determinant = log_determinant + change
        kept, turned = (x[:, :0], x) if self.is_last else x.chunk(2, dim=1)
        mean, log_deviation = self._prior(kept, turned)
        noise = (turned - mean) * torch.exp(-log_deviation)
        return kept, noise, log_determinant - log_deviation.sum((1, 2, 3))

    def inverse(self, kept: Tensor, noise: Tensor) -> Tensor:
        """What goes on, and noise -> (N, C, H, W)."""
        mean, log_deviation = self._prior(kept, noise)
        x = torch.cat([kept, noise * torch.exp(log_deviation) + mean], dim=1)
        for step in reversed(self.steps):
            assert isinstance(step, Step)
            x = step.inverse(x)
        return functional.pixel_shuffle(x, 2)

    def _prior(self, kept: Tensor, turned: Tensor) -> tuple[Tensor, Tensor]:
        mean, log_deviation = self.prior(torch.zeros_like(turned) if self.is_last else kept)
        return mean, log_deviation


class GlowFlow(Flow):
    """Levels of steps over images (H, W, C), whose sides the number of levels must halve so often."""

    def __init__(self, shape: tuple[int, ...], levels: int, depth: int, hidden: int) -> None:
        super().__init__()
        height, width, channels = shape
        if height % 2**levels or width % 2**levels:
            raise ValueError(f"{levels} levels halve the sides of images so often, which are {height} x {width}")
        self.shape, self.width = (height, width, channels), height * width * channels
        of_level = [channels * 2 ** (number + 2) for number in range(levels)]
        self.levels = nn.ModuleList(
            Level(each, depth, hidden, is_last=number == levels - 1) for number, each in enumerate(of_level)
        )

    def normalise(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (N, D) -> their noise (N, D), level after level, and log |det d noise / d point| (N,)."""
        x = points.reshape(-1, *self.shape).permute(0, 3, 1, 2)
        noises, log_determinant = [], points.new_zeros(len(points))
        for level in self.levels:
            x, noise, change = level(x)
            noises.append(noise.flatten(1))
            log_determinant = log_determinant + change
        return torch.cat(noises, dim=1), log_determinant

    def generate(self, noise: Tensor) -> Tensor:
        """Noise (N, D) -> points (N, D)."""
        height, width, channels = self.shape
        shapes = []
        for number, level in enumerate(self.levels):
            of_noise = channels * 2 ** (number + 1) * (2 if level.is_last else 1)
            shapes.append((of_noise, height >> number + 1, width >> number + 1))
        parts = torch.split(noise, [each[0] * each[1] * each[2] for each in shapes], dim=1)
        x = noise.new_zeros(len(noise), 0, *shapes[-1][1:])
        for level, part, shape in reversed([*zip(self.levels, parts, shapes, strict=True)]):
            assert isinstance(level, Level)
            x = level.inverse(x, part.reshape(-1, *shape))
        return x.permute(0, 2, 3, 1).flatten(1)

    @torch.no_grad()
    def start(self, points: Tensor) -> None:
        """Sets all activation normalisations by points (N, D), from below."""
        norms = [module for module in self.modules() if isinstance(module, ActNorm)]
        for norm in norms:
            norm.is_starting = True
        self.normalise(points)
        for norm in norms:
            norm.is_starting = False
