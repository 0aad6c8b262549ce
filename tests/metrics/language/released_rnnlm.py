"""The language model of reverse perplexity written out from its release, jakezhaojb/ARAE lang/train_rnnlm.py.

Nothing of the project's code is used: gates, clipping and the step of SGD are formulas here. A sentence is words 2 and
above and ends in 0, which stands before its first word too; 1 is a word that was never generated.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import dropout as dropped

from repro.metrics.language.reverse import LstmSettings


@dataclass
class Weights:
    """Embedding (V, E), the gates' weights (4 H, E) and (4 H, H) in the order i, f, g, o, output (V, H), biases."""

    embedding: Tensor
    inputs: Tensor
    recurrent: Tensor
    input_bias: Tensor
    recurrent_bias: Tensor
    output: Tensor
    output_bias: Tensor

    NAMES = (
        "embedding.weight", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0",
        "output.weight", "output.bias",
    )  # fmt: skip

    @classmethod
    def of(cls, state: dict[str, Tensor]) -> Weights:
        return cls(*(state[name] for name in cls.NAMES))

    def named(self) -> dict[str, Tensor]:
        return dict(zip(self.NAMES, self.all(), strict=True))

    def all(self) -> list[Tensor]:
        return [
            self.embedding, self.inputs, self.recurrent, self.input_bias, self.recurrent_bias, self.output,
            self.output_bias,
        ]  # fmt: skip


def nll(weights: Weights, sentences: Tensor, dropout: float) -> list[Tensor]:
    """-log p (N,) at each position of sentences (N, T), as `preds[:, l]` and `sents[:, l + 1]` of the release."""
    before = torch.cat([torch.zeros_like(sentences[:, :1]), sentences[:, :-1]], dim=1)
    vectors = dropped(weights.embedding[before], dropout, training=dropout > 0)
    size = weights.recurrent.shape[1]
    hidden = cell = torch.zeros(len(sentences), size, dtype=vectors.dtype)
    outputs = []
    for position in range(sentences.shape[1]):
        gates = vectors[:, position] @ weights.inputs.T + weights.input_bias
        gates = gates + hidden @ weights.recurrent.T + weights.recurrent_bias
        i, f, g, o = torch.chunk(gates, 4, dim=1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        outputs.append(hidden)
    steps_first = torch.stack(outputs).transpose(0, 1)  # laid out in memory as torch's LSTM has it, for equal dropout
    kept = dropped(steps_first, dropout, training=dropout > 0)
    log_p = torch.log_softmax(kept @ weights.output.T + weights.output_bias, dim=-1)
    rows = torch.arange(len(sentences))
    return [-log_p[rows, position, sentences[:, position]] for position in range(sentences.shape[1])]


def plain_step(weights: Weights, batch: Tensor, *, dropout: float, learning_rate: float, clip: float) -> float:
    """One step of SGD in place, by the sum over positions of means over sentences; the gradient's norm before."""
    for value in weights.all():
        value.requires_grad_()
    total = torch.stack([each.mean() for each in nll(weights, batch, dropout)]).sum()
    gradients = torch.autograd.grad(total, weights.all())
    norm = float(torch.sqrt(torch.stack([(g**2).sum() for g in gradients]).sum()))
    with torch.no_grad():
        for value, gradient in zip(weights.all(), gradients, strict=True):
            value.requires_grad_(False)
            value -= learning_rate * gradient * min(1.0, clip / (norm + 1e-6))
    return norm


def released_perplexity(
    train: list[list[str]], validation: list[list[str]], real: list[list[str]], settings: LstmSettings, seed: int
) -> float:
    """The perplexity of real sentences under the best epoch on validation, from a start drawn by the seed."""
    words = {word: n for n, (word, _) in enumerate(Counter(w for s in train for w in s).most_common(), start=2)}
    random = np.random.default_rng(seed + 1000)
    torch.manual_seed(seed + 1000)
    size, vocabulary = settings.size, len(words) + 2
    shapes = ((vocabulary, size), (4 * size, size), (4 * size, size), (4 * size,), (4 * size,), (vocabulary, size),
              (vocabulary,))  # fmt: skip
    weights = Weights(*(torch.empty(shape).uniform_(-0.1, 0.1) for shape in shapes))
    batches = _batches(train, words, random)
    best, found = np.inf, np.inf
    for _ in range(settings.epochs):
        for number in random.permutation(len(batches)):
            plain_step(weights, batches[number], dropout=settings.dropout, learning_rate=1.0, clip=5.0)
        reached = _perplexity(weights, _batches(validation, words, random))
        if reached < best:
            best, found = reached, _perplexity(weights, _batches(real, words, random))
    return found


def _batches(sentences: list[list[str]], words: dict[str, int], random: np.random.Generator) -> list[Tensor]:
    shuffled = [sentences[i] for i in random.permutation(len(sentences))]
    batches = []
    for length in sorted({len(sentence) for sentence in sentences}):
        same = [[*(words.get(word, 1) for word in s), 0] for s in shuffled if len(s) == length]
        batches += [torch.tensor(same[i : i + 32]) for i in range(0, len(same), 32)]
    return batches


def _perplexity(weights: Weights, batches: list[Tensor]) -> float:
    with torch.no_grad():
        nats = sum(float(torch.stack(nll(weights, batch, 0.0)).double().sum()) for batch in batches)
    return float(np.exp(nats / sum(batch.numel() for batch in batches)))
