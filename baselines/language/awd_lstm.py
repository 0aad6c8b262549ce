"""AWD-LSTM: a weight-dropped LSTM language model, under any of the output layers of `baselines.language.outputs`.

Paper:      Regularizing and Optimizing LSTM Language Models (Merity et al., 2018), arXiv:1708.02182
            Breaking the Softmax Bottleneck (Yang et al., 2018), arXiv:1711.03953; dai2019, appendix A
Code:       salesforce/awd-lstm-lm, model.py; read at 1d466ec
            zihangdai/mos, model.py; read at 9c0c608
Departures: the recurrent matrices are dropped by a function of the raw ones and not by replacing module attributes,
            which later versions of PyTorch ignore (test_gradients_reach_the_raw_recurrent_matrix)
Shapes:     T time, B batch, D embedding, H last layer, V vocabulary
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from baselines.language.outputs import OutputLayer
from baselines.language.regularisation import Dropouts, dropout, embed, weight_drop

State = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Sizes:
    """Widths of a model: the embedding D, the LSTM layers from below, the vocabulary V."""

    vocabulary: int
    embedding: int
    hidden: tuple[int, ...]


class Hidden(NamedTuple):
    """What the layers give: the last layer's outputs (T, B, H) before and after dropout, and the state to carry on."""

    plain: Tensor
    dropped: Tensor
    state: State


class LstmLayers(nn.Module):
    """The embedding, uniform within plus and minus `bound` at first, and the stack of LSTM layers."""

    def __init__(self, sizes: Sizes, bound: float = 0.1) -> None:
        super().__init__()
        self.sizes = sizes
        self.embedding = nn.Embedding(sizes.vocabulary, sizes.embedding)
        nn.init.uniform_(self.embedding.weight, -bound, bound)
        widths = (sizes.embedding, *sizes.hidden)
        self.layers = nn.ModuleList(nn.LSTM(i, o) for i, o in zip(widths, sizes.hidden, strict=False))

    def start(self, streams: int) -> State:
        """The state before the first token: zeros (1, B, H) for each layer."""
        zeros = self.embedding.weight.new_zeros
        return [(zeros(1, streams, width), zeros(1, streams, width)) for width in self.sizes.hidden]

    def forward(
        self, tokens: Tensor, state: State, dropouts: Dropouts, generator: torch.Generator | None = None
    ) -> Hidden:
        """Reads tokens (T, B) from a state on. Without a generator nothing is dropped."""
        x = embed(tokens, self.embedding.weight, dropouts.word, generator)
        x = dropped = dropout(x, dropouts.input, generator, locked=dropouts.locked)
        after: State = []
        for number, (layer, before) in enumerate(zip(self.layers, state, strict=True), start=1):
            input_weight, raw, *biases = layer.parameters()
            weights = [input_weight, weight_drop(raw, dropouts.weight, generator), *biases]
            x, h, c = torch.lstm(dropped, before, weights, True, 1, 0.0, self.training, False, False)
            after.append((h, c))
            rate = dropouts.output if number == len(self.layers) else dropouts.hidden
            dropped = dropout(x, rate, generator, locked=dropouts.locked)
        return Hidden(x, dropped, after)


class LanguageModel(nn.Module):
    """LSTM layers and an output layer over them."""

    def __init__(self, layers: LstmLayers, output: OutputLayer) -> None:
        super().__init__()
        self.layers, self.output = layers, output

    def nll(self, hidden: Tensor, targets: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """-log p of targets (T, B) after the last layer's hidden (T, B, H): (T, B), in nats."""
        return self.output.nll(hidden, targets, generator)

    def log_probabilities(self, hidden: Tensor) -> Tensor:
        """log p of every word after hidden (N, H): (N, V), in nats."""
        log_p: Tensor = self.output.log_probabilities(hidden)
        return log_p

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""
        return sum(parameter.numel() for parameter in self.parameters())


def detached(state: State) -> State:
    """The state without its history: gradients stop here."""
    return [(h.detach(), c.detach()) for h, c in state]


def some_streams(state: State, streams: slice) -> State:
    """The state of some of its streams."""
    return [(h[:, streams], c[:, streams]) for h, c in state]


def side_by_side(states: Sequence[State]) -> State:
    """The states of parts of the streams as that of all."""
    layers = zip(*states, strict=True)
    return [(torch.cat([h for h, _ in layer], dim=1), torch.cat([c for _, c in layer], dim=1)) for layer in layers]
