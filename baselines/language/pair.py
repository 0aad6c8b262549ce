"""MoS and MoC trained alike from one seed: what one of them expects at a single step, beside the losses of both.

Paper: Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, section A.8.4 and table A.14,
       whose search for steps is not released
Shapes: T time, H hidden width, V vocabulary
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
import torch

from baselines.language.awd_lstm import LanguageModel
from baselines.language.evaluation import NO_DROPOUT, SEGMENT_TOKENS, TrainedLanguageModel
from baselines.language.methods import AwdLstm, initialised, restored
from baselines.language.training import TextRun
from repro.contracts import Context
from repro.data.kinds.corpus import Corpus

Output = Literal["mos", "moc"]
OUTPUTS: tuple[Output, Output] = ("mos", "moc")


@dataclass(frozen=True)
class AwdLstmPair(AwdLstm):
    """Two AWD-LSTMs that differ in nothing but the output layer, MoS and MoC, and a step of a text to look at.

    Both are trained, MoS first, and are those that `awd-lstm` trains with the same parameters and seed. The step is
    `position`, or else that of the gain of MoS over MoC with the rank `gain_rank`; exactly one of them is given. No
    step depends on what is shown, so all rows of a table share one training. Parameters are fixed in evaluation.

    Attributes:
        output: the model whose expectation is shown.
        position: number of the token to be predicted in its split, from 0; the first is never predicted.
        gain_rank: 1 for the step where the loss of MoS is lower than that of MoC by most, 2 for the next one.
    """

    evaluation_parameters: ClassVar[frozenset[str]] = AwdLstm.evaluation_parameters | {
        "output",
        "position",
        "gain_rank",
    }

    output: Output
    position: int | None = None
    gain_rank: int | None = None

    def __post_init__(self) -> None:
        if (self.position is None) == (self.gain_rank is None):
            raise ValueError(f"give position or gain_rank, one of them: they are {self.position} and {self.gain_rank}")
        for name, value in (("position", self.position), ("gain_rank", self.gain_rank)):
            if value is not None and value < 1:
                raise ValueError(f"{name} must be 1 or more, it is {value}")
        if self.evaluation != "static":
            raise ValueError(f"evaluation must be static: the expectation at one step has no {self.evaluation} part")

    def fit(self, data: Corpus, context: Context) -> PairedModel:
        """Trains one seed of both models. Raises Diverged."""
        models = {}
        for number, output in enumerate(OUTPUTS, start=1):
            method, half = replace(self, output=output), context.part(output, number=number, of=len(OUTPUTS))
            model = initialised(method, len(data.vocabulary), half)
            models[output] = TextRun(model, self.recipe, data, half).train()
        return PairedModel(models, self.output, context.device, self.position, self.gain_rank)

    def restore(self, state: Mapping[str, Any], context: Context) -> PairedModel:
        """The trained models whose `state()` this is."""
        models = {output: restored(replace(self, output=output), state[output], context) for output in OUTPUTS}
        return PairedModel(models, self.output, context.device, self.position, self.gain_rank)


class StepModel(TrainedLanguageModel):
    """A trained language model that is also asked for a single step."""

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        """log p in nats of every word after tokens (T,), which are read from the first on: (V,) float32."""
        text = torch.from_numpy(tokens.astype(np.int64)).to(self.device).unsqueeze(1)
        state = self.model.layers.start(1)
        with torch.inference_mode():
            for start in range(0, len(text), SEGMENT_TOKENS):
                hidden = self.model.layers(text[start : start + SEGMENT_TOKENS], state, NO_DROPOUT)
                state = hidden.state
            log_p = self.model.log_probabilities(hidden.plain[-1])
        found: np.ndarray = log_p[0].float().cpu().numpy()
        return found


class PairedModel(StepModel):
    """The model that is shown, with both of the pair, of which `favoured` is MoS and `other` MoC."""

    def __init__(
        self,
        models: Mapping[Output, LanguageModel],
        shown: Output,
        device: str,
        position: int | None = None,
        gain_rank: int | None = None,
    ) -> None:
        super().__init__(models[shown], device)
        self.favoured, self.other = (StepModel(models[output], device) for output in OUTPUTS)
        self.position, self.gain_rank = position, gain_rank

    def state(self) -> dict[str, Any]:
        """Those of both models."""
        return {"mos": self.favoured.state(), "moc": self.other.state()}
