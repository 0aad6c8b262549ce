"""Dynamic evaluation: a model's parameters follow the text that it is scored on, a step after each segment.

Paper:      Dynamic Evaluation of Neural Sequence Models (Krause et al., 2018), arXiv:1709.07432; dai2019, table A.9
Code:       zihangdai/mos, dynamiceval.py, and benkrause/dynamic-evaluation, dynamiceval.py; read at 9c0c608 and 8f872c5
Departures: gradients are taken in evaluation mode. The later versions of the MoS code take them in training mode with
            dropout switched off, a switch that does not reach the dropped recurrent weights: its gradients and its
            predictions are noisy, and its results worse than the paper's (49.03 for 48.33, 48.43 for 47.69).
            A last segment of one token is scored too.
Shapes:     T time, B streams

After a segment whose mean loss has gradient g, with the trained parameters theta0,

    theta <- theta + lambda D (theta0 - theta) - eta g / (S + epsilon)        elementwise,

S being the root of the gradients' squares over the segments of the training text, and D their ratio to its average.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import torch
from torch import Tensor, nn

S = TypeVar("S")
Statistics = Mapping[str, Tensor]
SEGMENT = 5


class SegmentModel(Protocol[S]):
    """What dynamic evaluation asks of a model, which is in evaluation mode."""

    def start(self, streams: int) -> S:
        """The state before the first token."""

    def segment_nll(self, tokens: Tensor, targets: Tensor, state: S) -> tuple[Tensor, S]:
        """-log p in nats of targets (T, B), which follow tokens (T, B), as (T, B); and the state, without history."""

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        """What is learned; every parameter takes part in every segment."""


@dataclass(frozen=True)
class Rule:
    """The constants of the update.

    Attributes:
        learning_rate: eta.
        epsilon: added to S.
        decay: lambda, the pull back to the trained parameters.
        scaling: `sum`, of the code behind the published numbers: S is the root of the SUM of squares over segments and
            D divides it by the SUM of its means over tensors. `mean`, of the later public version, has means in both
            places. The same updates come from both if eta and epsilon are multiplied by sqrt(segments) for `sum`, and
            lambda by the number of tensors.
    """

    learning_rate: float
    epsilon: float
    decay: float
    scaling: Literal["sum", "mean"] = "sum"

    def __post_init__(self) -> None:
        if self.learning_rate < 0 or self.epsilon <= 0 or self.decay < 0:
            raise ValueError(f"a rule needs learning_rate >= 0, epsilon > 0 and decay >= 0, it is {self}")


def gradient_statistics(model: SegmentModel[S], text: Tensor, rule: Rule, segment: int = SEGMENT) -> dict[str, Tensor]:
    """S of every parameter, from one pass over a training text (T, B), usually of 100 streams.

    Raises ValueError for a text without a prediction, and for one on which no parameter has a gradient.
    """
    squares = {name: torch.zeros_like(parameter) for name, parameter in model.named_parameters()}
    count, state = 0, model.start(text.shape[1])
    for tokens, targets in _segments(text, segment):
        _, gradients, state = _read(model, tokens, targets, state)
        for name, gradient in gradients.items():
            squares[name].addcmul_(gradient, gradient)
        count += 1
    divisor = count if rule.scaling == "mean" else 1
    statistics = {name: square.div_(divisor).sqrt_() for name, square in squares.items()}
    if not any(bool(tensor.any()) for tensor in statistics.values()):
        raise ValueError("no parameter has a gradient on the training text: its statistics scale nothing")
    return statistics


def dynamic_nll(
    model: SegmentModel[S], text: Tensor, statistics: Statistics, rule: Rule, segment: int = SEGMENT
) -> Tensor:
    """-log p in nats of every token of a text (T, B) but the first of each stream: (T - 1, B).

    Each segment is scored first and learned from afterwards. The published protocol has one stream, whose losses are
    averaged over tokens. The parameters are what they were when this returns or raises.
    """
    parameters = dict(model.named_parameters())
    trained = {name: parameter.detach().clone() for name, parameter in parameters.items()}
    rates = {name: rule.learning_rate / (S + rule.epsilon) for name, S in statistics.items()}
    pulls = _pulls(statistics, rule)
    scores, state = [], model.start(text.shape[1])
    with _restored(parameters, trained):
        for tokens, targets in _segments(text, segment):
            nll, gradients, state = _read(model, tokens, targets, state)
            scores.append(nll)
            with torch.no_grad():
                for name, parameter in parameters.items():
                    parameter.lerp_(trained[name], pulls[name]).addcmul_(gradients[name], rates[name], value=-1)
    return torch.cat(scores)


def _pulls(statistics: Statistics, rule: Rule) -> dict[str, Tensor]:
    """lambda D, at most 1: a larger one would overshoot the trained parameters."""
    total = sum(float(S.mean()) for S in statistics.values())
    average = total / len(statistics) if rule.scaling == "mean" else total
    return {name: (S * (rule.decay / average)).clamp_(max=1.0) for name, S in statistics.items()}


def _segments(text: Tensor, segment: int) -> Iterator[tuple[Tensor, Tensor]]:
    if len(text) < 2:
        raise ValueError(f"a text of {len(text)} tokens a stream has nothing to predict: it needs two or more")
    for start in range(0, len(text) - 1, segment):
        end = min(start + segment, len(text) - 1)
        yield text[start:end], text[start + 1 : end + 1]


def _read(model: SegmentModel[S], tokens: Tensor, targets: Tensor, state: S) -> tuple[Tensor, dict[str, Tensor], S]:
    """A segment's losses, the gradients of their mean, and the state after it."""
    names, parameters = zip(*model.named_parameters(), strict=True)
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN gives no gradients in evaluation mode
        nll, state = model.segment_nll(tokens, targets, state)
        gradients = torch.autograd.grad(nll.mean(), parameters)
    return nll.detach(), dict(zip(names, gradients, strict=True)), state


@contextmanager
def _restored(parameters: Mapping[str, nn.Parameter], values: Statistics) -> Iterator[None]:
    try:
        yield
    finally:
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(values[name])
