"""The discriminator of SeqGAN: convolutions of many widths over words, the largest of each, a highway layer, softmax.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473, section 3.3
Code:       LantaoYu/SeqGAN, discriminator.py and dataloader.py; read at 5f2c0a5
Departures: Adam's epsilon is torch's, beside the corrected root of the second moment
Shapes:     N sequences, T positions, V vocabulary, E embedding, C filters in all
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.training.parts import evaluating

REAL = 1  # the second of the two classes
ROWS = 1024
DEVIATION, BIAS = 0.1, 0.1


@dataclass(frozen=True)
class Sizes:
    """Widths of the filters, how many of each, and of the embedding; dropout before the last layer."""

    widths: tuple[int, ...]
    filters: tuple[int, ...]
    embedding: int
    dropout: float


class Discriminator(nn.Module):
    """Scores (N, 2) of generated and real. Initial weights are drawn from torch's global generator."""

    def __init__(self, vocabulary: int, sizes: Sizes) -> None:
        super().__init__()
        total = sum(sizes.filters)
        self.embedding = nn.Embedding(vocabulary, sizes.embedding)
        pairs = zip(sizes.widths, sizes.filters, strict=True)
        self.convolutions = nn.ModuleList([nn.Conv1d(sizes.embedding, count, width) for width, count in pairs])
        self.transform, self.gate = nn.Linear(total, total), nn.Linear(total, total)
        self.dropout, self.output = nn.Dropout(sizes.dropout), nn.Linear(total, 2)
        nn.init.uniform_(self.embedding.weight, -1, 1)
        for layer in (*self.convolutions, self.output):
            assert isinstance(layer, nn.Conv1d | nn.Linear)
            assert layer.bias is not None
            nn.init.trunc_normal_(layer.weight, std=DEVIATION, a=-2 * DEVIATION, b=2 * DEVIATION)
            nn.init.constant_(layer.bias, BIAS)
        for layer in (self.transform, self.gate):  # Glorot's uniform numbers, for biases too, as TensorFlow's default
            nn.init.xavier_uniform_(layer.weight)
            nn.init.uniform_(layer.bias, -((3 / total) ** 0.5), (3 / total) ** 0.5)

    def forward(self, tokens: Tensor) -> Tensor:
        """Scores (N, 2) of sequences (N, T)."""
        words = self.embedding(tokens).transpose(1, 2)  # (N, E, T)
        pooled = [F.relu(convolution(words)).amax(dim=2) for convolution in self.convolutions]
        features = torch.cat(pooled, dim=1)  # (N, C)
        gate = torch.sigmoid(self.gate(features))
        features = gate * F.relu(self.transform(features)) + (1 - gate) * features
        scores: Tensor = self.output(self.dropout(features))
        return scores

    def loss(self, tokens: Tensor, real: Tensor, penalty: float) -> Tensor:
        """Mean cross-entropy of sequences (N, T) that are real or not (N,), and the penalty of the last layer."""
        squares = self.output.weight.square().sum() + self.output.bias.square().sum()
        return F.cross_entropy(self(tokens), real) + penalty * squares / 2


def probability_real(discriminator: Discriminator, tokens: Tensor) -> Tensor:
    """The probability (N,) that sequences (N, T) are real, without dropout and without history."""
    with evaluating([discriminator]):
        return torch.cat([torch.softmax(discriminator(part), dim=1)[:, REAL] for part in torch.split(tokens, ROWS)])


@dataclass(frozen=True)
class Rounds:
    """How a discriminator is trained on real and generated sequences: epochs over both in one random order."""

    epochs: int
    batch: int
    penalty: float

    def train(self, network: Discriminator, adam: torch.optim.Optimizer, sides: Sequence[Tensor]) -> Tensor:
        """One round over generated and real sequences (N, T); the mean loss. What fills no batch is left out."""
        tokens = torch.cat(list(sides))
        labels = torch.cat([torch.full_like(side[:, 0], label) for label, side in enumerate(sides)])
        order = torch.randperm(len(tokens)).to(tokens.device)
        order = order[: len(order) // self.batch * self.batch]
        losses = []
        for _ in range(self.epochs):
            for rows in torch.split(order, self.batch):
                loss = network.loss(tokens[rows], labels[rows], self.penalty)
                adam.zero_grad()
                torch.autograd.backward(loss)
                adam.step()
                losses.append(loss.detach())
        return torch.stack(losses).mean()
