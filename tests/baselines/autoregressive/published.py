"""The published steps of NADE, MADE and PixelCNN, plainly: input by input, unit by unit, every update by its formula.

Papers: Larochelle and Murray (2011); Germain et al. (2015); van den Oord et al. (2016); Kingma and Ba (2015);
        Duchi et al. (2011), with mgermain/MADE's 1e-6 below the root
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor


def log_bernoulli(p: Tensor, x: Tensor) -> Tensor:
    return x * torch.log(p) + (1 - x) * torch.log(1 - p)


def sigmoid(a: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-a))


def nade(x: Tensor, order: Sequence[int], w: Tensor, v: Tensor, c: Tensor, b: Tensor) -> Tensor:
    """-log p of examples (N, D): w and v (D, H) and b (D,) by place in the order. The sum before the sigmoid is made
    anew for every input, from all inputs before it."""
    total = torch.zeros(len(x))
    for place, i in enumerate(order):
        a = c.expand(len(x), -1)
        for earlier in range(place):
            a = a + x[:, order[earlier], None] * w[earlier]
        p = sigmoid(b[place] + (sigmoid(a) * v[place]).sum(dim=1))
        total = total - log_bernoulli(p, x[:, i])
    return total


def made(
    x: Tensor,
    degrees: Sequence[Tensor],
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    direct: Tensor | None,
) -> Tensor:
    """-log p of examples (N, D) under the masks of some degrees, unit by unit; weights are (above, below)."""
    order, hidden = degrees[0], x
    below = order
    for layer, above in enumerate(degrees[1:]):
        units = [
            biases[layer][k]
            + sum(weights[layer][k, j] * hidden[:, j] for j in range(len(below)) if above[k] >= below[j])
            for k in range(len(above))
        ]
        hidden, below = torch.stack([torch.where(u > 0, u, 0.0) for u in units], dim=1), above
    total = torch.zeros(len(x))
    for d in range(x.shape[1]):
        a = biases[-1][d].expand(len(x))
        for k in range(len(below)):
            if order[d] > below[k]:
                a = a + weights[-1][d, k] * hidden[:, k]
        if direct is not None:
            for j in range(x.shape[1]):
                if order[d] > order[j]:
                    a = a + direct[d, j] * x[:, j]
        total = total - log_bernoulli(sigmoid(a), x[:, d])
    return total


def convolved(image: Tensor, weight: Tensor, bias: Tensor, *, itself: bool) -> Tensor:
    """An image (I, H, W) under a filter (O, I, K, K): each pixel from those before it in raster order, and itself."""
    _, height, width = image.shape
    reach = weight.shape[2] // 2
    rows = []
    for y in range(height):
        for x in range(width):
            found = bias
            for dy in range(-reach, reach + 1):
                for dx in range(-reach, reach + 1):
                    before = dy < 0 or (dy == 0 and (dx < 0 or (dx == 0 and itself)))
                    if before and 0 <= y + dy < height and 0 <= x + dx < width:
                        found = found + weight[:, :, reach + dy, reach + dx] @ image[:, y + dy, x + dx]
            rows.append(found)
    return torch.stack(rows, dim=1).reshape(-1, height, width)


def pointwise(image: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.einsum("oi,ihw->ohw", weight[:, :, 0, 0], image) + bias[:, None, None]


def pixelcnn(images: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """-log p of images (N, H, W): filters and biases in order, those of a block are narrow, masked, wide."""

    def relu(a: Tensor) -> Tensor:
        return torch.where(a > 0, a, 0.0)

    pairs = list(zip(parameters[::2], parameters[1::2], strict=True))
    losses = []
    for image in images:
        a = convolved(image[None], *pairs[0], itself=False)
        for block in range(1, len(pairs) - 2, 3):
            inside = pointwise(relu(a), *pairs[block])
            inside = convolved(relu(inside), *pairs[block + 1], itself=True)
            a = a + pointwise(relu(inside), *pairs[block + 2])
        a = pointwise(relu(pointwise(relu(a), *pairs[-2])), *pairs[-1])
        losses.append(-log_bernoulli(sigmoid(a[0]), image).sum())
    return torch.stack(losses)


@dataclass
class Adam:
    """One moment of each order for each parameter, both corrected; epsilon beside the root."""

    rate: float
    decay: float = 1.0
    time: int = 0
    means: list[Tensor] = field(default_factory=list)
    squares: list[Tensor] = field(default_factory=list)

    def update(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        if not self.means:
            self.means = [torch.zeros_like(p) for p in parameters]
            self.squares = [torch.zeros_like(p) for p in parameters]
        rate = self.rate * self.decay**self.time
        self.time += 1
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            self.means[i] = 0.9 * self.means[i] + 0.1 * g
            self.squares[i] = 0.999 * self.squares[i] + 0.001 * g**2
            mean, square = self.means[i] / (1 - 0.9**self.time), self.squares[i] / (1 - 0.999**self.time)
            p.data = p.data - rate * mean / (square**0.5 + 1e-8)


@dataclass
class Adagrad:
    """Each gradient over the root of the sum of its squares so far, plus 1e-6 below the root."""

    rate: float
    sums: list[Tensor] = field(default_factory=list)

    def update(self, parameters: Sequence[Tensor], gradients: Sequence[Tensor]) -> None:
        if not self.sums:
            self.sums = [torch.zeros_like(p) for p in parameters]
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            self.sums[i] = self.sums[i] + g**2
            p.data = p.data - self.rate / (self.sums[i] + 1e-6) ** 0.5 * g


def step(loss: Tensor, parameters: Sequence[Tensor], optimiser: Adam | Adagrad) -> list[Tensor]:
    """One update, and the gradients."""
    gradients = list(torch.autograd.grad(loss, list(parameters)))
    optimiser.update(parameters, gradients)
    return gradients
