"""Training of LSTM language models: epochs over a text, truncated back-propagation, NT-ASGD, finetuning, checkpoints.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182
       Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, appendix A.6
Code:  salesforce/awd-lstm-lm, main.py and finetune.py; read at 1d466ec
       zihangdai/mos, main.py and finetune.py; read at 9c0c608
A checkpoint can be written after every step, and a run that goes on from it has the same bits as one left alone: what
is random in a step comes from a stream named by the step's number.
Shapes: T time, B batch
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from baselines.language.awd_lstm import LanguageModel, State, detached
from baselines.language.optimisation import Descent, Optimiser, is_stuck
from baselines.language.regularisation import Dropouts
from baselines.language.streams import SegmentLength, batchify, segments
from repro.contracts import Context, single
from repro.data.kinds.corpus import Corpus

Selection = Literal["best", "last"]
VALID_STREAMS = 10
CURVE_EVERY = 100  # steps between points of the training loss


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
    """The training of one model on one text, from the last checkpoint on."""

    def __init__(self, model: LanguageModel, recipe: Recipe, data: Corpus, context: Context) -> None:
        self.model, self.recipe, self.context = model.to(context.device), recipe, context
        self.seed = single(context.seeds)
        self.train_text = batchify(data.splits["train"], recipe.batch_size, context.device, recipe.epoch_tokens)
        self.valid_text = batchify(data.splits["valid"], VALID_STREAMS, context.device)
        self.descent = self._descent()
        self.phase: Literal["train", "finetune", "done"] = "train"
        self.epoch = self.position = self.steps = 0
        self.state: State = model.layers.start(recipe.batch_size)
        self.history: list[float] = []
        self.best: dict[str, Tensor] | None = None
        self.best_loss = math.inf
        self.losses = 0.0

    def train(self) -> LanguageModel:
        """The trained model, in evaluation mode."""
        self._restore()
        while self.phase != "done":
            self._epoch()
            self._end_epoch()
        self.context.save(self._finished(), force=True)
        return self.model.eval()

    def _epoch(self) -> None:
        self.model.train()
        last = len(self.train_text) - 1
        while self.position < last:
            self.step()
            if self.steps % CURVE_EVERY == 0:
                self.context.curve("train-loss", self.steps, self.losses / CURVE_EVERY, self.seed)
                self.losses = 0.0
            total = self.recipe.finetune_epochs if self.phase == "finetune" else self.recipe.epochs
            done = self.epoch + self.position / last
            self.context.progress(int(1000 * done), 1000 * total)
            self.context.save(self._unfinished())

    def step(self) -> None:
        """One update, on the next segment of the training text."""
        recipe, random = self.recipe, self.context.generator(self.seed, "step", self.steps)
        length = recipe.lengths.draw(random)
        generator = torch.Generator(self.train_text.device).manual_seed(int(random.integers(2**62)))
        end = min(self.position + length, len(self.train_text) - 1)
        tokens, targets = self.train_text[self.position : end], self.train_text[self.position + 1 : end + 1]
        hidden = self.model.layers(tokens, detached(self.state), recipe.dropouts, generator)
        loss = self.model.nll(hidden.dropped, targets, generator).mean()
        cost = loss * len(tokens) if recipe.summed_over_time else loss
        if recipe.activation_penalty:
            cost = cost + recipe.activation_penalty * hidden.dropped.square().mean()
        if recipe.temporal_penalty and len(tokens) > 1:
            cost = cost + recipe.temporal_penalty * (hidden.plain[1:] - hidden.plain[:-1]).square().mean()
        torch.autograd.backward(cost)
        self.descent.step(self._rate() * length / recipe.lengths.bptt, recipe.gradient_clip)
        self.state = detached(hidden.state)
        self.position, self.steps = end, self.steps + 1
        self.losses += float(loss.detach())

    def _rate(self) -> float:
        if self.phase == "finetune":
            return self.recipe.finetune_learning_rate
        return self.recipe.rate(self.epoch, self.position / (len(self.train_text) - 1))

    @torch.no_grad()
    def validate(self) -> float:
        """Nats a token of the validation text, ten streams, with the averaged parameters where there are any."""
        self.model.eval()
        with self.descent.means_in_place():
            total, state = 0.0, self.model.layers.start(VALID_STREAMS)
            for start, end in segments(len(self.valid_text), self.recipe.lengths.bptt):
                hidden = self.model.layers(self.valid_text[start:end], state, Dropouts())
                state = hidden.state
                total += float(
                    self.model.nll(hidden.plain, self.valid_text[start + 1 : end + 1]).sum(dtype=torch.float64)
                )
            loss = total / (self.valid_text.numel() - VALID_STREAMS)
            if loss < self.best_loss:
                self.best_loss, self.best = loss, _copy(self.model)
        self.context.curve("valid-perplexity", self.steps, math.exp(min(loss, 700.0)), self.seed)
        return loss

    def _end_epoch(self) -> None:
        stuck = self.recipe.selection == "best" and self._is_stuck(self.validate())
        if stuck and self.phase == "train" and not self.descent.is_averaging:
            self.descent.average()
        self.epoch, self.position = self.epoch + 1, 0
        self.state = self.model.layers.start(self.recipe.batch_size)
        if self.phase == "train" and self.epoch >= self.recipe.epochs:
            self._start_finetuning() if self.recipe.finetune else self._finish()
        elif self.phase == "finetune" and (stuck or self.epoch >= self.recipe.finetune_epochs):
            self._finish()

    def _is_stuck(self, loss: float) -> bool:
        stuck = self.recipe.patience is not None and is_stuck(self.history, loss, self.recipe.patience)
        self.history.append(loss)
        return stuck

    def _start_finetuning(self) -> None:
        """From the selected model on: averaged from the first step, with a history of its own."""
        self._select()
        self.phase, self.epoch, self.history = "finetune", 0, []
        self.descent = self._descent()
        self.descent.average()

    def _finish(self) -> None:
        self._select()
        self.phase = "done"

    def _select(self) -> None:
        """The model becomes the best one, or the last one with its parameters averaged where they are."""
        if self.best is not None:
            self.model.load_state_dict(self.best)
        else:
            self.descent.settle()

    def _descent(self) -> Descent:
        return Descent(self.model.parameters(), self.recipe.optimiser, self.recipe.weight_decay)

    def _finished(self) -> dict[str, Any]:
        return {"phase": "done", "model": self.model.state_dict()}

    def _unfinished(self) -> dict[str, Any]:
        return {
            "phase": self.phase,
            "model": self.model.state_dict(),
            "descent": self.descent.state(),
            "epoch": self.epoch,
            "position": self.position,
            "steps": self.steps,
            "state": [list(pair) for pair in self.state],
            "history": list(self.history),
            "best": self.best,
            "best_loss": self.best_loss,
            "losses": self.losses,
        }

    def _restore(self) -> None:
        saved = self.context.restore()
        if saved is None:
            return
        self.phase = saved["phase"]
        self.model.load_state_dict(saved["model"])
        if self.phase == "done":
            return
        device = self.context.device
        self.descent.restore(saved["descent"])
        self.epoch, self.position, self.steps = saved["epoch"], saved["position"], saved["steps"]
        self.state = [(h.to(device), c.to(device)) for h, c in saved["state"]]
        self.history, self.losses, self.best_loss = list(saved["history"]), saved["losses"], saved["best_loss"]
        self.best = saved["best"]


def _copy(model: LanguageModel) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
