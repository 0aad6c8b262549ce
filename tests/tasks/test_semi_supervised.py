"""A training sees what its task's view shows, asks its task for numbers, and is measured for what it was trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from repro.contracts import Evaluating, Viewing
from repro.data.kinds.images import Images, Split, digits
from repro.data.kinds.partly_labelled import PartlyLabelled
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling
from repro.tasks.protocol import asked, measured, unread, view_of
from repro.tasks.semi_supervised import SemiSupervised
from repro.worker.checkpoints import Checkpoints, read_state, write_state
from repro.worker.context import RunContext
from repro.worker.streams import generator
from tests.tasks.semi_supervised import Means, NearestMean

COLUMNS = {
    "valid": Column(label="Validation", metric="error-rate", split="valid"),
    "test": Column(label="Test", metric="error-rate", split="test"),
    "count": Column(label="Test", metric="error-count", split="test"),
}


@pytest.fixture(scope="module")
def data() -> Images:
    return digits()


def without_valid(data: Images) -> Images:
    """The digits as MNIST comes: a training and a test split."""
    return replace(data, splits={name: split for name, split in data.splits.items() if name != "valid"})


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


def rows(images: np.ndarray) -> set[bytes]:
    """The images as such, to look for among others."""
    return {image.tobytes() for image in images}


def test_a_training_sees_as_many_labels_as_the_protocol_says_and_nothing_of_the_test_split(data: Images) -> None:
    for labels in (50, 100):
        view = SemiSupervised(labels).view(data, 0)
        assert view.labelled.labels is not None
        assert np.bincount(view.labelled.labels).tolist() == [labels // 10] * 10
        assert view.classes == 10
    assert set(vars(view)) == {"labelled", "unlabelled", "validation", "classes"}
    assert isinstance(view.unlabelled, np.ndarray), "images alone: nothing behind which labels could hide"
    assert view.validation is not None
    shown = rows(view.unlabelled) | rows(view.labelled.images) | rows(view.validation.images)
    assert not shown & rows(data.splits["test"].images)


def test_labelled_images_keep_their_own_labels(data: Images) -> None:
    train, view = data.splits["train"], SemiSupervised().view(data, 0)
    assert train.labels is not None
    assert view.labelled.labels is not None
    known = {image.tobytes(): label for image, label in zip(train.images, train.labels, strict=True)}
    assert [known[image.tobytes()] for image in view.labelled.images] == view.labelled.labels.tolist()


def test_unlabelled_are_all_training_images_or_those_that_have_no_label(data: Images) -> None:
    train = data.splits["train"].images
    everything, rest = (task.view(data, 0) for task in (SemiSupervised(), SemiSupervised(unlabelled="rest")))
    assert np.array_equal(everything.unlabelled, train)
    assert len(rest.unlabelled) == len(train) - 100
    assert rows(rest.unlabelled) | rows(rest.labelled.images) == rows(train)
    assert not rows(rest.unlabelled) & rows(rest.labelled.images)


def test_a_seed_decides_which_images_are_labelled_and_the_same_one_decides_alike(data: Images) -> None:
    one, same, other = (SemiSupervised().view(data, seed).labelled.images for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_subset_seed_holds_the_labelled_images_and_leaves_the_run_s_seed_the_rest(data: Images) -> None:
    held = [SemiSupervised(subset_seed=1).view(data, seed).labelled.images for seed in (0, 5)]
    assert np.array_equal(held[0], held[1])
    assert np.array_equal(held[0], SemiSupervised().view(data, 1).labelled.images)
    assert "drawn:by seed 1" in SemiSupervised(subset_seed=1).signature(COLUMNS["test"])


def test_held_out_images_are_the_same_for_all_seeds_and_no_training_sees_them(data: Images) -> None:
    task = SemiSupervised(validation=150)
    views = [task.view(without_valid(data), seed) for seed in (0, 1)]
    kept = [view.validation for view in views]
    assert kept[0] is not None
    assert kept[1] is not None
    assert len(kept[0]) == 150
    assert np.array_equal(kept[0].images, kept[1].images)
    assert len(views[0].unlabelled) == len(data.splits["train"]) - 150
    assert not rows(kept[0].images) & (rows(views[0].unlabelled) | rows(views[0].labelled.images))


def test_without_held_out_images_validation_is_the_data_s_own_split_or_an_error(data: Images, tmp_path: Path) -> None:
    view = SemiSupervised().view(data, 0)
    assert view.validation is data.splits["valid"]
    with pytest.raises(ValueError, match="there are no validation images: hold some out"):
        trained(SemiSupervised(), without_valid(data), tmp_path)
    model, _ = trained(SemiSupervised(), data, tmp_path)
    with pytest.raises(ValueError, match="digits has no validation split: hold images out"):
        SemiSupervised().measure(model, without_valid(data), COLUMNS, generator(0, "measure"))


def test_a_training_asks_its_task_and_keeps_the_model_that_is_best_on_the_validation_view(
    data: Images, tmp_path: Path
) -> None:
    for task in (SemiSupervised(), SemiSupervised(validation=200)):
        model, context = trained(task, data, tmp_path)
        curve = context.curves(0)["error-rate"]
        found = measured(task, model, data, COLUMNS, lambda: generator(0, "measure")).measured
        assert len(set(curve.value)) > 1
        assert found["valid"].value == min(curve.value) < 0.2


def test_errors_are_counted_on_the_split_of_the_column(data: Images) -> None:
    class Zero:
        def predict(self, images: np.ndarray) -> np.ndarray:
            return np.zeros(len(images), dtype=np.int64)

    found = measured(SemiSupervised(), Zero(), data, COLUMNS, lambda: generator(0, "measure"))
    labels = {name: split.labels for name, split in data.splits.items()}
    wrong = int(np.count_nonzero(labels["test"]))  # type: ignore[arg-type]
    assert found.measured["count"].value == wrong
    assert found.measured["test"].value == wrong / 300
    assert found.measured["valid"].value == np.count_nonzero(labels["valid"]) / 200  # type: ignore[arg-type]
    assert {name: array.shape for name, array in found.artifacts.items()} == {
        "predictions_valid": (200,),
        "predictions_test": (300,),
    }


def test_a_number_says_how_many_labels_its_model_was_trained_with(data: Images, tmp_path: Path) -> None:
    numbers = {}
    for labels in (20, 100):
        task = SemiSupervised(labels)
        model, _ = trained(task, data, tmp_path / str(labels))
        write_state(tmp_path / f"{labels}.pt", model.state())
        again = NearestMean().restore(
            read_state(tmp_path / f"{labels}.pt"), RunContext((0,), "cpu", Checkpoints(tmp_path))
        )
        found = measured(task, model, data, COLUMNS, lambda: generator(0, "measure")).measured
        assert found == measured(task, again, data, COLUMNS, lambda: generator(0, "measure")).measured
        numbers[labels] = found["test"]
        assert f"|labels:{labels}|" in found["test"].signature
    assert numbers[20].value > numbers[100].value > 0


@pytest.mark.parametrize(
    ("field", "value"), [("labels", 50), ("unlabelled", "rest"), ("validation", 10), ("subset_seed", 3)]
)
def test_every_field_is_part_of_the_view_and_of_the_signature(field: str, value: Any) -> None:
    task, column = SemiSupervised(), COLUMNS["test"]
    assert asked(task, column, {field: value}).signature(column) != task.signature(column)
    assert unread(task, [], [field]) == ()


@pytest.mark.parametrize(("fields", "message"), [
    ({"labels": 0}, "labels must be 1 or more, it is 0"),
    ({"validation": -1}, "validation must be 0 or more, it is -1"),
    ({"unlabelled": "none"}, "unlabelled must be all or rest, it is 'none'"),
])  # fmt: skip
def test_a_protocol_that_cannot_be_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SemiSupervised(**fields)


def test_images_without_labels_cannot_be_drawn_from(data: Images) -> None:
    bare = replace(data, splits={"train": Split(data.splits["train"].images)})
    with pytest.raises(ValueError, match="the images of digits, train, have no labels"):
        SemiSupervised().view(bare, 0)


def test_what_a_task_offers_beyond_measuring_is_seen_by_its_methods(data: Images) -> None:
    assert isinstance(SemiSupervised(), Viewing)
    assert isinstance(SemiSupervised(), Evaluating)
    assert isinstance(SemiSupervised().view(data, 0), PartlyLabelled)
    assert not isinstance(LanguageModeling(), Viewing)
    assert isinstance(LanguageModeling(), Evaluating)
