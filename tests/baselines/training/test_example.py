"""The example of a method on the loop: that it learns, and that it keeps the contract of all methods."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from repro.contracts import Evaluation, Measurement
from repro.spec.model import Column
from tests.baselines.contract import (
    Case,
    Mortal,
    expect_a_killed_training_to_end_the_same,
    expect_a_restored_model_to_measure_the_same,
    expect_seeds_to_decide,
)
from tests.baselines.training.example import Classifier, Trained


@dataclass(frozen=True)
class Clouds:
    """Three clouds of points in the plane, and which one each belongs to."""

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Share:
    """Measures the share of wrong guesses."""

    VIEW: ClassVar[tuple[str, ...]] = ()
    OTHERS: ClassVar[tuple[str, ...]] = ()

    def reads(self, column: Any) -> frozenset[str]:
        return frozenset()

    def signature(self, column: Any) -> str:
        return "share"

    def measure(self, model: Trained, data: Clouds, columns: Any, generator: Any) -> Evaluation:
        wrong = float((model.predict(data.images).argmax(1) != data.labels).mean())
        return Evaluation(
            {"error": Measurement(value=wrong, signature="share")}, {"logits": model.predict(data.images)}
        )


@pytest.fixture(scope="module")
def case() -> Case:
    random, labels = np.random.default_rng(0), np.arange(600) % 3
    corners = np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 3.0]])
    clouds = Clouds((corners[labels] + random.normal(size=(600, 2))).astype(np.float32), labels)
    row = Case.of("data")  # a row to stand in
    other = row.row.model_copy(update={"deterministic": False})
    measured = replace(row.configuration, columns={"error": Column(label="Error", metric="error-rate")})
    method = Classifier(steps=60, learning_rate=0.01)
    return replace(row, method=method, data=clouds, task=Share(), row=other, configuration=measured)  # type: ignore[arg-type]


def test_the_example_learns_and_keeps_the_contract(case: Case, tmp_path: Path) -> None:
    context = Mortal(tmp_path / "undisturbed")
    model = case.fit(context)
    found = case.measure(model)
    assert found.measured["error"].value < 0.1  # the clouds overlap by less: three deviations apart and more
    assert len(context.shares) == 60
    expect_a_restored_model_to_measure_the_same(case, model, found, tmp_path)
    expect_a_killed_training_to_end_the_same(case, model, context, tmp_path / "killed")
    expect_seeds_to_decide(case, tmp_path)
