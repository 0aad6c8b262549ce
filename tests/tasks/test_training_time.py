"""Ratios of times: median, spread, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from baselines.language.step_time import TrainingStep
from repro.data.toys.language import toy_language
from repro.spec.model import Column
from repro.tasks.training_time import TrainingTime, slowdown, slowdown_spread
from tests.benchmarks.context import Quiet

TASK = TrainingTime()
DATA = toy_language(train=2_000, valid=200, test=200)


def column(setting: str, metric: str = "training-time") -> Column:
    return Column(label=setting, metric=metric, args={"setting": setting})


def test_a_slowdown_is_the_median_of_the_rounds_whatever_the_worst_of_them() -> None:
    assert slowdown(np.array([2.0, 1.0, 90.0])) == 2.0
    assert slowdown_spread(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == 2.0  # by hand: quartiles 2 and 4


@pytest.mark.parametrize("ratios", [[], [1.0, 0.0], [1.0, np.nan], [np.inf]])
def test_what_is_no_ratio_of_times_is_refused(ratios: list[float]) -> None:
    with pytest.raises(ValueError, match="ratios of times must be positive numbers"):
        slowdown(np.array(ratios))


def test_every_setting_is_timed_in_as_many_rounds_as_asked_and_its_rounds_are_kept() -> None:
    method = TrainingStep(output="mos", components=3, embedding_size=6, hidden_sizes=(9, 7), softmax_embedding_size=6,
                          softmax_hidden_sizes=(9, 6), softmax_batch_size=8, bptt=10, rounds=3)  # fmt: skip
    columns = {name: column(name) for name in ("bs", "best-1", "best-3")}
    found = TASK.measure(method.fit(DATA, Quiet((0,))), DATA, columns, np.random.default_rng(0))
    for name in columns:
        assert len(found.artifacts[f"ratios_{name}"]) == 3
        assert found.measured[name].value == slowdown(found.artifacts[f"ratios_{name}"])


def test_an_unknown_setting_is_an_error() -> None:
    method = TrainingStep(output="softmax", embedding_size=6, hidden_sizes=(6,), softmax_embedding_size=6,
                          softmax_hidden_sizes=(6,), bptt=10, rounds=1)  # fmt: skip
    with pytest.raises(ValueError, match="unknown setting 'best-9'"):
        TASK.measure(method.fit(DATA, Quiet((0,))), DATA, {"x": column("best-9")}, np.random.default_rng(0))
