"""A training step of the AWD-LSTM on Penn Treebank's sizes, against the same model as a PyTorch user writes it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import nn

from baselines.language.methods import AwdLstm, initialised
from baselines.language.streams import SegmentLength
from baselines.language.training import TextRun
from repro.data.kinds.corpus import Corpus
from repro.engines.environment import worker_environment
from tests.benchmarks.clock import compare, table
from tests.benchmarks.context import Quiet
from tests.benchmarks.elsewhere import Elsewhere

WORDS, BATCH, LENGTH = 10_000, 20, 70
EMBEDDING, HIDDEN = 400, (1150, 1150, 400)
CLIP, RATE = 0.25, 0.01  # at the published rate of 30 random text drives both models to saturated units


def main() -> str:
    """Tokens a second on one thread, segments of 70 tokens, 20 streams; the fastest of the rounds of each."""
    of_worker = worker_environment("cpu", 1, None)
    with (
        Elsewhere(obvious, dict(os.environ) | {"OMP_NUM_THREADS": "1"}) as plain,
        Elsewhere(obvious, of_worker) as plain_in_worker,
        Elsewhere(ours, of_worker) as this,
    ):
        seconds = compare(
            {
                "nn.LSTM, no regularisation": plain,
                "the same with the memory settings of a worker": plain_in_worker,
                "this project, all regularisation": this,
            },
            of=min,
        )
    rows = {name: (BATCH * LENGTH / time, "tokens/s") for name, time in seconds.items()}
    return table("A training step of the AWD-LSTM, 24M parameters", rows, "nn.LSTM, no regularisation")


def ours() -> Callable[[], None]:
    """A step of the project's own run, with every dropout and penalty of the published configuration."""
    method = AwdLstm(
        output="softmax", embedding_size=EMBEDDING, hidden_sizes=HIDDEN, learning_rate=RATE, batch_size=BATCH,
        word_dropout=0.1, input_dropout=0.4, hidden_dropout=0.25, weight_drop=0.5, output_dropout=0.4,
        weight_decay=1.2e-6, activation_penalty=2.0, temporal_penalty=1.0,
    )  # fmt: skip
    text = np.random.default_rng(0).integers(WORDS, size=BATCH * LENGTH * 4, dtype=np.int32)
    data = Corpus("random", tuple(map(str, range(WORDS))), dict.fromkeys(("train", "valid", "test"), text), "")
    context = Quiet((0,))
    run = TextRun(initialised(method, WORDS, context), method.recipe, data, context)
    run.model.train()
    run.recipe = replace(run.recipe, lengths=SegmentLength(LENGTH, varied=False))  # as many tokens as the other loop

    def step() -> None:
        run.position = 0
        float(run.step(0)["train-loss"].detach())  # as the loop reads it

    return step


def obvious() -> Callable[[], None]:
    """Library layers, a full softmax by cross_entropy, tied weights, SGD with clipping; no dropout at all."""
    embedding = nn.Embedding(WORDS, EMBEDDING)
    widths = (EMBEDDING, *HIDDEN)
    layers = nn.ModuleList(nn.LSTM(i, o) for i, o in zip(widths, HIDDEN, strict=False))
    decoder = nn.Linear(HIDDEN[-1], WORDS)
    decoder.weight = embedding.weight
    parameters = list({id(each): each for part in (embedding, layers, decoder) for each in part.parameters()}.values())
    optimiser = torch.optim.SGD(parameters, lr=RATE, weight_decay=1.2e-6)
    text = torch.randint(WORDS, (LENGTH + 1, BATCH))

    def step() -> None:
        x = embedding(text[:-1])
        for layer in layers:
            x, _ = layer(x)
        loss = nn.functional.cross_entropy(decoder(x).flatten(0, 1), text[1:].flatten())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(parameters, CLIP)
        optimiser.step()

    return step
