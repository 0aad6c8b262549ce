from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repro.engines.drive import run
from repro.store.records import Store
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def trained(store: Store, **params: Any) -> int:
    """How many steps a run of a new table with one row trains."""
    diary = store.root.parent / "diary"
    diary.unlink(missing_ok=True)
    number = len(list(store.root.glob("records/*")))
    row = {"label": "A", "method": "keeper", "params": {"diary": str(diary), **params}}
    summary = run(toy_table(row, id=f"toy/table-{number}"), "smoke", store=store)
    assert list(summary.outcomes.values()) == ["ok"], [record.tail for record in store.records()]
    return len(diary.read_text().splitlines()) if diary.exists() else 0


def test_another_table_of_the_same_training_does_not_train_again(store: Store) -> None:
    assert trained(store) == 3
    assert trained(store) == 0
    first, second = store.records()
    assert first.curves == second.curves


def test_another_evaluation_measures_the_kept_model_in_its_own_way(store: Store) -> None:
    assert trained(store) == 3
    assert trained(store, factor=2.0) == 0
    first, second = (float(store.artifacts(record)["weights"][0]) for record in store.records())
    assert (first, second) == (3.0, 6.0)


def test_another_training_is_not_taken_for_it(store: Store) -> None:
    assert trained(store) == 3
    assert trained(store, steps=4) == 4


def test_a_damaged_model_is_trained_again(store: Store) -> None:
    assert trained(store) == 3
    (model,) = store.root.glob("models/*.pt")
    model.write_bytes(model.read_bytes()[:-1])
    assert trained(store) == 3


def test_a_forced_run_trains_anew(store: Store) -> None:
    diary = store.root.parent / "diary"
    table = toy_table({"label": "A", "method": "keeper", "params": {"diary": str(diary)}})
    run(table, "smoke", store=store)
    run(table, "smoke", store=store, force=True)
    assert len(diary.read_text().splitlines()) == 6


def test_a_method_that_keeps_no_model_leaves_none(store: Store) -> None:
    run(toy_table({"label": "A"}), "smoke", store=store)
    assert not (store.root / "models").exists()
