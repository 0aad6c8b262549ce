"""Deep Boltzmann machines: layer by layer as a stack of RBMs, then all layers jointly.

Paper: Deep Boltzmann Machines (Salakhutdinov and Hinton, 2009), sections 3.1 and 3.3; salakhutdinov, lines 246-331
Code:  Salakhutdinov's demo, by the fact sheets, whose settings are the defaults
Departures: no labels take part; in the demo a softmax of ten is attached to the top layer. The demo has two hidden
            layers and the slide three: a middle layer is learned with its weights doubled in both directions, as the
            paper has it, in as many epochs as the top one, and the sparsity of the third layer is that of the second.
            The model's statistics are of drawn even layers, and of the odd layers' means given these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baselines.boltzmann.chains import Chains
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.learning import Learner, Sparsity, Step
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.model import BoltzmannModel
from baselines.boltzmann.paces import divided, stepped
from baselines.boltzmann.training import MachineTraining, Pixels, above, settled
from baselines.training.batches import Batches
from baselines.training.loop import run_stages
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.images import Images


@dataclass(frozen=True)
class LayerByLayer:
    """Greedy learning: an RBM on each layer's states, then all of them as one deep machine.

    A layer that has neighbours on both sides in the deep machine gets twice the input of the one that it has in its
    RBM. The hidden states of an RBM, drawn, are the visible ones of the next.

    Attributes:
        hidden_sizes: units of the hidden layers from below.
        epochs: of each layer's RBM.
        epochs_per_step: of the RBMs above the first: they begin with one sweep an update, and have one more after every
            so many epochs; the rate is divided by their number.
        images: of the training images, the first so many; 0: all.
        batch_size: images an update.
        learning_rate: of all RBMs at first.
        momentum: after the first five epochs of each, in which it is 0.5.
        weight_decay: factor of the weights in the gradient.
        initial_deviation: of the weights.
    """

    hidden_sizes: tuple[int, ...] = (500, 500, 1000)
    epochs: tuple[int, ...] = (100, 200, 200)
    epochs_per_step: int = 20
    images: int = 0
    batch_size: int = 100
    learning_rate: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 1e-3
    initial_deviation: float = 0.01

    def __post_init__(self) -> None:
        if not 2 <= len(self.hidden_sizes) <= 3 or len(self.epochs) != len(self.hidden_sizes):
            raise ValueError(
                f"a deep machine has 2 or 3 hidden layers, and epochs for each: hidden_sizes are {self.hidden_sizes}, "
                f"epochs {self.epochs}"
            )

    def fit(self, data: Images, context: Context) -> BoltzmannModel:
        """Trains one seed. Raises Diverged, and ValueError for fewer images than a batch has."""
        pixels = Pixels(data, self.images, context.device)
        trainings = self.trainings(pixels, context)
        run_stages(*(each.loop(context, f"layer-{number}") for number, each in enumerate(trainings, start=1)))
        machines = [each.step.learner.machine for each in trainings]
        return BoltzmannModel(settled(stacked(machines), sum(self.epochs)), pixels.means)

    def restore(self, state: Mapping[str, Any], context: Context) -> BoltzmannModel:
        """The trained model whose `state()` this is."""
        return BoltzmannModel.restored(state, context.device)

    def trainings(self, pixels: Pixels, context: Context) -> list[MachineTraining]:
        """That of each layer's RBM, which sees those before it as they are by then."""
        with seeded(context, "weights", 0):
            machines = [machine.to(context.device) for machine in self._machines(len(pixels.means))]
        batches = Batches(context, len(pixels), self.batch_size)
        found = []
        for number, (machine, epochs) in enumerate(zip(machines, self.epochs, strict=True)):
            step = Step(
                Learner(machine, weight_decay=self.weight_decay), Chains(machine, self.batch_size), persistent=False
            )
            per_step, most = (self.epochs_per_step, epochs) if number else (0, 1)
            pace = stepped(
                self.learning_rate, self.momentum, most, per_epoch=batches.per_epoch, epochs_per_step=per_step
            )
            found.append(MachineTraining(step, above(pixels, machines[:number]), batches, pace, epochs))
        return found

    def _machines(self, pixels: int) -> list[Machine]:
        sizes, top = (pixels, *self.hidden_sizes), len(self.hidden_sizes)
        return [
            Machine(
                sizes[layer - 1 : layer + 1], upward=2.0 if layer < top else 1.0, downward=2.0 if layer > 1 else 1.0
            ).scatter(self.initial_deviation)
            for layer in range(1, top + 1)
        ]


