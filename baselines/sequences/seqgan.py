"""SeqGAN: a pretrained generator goes on by policy gradients, rewarded by a discriminator on completed sequences.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473, algorithm 1
Code:       LantaoYu/SeqGAN, sequence_gan.py, rollout.py; read at 5f2c0a5
Departures: those of `likelihood`, `discriminator` and `policy`. The code's clipping counts parts of the embedding's
            gradient one by one, see `likelihood`; here, where the loss is a sum, gradients are clipped at most steps.
            The best checkpoints are those of the adversarial part: the pretraining is another training, with its own.
Shapes:     N batch, T positions

The roll-out policy: the paper completes by the generator itself. The code names a rate of 0.8 of the old weights, but
its `update_params` makes new nodes of the graph after the sampling graph was built from the generator's live variables,
so that by its text the roll-outs that run are the generator's own too. Both are a `rollout_update_rate` of 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import torch
from torch import Tensor

from baselines.sequences.checkpoints import NETWORK, trained, validation
from baselines.sequences.discriminator import Discriminator, Rounds, Sizes, probability_real
from baselines.sequences.generator import Generator, TrainedGenerator
from baselines.sequences.likelihood import sequences
from baselines.sequences.policy import follow, policy_step, rewards
from baselines.training.loop import Loop, run_stages
from baselines.training.parts import Part
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.oracle import Sequences

ROWS = 1024


@dataclass(frozen=True)
class SeqGan:
    """SeqGAN from a trained generator (`from: {config: cot/mle-lstm}`), whose sizes it has.

    A step of either stage, of the discriminator's pretraining and of the adversarial training, ends with whole rounds
    of the discriminator, and checkpoints are between steps.

    Attributes:
        batch_size: sequences a step of either network.
        learning_rate: of the generator's Adam, which begins anew.
        gradient_clip: largest norm of the generator's gradients.
        discriminator_pretraining_rounds: each of `discriminator_epochs` over real and newly generated sequences.
        adversarial_steps: of the generator.
        rollouts: completions of each prefix.
        rollout_update_rate: what the roll-out policy keeps of its parameters after a step; see above.
        discriminator_rounds: after each step of the generator.
        discriminator_epochs: passes over the sequences of a round.
        discriminator_learning_rate: Adam's.
        discriminator_embedding_size: width of its embedded words.
        filter_widths: words that a filter sees.
        filters: how many filters there are of each width.
        dropout: share of features dropped before the last layer.
        output_penalty: of half the squares of the last layer's parameters.
        evaluate_every: generator's steps between two evaluations.
    """

    evaluates: ClassVar[bool] = True

    batch_size: int = 64
    learning_rate: float = 0.01
    gradient_clip: float = 5.0
    discriminator_pretraining_rounds: int = 50
    adversarial_steps: int = 200
    rollouts: int = 16
    rollout_update_rate: float = 0.0
    discriminator_rounds: int = 5
    discriminator_epochs: int = 3
    discriminator_learning_rate: float = 1e-4
    discriminator_embedding_size: int = 64
    filter_widths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20)
    filters: tuple[int, ...] = (100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160)
    dropout: float = 0.25
    output_penalty: float = 0.2
    evaluate_every: int = 5

    def fit(self, data: Sequences, context: Context) -> TrainedGenerator:
        """Trains one seed. Raises Diverged, and ValueError where there is no generator to start from."""
        if context.start is None:
            raise ValueError("seqgan starts from a trained generator: write `from: {config: cot/mle-lstm}`")
        run = _Run(self, data, context, Generator.of(context.start, context.device))
        adversarial = run.adversarial()
        run_stages(run.pretraining(), adversarial)
        return trained(run.generator, adversarial)

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedGenerator:
        """The trained model whose `state()` this is."""
        return TrainedGenerator.restored(state, context.device)

    @property
    def sizes(self) -> Sizes:
        """Of the discriminator."""
        return Sizes(self.filter_widths, self.filters, self.discriminator_embedding_size, self.dropout)


@dataclass
class _Run:
    """Both networks of a fit, and the stages that train them."""

    method: SeqGan
    data: Sequences
    context: Context
    generator: Generator
    rollout: Generator = field(init=False)

    def __post_init__(self) -> None:
        method, context = self.method, self.context
        self.real = sequences(self.data, method.batch_size, context).flatten(0, 1)
        if max(method.filter_widths) > self.real.shape[1]:
            raise ValueError(
                f"a filter of {max(method.filter_widths)} words is wider than sequences of {self.real.shape[1]}: "
                "leave it out of filter_widths"
            )
        self.rollout = deepcopy(self.generator)
        with seeded(context, "discriminator", 0):
            self.discriminator = Discriminator(self.data.vocabulary, method.sizes).to(context.device)
        self.adam = torch.optim.Adam(self.generator.parameters(), lr=method.learning_rate)
        self.judging = torch.optim.Adam(self.discriminator.parameters(), lr=method.discriminator_learning_rate)
        self.rounds = Rounds(method.discriminator_epochs, method.batch_size, method.output_penalty)

    def pretraining(self) -> Loop:
        """The discriminator alone."""
        parts: dict[str, Part] = {"discriminator": self.discriminator, "judging": self.judging}
        return Loop(
            self.context, parts, lambda _: self._judge(), self.method.discriminator_pretraining_rounds,
            curve_every=1, name="discriminator",
        )  # fmt: skip

    def adversarial(self) -> Loop:
        """A step of the generator, then rounds of the discriminator, in turn."""
        parts: dict[str, Part] = {
            NETWORK: self.generator, "rollout": self.rollout, "discriminator": self.discriminator,
            "adam": self.adam, "judging": self.judging,
        }  # fmt: skip
        return Loop(
            self.context, parts, lambda _: self._step(), self.method.adversarial_steps, kept=(NETWORK,),
            validation=validation(self.context, self.generator, self.method.evaluate_every),
            curve_every=1, name="adversarial",
        )  # fmt: skip

    def _step(self) -> dict[str, Tensor]:
        method, judge = self.method, partial(probability_real, self.discriminator)
        tokens = self._generated(method.batch_size)
        worth = rewards(self.rollout, judge, tokens, method.rollouts)
        watched = policy_step(self.generator, self.adam, tokens, worth, method.gradient_clip)
        follow(self.rollout, self.generator, method.rollout_update_rate)
        losses = [self._judge()["discriminator-loss"] for _ in range(method.discriminator_rounds)]
        return {**watched, "discriminator-loss": torch.stack(losses).mean()} if losses else watched

    def _judge(self) -> dict[str, Tensor]:
        """A round of the discriminator, on as many generated sequences as there are real ones."""
        generated = self._generated(len(self.real))
        return {"discriminator-loss": self.rounds.train(self.discriminator, self.judging, (generated, self.real))}

    def _generated(self, count: int) -> Tensor:
        numbers = torch.rand(count, self.real.shape[1], device=self.real.device)
        with torch.no_grad():
            return torch.cat([self.generator.sample(part) for part in torch.split(numbers, ROWS)])
