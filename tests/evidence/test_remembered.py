from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from repro.evidence.remembered import is_ours, remembered
from repro.spec.start import SharedConfiguration
from tests.worker.tables import toy_table


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("REPRO_RESULTS", str(tmp_path / "results"))
    file = tmp_path / "spec.yaml"
    file.write_text("id: toy/walks\n")
    return file


def asked(spec: Path, *, keep: bool = True) -> tuple[Any, int]:
    """The answer to a question about a table, and how often it had to be found."""
    found: list[int] = []

    def find() -> tuple[Any, bool]:
        found.append(1)
        return {"text": spec.read_text()}, keep

    return remembered("what", spec, "toy/walks", find), len(found)


def test_an_answer_is_found_once(spec: Path) -> None:
    assert asked(spec) == ({"text": "id: toy/walks\n"}, 1)
    assert asked(spec) == ({"text": "id: toy/walks\n"}, 0)


def test_a_changed_spec_is_another_state(spec: Path) -> None:
    asked(spec)
    spec.write_text("id: toy/other\n")  # of the same length
    os.utime(spec, ns=(1, 1))
    assert asked(spec) == ({"text": "id: toy/other\n"}, 1)


@pytest.mark.parametrize("folder", ["store/records/toy__walks", "results/toy/walks/records"])
def test_a_new_a_changed_and_a_removed_record_are_other_states(spec: Path, folder: str) -> None:
    record = spec.parent / folder / "a.json"
    record.parent.mkdir(parents=True)
    asked(spec)
    record.write_text("{}")
    assert asked(spec)[1] == 1
    assert asked(spec)[1] == 0
    record.write_text("{ }")
    assert asked(spec)[1] == 1
    record.unlink()
    assert asked(spec)[1] == 1


def test_a_changed_source_is_another_state(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(spec)
    monkeypatch.setattr("repro.evidence.remembered._sources", lambda: "changed")
    assert asked(spec)[1] == 1


def test_what_may_not_be_kept_is_found_every_time(spec: Path) -> None:
    assert asked(spec, keep=False)[1] == 1
    assert asked(spec, keep=False)[1] == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff"])
def test_a_damaged_memory_is_no_answer(spec: Path, damage: bytes) -> None:
    asked(spec)
    (file,) = (spec.parent / "store" / "remembered").iterdir()
    file.write_bytes(damage)
    assert asked(spec)[1] == 1
    assert asked(spec)[1] == 0


def test_a_store_that_cannot_be_written_remembers_nothing(spec: Path) -> None:
    (spec.parent / "store").write_text("a file, not a folder")
    assert asked(spec)[1] == 1
    assert asked(spec)[1] == 1


def test_a_table_with_a_method_from_a_file_is_not_ours() -> None:
    assert is_ours(toy_table({"label": "A", "method": "egan"}))
    assert not is_ours(toy_table({"label": "A", "method": "mine.py:M"}))


@pytest.mark.parametrize(
    "foreign",
    [
        {"rows": [{"label": "A", "method": "walk", "from": {"method": "mine.py:Walk"}}]},
        {"rows": [{"label": "A", "method": "walk", "from": {"method": "walk", "from": {"weights": "mine.py:w"}}}]},
        {"rows": [{"label": "A", "method": "walk", "beside": {"other": {"method": "mine.py:Walk"}}}]},
        {"rows": [{"label": "A", "method": "walk", "also": {"more": "mine.py:numbers"}}]},
        {"task": "mine.py:Task"},
        {"data": "mine.py:numbers"},
        {"columns": {"mean": {"label": "Mean", "metric": "mine.py:mean"}}},
        {"columns": {"mean": {"label": "Mean", "metric": "best", "args": {"score": "mine.py:mean"}}}},
    ],
)
def test_a_table_that_names_code_from_elsewhere_at_any_place_is_not_ours(foreign: dict[str, Any]) -> None:
    table = toy_table()
    assert is_ours(table)
    assert not is_ours(toy_table(**{"rows": [{"label": "A", "method": "walk"}], **foreign}))


def test_a_table_whose_shared_configuration_is_from_elsewhere_is_not_ours() -> None:
    start = {"method": "walk", "from": {"method": "mine.py:Walk"}}
    ours, theirs = SharedConfiguration(method="walk"), SharedConfiguration(method="mine.py:Walk")
    assert is_ours(toy_table().with_shared({"a/b": ours}))
    assert not is_ours(toy_table().with_shared({"a/b": theirs}))
    assert not is_ours(toy_table().with_shared({"a/b": SharedConfiguration.model_validate(start)}))
