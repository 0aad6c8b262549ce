"""The protocol of CoT's table 1 on models whose numbers are known: the oracle itself, and a uniform one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.data.kinds.oracle import Oracle, cot_oracle_small, load
from repro.spec.model import Column
from repro.tasks.protocol import measured
from repro.tasks.sequence_generation import SequenceGeneration

DATA = cot_oracle_small()
TASK = SequenceGeneration(train_sequences=512, test_sequences=768, oracle_samples=1_024)
COLUMNS = {
    "oracle": Column(label="NLL_oracle", metric="nll-oracle"),
    "final": Column(label="NLL_test", metric="nll-test", args={"checkpoint": "final"}, split="test"),
    "best": Column(label="NLL_test", metric="nll-test", args={"checkpoint": "best"}, split="test"),
    "sum_oracle": Column(label="NLL_oracle", metric="nll-oracle", args={"checkpoint": "best-sum"}),
}


class Source:
    """The oracle as a model of itself."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def at(self, checkpoint: str) -> "Source | Uniform":
        return Uniform(self.oracle) if checkpoint == "best" else self

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        return self.oracle.sample(count, random)

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        return self.oracle.log_probability(tokens)


class Uniform(Source):
    """All words alike, everywhere."""

    def at(self, checkpoint: str) -> "Uniform":
        return self

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        return random.integers(0, self.oracle.vocabulary, (count, self.oracle.length))

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        return np.full(len(tokens), -tokens.shape[1] * np.log(self.oracle.vocabulary))


def values(model: Any, columns: dict[str, Column], task: SequenceGeneration = TASK) -> dict[str, float]:
    found = measured(task, model, DATA, columns, lambda: np.random.default_rng(0))
    return {name: measurement.value for name, measurement in found.measured.items()}


def test_the_published_oracle_has_its_known_likelihood_under_itself(real_data: Path) -> None:
    """5.755 +- 0.004 on 20,000 samples (the fact sheet); 0.02 are four standard errors of 2,000."""
    task, data = SequenceGeneration(1, 2_000, 2_000), load(real_data / "synthetic_oracle")
    found = task.measure(
        Source(data), data, {name: COLUMNS[name] for name in ("oracle", "final")}, np.random.default_rng(0)
    )
    for name in ("oracle", "final"):
        assert found.measured[name].value == pytest.approx(5.755, abs=0.02), name


def test_both_likelihoods_of_the_source_are_its_entropy() -> None:
    """They are means over two samples of one distribution: 0.07 are four standard errors of the smaller one."""
    found = values(Source(DATA), COLUMNS)
    assert found["oracle"] == pytest.approx(found["final"], abs=0.07)
    assert found["oracle"] == found["sum_oracle"], "one model at two checkpoints has drawn other samples"


def test_a_uniform_model_has_the_logarithm_of_the_vocabulary() -> None:
    found = values(Uniform(DATA), COLUMNS)
    assert found["final"] == pytest.approx(np.log(500), rel=1e-12)
    assert found["oracle"] > np.log(500), "uniform samples are less likely than the average word"


def test_a_column_is_about_its_checkpoint() -> None:
    found = values(Source(DATA), COLUMNS)
    assert found["best"] == pytest.approx(np.log(500), rel=1e-12)
    assert found["final"] < 6


def test_a_number_does_not_depend_on_the_columns_beside_it() -> None:
    alone = {name: values(Source(DATA), {name: column})[name] for name, column in COLUMNS.items()}
    assert values(Source(DATA), COLUMNS) == alone


def test_a_training_sees_so_many_sequences_and_other_ones_than_the_test() -> None:
    view = TASK.view(DATA, seed=3)
    assert (view.train.shape, view.test.shape, view.vocabulary, view.start) == ((512, 10), (768, 10), 500, 0)
    np.testing.assert_array_equal(view.train, TASK.view(DATA, seed=4).train)
    np.testing.assert_array_equal(view.train[:256], DATA.train_of(256))
    assert not {tuple(row) for row in view.train.tolist()} & {tuple(row) for row in view.test.tolist()}


def test_the_numbers_on_the_way_are_those_of_the_final_model() -> None:
    view = TASK.view(DATA, seed=0)
    found = TASK.evaluate(Source(DATA), view, np.random.default_rng(0))
    assert found["nll-test"] == values(Source(DATA), COLUMNS)["final"]
    assert found["nll-oracle"] == pytest.approx(values(Source(DATA), COLUMNS)["oracle"], abs=0.07)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("oracle", "nll-oracle|impl:repro/1|unit:nats|per:token|checkpoint:final|oracle_samples:1024"),
        ("final", "nll-test|impl:repro/1|unit:nats|per:token|checkpoint:final|test_sequences:768"),
        ("best", "nll-test|impl:repro/1|unit:nats|per:token|checkpoint:best|test_sequences:768|"
                 "selection:least nll-test of the run, on the sequences measured"),
        ("sum_oracle", "nll-oracle|impl:repro/1|unit:nats|per:token|checkpoint:best-sum|test_sequences:768|"
                       "oracle_samples:1024|selection:least nll-oracle + nll-test of the run, on the sequences "
                       "measured"),
    ],
)  # fmt: skip
def test_a_signature_says_what_is_read(name: str, said: str) -> None:
    assert TASK.signature(COLUMNS[name]) == said
    for field in TASK.VIEW:
        assert (field in TASK.reads(COLUMNS[name])) == (f"{field}:" in said)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (Column(label="x", metric="perplexity"), "task sequence-generation has no metric 'perplexity'"),
        (Column(label="x", metric="nll-test"), "is measured on a split"),
        (Column(label="x", metric="nll-oracle", split="test"), "reads no split, it says test"),
        (Column(label="x", metric="nll-oracle", args={"checkpoint": "bets"}), "did you mean 'best'"),
    ],
)
def test_a_column_that_it_cannot_measure_is_an_error(column: Column, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TASK.signature(column)


def test_no_sequences_are_an_error() -> None:
    with pytest.raises(ValueError, match="oracle_samples must be 1 or more, it is 0"):
        SequenceGeneration(oracle_samples=0)


def test_samples_of_another_length_are_an_error() -> None:
    class Short(Source):
        def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
            return super().sample(count, random)[:, :-1]

    with pytest.raises(ValueError, match=r"a model must give samples \(1024, 10\), not \(1024, 9\)"):
        TASK.measure(Short(DATA), DATA, {"oracle": COLUMNS["oracle"]}, np.random.default_rng(0))
