"""Reconstructions and codes from a file give the numbers of the model that they came from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from baselines.autoencoders.principal import PrincipalComponents
from repro.compare.representation import RepresentationFiles
from repro.data.kinds.images import digits
from repro.data.kinds.vectors import as_vectors
from repro.spec.model import Column
from repro.tasks.representation import Representation
from tests.baselines.contract import Mortal

DATA, RANDOM = digits(), np.random.default_rng(0)
TASK = Representation(pixels="standardised", training=211)
COLUMNS = {
    "error": Column(label="Error", metric="reconstruction-error", split="test"),
    "valid": Column(label="Valid", metric="reconstruction-error", split="valid"),
    "angle": Column(label="Angle", metric="principal-angle"),
}
READER = RepresentationFiles(TASK)


def test_a_file_gives_the_numbers_of_its_model(tmp_path: Path) -> None:
    """All in float64 but the examples, on both ways."""
    trained_on = TASK.view(DATA, 0)
    model = PrincipalComponents(7).fit(trained_on, Mortal(tmp_path))
    made = {
        f"reconstructions_{s}": model.reconstruct(as_vectors(DATA.splits[s], DATA, "standardised").rows())
        for s in ("test", "valid")
    }
    np.savez(tmp_path / "mine.npz", codes_train=model.encode(trained_on.rows()), **made)  # type: ignore[arg-type]
    loaded = READER.predictions(tmp_path / "mine.npz", DATA, COLUMNS)
    assert not loaded.lacking
    found, expected = (TASK.measure(each, DATA, COLUMNS, RANDOM) for each in (loaded.model, model))
    for name in COLUMNS:
        assert found.measured[name].value == pytest.approx(expected.measured[name].value, rel=1e-12, abs=1e-6)
        assert found.measured[name].signature == expected.measured[name].signature


def test_columns_that_need_what_is_not_there_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", reconstructions_valid=np.zeros((200, 64)))
    lacking = READER.predictions(tmp_path / "x.npz", DATA, COLUMNS).lacking
    assert lacking == {
        "error": "the file has no reconstructions_test",
        "angle": "the file has no codes_train",
    }


@pytest.mark.parametrize(
    ("name", "shape", "said"),
    [
        ("reconstructions_test", (299, 64), r"must have shape \(300, 64\), it has \(299, 64\)"),
        ("reconstructions_test", (300, 8, 8), r"must have shape \(300, 64\), it has \(300, 8, 8\)"),
        ("codes_train", (1297, 5), r"must have shape \(211, N\), it has \(1297, 5\)"),
        ("codes_test", (300, 5), "unknown array 'codes_test'"),
    ],
)
def test_predictions_in_another_form_are_refused(tmp_path: Path, name: str, shape: tuple[int, ...], said: str) -> None:
    np.savez(tmp_path / "x.npz", **{name: np.zeros(shape)})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=said):
        READER.predictions(tmp_path / "x.npz", DATA, COLUMNS)


def test_other_examples_than_those_of_the_file_are_not_answered_for(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", reconstructions_test=np.zeros((300, 64)), codes_train=np.zeros((211, 5)))
    model = READER.predictions(tmp_path / "x.npz", DATA, COLUMNS).model
    for ask in (model.encode, model.reconstruct):
        with pytest.raises(ValueError, match="others were asked for"):
            ask(np.ones((300, 64), dtype=np.float32))
