"""The training perplexity of the last updates beside numbers that are readings of a split."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from repro.data.toys.language import toy_language
from repro.metrics.language.likelihood import Nll
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling
from repro.tasks.running_loss import RunningLossLanguageModeling

TASK, DATA = RunningLossLanguageModeling(), toy_language(train=1_000, valid=400, test=500)


class Uniform:
    """All words are as likely; the losses of training were something else. Keeps what it is asked."""

    parameter_count, embedding_size, matrix_contexts = 7, 3, None

    def __init__(self) -> None:
        self.read: list[int] = []
        self.asked: list[int] = []

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        self.read.append(streams)
        return np.full(len(tokens) - streams, math.log(len(DATA.vocabulary)))

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        raise AssertionError("nothing asks for the matrix")

    def training_nll(self, updates: int) -> Nll:
        self.asked.append(updates)
        return Nll(nats=updates * math.log(3), tokens=updates)


def column(split: str | None = "train", metric: str = "perplexity", **args: object) -> Column:
    return Column.model_validate({"label": "Train", "metric": metric, "split": split, "args": args})


def measured(model: Uniform, **columns: Column) -> dict[str, float]:
    found = TASK.measure(model, DATA, columns, np.random.default_rng(0)).measured
    return {name: measurement.value for name, measurement in found.items()}


def test_the_training_perplexity_is_that_of_the_last_updates_and_the_split_is_not_read() -> None:
    model = Uniform()
    columns = {"train": column(last_updates=40), "valid": column("valid"), "size": column(None, "parameters")}
    found = measured(model, **columns)
    assert found == pytest.approx({"train": 3.0, "valid": len(DATA.vocabulary), "size": 7}, rel=1e-12)
    assert list(found) == list(columns)
    assert model.asked == [40]
    assert model.read == [10]  # of the validation split alone


def test_a_training_column_without_updates_is_a_reading_of_the_split() -> None:
    model = Uniform()
    assert measured(model, train=column())["train"] == pytest.approx(len(DATA.vocabulary), rel=1e-12)
    assert (model.read, model.asked) == ([100], [])


def test_signatures_say_what_is_averaged_and_those_of_language_modeling_stay() -> None:
    running = TASK.signature(column(last_updates=4000))
    assert "of:the last 4000 updates, or the method's last_updates where that is fewer" in running
    assert "model:before each update" in running
    assert running != TASK.signature(column(last_updates=300)) != TASK.signature(column())
    for plain in (column(), column("test"), column("valid", "bits-per-character"), column(None, "parameters")):
        assert TASK.signature(plain) == LanguageModeling().signature(plain)


@pytest.mark.parametrize(("split", "metric"), [("test", "perplexity"), (None, "perplexity"), ("train", "rank")])
def test_only_a_training_perplexity_is_an_average_of_updates(split: str | None, metric: str) -> None:
    with pytest.raises(
        ValueError, match=f"last_updates is for a perplexity on split train, not for {metric} on {split}"
    ):
        TASK.signature(column(split, metric, last_updates=40))


@pytest.mark.parametrize("updates", [0, -1, 2.5, True, "many"])
def test_a_number_of_updates_is_whole_and_positive(updates: object) -> None:
    with pytest.raises(ValueError, match="last_updates must be a whole number from 1 on, it is"):
        TASK.signature(column(last_updates=updates))


def test_a_model_without_training_losses_is_refused_in_words() -> None:
    class Plain:
        parameter_count, embedding_size, matrix_contexts = 7, 3, None
        nll, log_probabilities = Uniform.nll, Uniform.log_probabilities

    with pytest.raises(ValueError, match="the method keeps no training losses, which column 'Train' averages: use awd"):
        TASK.measure(Plain(), DATA, {"t": column(last_updates=4)}, np.random.default_rng(0))
