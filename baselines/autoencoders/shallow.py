"""The autoencoder of one hidden layer, linear or sigmoid: y = D f(W x), K < D.

Paper:      salakhutdinov, lines 61 to 91; Baldi and Hornik (1989), Neural Networks and Principal Component Analysis
Code:       none
Departures: the slide has no biases. Without them inputs have to be centred for its claim: x and y are those of the
            training examples less their mean. Nothing is said of training; it is L-BFGS on the exact loss over all
            examples, since of the eigenvalues that the code has to tell apart two may differ by a few percent.
Shapes:     N examples, D numbers of an example, K units

Without biases sigmoid units do one less than linear ones. Where their inputs are small they are 1/2 plus a quarter of
the input, and the halves have to cancel: D loses a direction, and the error is about that of K - 1 components.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn

from baselines.autoencoders.trained import Coder, TrainedAutoencoder
from baselines.training.loop import Loop
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.vectors import Vectors

PER_STEP = 10
"""Iterations of L-BFGS in a step of the loop."""
FIRST_LENGTH = 0.1
"""The length of a unit's weights at the beginning, about."""
Activation: TypeAlias = Literal["linear", "sigmoid"]


@dataclass(frozen=True)
class ShallowAutoencoder:
    """One hidden layer, trained by L-BFGS on 1/2 |y - x|^2, the mean over all examples.

    Attributes:
        code_size: units of the hidden layer, K.
        activation: theirs; the outputs are linear.
        iterations: of L-BFGS, ten a step.
        history: so many of the last iterations make its estimate of the curvature.
    """

    code_size: int = 30
    activation: Activation = "linear"
    iterations: int = 500
    history: int = 20

    def fit(self, data: Vectors, context: Context) -> TrainedAutoencoder:
        """Trains one seed. Raises Diverged."""
        with seeded(context, "weights", 0):
            network = OneLayer(data.size, self.code_size, self.activation)
        network.mean.copy_(torch.from_numpy(data.mean))
        network.to(context.device)
        parts = linear_loss(network, data) if self.activation == "linear" else loss_by_blocks(network, data)
        search = torch.optim.LBFGS(
            network.parameters(), max_iter=PER_STEP, max_eval=10 * PER_STEP, history_size=self.history,
            line_search_fn="strong_wolfe", tolerance_grad=0.0, tolerance_change=0.0,
        )  # fmt: skip

        def step(number: int) -> dict[str, Tensor]:  # noqa: ARG001  (nothing is drawn)
            return {"loss": search.step(lambda: differentiated(network, parts))}  # type: ignore[no-untyped-call]

        steps = math.ceil(self.iterations / PER_STEP)
        Loop(context, {"network": network, "search": search}, step, steps, curve_every=1).run()
        return TrainedAutoencoder(network)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedAutoencoder:
        """The trained model whose `state()` this is."""
        units, size = state["weights"]["encoder"].shape
        with torch.random.fork_rng(devices=[]):
            network = OneLayer(size, units, self.activation)
        network.load_state_dict(state["weights"])
        return TrainedAutoencoder(network.to(context.device))


class OneLayer(Coder):
    """Weights `encoder` W (K, D) and `decoder` D (D, K) about the `mean` (D,), in float64. What it computes is in the
    precision of the examples.

    W begins as small normal numbers, and D as its transpose: from larger ones, or from others on the way back, L-BFGS
    takes several times as long.
    """

    mean: Tensor

    def __init__(self, size: int, units: int, activation: Activation) -> None:
        super().__init__()
        self.activation = activation
        self.encoder = nn.Parameter(FIRST_LENGTH / math.sqrt(size) * torch.randn(units, size, dtype=torch.float64))
        self.decoder = nn.Parameter(self.encoder.detach().T.clone(memory_format=torch.contiguous_format))
        self.register_buffer("mean", torch.zeros(size, dtype=torch.float64))

    def encode(self, examples: Tensor) -> Tensor:
        """The units (N, K) of examples (N, D)."""
        inputs = (examples - self.mean.to(examples)) @ self.encoder.T.to(examples)
        return inputs if self.activation == "linear" else torch.sigmoid(inputs)

    def forward(self, examples: Tensor) -> Tensor:
        """Reconstructions (N, D) of examples (N, D)."""
        return self.encode(examples) @ self.decoder.T.to(examples) + self.mean.to(examples)


Parts: TypeAlias = Callable[[], Iterator[Tensor]]
"""What gives the loss in parts, each with its graph."""


def linear_loss(network: OneLayer, data: Vectors) -> Parts:
    """The loss of a linear network, in one part. All that it needs of the examples is their covariance C:
    E |D W x - x|^2 = tr C - 2 tr(D W C) + tr(D'D W C W').
    """
    covariance = torch.from_numpy(data.covariance).to(network.mean)

    def parts() -> Iterator[Tensor]:
        W, D = network.encoder, network.decoder
        WC = W @ covariance  # (K, D)
        yield (covariance.trace() - 2 * (D.T * WC).sum() + ((D.T @ D) * (WC @ W.T)).sum()) / 2

    return parts


def loss_by_blocks(network: OneLayer, data: Vectors) -> Parts:
    """The loss of any network, in as many parts as there are blocks of examples, in torch's default precision."""
    kind = torch.get_default_dtype()
    blocks = [torch.from_numpy(block).to(network.mean.device, kind) for block in data.blocks()]

    def parts() -> Iterator[Tensor]:
        for examples in blocks:
            yield (network(examples) - examples).square().sum() / (2 * len(data))

    return parts


def differentiated(network: nn.Module, parts: Parts) -> Tensor:
    """The loss, whose gradient the parameters have afterwards."""
    network.zero_grad()
    total = torch.zeros((), dtype=torch.float64)
    for part in parts():
        torch.autograd.backward(part)
        total += part.detach().cpu()
    return total
