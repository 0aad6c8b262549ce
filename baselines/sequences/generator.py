"""The generator that SeqGAN, CoT and their baselines share: embedding, one LSTM layer, softmax, for one length.

Paper:      SeqGAN (Yu et al., 2017), arXiv:1609.05473; CoT (Lu et al., 2018), arXiv:1804.03782
Code:       LantaoYu/SeqGAN, generator.py; read at 5f2c0a5
Departures: the code takes the logarithm of a softmax clipped to 1e-20 from below; here log-softmax is exact
Shapes:     N sequences, T positions, V vocabulary, E embedding, H hidden
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.training.parts import copied

Cell = tuple[Tensor, Tensor]
ROWS = 256
FINAL = "final"


class Generator(nn.Module):
    """p(x_t | x_1 .. x_{t-1}) for sequences of `length` words. Gates stand side by side: input, forget, output, cell.

    All parameters, biases among them, start normal with one deviation, drawn from torch's global generator.
    """

    def __init__(
        self, vocabulary: int, length: int, start: int, embedding: int = 32, hidden: int = 32, deviation: float = 0.1
    ) -> None:
        super().__init__()
        self.vocabulary, self.length, self.start, self.hidden = vocabulary, length, start, hidden
        self.embedding = nn.Parameter(deviation * torch.randn(vocabulary, embedding))
        self.input_weight = nn.Parameter(deviation * torch.randn(embedding, 4 * hidden))
        self.recurrent_weight = nn.Parameter(deviation * torch.randn(hidden, 4 * hidden))
        self.gate_bias = nn.Parameter(deviation * torch.randn(4 * hidden))
        self.output_weight = nn.Parameter(deviation * torch.randn(hidden, vocabulary))
        self.output_bias = nn.Parameter(deviation * torch.randn(vocabulary))

    def before(self, tokens: Tensor) -> Tensor:
        """What is read before each word of sequences (N, T): the start, then all words but the last."""
        return torch.cat([torch.full_like(tokens[:, :1], self.start), tokens[:, :-1]], dim=1)

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits (N, T, V) of the words after each of the inputs (N, T)."""
        gates, cell, outputs = self._from_words(inputs), self.first(len(inputs)), []
        for t in range(inputs.shape[1]):
            cell = self._update(gates[:, t], cell)
            outputs.append(cell[0])
        return self.logits(torch.stack(outputs, dim=1))

    def first(self, count: int) -> Cell:
        """The state before the first word: zeros (N, H), twice."""
        zeros = self.gate_bias.new_zeros(count, self.hidden)
        return zeros, zeros

    def step(self, cell: Cell, words: Tensor) -> Cell:
        """The state after words (N,)."""
        return self._update(self._from_words(words), cell)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits (..., V) of the next word from hidden states (..., H)."""
        return hidden @ self.output_weight + self.output_bias

    def sample(self, uniforms: Tensor) -> Tensor:
        """Sequences (N, T), each word by one number (N, T) uniform in [0, 1)."""
        cell, words, drawn = self.first(len(uniforms)), uniforms.new_full((len(uniforms),), self.start).long(), []
        for t in range(uniforms.shape[1]):
            cell = self.step(cell, words)
            words = draw(self.logits(cell[0]), uniforms[:, t])
            drawn.append(words)
        return torch.stack(drawn, dim=1)

    def sizes(self) -> dict[str, int]:
        """What `of` needs beside weights."""
        return {"length": self.length, "start": self.start}

    @classmethod
    def of(cls, state: Mapping[str, Any], device: str) -> Generator:
        """The generator at the end of a training whose model's `state()` this is; nothing is drawn."""
        weights = state["checkpoints"][FINAL]
        (vocabulary, embedding), hidden = weights["embedding"].shape, len(weights["output_weight"])
        with torch.random.fork_rng(devices=[]):
            made = cls(vocabulary, state["length"], state["start"], embedding, hidden)
        made.load_state_dict(weights)
        return made.to(device)

    def _from_words(self, words: Tensor) -> Tensor:
        """What words (...) add to the gates: (..., 4 H), with the bias."""
        return self.embedding[words] @ self.input_weight + self.gate_bias

    def _update(self, gates: Tensor, cell: Cell) -> Cell:
        h, c = cell
        gates = gates + h @ self.recurrent_weight
        i, f, o = torch.sigmoid(gates[:, : 3 * self.hidden]).chunk(3, dim=1)
        c = f * c + i * torch.tanh(gates[:, 3 * self.hidden :])
        return o * torch.tanh(c), c


def draw(logits: Tensor, uniforms: Tensor) -> Tensor:
    """Words (N,) by logits (N, V) and one number (N,) uniform in [0, 1) each: the first whose cumulative share is
    above it."""
    cumulative = (logits - logits.max(dim=1, keepdim=True).values).exp().cumsum(dim=1)
    found = torch.searchsorted(cumulative, uniforms[:, None] * cumulative[:, -1:], right=True)[:, 0]
    return found.clamp(max=logits.shape[1] - 1)


class TrainedGenerator:
    """A generator as task sequence-generation wants it, with the weights of further checkpoints by name."""

    def __init__(self, network: Generator, others: Mapping[str, Mapping[str, Tensor]] | None = None) -> None:
        self.network, self.others = network, dict(others or {})

    def at(self, checkpoint: str) -> TrainedGenerator:
        """The model of a checkpoint. Raises ValueError for one that was not kept."""
        if checkpoint == FINAL:
            return self
        if checkpoint not in self.others:
            raise ValueError(f"there is no checkpoint {checkpoint!r} (there are {', '.join([FINAL, *self.others])})")
        state = {**self.network.sizes(), "checkpoints": {FINAL: self.others[checkpoint]}}
        return TrainedGenerator(Generator.of(state, str(self.network.embedding.device)))

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        """`count` sequences (count, T)."""
        network, numbers = self.network, random.random((count, self.network.length))
        with torch.no_grad():
            drawn = [network.sample(self._tensor(part, network.embedding.dtype)) for part in _parts(numbers)]
        return torch.cat(drawn).cpu().numpy()

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        """log p of sequences (N, T), in nats per sequence: (N,), summed in float64."""
        with torch.no_grad():
            found = [self._log_p(self._tensor(part, torch.int64)) for part in _parts(np.asarray(tokens))]
        return torch.cat(found).cpu().numpy()

    def state(self) -> dict[str, Any]:
        """Sizes, and the weights of all checkpoints."""
        weights = {FINAL: self.network.state_dict(), **self.others}
        return {**self.network.sizes(), "checkpoints": copied(weights)}

    @classmethod
    def restored(cls, state: Mapping[str, Any], device: str) -> TrainedGenerator:
        """The model whose `state()` this is."""
        others = {name: weights for name, weights in state["checkpoints"].items() if name != FINAL}
        return cls(Generator.of(state, device), others)

    def _log_p(self, tokens: Tensor) -> Tensor:
        log_p = torch.log_softmax(self.network(self.network.before(tokens)), dim=-1)
        return log_p.gather(-1, tokens[..., None])[..., 0].double().sum(dim=1)

    def _tensor(self, values: np.ndarray, kind: torch.dtype) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.network.embedding.device, kind)


def _parts(rows: np.ndarray) -> list[np.ndarray]:
    return [rows[start : start + ROWS] for start in range(0, len(rows), ROWS)]
