"""The softmax bottleneck on a language whose truth is known: what a narrow softmax cannot reach and a mixture nears."""

from __future__ import annotations

import math

import pytest

from baselines.language.evaluation import TrainedLanguageModel
from baselines.language.methods import AwdLstm
from repro.data.toys.language import ToyLanguage, toy_language
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling
from tests.benchmarks.context import Quiet

WIDTH = 8
TRAINING = {"optimiser": "adam", "learning_rate": 0.01, "schedule": "linear", "batch_size": 20, "bptt": 20,
            "epochs": 8, "selection": "last", "embedding_bound": 0.5}  # fmt: skip


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
    """Width 8 against a truth of full rank 121: the best softmax is 0.09 nats above the entropy even for contexts of
    one token, a mixture of five 0.01 (repro.data.toys.language). MoC is a single softmax with every parameter of MoS.
    """
    gaps, ranks, sizes = {}, {}, {}
    for output, hidden in {"softmax": (68, WIDTH), "moc": (64,), "mos": (64,)}.items():
        method = AwdLstm(output=output, components=5, embedding_size=WIDTH, hidden_sizes=hidden, **TRAINING)  # type: ignore[arg-type]
        gaps[output], ranks[output], model = gap_and_rank(data, method)
        sizes[output] = model.parameter_count
    assert sizes["softmax"] >= sizes["moc"] == sizes["mos"]
    assert ranks["softmax"] <= WIDTH + 2 >= ranks["moc"]
    assert ranks["mos"] == data.rank == len(data.vocabulary)
    assert min(gaps["softmax"], gaps["moc"]) > 0.09  # the bound of the width
    assert 0 < gaps["mos"] < min(gaps["softmax"], gaps["moc"])
