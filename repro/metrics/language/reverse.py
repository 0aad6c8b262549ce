"""Perplexities of generated text by a small language model: trained on it and tested on real text, or the reverse.

Paper:      Adversarially Regularized Autoencoders (Zhao et al., 2018), zhao2019 tables 4.2 and 4.5.
Code:       jakezhaojb/ARAE, lang/train_rnnlm.py and preprocess_lm.py: one LSTM of 300 units, embeddings of 300, dropout
            0.2, uniform initial weights of +-0.1, SGD of rate 1 without decay, norms clipped at 5, 15 epochs, batches
            of 32 sentences of equal length, made once and taken in another order each epoch, the 70,000 most frequent
            generated words, an end symbol that counts, the best epoch on validation sentences. The loss of a batch is
            summed over positions, and at each the mean over sentences: a mean over both is another learning rate.
Departures: where no validation sentences are given, a tenth of the generated ones serve, never the real ones tested.
            One embedding begins sentences, none stands for padding: the code's two classes that never occur are left
            out. Sentences of no word and of more than 200 count; the code drops them.
            The 5-gram variant of the released early stopping is another number: `repro.metrics.language.kneser_ney`.

A real word that was never generated is `<unk>`: the number mixes fluency with coverage, so details hold the share.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from repro.metrics.language.likelihood import Nll, perplexity
from repro.metrics.score import Score, signature

Sentences = Sequence[Sequence[Hashable]]

END, UNKNOWN = 0, 1


@dataclass(frozen=True)
class LstmSettings:
    """The language model that is trained; defaults are the paper's code."""

    size: int = 300
    dropout: float = 0.2
    learning_rate: float = 1.0
    clip: float = 5.0
    epochs: int = 15
    batch_size: int = 32
    vocabulary: int = 70_000
    initial_range: float = 0.1

    def __post_init__(self) -> None:
        if min(self.size, self.epochs, self.batch_size, self.vocabulary) < 1 or not 0 <= self.dropout < 1:
            raise ValueError("size, epochs, batch_size and vocabulary must be at least 1, dropout in [0, 1)")


RELEASED = LstmSettings()


def reverse_perplexity(
    generated: Sentences, real: Sentences, *, validation: Sentences | None = None,
    settings: LstmSettings = RELEASED, seed: int = 3435,
) -> Score:  # fmt: skip
    """The perplexity per word, ends included, of real sentences under a model of generated ones; lower is better.

    Sentences are sequences of words, which may be empty. `validation` chooses the epoch; without it, every tenth
    generated sentence does, and is not trained on. Items (N,) are the nats of each real sentence; details: nats,
    tokens, unknown (the share of real words without a generated one), epoch. Deterministic on a CPU for a seed and
    number of threads. Raises ValueError for fewer than 10 generated or for no real sentences, and where training
    diverges.
    """
    if len(generated) < 10 or not len(real):
        raise ValueError(f"10 generated and 1 real sentences are needed, there are {len(generated)} and {len(real)}")
    return _perplexity("reverse-perplexity", "repro/2", generated, real, validation, settings, seed, "generated")


def forward_perplexity(
    generated: Sentences, real: Sentences, *, validation: Sentences | None = None,
    settings: LstmSettings = RELEASED, seed: int = 3435,
) -> Score:  # fmt: skip
    """The perplexity per word, ends included, of generated sentences under a model of real ones; lower is more fluent.

    The other way round than `reverse_perplexity`, by the same model: it says nothing of diversity, and a single likely
    sentence over and over is at its best. `validation` are real sentences that choose the epoch; without it, every
    tenth one does. Items (N,) are the nats of each generated sentence; `unknown` is the share of generated words that
    the real ones lack. Otherwise, and in what it refuses, as `reverse_perplexity`.
    """
    if len(real) < 10 or not len(generated):
        raise ValueError(f"10 real and 1 generated sentences are needed, there are {len(real)} and {len(generated)}")
    return _perplexity("forward-perplexity", "repro/1", real, generated, validation, settings, seed, "real")


