"""Training of LSTM language models: epochs over a text, truncated back-propagation, NT-ASGD, finetuning, checkpoints.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182
       Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, appendix A.6
Code:  salesforce/awd-lstm-lm, main.py and finetune.py; read at 1d466ec
       zihangdai/mos, main.py and finetune.py; read at 9c0c608
Departures: the authors' torch.optim.ASGD applies the learning rate of the step before, so that the rescaling by segment
            length comes one step late; here the rate is the step's own. For the averages see
            `baselines.training.averages`.
Shapes: T time, B batch

Both phases, training and finetuning, are one loop, since their steps are counted on, in curves and in the names of
random streams. What is dropped comes from a generator of the step, not from torch's global one as the loop seeds it, so
that numbers are those of earlier releases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from baselines.language.awd_lstm import Hidden, LanguageModel, State, detached, side_by_side, some_streams
from baselines.language.regularisation import Dropouts
from baselines.language.streams import SegmentLength, batchify, segments
from baselines.training.accumulation import accumulate
from baselines.training.averages import Average, NonMonotone
from baselines.training.loop import Loop, Validation
from baselines.training.parts import Part
from baselines.training.schedules import set_rate
from baselines.training.selection import Best
from repro.contracts import Context, single
from repro.data.kinds.corpus import Corpus

Optimiser = Literal["sgd", "adam"]
Selection = Literal["best", "last"]
VALID_STREAMS = 10


@dataclass(frozen=True)
class Recipe:
    """How a language model is trained; the words of the methods' parameters, see `baselines.language.methods`."""

    dropouts: Dropouts
    lengths: SegmentLength
    optimiser: Optimiser
    learning_rate: float
    batch_size: int
    epochs: int
    gradient_clip: float
    weight_decay: float = 0.0
    activation_penalty: float = 0.0
    temporal_penalty: float = 0.0
    patience: int | None = None
    schedule: Literal["constant", "linear", "decay"] = "constant"
    constant_epochs: int = 0
    learning_rate_decay: float = 1.0
    finetune: bool = False
    finetune_learning_rate: float = 0.0
    finetune_epochs: int = 0
    finetune_lengths: SegmentLength | None = None
    micro_batch_size: int | None = None
    epoch_tokens: int | None = None
    summed_over_time: bool = False
    selection: Selection = "best"

    def rate(self, epoch: int, share: float) -> float:
        """The learning rate in an epoch counted from 0, of which a share is over."""
        if self.schedule == "linear":
            return self.learning_rate * (1 - (epoch + share) / self.epochs)
        if self.schedule == "decay":
            return float(self.learning_rate / self.learning_rate_decay ** max(0, epoch + 1 - self.constant_epochs))
        return self.learning_rate


