"""NADE: each input has a hidden layer of its own, which is made from that of the input before with shared weights.

p(x_i = 1 | x_<i) = sigmoid(b_i + V_i h_i), h_i = sigmoid(c + W_{.,<i} x_<i)

Paper:      The Neural Autoregressive Distribution Estimator (Larochelle and Murray, 2011)
Code:       MarcCote/NADE (initial values), EugenHotaj/pytorch-generative, models/autoregressive/nade.py (Adam)
Departures: the paper has stochastic gradient descent with a falling rate, which is not published for these data; Adam
            as in pytorch-generative here, in batches of 100. MarcCote squashes probabilities to [5e-5, 1 - 5e-5], so
            that they no longer sum to one; here they are what the sigmoid gives.
Shapes:     N examples, D inputs, H hidden units
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from baselines.autoregressive.kernel import losses, losses_and_gradients
from baselines.autoregressive.model import AutoregressiveModel, Network, bits_of, marginal_logits, randomised, train
from baselines.training.batches import Batches
from baselines.training.seeding import seeded
from repro.contracts import Context, single
from repro.data.kinds.images import Images

BLOCK = 100  # examples at a time, whose hidden units stay in the cache


@dataclass(frozen=True)
class Nade:
    """NADE trained by maximum likelihood. It runs on the CPU, whatever the device: its kernel is numba's.

    Attributes:
        hidden: units.
        order: of the inputs: `random`, drawn from the seed, or `raster`, as they stand in the data.
        initial_deviation: standard deviation of the initial weights; the output biases are the logits of the means.
        learning_rate: Adam's.
        batch_size: examples a step.
        epochs: at most so many.
        look_ahead: so many epochs without a better validation likelihood end the training.
    """

    evaluates: ClassVar[bool] = True

    hidden: int = 500
    order: Literal["random", "raster"] = "random"
    initial_deviation: float = 0.01
    learning_rate: float = 1e-3
    batch_size: int = 100
    epochs: int = 200
    look_ahead: int = 10

    def fit(self, data: Images, context: Context) -> AutoregressiveModel:
        """Trains one seed. Raises Diverged."""
        bits = bits_of(data.splits["train"].images, context)
        network = self.network(bits, context)
        batches = Batches(context, len(bits), self.batch_size)
        adam = torch.optim.Adam(network.parameters(), lr=self.learning_rate)

        def step(number: int) -> dict[str, float]:
            return nade_step(network, adam, bits[batches[number].cpu().numpy()])

        return train(network, adam, step, batches.per_epoch, self.epochs, self.look_ahead, context)

    def network(self, bits: np.ndarray, context: Context) -> NadeNetwork:
        """The untrained network for training examples (N, D)."""
        width = bits.shape[1]
        with seeded(context, "weights", 0):
            network = NadeNetwork(width, self.hidden)
            for weights in (network.encoder, network.decoder):
                nn.init.normal_(weights, std=self.initial_deviation)
        if self.order == "random":
            order = context.generator(single(context.seeds), "order").permutation(width)
            network.order.copy_(torch.from_numpy(order))
        with torch.no_grad():
            network.output_bias.copy_(torch.from_numpy(marginal_logits(bits)[network.order.numpy()]))
        return network

    def restore(self, state: Mapping[str, Any], context: Context) -> AutoregressiveModel:  # noqa: ARG002  (on the CPU)
        """The trained model whose `state()` this is."""
        network = NadeNetwork(**state["sizes"])
        network.load_state_dict(state["weights"])
        return AutoregressiveModel(network)


class NadeNetwork(Network):
    """The weights by place in the order: encoder W' and decoder V (D, H), biases c (H,) and b (D,).

    `order` (D,) has the input at each place. All parameters are zero at first.
    """

    order: Tensor

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.encoder, self.decoder = (nn.Parameter(torch.zeros(inputs, hidden)) for _ in range(2))
        self.hidden_bias, self.output_bias = nn.Parameter(torch.zeros(hidden)), nn.Parameter(torch.zeros(inputs))
        self.register_buffer("order", torch.arange(inputs))

    def log_probabilities(self, bits: np.ndarray) -> np.ndarray:
        """log p of examples (N, D) uint8, in nats: (N,) float64."""
        ordered, weights = self._ordered(bits), self._arrays()
        blocks = [losses(ordered[start : start + BLOCK], *weights) for start in range(0, len(bits), BLOCK)]
        return -np.concatenate([np.empty(0), *blocks])

    def backward(self, bits: np.ndarray) -> float:
        """The mean of -log p over examples (N, D) uint8, in nats; the parameters get its gradients."""
        found, *gradients = losses_and_gradients(self._ordered(bits), *self._arrays())
        for parameter, gradient in zip(self._weights(), gradients, strict=True):
            gradient /= len(bits)
            parameter.grad = torch.from_numpy(gradient)
        return float(found.mean())

    def small(self, inputs: int, random: np.random.Generator) -> NadeNetwork:
        """Five hidden units in float64, parameters from N(0, 1), an order of its own."""
        network = NadeNetwork(inputs, 5).double()
        randomised(network, random)
        network.order.copy_(torch.from_numpy(random.permutation(inputs)))
        return network

    def sizes(self) -> dict[str, int]:
        """What the constructor was given."""
        inputs, hidden = self.encoder.shape
        return {"inputs": inputs, "hidden": hidden}

    def _weights(self) -> tuple[nn.Parameter, ...]:
        """In the order that the kernel takes them and gives their gradients."""
        return self.encoder, self.decoder, self.hidden_bias, self.output_bias

    def _arrays(self) -> list[np.ndarray]:
        return [parameter.detach().numpy() for parameter in self._weights()]

    def _ordered(self, bits: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(bits[:, self.order.numpy()])


def nade_step(network: NadeNetwork, adam: torch.optim.Optimizer, bits: np.ndarray) -> dict[str, float]:
    """One update on examples (N, D) uint8: the mean of -log p, in nats."""
    loss = network.backward(bits)
    adam.step()
    return {"loss": loss}
