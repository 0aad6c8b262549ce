"""The deep autoencoder of 2006: layers pre-trained as RBMs one after another, unrolled, then fine-tuned as one network.

Paper:      Hinton and Salakhutdinov (2006), Reducing the Dimensionality of Data with Neural Networks, with its
            supplement; salakhutdinov, lines 93 to 110
Code:       the authors' MATLAB: mnistdeepauto.m, rbm.m, rbmhidlinear.m, backprop.m, CG_MNIST.m
Departures: examples are real numbers of variance about 1, as face patches are, so that the visible units of the first
            layer and the outputs are linear and the loss is the squared error; the code is for pixels as probabilities.
            Batches are drawn anew in every epoch; the code draws them once. What a layer hands on is computed when it
            is trained, not in its last epoch. Conjugate gradients: baselines.autoencoders.conjugate_gradients.
Shapes:     B examples, D numbers of an example, K of its code
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from baselines.autoencoders.conjugate_gradients import line_searches
from baselines.autoencoders.machines import Machine, contrast
from baselines.autoencoders.trained import Coder, TrainedAutoencoder
from baselines.training.batches import Batches
from baselines.training.loop import Loop, run_stages
from baselines.training.parts import Part
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.vectors import Vectors


@dataclass(frozen=True)
class DeepAutoencoder:
    """Pre-training and fine-tuning, with the settings for face patches as defaults.

    Attributes:
        hidden_sizes: of the encoder's layers from below, the code last; the decoder has them in reverse.
        first_epochs: of pre-training the first layer, whose visible units are linear.
        epochs: of pre-training each other layer.
        batch_size: of pre-training.
        learning_rate: of a layer whose units are all binary.
        linear_learning_rate: of one with linear units, which are those of the examples and of the code.
        initial_momentum: of pre-training, for `momentum_epochs` epochs.
        momentum: of pre-training, afterwards.
        momentum_epochs: see above.
        weight_decay: of pre-training; biases have none.
        weight_scale: deviation of the first weights.
        fine_tuning_epochs: passes over the examples.
        fine_tuning_batch: examples of a batch.
        line_searches: of conjugate gradients, which begin anew with each batch.
    """

    hidden_sizes: tuple[int, ...] = (2000, 1000, 500, 30)
    first_epochs: int = 200
    epochs: int = 50
    batch_size: int = 100
    learning_rate: float = 0.1
    linear_learning_rate: float = 0.001
    initial_momentum: float = 0.5
    momentum: float = 0.9
    momentum_epochs: int = 5
    weight_decay: float = 2e-4
    weight_scale: float = 0.1
    fine_tuning_epochs: int = 20
    fine_tuning_batch: int = 1_000
    line_searches: int = 3

    def fit(self, data: Vectors, context: Context) -> TrainedAutoencoder:
        """Trains one seed. Raises Diverged, and ValueError for fewer examples than a batch has."""
        if not self.hidden_sizes:
            raise ValueError("hidden_sizes must name one layer or more, it is empty")
        return DeepAutoencoderRun(self, data, context).train()

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedAutoencoder:
        """The trained model whose `state()` this is."""
        size = state["weights"]["encoder.0.weight"].shape[1]
        with torch.random.fork_rng(devices=[]):
            network = Unrolled((size, *self.hidden_sizes))
        network.load_state_dict(state["weights"])
        return TrainedAutoencoder(network.to(context.device))

    def machines(self, size: int) -> list[Machine]:
        """The untrained layers for examples of so many numbers, from torch's current generator."""
        top = len(self.hidden_sizes) - 1
        pairs = itertools.pairwise((size, *self.hidden_sizes))
        return [
            Machine(*pair, self.weight_scale, linear_visible=layer == 0, linear_hidden=layer == top)
            for layer, pair in enumerate(pairs)
        ]

    def descent(self, machine: Machine) -> torch.optim.SGD:
        """The updates of a layer as rbm.m has them: momentum times the last one, plus the rate times the estimate."""
        has_linear = machine.linear_visible or machine.linear_hidden
        rate = self.linear_learning_rate if has_linear else self.learning_rate
        groups: list[dict[str, Any]] = [
            {"params": [machine.weights], "weight_decay": self.weight_decay},
            {"params": [machine.visible_bias, machine.hidden_bias]},
        ]
        return torch.optim.SGD(groups, rate, self.initial_momentum)

    def momentum_in(self, epoch: int) -> float:
        """The momentum of pre-training in an epoch, counted from 0."""
        return self.initial_momentum if epoch < self.momentum_epochs else self.momentum


