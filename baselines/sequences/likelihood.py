"""Maximum likelihood and scheduled sampling for the generator of SeqGAN.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473; Scheduled Sampling (Bengio et al., 2015), arXiv:1506.03099
Code:       LantaoYu/SeqGAN, generator.py (pretrain_loss), dataloader.py, sequence_gan.py; read at 5f2c0a5
Departures: gradients are clipped by the norm of the whole gradient; the code's counts the parts of an embedding that a
            batch uses more than once each by itself. Adam's epsilon is torch's (beside the corrected root), the code's
            TensorFlow has it beside the uncorrected one. Neither code nor paper has a schedule of scheduled sampling
            for this table: the share of true words falls linearly, from 1 in the first epoch to 0 in the last.
Shapes:     N batch, T positions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.sequences.checkpoints import NETWORK, trained, validation
from baselines.sequences.generator import Generator, TrainedGenerator, draw
from baselines.training.loop import Loop
from baselines.training.seeding import seeded
from repro.contracts import Context
from repro.data.kinds.oracle import Sequences

Inputs = Callable[[Generator, Tensor, int], Tensor]
"""What is read before each word: from the generator, the sequences (N, T) and the epoch from 0."""


@dataclass(frozen=True)
class MleLstm:
    """Maximum likelihood: SeqGAN's pretraining as released, whose 120 epochs are also the row MLE of CoT's table 1.

    Batches stand in the order of the data in every epoch, as in the code.

    Attributes:
        embedding_size: width of the embedded words.
        hidden_size: units of the LSTM.
        initial_deviation: standard deviation of all initial parameters.
        batch_size: sequences a step; what is left over of the data is not used.
        learning_rate: Adam's.
        gradient_clip: largest norm of the gradients.
        epochs: passes over the training sequences.
        evaluate_every: epochs between two evaluations.
    """

    evaluates: ClassVar[bool] = True

    embedding_size: int = 32
    hidden_size: int = 32
    initial_deviation: float = 0.1
    batch_size: int = 64
    learning_rate: float = 0.01
    gradient_clip: float = 5.0
    epochs: int = 120
    evaluate_every: int = 5

    def fit(self, data: Sequences, context: Context) -> TrainedGenerator:
        """Trains one seed. Raises Diverged."""
        return _fit(self, data, context, lambda network, tokens, _: network.before(tokens))

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedGenerator:
        """The trained model whose `state()` this is."""
        return TrainedGenerator.restored(state, context.device)


@dataclass(frozen=True)
class ScheduledSampling:
    """Scheduled sampling: a word is read as it stands in the data with a falling probability, else as the model
    draws it. No gradient goes through what is drawn.

    Attributes:
        embedding_size: width of the embedded words.
        hidden_size: units of the LSTM.
        initial_deviation: standard deviation of all initial parameters.
        batch_size: sequences a step; what is left over of the data is not used.
        learning_rate: Adam's.
        gradient_clip: largest norm of the gradients.
        epochs: passes over the training sequences.
        evaluate_every: epochs between two evaluations.
        first_probability: of a true word, in the first epoch.
        last_probability: the same in the last epoch; linear between.
    """

    evaluates: ClassVar[bool] = True

    embedding_size: int = 32
    hidden_size: int = 32
    initial_deviation: float = 0.1
    batch_size: int = 64
    learning_rate: float = 0.01
    gradient_clip: float = 5.0
    epochs: int = 120
    evaluate_every: int = 5
    first_probability: float = 1.0
    last_probability: float = 0.0

    def fit(self, data: Sequences, context: Context) -> TrainedGenerator:
        """Trains one seed. Raises Diverged."""
        return _fit(self, data, context, lambda network, tokens, epoch: mixed(network, tokens, self.probability(epoch)))

    def restore(self, state: Mapping[str, Any], context: Context) -> TrainedGenerator:
        """The trained model whose `state()` this is."""
        return TrainedGenerator.restored(state, context.device)

    def probability(self, epoch: int) -> float:
        """That a true word is read, in an epoch from 0."""
        share = epoch / max(1, self.epochs - 1)
        return self.first_probability + share * (self.last_probability - self.first_probability)


def mixed(network: Generator, tokens: Tensor, probability: float) -> Tensor:
    """What is read before each word of sequences (N, T): true words with a probability, else words of the model's own.

    The model draws after what it has read so far, from torch's global generator. At 1 nothing is drawn.
    """
    if probability >= 1:
        return network.before(tokens)
    numbers = torch.rand(2, *tokens.shape, dtype=network.embedding.dtype, device=tokens.device)
    words, cell = torch.full_like(tokens[:, 0], network.start), network.first(len(tokens))
    read = [words]
    with torch.no_grad():
        for t in range(tokens.shape[1] - 1):
            cell = network.step(cell, words)
            own = draw(network.logits(cell[0]), numbers[0, :, t])
            words = torch.where(numbers[1, :, t] < probability, tokens[:, t], own)
            read.append(words)
    return torch.stack(read, dim=1)


def likelihood_step(
    network: Generator, adam: torch.optim.Optimizer, inputs: Tensor, tokens: Tensor, clip: float
) -> dict[str, Tensor]:
    """One update on sequences (N, T) after inputs (N, T): the mean loss, in nats per word."""
    loss = F.cross_entropy(network(inputs).flatten(0, 1), tokens.flatten())
    adam.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    adam.step()
    return {"loss": loss}


def sequences(data: Sequences, batch: int, context: Context) -> Tensor:
    """The training sequences in whole batches: (batches, N, T). Raises ValueError where there is none."""
    count = len(data.train) // batch
    if not count:
        raise ValueError(f"batch_size {batch} is more than the {len(data.train)} training sequences")
    tokens = torch.from_numpy(data.train[: count * batch]).to(context.device, torch.int64)
    return tokens.view(count, batch, -1)


def _fit(method: MleLstm | ScheduledSampling, data: Sequences, context: Context, inputs: Inputs) -> TrainedGenerator:
    batches = sequences(data, method.batch_size, context)
    with seeded(context, "weights", 0):
        network = Generator(
            data.vocabulary, batches.shape[2], data.start, method.embedding_size, method.hidden_size,
            method.initial_deviation,
        ).to(context.device)  # fmt: skip
    adam = torch.optim.Adam(network.parameters(), lr=method.learning_rate)

    def step(number: int) -> dict[str, Tensor]:
        epoch, place = divmod(number, len(batches))
        tokens = batches[place]
        return likelihood_step(network, adam, inputs(network, tokens, epoch), tokens, method.gradient_clip)

    loop = Loop(
        context,
        {NETWORK: network, "adam": adam},
        step,
        until=method.epochs * len(batches),
        validation=validation(context, network, method.evaluate_every * len(batches)),
    )
    loop.run()
    return trained(network, loop)
