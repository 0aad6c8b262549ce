"""The restricted Boltzmann machine, by persistent chains or by contrastive divergence.

Papers: Training RBMs using Approximations to the Likelihood Gradient (Tieleman, 2008); Training Products of Experts by
        Minimizing Contrastive Divergence (Hinton, 2002); salakhutdinov, lines 180-244
Code:   alexhunterlang/natural_bm, examples/long_demo.py, whose settings with 250 epochs are the defaults: its mark is a
        validation log-likelihood above -86.5 nats; read at 4138ca7. `baselines.boltzmann.paces` has its schedule and
        that of Salakhutdinov's demo
Departures: the model's statistics are of drawn visible states and of the hidden units' means given these, whose
            expectation is the machine's, as in Salakhutdinov's demo; natural_bm has means for both
            (test_the_model_s_statistics_are_unbiased). Its initial visible biases are clipped at 1e-7, here at 1e-3: a
            pixel that is never on would start at -16, and hardly move. Pixels are drawn anew at every visit in both
            schedules; natural_bm gives their intensities, which is the same where they are zeros and ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch

from baselines.boltzmann.chains import Chains
from baselines.boltzmann.draws import Draws
from baselines.boltzmann.learning import Learner, Step
from baselines.boltzmann.machine import Machine
from baselines.boltzmann.model import BoltzmannModel
from baselines.boltzmann.paces import PaceOf, ramped, stepped
from baselines.boltzmann.training import MachineTraining, Pixels, settled
from baselines.training.batches import Batches
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.images import Images

CLIP = 1e-3  # of the means that initial visible biases are the log odds of


@dataclass(frozen=True)
class RestrictedBoltzmannMachine:
    """An RBM of binary images.

    Attributes:
        hidden: units.
        persistent: whether the chains go on from update to update, or begin at the batch: contrastive divergence.
        gibbs_steps: sweeps of the chains an update.
        epochs_per_step: contrastive divergence begins with one sweep, and has one more after every so many epochs, up
            to `gibbs_steps`; the rate is divided by their number. 0: `gibbs_steps` throughout.
        images: of the training images, the first so many; 0: all.
        epochs: passes over them.
        batch_size: images an update, and chains.
        learning_rate: at first.
        schedule: `ramped` as in natural_bm or `stepped` as in Salakhutdinov's demo, see `baselines.boltzmann.paces`.
        momentum: its highest.
        settling_epochs: the last ones of schedule `ramped`, with half the momentum.
        nesterov: the form of the momentum.
        weight_decay: factor of the weights in the gradient; natural_bm adds 2e-4 times their squares to the loss.
        initial_weights: an `orthogonal` matrix, or `normal` ones of deviation 0.01.
        initial_visible_bias: log odds of the pixels' means, or `zero`.
    """

    hidden: int = 500
    persistent: bool = True
    gibbs_steps: int = 25
    epochs_per_step: int = 0
    images: int = 0
    epochs: int = 250
    batch_size: int = 100
    learning_rate: float = 0.01
    schedule: Literal["ramped", "stepped"] = "ramped"
    momentum: float = 0.9
    settling_epochs: int = 50
    nesterov: bool = True
    weight_decay: float = 4e-4
    initial_weights: Literal["orthogonal", "normal"] = "orthogonal"
    initial_visible_bias: Literal["base-rate", "zero"] = "base-rate"

    def __post_init__(self) -> None:
        for name in ("hidden", "gibbs_steps", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, it is {getattr(self, name)}")
        if self.epochs_per_step and self.schedule != "stepped":
            raise ValueError("epochs_per_step belongs to schedule: stepped; a ramped one has gibbs_steps throughout")

    def fit(self, data: Images, context: Context) -> BoltzmannModel:
        """Trains one seed. Raises Diverged, and ValueError for fewer images than a batch has."""
        pixels = Pixels(data, self.images, context.device)
        training = self.training(pixels, context)
        training.loop(context).run()
        machine = settled(training.step.learner.machine, self.epochs * training.batches.per_epoch)
        return BoltzmannModel(machine, pixels.means)

    def restore(self, state: Mapping[str, Any], context: Context) -> BoltzmannModel:
        """The trained model whose `state()` this is."""
        return BoltzmannModel.restored(state, context.device)

    def training(self, pixels: Pixels, context: Context) -> MachineTraining:
        """The training of a new machine."""
        batches = Batches(context, len(pixels), self.batch_size)
        with seeded(context, "weights", 0):
            machine = self._machine(pixels).to(context.device)
            chains = Chains(machine, self.batch_size).scatter(Draws.of_torch())
        learner = Learner(machine, weight_decay=self.weight_decay, nesterov=self.nesterov)
        step = Step(learner, chains, persistent=self.persistent)
        return MachineTraining(step, pixels, batches, self._pace(batches.per_epoch), self.epochs)

    def _machine(self, pixels: Pixels) -> Machine:
        machine = Machine((len(pixels.means), self.hidden)).scatter(0.01)
        if self.initial_weights == "orthogonal":
            torch.nn.init.orthogonal_(machine.weights[0])
        if self.initial_visible_bias == "base-rate":
            machine.biases[0].copy_(torch.logit(pixels.means.cpu().clamp(CLIP, 1 - CLIP)))
        return machine

    def _pace(self, per_epoch: int) -> PaceOf:
        if self.schedule == "stepped":
            return stepped(
                self.learning_rate, self.momentum, self.gibbs_steps,
                per_epoch=per_epoch, epochs_per_step=self.epochs_per_step,
            )  # fmt: skip
        return ramped(
            self.learning_rate, self.momentum, self.gibbs_steps,
            updates=self.epochs * per_epoch, settling=self.settling_epochs * per_epoch,
        )  # fmt: skip
