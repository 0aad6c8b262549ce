"""A signature cannot say what was not run: it is made from the instance, and whatever moves a number moves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from repro.contracts import Task
from repro.data.kinds.mixtures import Mixture, biased_gaussians
from repro.data.toys.language import toy_language
from repro.metrics.language.likelihood import Nll
from repro.spec.model import Column
from repro.tasks.density_2d import Density2D
from repro.tasks.language_modeling import LanguageModeling
from repro.tasks.next_token import NextTokenPrediction
from repro.tasks.protocol import measured, parameters
from repro.tasks.training_time import TrainingTime

TEXT = toy_language(train=2_000, valid=700, test=900)
POINTS = biased_gaussians(2_000)


class Sensitive:
    """A language model whose losses depend on all that it is asked with."""

    parameter_count, embedding_size = 7, 3

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        return np.full(len(tokens) - streams, 1 + streams / 1_000)

    def cached_nll(self, tokens: np.ndarray, streams: int, *, weight: float, flatness: float, size: int) -> np.ndarray:
        return self.nll(tokens, streams) + weight + flatness / 10 + size / 1_000

    def dynamic_nll(
        self,
        tokens: np.ndarray,
        *,
        learning_rate: float,
        epsilon: float,
        decay: float,
        statistics_text: np.ndarray,
        statistics_streams: int,
    ) -> np.ndarray:
        assert len(statistics_text) == 2_000  # the training text
        return self.nll(tokens, 1) + learning_rate + 2 * epsilon + 3 * decay + statistics_streams / 1_000

    def training_nll(self, updates: int) -> Nll:
        return Nll(nats=2.0 + updates / 1_000, tokens=1)

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        length = len(tokens) // streams
        for part in range(streams):
            text = tokens[part * length : (part + 1) * length]
            yield text[1:], TEXT.log_probabilities(text)[1:]


@dataclass(frozen=True)
class Favouring:
    """A language model that expects one word everywhere more than the others."""

    word: int

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        p = 1 + 1 / np.arange(len(tokens) + 1, len(TEXT.vocabulary) + len(tokens) + 1)
        p[self.word] += 30.0
        found: np.ndarray = np.log(p / p.sum())
        return found

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        assert streams == 1
        return np.array([-self.next_token(tokens[:i])[tokens[i]] for i in range(1, len(tokens))])


class Drawn:
    """As many points of a mixture as asked for, and its energy."""

    def __init__(self, truth: Mixture) -> None:
        self.truth = truth

    def sample(self, count: int, random: np.random.Generator) -> np.ndarray:
        points: np.ndarray = self.truth.means[0] + random.normal(size=(count, 2))
        return points.astype(np.float32)

    def energy(self, points: np.ndarray) -> np.ndarray:
        return -self.truth.log_density(points)


def column(metric: str, split: str | None = "test", **args: Any) -> Column:
    return Column(label=f"{metric} {split} {args}", metric=metric, split=split, args=args)


@dataclass(frozen=True)
class Case:
    """A task in some settings, other values of its fields, a model that they matter to, and the columns."""

    settings: tuple[Task, ...]
    others: Mapping[str, Any]
    model: Any
    data: Any
    columns: tuple[Column, ...]
    beside: Mapping[str, Any]
    only_shown: tuple[str, ...] = ()


LANGUAGE = Case(
    (
        LanguageModeling(),
        LanguageModeling(evaluation="cache"),
        LanguageModeling(evaluation="dynamic"),
        LanguageModeling(last_updates=40, matrix_contexts=60),
    ),
    {
        "train_streams": 7, "valid_streams": 3, "test_streams": 5, "evaluation": "cache", "cache_weight": 0.3,
        "cache_flatness": 2.0, "cache_size": 9, "dynamic_learning_rate": 0.1, "dynamic_epsilon": 0.2,
        "dynamic_decay": 0.3, "statistics_batch_size": 11, "matrix_contexts": 50, "last_updates": 13,
    },
    Sensitive(),
    TEXT,
    (
        column("parameters", None),
        *(column("perplexity", split) for split in ("train", "valid", "test")),
        *(column("bits-per-character", split) for split in ("train", "valid", "test")),
        *(column("expected-pairwise-kl", split) for split in ("valid", "test")),
        *(column(metric, split) for metric in ("rank", "rank-excess") for split in ("valid", "test")),
        column("singular-value-quantile", quantile=0.1),
        column("singular-value-quantile", quantile=0.5),
    ),
    {},
)  # fmt: skip
NEXT = Case(
    (NextTokenPrediction(), NextTokenPrediction(position=8), NextTokenPrediction(gain_rank=3, favoured="other")),
    {"position": 5, "gain_rank": 2, "favoured": "other"},
    Favouring(4),
    TEXT,
    (
        column("loss-gain"),
        *(column("probability", rank=rank) for rank in (1, 2)),
        *(column("predicted-token", rank=rank) for rank in (1, 2)),
        column("position"),
        column("text-token"),
        column("text-token", offset=-1),
    ),
    {"other": Favouring(9)},
)
PLANE = Case(
    (Density2D(generated=5_000),),
    {"generated": 3_000, "shown": 10},
    Drawn(POINTS.truth),
    POINTS,
    (
        *(
            column("histogram-kl", None, p=p, q=q)
            for p in ("gen", "emp", "data", "disc", "drawn")
            for q in ("gen", "emp")
        ),
        column("tempered-kl", None, p="data"),
        column("tempered-kl", None, p="gen"),
        column("temperature", None, p="emp"),
        column("temperature", None, p="gen"),
    ),
    {},
    only_shown=("shown",),
)
CASES = {"language-modeling": LANGUAGE, "next-token-prediction": NEXT, "density-2d": PLANE}


def values(case: Case, task: Task) -> dict[str, float | str]:
    """Every column's number or words."""
    columns = {each.label: each for each in case.columns}
    found = measured(task, case.model, case.data, columns, lambda: np.random.default_rng(0), others=case.beside)
    assert {name: each.signature for name, each in found.measured.items()} == {
        name: task.signature(each) for name, each in columns.items() if name in found.measured
    }, "a number carries another signature than the one that was announced"
    return {**{name: each.value for name, each in found.measured.items()}, **found.texts}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_field_that_moves_a_number_moves_its_signature(case: Case) -> None:
    moved = dict.fromkeys(case.others, False)
    for task in case.settings:
        assert set(parameters(task)) == set(case.others), "a field of the task is not tried"
        before = values(case, task)
        for name, value in case.others.items():
            changed: Task = replace(task, **{name: value})  # type: ignore[type-var]  # a dataclass
            after = values(case, changed)
            for each in case.columns:
                is_read = name in task.reads(each)
                assert (task.signature(each) != changed.signature(each)) == (is_read and changed != task), each.label
                if before[each.label] != after[each.label]:
                    assert is_read, f"{name} moves {each.label}, which does not read it"
                    moved[name] = True
    assert [name for name, moves in moved.items() if not moves] == list(case.only_shown), "tried, and moves nothing"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_columns_that_are_computed_differently_have_different_signatures(case: Case) -> None:
    for task in case.settings:
        said = [task.signature(each) for each in case.columns]
        assert len(set(said)) == len(said)
        assert all("\n" not in line for line in said)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_argument_or_a_split_that_a_column_does_not_read_is_refused_in_words(case: Case) -> None:
    task = case.settings[0]
    for each in case.columns:
        wrong = each.model_copy(update={"args": {**each.args, "labels": 100}})
        with pytest.raises(ValueError, match=r"^column .* reads no argument 'labels' \(it reads"):
            task.signature(wrong)
        if each.split is None:
            with pytest.raises(ValueError, match="reads no split, it says test"):
                task.signature(each.model_copy(update={"split": "test"}))


def test_the_setting_and_the_statistic_of_a_time_stand_in_its_signature() -> None:
    columns = [column("training-time", None, setting="bs"), column("training-time", None, setting="best-1"),
               column("training-time-spread", None, setting="bs")]  # fmt: skip
    assert len({TrainingTime().signature(each) for each in columns}) == 3
    assert not parameters(TrainingTime())
    with pytest.raises(ValueError, match="needs the argument setting, a word: write"):
        TrainingTime().signature(column("training-time", None))
