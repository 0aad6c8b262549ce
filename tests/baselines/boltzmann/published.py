"""The published steps of learning Boltzmann machines, plainly, from the fact sheets: every layer by its own formula.

What is drawn is given, in the order in which it is drawn. W1 is (D, F1), W2 (F1, F2), W3 (F2, F3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor


def sigma(x: Tensor) -> Tensor:
    return 1 / (1 + torch.exp(-x))


def natural_bm_rate(t: int, updates: int) -> float:
    """From 0.01 to 0.001: decay = (1 / 0.1 - 1) / updates."""
    return 0.01 / (1 + (1 / 0.1 - 1) / updates * t)


def natural_bm_momentum(t: int, last: int) -> float:
    """Up by 1 - 0.5 * 0.96^(t / 250), down by the same from the other side, and half of 0.9 after `last`."""
    if t >= last:
        return 0.45
    return 0.9 * (1 - 0.5 * math.pow(0.96, 0.004 * t)) * (1 - 0.5 * math.pow(0.96, 0.004 * (last - t)))


class Rbm:
    """One RBM, with weights that count `up` times on the way up and `down` times on the way down."""

    def __init__(self, w: Tensor, b: Tensor, a: Tensor, up: float = 1, down: float = 1) -> None:
        self.w, self.b, self.a, self.up, self.down = w.clone(), b.clone(), a.clone(), up, down
        self.dw, self.db, self.da = torch.zeros_like(w), torch.zeros_like(b), torch.zeros_like(a)
        self.asked: list[Tensor] = []

    def hidden(self, v: Tensor) -> Tensor:
        return sigma(self.up * v @ self.w + self.a)

    def visible(self, h: Tensor) -> Tensor:
        return sigma(self.down * h @ self.w.T + self.b)

    def gradients(self, data: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        of_data, of_model = self.hidden(data), self.hidden(v)
        return (
            data.T @ of_data / len(data) - v.T @ of_model / len(v),
            data.mean(0) - v.mean(0),
            of_data.mean(0) - of_model.mean(0),
        )

    def chain(self, h: Tensor, steps: int, drawn: Iterator[Tensor]) -> tuple[Tensor, Tensor]:
        """The last visible states, and the hidden ones drawn from them. `asked` are the odds of all draws."""
        for _ in range(steps):
            v = next(drawn)
            self.asked.append(self.visible(h))
            h = next(drawn)
            self.asked.append(self.hidden(v))
        return v, h

    def persistent_step(
        self, data: Tensor, h: Tensor, steps: int, rate: float, momentum: float, l2: float, drawn: Iterator[Tensor]
    ) -> Tensor:
        """natural_bm: v = m v - r g, p = p + m v - r g, of a loss with l2 |W|^2. Gives the new hidden states."""
        v, h = self.chain(h, steps, drawn)
        gw, gb, ga = self.gradients(data, v)
        gw = gw - 2 * l2 * self.w
        self.dw, self.db, self.da = (momentum * d + rate * g for d, g in ((self.dw, gw), (self.db, gb), (self.da, ga)))
        self.w = self.w + momentum * self.dw + rate * gw
        self.b = self.b + momentum * self.db + rate * gb
        self.a = self.a + momentum * self.da + rate * ga
        return h

    def contrastive_step(
        self, data: Tensor, steps: int, rate: float, momentum: float, decay: float, drawn: Iterator[Tensor]
    ) -> None:
        """Salakhutdinov's demo: the chain begins at the data; inc = m inc + rate (gradient - decay W)."""
        self.asked.append(self.hidden(data))
        v, _ = self.chain(next(drawn), steps, drawn)
        gw, gb, ga = self.gradients(data, v)
        self.dw = momentum * self.dw + rate * (gw - decay * self.w)
        self.db, self.da = momentum * self.db + rate * gb, momentum * self.da + rate * ga
        self.w, self.b, self.a = self.w + self.dw, self.b + self.db, self.a + self.da


class Dbm:
    """Three hidden layers, learned jointly."""

    def __init__(self, weights: list[Tensor], biases: list[Tensor], targets: tuple[float, ...]) -> None:
        self.w, self.b = [w.clone() for w in weights], [b.clone() for b in biases]
        self.dw, self.db = [torch.zeros_like(w) for w in weights], [torch.zeros_like(b) for b in biases]
        self.targets = targets
        self.active = [torch.full_like(b, target) for b, target in zip(biases[1:], targets, strict=True)]
        self.asked: list[Tensor] = []

    def mean_field(self, v: Tensor, sweeps: int) -> list[Tensor]:
        (w1, w2, w3), (_, b1, b2, b3) = self.w, self.b
        h1 = sigma(2 * v @ w1 + b1)
        h2 = sigma(2 * h1 @ w2 + b2)
        h3 = sigma(h2 @ w3 + b3)
        for _ in range(sweeps):
            h1 = sigma(v @ w1 + h2 @ w2.T + b1)
            h3 = sigma(h2 @ w3 + b3)
            h2 = sigma(h1 @ w2 + h3 @ w3.T + b2)
        return [v, h1, h2, h3]

    def step(
        self, data: Tensor, h1: Tensor, h3: Tensor, *, mean_field: int, gibbs: int, rate: float, momentum: float,
        decay: float, cost: float, damping: float, drawn: Iterator[Tensor],
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """One update; gives the new states of the chains."""
        (w1, w2, w3), (b0, b1, b2, b3) = self.w, self.b
        means = self.mean_field(data, mean_field)
        for _ in range(gibbs):
            self.asked += [sigma(h1 @ w1.T + b0), sigma(h1 @ w2 + h3 @ w3.T + b2)]
            v, h2 = next(drawn), next(drawn)
            m1, m3 = sigma(v @ w1 + h2 @ w2.T + b1), sigma(h2 @ w3 + b3)
            self.asked += [m1, m3]
            h1, h3 = next(drawn), next(drawn)
        model = [v, m1, h2, m3]
        for i in range(3):
            self.active[i] = damping * self.active[i] + (1 - damping) * means[i + 1].mean(0)
        penalties = [cost * (active - target) for active, target in zip(self.active, self.targets, strict=True)]
        for i in range(3):
            g = means[i].T @ means[i + 1] / len(data) - model[i].T @ model[i + 1] / len(v) - decay * self.w[i]
            g = g - torch.stack([share * penalties[i] for share in means[i].mean(0)])
            self.dw[i] = momentum * self.dw[i] + rate * g
        for i in range(4):
            g = means[i].mean(0) - model[i].mean(0)
            self.db[i] = momentum * self.db[i] + rate * (g - penalties[i - 1] if i else g)
        self.w = [w + d for w, d in zip(self.w, self.dw, strict=True)]
        self.b = [b + d for b, d in zip(self.b, self.db, strict=True)]
        return h1, h3