def stacked(machines: Sequence[Machine]) -> Machine:
    """RBMs as one deep machine. A hidden layer's bias is the sum of what it is in the two RBMs that have it."""
    found = Machine((machines[0].sizes[0], *(machine.sizes[1] for machine in machines))).to(machines[0].biases[0])
    for layer, machine in enumerate(machines):
        found.weights[layer].copy_(machine.weights[0])
        found.biases[layer].add_(machine.biases[0])
        found.biases[layer + 1].add_(machine.biases[1])
    return found


@dataclass(frozen=True)
class DeepBoltzmannMachine:
    """Joint learning of all layers: mean field given data, persistent chains of the machine.

    It starts from the model that it is given, which is one of layer by layer; from small random weights without one.

    Attributes:
        hidden_sizes: units of the hidden layers from below; those of the model that it starts from.
        images: of the training images, the first so many; 0: all.
        epochs: passes over them.
        batch_size: images an update.
        chains: that persist, from uniform states.
        gibbs_steps: sweeps of the chains an update.
        mean_field_sweeps: at most; fewer where the means of each layer move by less than 1e-7 on average.
        learning_rate: at first.
        rate_divisor: of the rate, every update.
        final_rate: the least.
        momentum: after the first five epochs, in which it is 0.5.
        weight_decay: factor of the weights in the gradient.
        sparsity_targets: mean activities of the hidden layers that are wanted.
        sparsity_cost: factor of the penalty.
        sparsity_damping: of the running mean of activities.
    """

    hidden_sizes: tuple[int, ...] = (500, 500, 1000)
    images: int = 0
    epochs: int = 300
    batch_size: int = 100
    chains: int = 100
    gibbs_steps: int = 5
    mean_field_sweeps: int = 10
    learning_rate: float = 1e-3
    rate_divisor: float = 1.000015
    final_rate: float = 1e-4
    momentum: float = 0.9
    weight_decay: float = 2e-4
    sparsity_targets: tuple[float, ...] = (0.2, 0.1, 0.1)
    sparsity_cost: float = 1e-3
    sparsity_damping: float = 0.9

    def __post_init__(self) -> None:
        if not 2 <= len(self.hidden_sizes) <= 3 or len(self.sparsity_targets) != len(self.hidden_sizes):
            raise ValueError(
                f"a deep machine has 2 or 3 hidden layers, and a sparsity target for each: hidden_sizes are "
                f"{self.hidden_sizes}, sparsity_targets {self.sparsity_targets}"
            )

    def fit(self, data: Images, context: Context) -> BoltzmannModel:
        """Trains one seed. Raises Diverged, and ValueError for a start of other sizes."""
        pixels = Pixels(data, self.images, context.device)
        training = self.training(pixels, context)
        training.loop(context).run()
        machine = settled(training.step.learner.machine, self.epochs * training.batches.per_epoch)
        return BoltzmannModel(machine, pixels.means)

    def restore(self, state: Mapping[str, Any], context: Context) -> BoltzmannModel:
        """The trained model whose `state()` this is."""
        return BoltzmannModel.restored(state, context.device)

    def training(self, pixels: Pixels, context: Context) -> MachineTraining:
        """The training of the machine that it starts from, or of a new one."""
        batches = Batches(context, len(pixels), self.batch_size)
        with seeded(context, "weights", 0):
            machine = self._machine(len(pixels.means), context).to(context.device)
            chains = Chains(machine, self.chains).scatter(Draws.of_torch())
        sparsity = Sparsity(self.sparsity_targets, self.sparsity_cost, self.sparsity_damping)
        learner = Learner(machine, weight_decay=self.weight_decay, sparsity=sparsity)
        step = Step(learner, chains, persistent=True, mean_field_sweeps=self.mean_field_sweeps, tolerance=1e-7)
        pace = divided(
            self.learning_rate, self.momentum, self.gibbs_steps,
            per_epoch=batches.per_epoch, divisor=self.rate_divisor, least=self.final_rate,
        )  # fmt: skip
        return MachineTraining(step, pixels, batches, pace, self.epochs)

    def _machine(self, pixels: int, context: Context) -> Machine:
        sizes = (pixels, *self.hidden_sizes)
        if context.start is None:
            return Machine(sizes).scatter(0.01)
        if tuple(context.start["sizes"]) != sizes:
            raise ValueError(f"hidden_sizes give layers of {sizes}, it starts from ones of {context.start['sizes']}")
        machine = Machine(sizes)
        machine.load_state_dict(context.start["weights"])
        return machine
