"""The softmax bottleneck on a language whose truth is known: what a narrow softmax cannot reach and a mixture nears."""

from __future__ import annotations

import math

import pytest

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.methods import AwdLstm
from repro.data.toy_language import ToyLanguage, toy_language
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling
from tests.benchmarks.context import Quiet

WIDTH = 4
TRAINING = {"optimiser": "adam", "learning_rate": 0.01, "schedule": "linear", "batch_size": 20, "bptt": 20,
            "epochs": 10, "selection": "last", "embedding_bound": 0.5}  # fmt: skip


@pytest.fixture(scope="module")
def data() -> ToyLanguage:
    return toy_language(train=80_000)


def gap_and_rank(data: ToyLanguage, method: AwdLstm) -> tuple[float, float, TrainedLanguageModel]:
    """Nats a token above the true entropy of the test text, and the rank of the log-probabilities."""
    model = method.fit(data, Quiet((1,)))
    columns = {"p": Column(label="p", metric="perplexity", split="test"),
               "r": Column(label="r", metric="rank", split="test")}  # fmt: skip
    measured = LanguageModeling().measure(model, data, columns, data).measured  # type: ignore[arg-type]  # draws nothing
    return math.log(measured["p"].value) - data.entropy("test"), measured["r"].value, model


@pytest.mark.long
def test_a_narrow_softmax_stays_above_the_entropy_that_a_mixture_of_equal_size_comes_nearer_to(
    data: ToyLanguage,
) -> None:
    """Width 4 against a truth of full rank 121. The best softmax of that width is 0.23 nats above the entropy even for
    contexts of one token, a mixture of three 0.11 (repro.data.toy_language). The mixture's larger output layer is paid
    for by a narrower first layer.
    """
    softmax = AwdLstm(output="softmax", embedding_size=WIDTH, hidden_sizes=(96, WIDTH), **TRAINING)  # type: ignore[arg-type]
    mixture = AwdLstm(output="mos", components=5, embedding_size=WIDTH, hidden_sizes=(64, 48), **TRAINING)  # type: ignore[arg-type]
    gap, rank, narrow = gap_and_rank(data, softmax)
    mixed_gap, mixed_rank, mixed = gap_and_rank(data, mixture)
    assert mixed.parameter_count == pytest.approx(narrow.parameter_count, rel=0.05)
    assert rank <= WIDTH + 2 < data.rank == mixed_rank
    assert gap > 0.15
    assert 0 < mixed_gap < gap - 0.05
