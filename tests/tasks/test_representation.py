"""Task representation: what is trained on, what is measured, in which unit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from repro.data.kinds.images import digits
from repro.data.kinds.vectors import as_vectors, principal_components
from repro.spec.model import Column
from repro.tasks.representation import Representation

DATA = digits()
COLUMNS = {
    "train": Column(label="Train", metric="reconstruction-error", split="train"),
    "test": Column(label="Test", metric="reconstruction-error", split="test"),
    "angle": Column(label="Angle", metric="principal-angle"),
}
RANDOM = np.random.default_rng(0)


class Keeps:
    """Codes are some of the numbers, unchanged; the others come back as 0."""

    def __init__(self, which: list[int]) -> None:
        self.which = which

    def encode(self, examples: np.ndarray) -> np.ndarray:
        return examples[:, self.which]

    def reconstruct(self, examples: np.ndarray) -> np.ndarray:
        kept = np.zeros_like(examples)
        kept[:, self.which] = examples[:, self.which]
        return kept


class Components(Keeps):
    """The first principal components of some vectors, and further directions."""

    def __init__(self, directions: np.ndarray) -> None:
        self.directions = directions

    def encode(self, examples: np.ndarray) -> np.ndarray:
        codes: np.ndarray = examples @ self.directions
        return codes


def measured(task: Representation, model: Keeps, **columns: Column) -> dict[str, float]:
    found = task.measure(model, DATA, columns or COLUMNS, RANDOM).measured
    return {name: measurement.value for name, measurement in found.items()}


def test_an_error_is_that_of_its_split_in_the_unit_of_the_protocol() -> None:
    """What comes back as 0 costs its square: pixels over 255."""
    found = measured(Representation(), Keeps([9, 20]))
    for split in ("train", "test"):
        pixels = DATA.splits[split].images.reshape(-1, 64) / 255
        expected = (np.delete(pixels, [9, 20], axis=1) ** 2).sum(axis=1).mean()
        assert found[split] == pytest.approx(expected, rel=1e-6)  # examples are float32


def test_standardised_examples_that_come_back_as_0_cost_64_over_the_whole_set() -> None:
    found = measured(
        Representation(pixels="standardised"), Keeps([]), **{s: COLUMNS["test"].model_copy(update={"split": s})
                                                               for s in DATA.splits}
    )  # fmt: skip
    counts = {split: len(images) for split, images in DATA.splits.items()}
    mean = sum(found[split] * count for split, count in counts.items()) / sum(counts.values())
    assert mean == pytest.approx(64, rel=1e-6)


def test_the_angle_is_to_as_many_first_components_of_what_was_trained_on() -> None:
    task = Representation(training=211)
    components = principal_components(task.view(DATA, 0), 5)
    angle = {"angle": COLUMNS["angle"]}
    assert measured(task, Components(components[:, :4]), **angle)["angle"] < 1e-3, "all of four, in float32"
    swapped = Components(components[:, [0, 1, 2, 4]])
    assert measured(task, swapped, **angle)["angle"] == pytest.approx(math.pi / 2, abs=1e-3)
    of_all = principal_components(Representation().view(DATA, 0), 4)
    assert measured(task, Components(of_all), **angle)["angle"] > 0.05, "of other examples they are others"


def test_a_part_of_the_training_examples_is_the_same_in_all_runs() -> None:
    one, other = (Representation(training=100).view(DATA, seed).rows() for seed in (0, 1))
    np.testing.assert_array_equal(one, other)
    rows = {row.tobytes() for row in Representation().view(DATA, 0).rows()}
    assert len(one) == 100
    assert len({row.tobytes() for row in one} & rows) == 100
    first = Representation().view(DATA, 0).rows(slice(100))
    assert not np.array_equal(one, first), "drawn from all of them, not the first ones"


def test_no_example_of_the_test_split_is_trained_on() -> None:
    test = {row.tobytes() for row in as_vectors(DATA.splits["test"], DATA, "over-255").rows()}
    assert not {row.tobytes() for row in Representation().view(DATA, 0).rows()} & test


def test_figures_show_examples_of_the_first_column_s_split() -> None:
    shown = Representation(shown=3).measure(Keeps([9]), DATA, {"test": COLUMNS["test"]}, RANDOM).artifacts
    assert {name: array.shape for name, array in shown.items()} == dict.fromkeys(shown, (3, 8, 8, 1))
    expected = DATA.splits["test"].images[[0, 149, 299]] / 255
    np.testing.assert_allclose(shown["originals"], expected, rtol=1e-6)
    np.testing.assert_allclose(shown["reconstructions"].reshape(3, 64)[:, 9], expected.reshape(3, 64)[:, 9], rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pixels": "whole"}, "pixels must be over-255 or standardised, it is 'whole'"),
        ({"training": -1}, "training must be 0 or more, it is -1"),
        ({"shown": -1}, "shown must be 0 or more, it is -1"),
    ],
)
def test_a_protocol_that_makes_no_sense_is_refused(fields: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Representation(**fields)  # type: ignore[arg-type]


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="digits has 1297 training images"):
        Representation(training=1298).view(DATA, 0)
    with pytest.raises(ValueError, match="is measured on a split: train, valid or test, not None"):
        Representation().signature(Column(label="x", metric="reconstruction-error"))
    with pytest.raises(ValueError, match="reads no split, it says test"):
        Representation().signature(Column(label="x", metric="principal-angle", split="test"))
    with pytest.raises(ValueError, match="task representation has no metric 'accuracy'"):
        Representation().signature(Column(label="x", metric="accuracy", split="test"))


def test_whatever_moves_a_number_stands_in_its_signature() -> None:
    tasks = [Representation(), Representation(pixels="standardised"), Representation(training=50)]
    signatures = {task.signature(column) for task in tasks for column in COLUMNS.values()}
    assert len(signatures) == len(tasks) * len(COLUMNS)
    assert Representation(shown=2).signature(COLUMNS["test"]) == Representation().signature(COLUMNS["test"])