class Unrolled(Coder):
    """Encoder and decoder of the same sizes in reverse; all layers are sigmoid but the code and the outputs.

    `sizes` are those of the examples and of the encoder's layers.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        up, down = itertools.pairwise(sizes), itertools.pairwise(reversed(sizes))
        self.encoder = nn.ModuleList(nn.Linear(*pair) for pair in up)
        self.decoder = nn.ModuleList(nn.Linear(*pair) for pair in down)

    def encode(self, examples: Tensor) -> Tensor:
        """The codes (B, K) of examples (B, D)."""
        return _through(self.encoder, examples)

    def forward(self, examples: Tensor) -> Tensor:
        """Reconstructions (B, D) of examples (B, D)."""
        return _through(self.decoder, self.encode(examples))

    def unroll(self, machines: Sequence[Machine]) -> None:
        """Takes over the weights of trained layers: the decoder has them transposed, a copy of its own."""
        for up, down, machine in zip(self.encoder, reversed(self.decoder), machines, strict=True):
            up.load_state_dict({"weight": machine.weights.T, "bias": machine.hidden_bias})
            down.load_state_dict({"weight": machine.weights, "bias": machine.visible_bias})


def _through(layers: nn.ModuleList, values: Tensor) -> Tensor:
    """Sigmoid layers but for the last."""
    for layer in layers[:-1]:
        values = torch.sigmoid(layer(values))
    found: Tensor = layers[-1](values)
    return found


class DeepAutoencoderRun:
    """The training of one seed: a stage for each layer, and one of fine-tuning."""

    def __init__(self, method: DeepAutoencoder, data: Vectors, context: Context) -> None:
        self.method, self.context = method, context
        with seeded(context, "weights", 0):
            self.machines = [machine.to(context.device) for machine in method.machines(data.size)]
            self.network = Unrolled((data.size, *method.hidden_sizes)).to(context.device)
        default = torch.get_default_dtype()
        self.examples = torch.cat([torch.from_numpy(block).to(context.device, default) for block in data.blocks()])
        self.inputs: tuple[int, Tensor] = 0, self.examples

    def train(self) -> TrainedAutoencoder:
        """The fine-tuned network."""
        run_stages(*(self._layer(layer) for layer in range(len(self.machines))), self._fine_tuning())
        return TrainedAutoencoder(self.network)

    def _layer(self, layer: int) -> Loop:
        """The stage that pre-trains a layer, on what those below make of the examples."""
        method, machine = self.method, self.machines[layer]
        batches = Batches(self.context, len(self.examples), method.batch_size, f"batches of layer {layer}")
        descent = method.descent(machine)

        def step(number: int) -> dict[str, Tensor]:
            for group in descent.param_groups:
                group["momentum"] = method.momentum_in(number // batches.per_epoch)
            error = contrast(machine, self._inputs(layer)[batches[number]])
            descent.step()
            return {"reconstruction-error": error}

        epochs = method.epochs if layer else method.first_epochs
        parts: dict[str, Part] = {"machine": machine, "descent": descent}
        return Loop(self.context, parts, step, epochs * batches.per_epoch, name=f"layer {layer + 1}")

    @torch.no_grad()
    def _inputs(self, layer: int) -> Tensor:
        """The means (N, V) of a layer's visible units for all examples; those of the layer before are let go."""
        if self.inputs[0] != layer:
            blocks = []
            for block in torch.split(self.examples, self.method.fine_tuning_batch):
                for machine in self.machines[:layer]:
                    block = machine.hidden(block)
                blocks.append(block)
            self.inputs = layer, torch.cat(blocks)
        return self.inputs[1]

    def _fine_tuning(self) -> Loop:
        method, network = self.method, self.network
        size = min(method.fine_tuning_batch, len(self.examples))
        batches = Batches(self.context, len(self.examples), size, "batches of fine-tuning")
        parameters = list(network.parameters())

        def step(number: int) -> dict[str, float]:
            if number == 0:
                network.unroll(self.machines)
            examples = self.examples[batches[number]]
            error = line_searches(lambda: squared_error(network, examples), parameters, method.line_searches)
            return {"reconstruction-error": error}

        steps = method.fine_tuning_epochs * batches.per_epoch
        return Loop(self.context, {"network": network}, step, steps, curve_every=10, name="fine-tuning")


def squared_error(network: nn.Module, examples: Tensor) -> Tensor:
    """|y - x|^2, the mean over examples (B, D)."""
    found: Tensor = (network(examples) - examples).square().sum() / len(examples)
    return found
