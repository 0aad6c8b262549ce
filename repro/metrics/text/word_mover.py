"""Estimated word mover's distance (eWMD): how far generated sentences lie from real ones, by what a critic can tell.

Paper:      CoT: Cooperative Training for Generative Modeling of Discrete Data (Lu et al., 2018), seqgen table CoT-3.
Code:       no evaluation is released; the critic is that of desire2020/CoT's mediator file: three convolutions over 4
            words with strides 2, 1, 2 and softplus, a linear output, a one-sided gradient penalty of weight 5, Adam.
Departures: the paper's definition is not public, so embeddings, sizes and steps are choices that the signature names.
            The critic is judged on sentences that it was not trained on, so that equal sources give 0 on average
            (trained and judged on the same, it is positive by over-fitting). A penalty lets slopes exceed 1 a little;
            the estimate is divided by the critic's mean slope, so that a shift of all features by v gives |v|.
Shapes:     N sentences of T words, V words with embeddings of size E; a sentence is a point of T * E features.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from repro.metrics.score import Score, signature


@dataclass(frozen=True)
class CriticSettings:
    """How each of `critics` critics is trained; the mean over them is the estimate, their spread its deviation."""

    width: int = 64
    penalty: float = 5.0
    steps: int = 2000
    batch_size: int = 64
    learning_rate: float = 1e-4
    critics: int = 5

    def __post_init__(self) -> None:
        if min(self.width, self.steps, self.batch_size) < 1 or self.critics < 2:
            raise ValueError("width, steps and batch_size must be at least 1, critics at least 2")


RELEASED = CriticSettings()


def word_mover_distance(
    samples: np.ndarray, references: np.ndarray, embeddings: np.ndarray,
    settings: CriticSettings = RELEASED, seed: int = 0,
) -> Score:  # fmt: skip
    """The Wasserstein-1 distance of two sets of sentences in embedding space, as critics estimate it; lower is closer.

    samples (N, T) and references (N', T) are word numbers, embeddings (V, E) their vectors, whose unit the distance
    has. Each critic is trained on a random half of both sides and judged on the other. Items (critics,) are the
    estimates; details: `deviation` over critics, and `floor`, the same estimate between two halves of the references:
    what equal sources give, 0 up to noise of either sign. Deterministic on a CPU for a seed. Raises ValueError for
    wrong shapes, words without an embedding, embeddings that are not finite, or fewer than 8 sentences on a side.
    """
    table = _checked(samples, references, embeddings)
    real, fake = torch.from_numpy(np.asarray(references)), torch.from_numpy(np.asarray(samples))
    numbers = range(seed, seed + settings.critics)
    items = np.array([_estimate(table, real, fake, settings, number) for number in numbers])
    floor = np.mean([_estimate(table, real[::2], real[1::2], settings, number) for number in numbers])
    protocol = signature(
        "word-mover-distance", "repro/1", critics=settings.critics, width=settings.width, penalty=settings.penalty,
        steps=settings.steps, batch=settings.batch_size, lr=settings.learning_rate,
        embedding=embeddings.shape[1], samples=len(samples), references=len(references), seed=seed,
    )  # fmt: skip
    details = {"deviation": float(items.std(ddof=1)), "floor": float(floor)}
    return Score(float(items.mean()), protocol, items=items, details=details)


class _Critic(nn.Module):
    def __init__(self, length: int, embed: int, width: int) -> None:
        super().__init__()
        sizes, strides = (embed, width, width), (2, 1, 2)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size, width, 4, stride) for size, stride in zip(sizes, strides, strict=True)
        )
        for stride in strides:
            length = -(-length // stride)
        self.output = nn.Linear(width * length, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Scores (N,) of sentences (N, T, E)."""
        hidden = features.transpose(1, 2)
        for convolution in self.convolutions:
            assert isinstance(convolution, nn.Conv1d)
            hidden = nn.functional.softplus(convolution(_padded(hidden, convolution.stride[0])))
        scores: Tensor = self.output(hidden.flatten(1)).squeeze(1)
        return scores


def _padded(hidden: Tensor, stride: int) -> Tensor:
    """As much padding as makes ceil(T / stride) outputs of 4 words, the odd one on the right."""
    length = hidden.shape[2]
    missing = max((-(-length // stride) - 1) * stride + 4 - length, 0)
    return nn.functional.pad(hidden, (missing // 2, missing - missing // 2))


def _estimate(table: Tensor, real: Tensor, fake: Tensor, settings: CriticSettings, seed: int) -> float:
    random = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        critic = _Critic(real.shape[1], table.shape[1], settings.width)
    (train_real, test_real), (train_fake, test_fake) = _halves(real, random), _halves(fake, random)
    optimiser = torch.optim.Adam(critic.parameters(), lr=settings.learning_rate, betas=(0.5, 0.9))
    for _ in range(settings.steps):
        x, y = (table[_drawn(side, settings.batch_size, random)] for side in (train_real, train_fake))
        excess = (_slopes(critic, x, y, random) - 1).clamp(min=0)
        loss = critic(y).mean() - critic(x).mean() + settings.penalty * excess.square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        gap = _mean(critic, table, test_real) - _mean(critic, table, test_fake)
    x, y = (table[_drawn(side, 1024, random)] for side in (test_real, test_fake))
    return gap / float(_slopes(critic, x, y, random).detach().mean())


def _slopes(critic: nn.Module, x: Tensor, y: Tensor, random: torch.Generator) -> Tensor:
    """The gradient's norm at random points between pairs of x and y (N, T, E)."""
    share = torch.rand(len(x), 1, 1, generator=random)
    between = (share * x + (1 - share) * y).requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    norms: Tensor = gradient.flatten(1).norm(dim=1)
    return norms


def _mean(critic: nn.Module, table: Tensor, tokens: Tensor) -> float:
    return float(torch.cat([critic(table[part]) for part in torch.split(tokens, 1024)]).double().mean())


def _halves(tokens: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    shuffled = tokens[torch.randperm(len(tokens), generator=random)]
    return shuffled[: len(tokens) // 2], shuffled[len(tokens) // 2 :]


def _drawn(tokens: Tensor, size: int, random: torch.Generator) -> Tensor:
    return tokens[torch.randint(len(tokens), (size,), generator=random)]


def _checked(samples: np.ndarray, references: np.ndarray, embeddings: np.ndarray) -> Tensor:
    embeddings = np.asarray(embeddings, dtype=np.float32)
    if embeddings.ndim != 2 or not embeddings.size or not np.isfinite(embeddings).all():
        raise ValueError(f"embeddings must be finite and (V, E), they are {embeddings.shape}")
    for name, tokens in (("samples", np.asarray(samples)), ("references", np.asarray(references))):
        if tokens.ndim != 2 or len(tokens) < 8 or tokens.shape[1] != np.shape(references)[-1] or not tokens.shape[1]:
            raise ValueError(
                f"{name} must be (N, T) with N > 7 and the same T > 0 on both sides, they are {tokens.shape}"
            )
        if tokens.dtype.kind not in "iu" or tokens.min() < 0 or tokens.max() >= len(embeddings):
            raise ValueError(f"{name} must be word numbers from 0 to {len(embeddings) - 1}")
    return torch.from_numpy(embeddings)