def _perplexity(
    metric: str, revision: str, train: Sentences, test: Sentences, validation: Sentences | None,
    settings: LstmSettings, seed: int, vocabulary_of: str,
) -> Score:  # fmt: skip
    if validation is None:
        validation = train[::10]
        train = [sentence for i, sentence in enumerate(train) if i % 10]
    words = _vocabulary(train, settings.vocabulary)
    model, epoch = _trained(_numbered(train, words), _numbered(validation, words), len(words) + 2, settings, seed)
    numbered = _numbered(test, words)
    items = _nats(model, numbered)
    total = Nll(float(items.sum()), sum(map(len, numbered)))
    unknown = sum(sentence.count(UNKNOWN) for sentence in numbered) / max(total.tokens - len(test), 1)
    protocol = signature(
        metric, revision, lm="lstm", size=settings.size, dropout=settings.dropout,
        lr=settings.learning_rate, clip=settings.clip, epochs=settings.epochs, batch=settings.batch_size,
        vocabulary=settings.vocabulary, samples=len(train), end="counted", unk=vocabulary_of, seed=seed,
    )  # fmt: skip
    details = {"nats": total.nats, "tokens": total.tokens, "unknown": unknown, "epoch": epoch}
    return Score(perplexity(total).value, protocol, items=items, details=details)


class _LanguageModel(nn.Module):
    def __init__(self, words: int, settings: LstmSettings) -> None:
        super().__init__()
        self.embedding = nn.Embedding(words, settings.size)
        self.lstm = nn.LSTM(settings.size, settings.size, batch_first=True)
        self.output = nn.Linear(settings.size, words)
        self.dropout = nn.Dropout(settings.dropout)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -settings.initial_range, settings.initial_range)

    def forward(self, targets: Tensor) -> Tensor:
        """Nats (N, T) of the words of sentences (N, T) that end in END, which also begins them."""
        before = nn.functional.pad(targets[:, :-1], (1, 0), value=END)
        hidden, _ = self.lstm(self.dropout(self.embedding(before)))
        logits = self.output(self.dropout(hidden))
        return nn.functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none")


def _vocabulary(sentences: Sentences, size: int) -> dict[Hashable, int]:
    counts = Counter(word for sentence in sentences for word in sentence)
    return {word: number for number, (word, _) in enumerate(counts.most_common(size), start=2)}


def _numbered(sentences: Sentences, words: dict[Hashable, int]) -> list[list[int]]:
    return [[*(words.get(word, UNKNOWN) for word in sentence), END] for sentence in sentences]


def _trained(
    train: list[list[int]], validation: list[list[int]], words: int, settings: LstmSettings, seed: int
) -> tuple[_LanguageModel, int]:
    random = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # initial weights and dropout
        model = _LanguageModel(words, settings)
        optimiser = torch.optim.SGD(model.parameters(), lr=settings.learning_rate)
        best, chosen, kept = np.inf, 0, model.state_dict()
        batches = [torch.tensor([train[i] for i in batch]) for batch in _batches(train, settings.batch_size, random)]
        for epoch in range(1, settings.epochs + 1):
            model.train()
            for number in random.permutation(len(batches)):
                _step(model, optimiser, batches[number], settings.clip)
            reached = _nats(model, validation).sum()
            if reached < best:
                best, chosen = reached, epoch
                kept = {name: value.clone() for name, value in model.state_dict().items()}
    if not chosen:
        raise ValueError("the language model diverged in its first epoch: lower the learning rate")
    model.load_state_dict(kept)
    return model, chosen


def _step(model: _LanguageModel, optimiser: torch.optim.Optimizer, batch: Tensor, clip: float) -> None:
    """One step on a batch (N, T), by the sum over positions of the mean over sentences."""
    optimiser.zero_grad()
    torch.autograd.backward(model(batch).mean(dim=0).sum())
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimiser.step()


def _batches(sentences: list[list[int]], size: int, random: np.random.Generator | None = None) -> list[list[int]]:
    """Places of sentences of equal length, at most `size` together, drawn by the generator where there is one."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for place in range(len(sentences)) if random is None else random.permutation(len(sentences)):
        by_length[len(sentences[place])].append(int(place))
    return [places[i : i + size] for places in by_length.values() for i in range(0, len(places), size)]


def _nats(model: _LanguageModel, sentences: list[list[int]]) -> np.ndarray:
    """The nats (N,) of each sentence, dropout off."""
    model.eval()
    nats = np.empty(len(sentences))
    with torch.no_grad():
        for batch in _batches(sentences, 64):
            nats[batch] = model(torch.tensor([sentences[i] for i in batch])).double().sum(dim=1).numpy()
    return nats
