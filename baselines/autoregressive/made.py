"""MADE: an auto-encoder whose masked weights make each output a conditional of the inputs before it.

Paper:      MADE: Masked Autoencoder for Distribution Estimation (Germain et al., 2015), arXiv:1502.03509
Code:       mgermain/MADE, trainMADE.py and MADE/made.py; read at 7b63036
Departures: `masks` further masks are drawn beside a first one, and these masks + 1 are trained in turn and averaged in
            test; the code averages the second to the one after the last, which no step has used. The code has no limit
            of epochs but its look-ahead. Orthogonal weights are cut from a square matrix there, and drawn as such here.
Shapes:     N examples, D inputs, M masks
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.autoregressive.masks import Order, drawn_degrees, visible, visible_to_outputs
from baselines.autoregressive.model import AutoregressiveModel, Network, bernoulli_losses, bits_of, randomised, train
from baselines.training.seeding import seeded
from repro.contracts import Context, single
from repro.data.kinds.images import Images

BLOCK = 1_000  # examples at a time


@dataclass(frozen=True)
class Made:
    """The best MADE of the paper on binarised MNIST: two hidden layers of rectified units, order-agnostic training.

    Examples come in the order of the data in every epoch, as in the code; every step has the next mask.

    Attributes:
        hidden_sizes: units of the hidden layers from below.
        masks: so many beside the first one; a likelihood is the mean probability under all masks + 1.
        order: of the inputs: `agnostic`, drawn for each mask; `random`, one for all masks, drawn from the seed;
            `raster`, as they stand in the data.
        direct: whether the outputs see the inputs directly too.
        learning_rate: Adagrad's, with 1e-6 below its root.
        batch_size: examples a step.
        epochs: at most so many.
        look_ahead: so many epochs without a better validation likelihood end the training.
    """

    evaluates: ClassVar[bool] = True

    hidden_sizes: tuple[int, ...] = (8000, 8000)
    masks: int = 32
    order: Order = "agnostic"
    direct: bool = True
    learning_rate: float = 0.01
    batch_size: int = 100
    epochs: int = 1_000
    look_ahead: int = 30

    def fit(self, data: Images, context: Context) -> AutoregressiveModel:
        """Trains one seed. Raises Diverged."""
        bits = torch.from_numpy(bits_of(data.splits["train"].images, context)).to(context.device)
        network = self.network(bits.shape[1], context)
        adagrad = adagrad_of(network, self.learning_rate)
        per_epoch = math.ceil(len(bits) / self.batch_size)

        def step(number: int) -> dict[str, Tensor]:
            start = number % per_epoch * self.batch_size
            return made_step(network, adagrad, bits[start : start + self.batch_size], number)

        return train(network, adagrad, step, per_epoch, self.epochs, self.look_ahead, context)

    def network(self, inputs: int, context: Context) -> MadeNetwork:
        """The untrained network for so many inputs."""
        random = context.generator(single(context.seeds), "masks")
        degrees = drawn_degrees(self.masks + 1, inputs, self.hidden_sizes, self.order, random)
        with seeded(context, "weights", 0):
            network = MadeNetwork(inputs, self.hidden_sizes, self.masks, direct=self.direct)
            network.initialise()
        network.set_degrees(degrees)
        return network.to(context.device)

    def restore(self, state: Mapping[str, Any], context: Context) -> AutoregressiveModel:
        """The trained model whose `state()` this is."""
        network = MadeNetwork(**state["sizes"])
        network.load_state_dict(state["weights"])
        return AutoregressiveModel(network.to(context.device))


class MadeNetwork(Network):
    """Masked layers from D inputs to D logits, and the degrees of their units for each mask, which are buffers.

    All parameters and degrees are zero at first.
    """

    def __init__(self, inputs: int, hidden_sizes: Sequence[int], masks: int, *, direct: bool) -> None:
        super().__init__()
        self.inputs, self.hidden_sizes, self.masks = inputs, tuple(hidden_sizes), masks
        widths = [inputs, *hidden_sizes, inputs]
        self.weights = nn.ParameterList(torch.zeros(above, below) for below, above in pairwise(widths))
        self.biases = nn.ParameterList(torch.zeros(above) for above in widths[1:])
        self.direct = nn.Parameter(torch.zeros(inputs, inputs)) if direct else None
        for layer, width in enumerate(widths[:-1]):
            self.register_buffer(f"degrees{layer}", torch.zeros(masks + 1, width, dtype=torch.int64))

    def initialise(self) -> None:
        """Orthogonal weights, from torch's current generator; the biases stay zero."""
        for weight in (*self.weights, *([] if self.direct is None else [self.direct])):
            nn.init.orthogonal_(weight)

    def set_degrees(self, degrees: Sequence[np.ndarray]) -> None:
        """Takes the degrees of inputs (M, D) and of each hidden layer (M, H)."""
        for layer, found in enumerate(degrees):
            self.get_buffer(f"degrees{layer}").copy_(torch.from_numpy(found))

    def degrees(self, mask: int) -> list[Tensor]:
        """Those of the inputs and of each hidden layer under one of the masks, in the precision of the weights."""
        layers = range(len(self.hidden_sizes) + 1)
        return [self.get_buffer(f"degrees{layer}")[mask].to(self.weights[0].dtype) for layer in layers]

    def masked(self, mask: int) -> tuple[list[Tensor], Tensor | None]:
        """The weights of each layer under one of the masks, and those from the inputs to the outputs."""
        degrees = self.degrees(mask)
        seen = [visible(below, above) for below, above in pairwise(degrees)]
        seen.append(visible_to_outputs(degrees[-1], degrees[0]))
        direct = None if self.direct is None else self.direct * visible_to_outputs(degrees[0], degrees[0])
        return [weight * each for weight, each in zip(self.weights, seen, strict=True)], direct

    def logits(self, bits: Tensor, weights: Sequence[Tensor], direct: Tensor | None) -> Tensor:
        """Of each input given those before it, for examples (N, D) in the precision of the weights: (N, D)."""
        hidden = bits
        for weight, bias in zip(weights[:-1], self.biases[:-1], strict=True):
            hidden = F.relu(F.linear(hidden, weight, bias))
        logits = F.linear(hidden, weights[-1], self.biases[-1])
        return logits if direct is None else logits + F.linear(bits, direct)

    def loss(self, bits: Tensor, mask: int) -> Tensor:
        """The mean of -log p over examples (N, D) under one of the masks, in nats."""
        logits = self.logits(bits, *self.masked(mask))
        return F.binary_cross_entropy_with_logits(logits, bits, reduction="sum") / len(bits)

    def log_probabilities(self, bits: np.ndarray) -> np.ndarray:
        """log of the mean probability under all masks, of examples (N, D) uint8, in nats: (N,) float64."""
        examples = torch.from_numpy(bits).to(self.weights[0])
        under_each = []
        for mask in range(self.masks + 1):
            weights, direct = self.masked(mask)
            blocks = (bernoulli_losses(self.logits(x, weights, direct), x) for x in torch.split(examples, BLOCK))
            under_each.append(-torch.cat(list(blocks)).cpu().numpy())
        found: np.ndarray = logsumexp(under_each, axis=0) - math.log(self.masks + 1)
        return found

    def small(self, inputs: int, random: np.random.Generator) -> MadeNetwork:
        """As many hidden layers of seven units and as many masks in float64, parameters from N(0, 1)."""
        sizes = [7] * len(self.hidden_sizes)
        network = MadeNetwork(inputs, sizes, self.masks, direct=self.direct is not None).double()
        randomised(network, random)
        network.set_degrees(drawn_degrees(self.masks + 1, inputs, sizes, "agnostic", random))
        return network

    def sizes(self) -> dict[str, Any]:
        """What the constructor was given."""
        return {
            "inputs": self.inputs, "hidden_sizes": list(self.hidden_sizes), "masks": self.masks,
            "direct": self.direct is not None,
        }  # fmt: skip


def adagrad_of(network: nn.Module, learning_rate: float) -> torch.optim.Adagrad:
    """The code's: each gradient over the root of 1e-6 plus the sum of its squares so far."""
    return torch.optim.Adagrad(network.parameters(), lr=learning_rate, initial_accumulator_value=1e-6, eps=0.0)


def made_step(network: MadeNetwork, adagrad: torch.optim.Optimizer, bits: Tensor, number: int) -> dict[str, Tensor]:
    """One update on examples (N, D) uint8 under the mask of the step's number: the mean of -log p, in nats."""
    loss = network.loss(bits.to(network.weights[0]), number % (network.masks + 1))
    adagrad.zero_grad()
    torch.autograd.backward(loss)
    adagrad.step()
    return {"loss": loss}