class TextRun:
    """The training of one model on one text: a step of its loop, and where in the text it is, as a part of it."""

    def __init__(self, model: LanguageModel, recipe: Recipe, data: Corpus, context: Context) -> None:
        self.model, self.recipe, self.context = model.to(context.device), recipe, context
        self.seed = single(context.seeds)
        self.train_text = batchify(data.splits["train"], recipe.batch_size, context.device, recipe.epoch_tokens)
        self.valid_text = batchify(data.splits["valid"], VALID_STREAMS, context.device)
        self.last = len(self.train_text) - 1
        kind: Any = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[recipe.optimiser]
        self.optimiser = kind(model.parameters(), lr=1.0, weight_decay=recipe.weight_decay, foreach=True)
        self.average = Average(model.parameters())
        self.best = Best({"model": self.model}, "valid-perplexity")
        self.trigger = NonMonotone(recipe.patience) if recipe.patience is not None else None
        self.phase: Literal["train", "finetune"] = "train"
        self.epoch = self.position = 0
        self.is_stuck = False
        self.state: State = model.layers.start(recipe.batch_size)

    def train(self) -> LanguageModel:
        """The trained model, in evaluation mode."""
        self.model.train()
        self.loop().run()
        return self.model.eval()

    def loop(self) -> Loop:
        """The loop over all epochs; it evaluates after each, unless the last model is kept whatever it is."""
        validation = Validation(self.validate, lambda: self.position == self.last, self.best)
        return Loop(
            self.context,
            self.parts(),
            self.step,
            self.share,
            validation if self.recipe.selection == "best" else None,
            average=self.average,
        )

    def parts(self) -> dict[str, Part]:
        """What a checkpoint holds."""
        return {"model": self.model, "optimiser": self.optimiser, "text": self}

    def share(self) -> float:
        """How much of all epochs is over: 1 at the end, and before it less, also where finetuning ends early."""
        recipe = self.recipe
        if recipe.epochs == 0 or (self.position == self.last and self._is_last_epoch()):
            return 1.0
        before, epochs = recipe.epochs * (self.phase == "finetune"), recipe.epochs + recipe.finetune_epochs
        done = before + self.epoch + self.position / self.last
        return min(done / (epochs if recipe.finetune else recipe.epochs), 0.999)

    def step(self, number: int) -> dict[str, Tensor]:
        """One update, on the next segment of the training text."""
        if self.position == self.last:
            self._next_epoch()
        recipe, random = self.recipe, self.context.generator(self.seed, "step", number)
        length = self._lengths().draw(random)
        generator = torch.Generator(self.train_text.device).manual_seed(int(random.integers(2**62)))
        end = min(self.position + length, self.last)
        tokens, targets = self.train_text[self.position : end], self.train_text[self.position + 1 : end + 1]
        loss, self.state = self._backward(tokens, targets, generator)
        self._descend(self._rate() * length / recipe.lengths.bptt)
        self.position = end
        return {"train-loss": loss}

    def _backward(self, tokens: Tensor, targets: Tensor, generator: torch.Generator) -> tuple[Tensor, State]:
        """Adds the gradients of a segment (T, B), streams taken so many at once; gives its loss and the state after it.

        Of words and of recurrent weights one mask is drawn for all streams that are taken at once.
        """
        losses: list[Tensor] = []
        states: list[State] = []

        def cost(streams: slice) -> Tensor:
            before = some_streams(self.state, streams)
            hidden = self.model.layers(tokens[:, streams], before, self.recipe.dropouts, generator)
            loss = self.model.nll(hidden.dropped, targets[:, streams], generator).mean()
            losses.append(loss.detach() * (tokens[:, streams].shape[1] / tokens.shape[1]))
            states.append(detached(hidden.state))
            return self._penalised(loss, hidden)

        accumulate(cost, tokens.shape[1], self.recipe.micro_batch_size or tokens.shape[1])
        return torch.stack(losses).sum(), side_by_side(states)

    def _penalised(self, loss: Tensor, hidden: Hidden) -> Tensor:
        """What is descended: the loss, the mean square of the outputs (AR) and of their differences (TAR)."""
        recipe, length = self.recipe, len(hidden.plain)
        cost = loss * length if recipe.summed_over_time else loss
        if recipe.activation_penalty:
            cost = cost + recipe.activation_penalty * hidden.dropped.square().mean()
        if recipe.temporal_penalty and length > 1:
            cost = cost + recipe.temporal_penalty * (hidden.plain[1:] - hidden.plain[:-1]).square().mean()
        return cost

    def _lengths(self) -> SegmentLength:
        of_finetuning = self.recipe.finetune_lengths if self.phase == "finetune" else None
        return of_finetuning or self.recipe.lengths

    def _descend(self, rate: float) -> None:
        """One step along the gradients, which are scaled to the largest norm and cleared afterwards."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.gradient_clip, foreach=True)
        set_rate(self.optimiser, rate)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.average.update()

    def _rate(self) -> float:
        if self.phase == "finetune":
            return self.recipe.finetune_learning_rate
        return self.recipe.rate(self.epoch, self.position / self.last)

    def validate(self) -> dict[str, float]:
        """The perplexity of the validation text, ten streams; looks whether the loss still falls."""
        total, state = 0.0, self.model.layers.start(VALID_STREAMS)
        for start, end in segments(len(self.valid_text), self.recipe.lengths.bptt):
            hidden = self.model.layers(self.valid_text[start:end], state, Dropouts())
            state = hidden.state
            total += float(self.model.nll(hidden.plain, self.valid_text[start + 1 : end + 1]).sum(dtype=torch.float64))
        loss = total / (self.valid_text.numel() - VALID_STREAMS)
        self.is_stuck = self.trigger is not None and self.trigger.fires(loss)
        return {"valid-perplexity": math.exp(min(loss, 700.0))}

    def _is_last_epoch(self) -> bool:
        if self.phase == "finetune":
            return self.is_stuck or self.epoch + 1 >= self.recipe.finetune_epochs
        return self.epoch + 1 >= self.recipe.epochs and not self.recipe.finetune

    def _next_epoch(self) -> None:
        if self.is_stuck and not self.average.is_running:
            self.average.start()
        self.epoch, self.position, self.is_stuck = self.epoch + 1, 0, False
        self.state = self.model.layers.start(self.recipe.batch_size)
        if self.phase == "train" and self.epoch >= self.recipe.epochs:
            self._start_finetuning()

    def _start_finetuning(self) -> None:
        """From the selected model on: averaged from the first step, with an optimiser and a history of its own."""
        self.best.settle() if self.recipe.selection == "best" else self.average.settle()
        self.phase, self.epoch = "finetune", 0
        if self.trigger is not None:
            self.trigger.losses = []
        self.optimiser.state.clear()
        self.average.start()

    def state_dict(self) -> dict[str, Any]:
        """Where in the text the training is, and what it carries on."""
        return {
            "phase": self.phase,
            "epoch": self.epoch,
            "position": self.position,
            "is_stuck": self.is_stuck,
            "state": [list(pair) for pair in self.state],
            "losses": self.trigger.losses if self.trigger is not None else [],
        }

    def load_state_dict(self, saved: Mapping[str, Any]) -> None:
        """The inverse of `state_dict`."""
        self.phase, self.epoch, self.position = saved["phase"], saved["epoch"], saved["position"]
        self.is_stuck = saved["is_stuck"]
        self.state = [(h.to(self.context.device), c.to(self.context.device)) for h, c in saved["state"]]
        if self.trigger is not None:
            self.trigger.losses = list(saved["losses"])
