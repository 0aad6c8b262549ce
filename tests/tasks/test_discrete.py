"""Log-probabilities of discrete things are at most 0 in every task, whoever's model gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from repro.metrics.language.likelihood import Nll
from repro.metrics.probabilities import ROUNDING, of_discrete
from repro.objects import load
from repro.plan.addresses import address
from repro.registry import DATASETS
from repro.spec.model import Column
from repro.tasks.discrete import OfDiscrete, watched
from repro.tasks.language_modeling import LanguageModeling
from repro.tasks.protocol import measured


@dataclass
class Constant:
    """Gives every token the same log-probability."""

    log_p: float
    parameter_count: int = 3

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        return np.full((len(tokens) // streams - 1) * streams, -self.log_p)

    def log_probability(self, tokens: np.ndarray) -> np.ndarray:
        return np.full(len(tokens), self.log_p)

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield tokens[1:2], np.full((1, 4), -1.0)
        yield tokens[2:3], np.full((1, 4), self.log_p)

    def training_nll(self, updates: int) -> Nll:
        return Nll(-self.log_p * updates, updates)


def perplexity_of(model: Any) -> float:
    data = load(address(DATASETS, "toy-language"))()
    columns = {"test": Column(label="test", metric="perplexity", split="test")}
    found = measured(LanguageModeling(), model, data, columns, lambda: np.random.default_rng(0))
    return float(found.measured["test"].value)


def test_a_task_takes_no_model_whose_probabilities_are_above_1() -> None:
    assert perplexity_of(Constant(-1.0)) == pytest.approx(np.e, rel=1e-12)
    assert perplexity_of(Constant(1.5e-7)) == pytest.approx(1, abs=1e-6)  # rounding of float32
    with pytest.raises(ValueError, match=r"^-nll of the model: \d+ of \d+ are above 0, up to 1, and no probability"):
        perplexity_of(Constant(1.0))


@pytest.mark.parametrize(
    "ask",
    [
        lambda model: model.nll(np.arange(5), 1),
        lambda model: model.log_probability(np.zeros((2, 3))),
        lambda model: list(model.log_probabilities(np.arange(5), 1)),
        lambda model: model.training_nll(updates=4),
    ],
)
def test_everything_that_tasks_ask_for_is_looked_at_and_given_on(ask: Any) -> None:
    good, bad = Constant(-0.5), Constant(0.5)
    assert str(ask(OfDiscrete(good))) == str(ask(good))
    with pytest.raises(ValueError, match="no probability is above 1"):
        ask(OfDiscrete(bad))


def test_a_model_offers_what_it_offers_and_nothing_else() -> None:
    seen = OfDiscrete(Constant(-1.0))
    assert seen.parameter_count == 3
    assert not hasattr(seen, "cached_nll")


def test_only_columns_of_discrete_things_are_looked_at() -> None:
    model = Constant(1.0)
    kept = [Column(label="a", metric="tempered-kl"), Column(label="b", metric="bits-per-dimension")]
    assert watched(model, kept) is model
    assert watched(model, [*kept, Column(label="c", metric="nll-test")]) is not model


def test_rounding_is_allowed_and_no_more() -> None:
    of_discrete(np.array([-np.inf, 0.0, ROUNDING]))
    of_discrete(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="x: 1 of 2 are above 0"):
        of_discrete(np.array([-1.0, 2 * ROUNDING]), "x")
