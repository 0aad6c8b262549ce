"""A training sees what its task's view shows, asks its task for numbers, and is measured for what it was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.contracts import Evaluating, Viewing
from repro.data.kinds.images import Images, digits
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling
from repro.tasks.protocol import measured, unread, view_of
from repro.worker.checkpoints import Checkpoints, read_state, write_state
from repro.worker.context import RunContext
from repro.worker.streams import generator
from tests.tasks.semi_supervised import Means, NearestMean, SemiSupervised

COLUMNS = {
    "valid": Column(label="Validation", metric="error-rate", split="valid"),
    "test": Column(label="Test", metric="error-rate", split="test"),
}


@pytest.fixture(scope="module")
def data() -> Images:
    return digits()


def trained(task: SemiSupervised, data: Images, folder: Path, seed: int = 0) -> tuple[Means, RunContext]:
    """A training as the harness makes it: on the view, with the task's numbers on it."""
    view = view_of(task, data, seed)
    draws = iter(range(100))
    context = RunContext(
        (seed,),
        "cpu",
        Checkpoints(folder),
        evaluator=lambda model: task.evaluate(model, view, generator(seed, "evaluate", next(draws))),
    )
    return NearestMean().fit(view, context), context


def test_a_training_sees_as_many_labels_as_the_protocol_says_and_none_of_the_test_split(data: Images) -> None:
    for labels in (50, 100):
        view = SemiSupervised(labels).view(data, 0)
        assert np.unique(view.labels, return_counts=True)[1].tolist() == [labels // 10] * 10
        assert len(view.images) == len(data.splits["train"])
    shown = [array for array in arrays(view) if array.dtype.kind in "iu"]
    assert sorted(len(each) for each in shown) == [100, len(data.splits["valid"])]  # labels of no other images


def arrays(view: Any) -> Iterator[np.ndarray]:
    """Everything that the view holds."""
    for value in vars(view).values():
        assert isinstance(value, np.ndarray), "what is shown is arrays alone: nothing behind which labels could hide"
        yield value


def test_a_seed_decides_which_images_are_labelled_and_the_same_one_decides_alike(data: Images) -> None:
    one, same, other = (SemiSupervised().view(data, seed).labelled for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_training_asks_its_task_and_keeps_the_model_that_is_best_on_the_validation_view(
    data: Images, tmp_path: Path
) -> None:
    task = SemiSupervised()
    model, context = trained(task, data, tmp_path)
    curve = context.curves(0)["error-rate"]
    found = measured(task, model, data, COLUMNS, lambda: generator(0, "measure")).measured
    assert len(set(curve.value)) > 1
    assert found["valid"].value == min(curve.value) < 0.2


def test_a_number_says_how_many_labels_its_model_was_trained_with(data: Images, tmp_path: Path) -> None:
    numbers = {}
    for labels in (20, 100):
        task = SemiSupervised(labels)
        model, _ = trained(task, data, tmp_path / str(labels))
        write_state(tmp_path / f"{labels}.pt", model.state())
        again = NearestMean().restore(
            read_state(tmp_path / f"{labels}.pt"), RunContext((0,), "cpu", Checkpoints(tmp_path))
        )
        found = measured(task, model, data, COLUMNS, lambda: generator(0, "measure"))
        assert found == measured(task, again, data, COLUMNS, lambda: generator(0, "measure"))
        numbers[labels] = found.measured["test"]
        assert f"|labels:{labels}|" in found.measured["test"].signature
    assert numbers[20].value > numbers[100].value > 0


def test_what_a_task_offers_beyond_measuring_is_seen_by_its_methods() -> None:
    assert isinstance(SemiSupervised(), Viewing)
    assert isinstance(SemiSupervised(), Evaluating)
    assert not isinstance(LanguageModeling(), Viewing)
    assert isinstance(LanguageModeling(), Evaluating)


def test_a_field_of_the_view_is_read_by_trainings() -> None:
    assert unread(SemiSupervised(), [], ["labels"]) == ()
