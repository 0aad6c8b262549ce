"""What comes from the hub, or through torchvision, goes the way of every other file: checked, in its place, or not."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torchvision

from repro.contracts import MissingData
from repro.data.kinds.tables import json_lines
from repro.data.sources.entry import Entry, File, Hub
from repro.data.sources.find import cached_files, find
from repro.data.sources.get import get
from tests.data.conftest import Places
from tests.data.sources.toys import TEXTS, toy

ROWS = {"train": [{"text": "a\nb", "label": 1}], "validation": [{"text": "ü", "label": 0}]}


def hub_entry(**about: Any) -> Entry:
    hub = Hub("someone/toy", "small", (("train", "hub/train.jsonl"), ("validation", "hub/validation.jsonl")), "abc123")
    files = (
        File("train.tsv", "train", otherwise=(File("hub/train.jsonl"),)),
        File("dev.tsv", "valid", otherwise=(File("hub/validation.jsonl"),)),
    )
    return replace(toy(), splits={"train": 1, "valid": 1}, files=files, hub=hub, **about)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A stand-in for the library, and what it was asked."""
    asked: list[tuple[Any, ...]] = []

    def load_dataset(repository: str, config: str | None, *, split: str, revision: str | None) -> list[dict[str, Any]]:
        asked.append((repository, config, split, revision))
        return ROWS[split]

    module = ModuleType("datasets")
    module.load_dataset = load_dataset  # type: ignore[attr-defined]  # the one function that is used
    monkeypatch.setitem(sys.modules, "datasets", module)
    return asked


def test_a_split_of_the_hub_becomes_a_file_of_json_lines(places: Places, hub: list[tuple[Any, ...]]) -> None:
    found = get(hub_entry())
    assert found.state == "at hand"
    assert hub == [("someone/toy", "small", split, "abc123") for split in ("train", "validation")]
    assert list(json_lines(cached_files(found.entry) / "hub" / "validation.jsonl")) == ROWS["validation"]


def test_without_the_extra_the_line_says_how_to_install_it(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingData, match=r"pip install 'repro-tables\[hf\]', or put its files into toy/"):
        get(hub_entry())


def test_a_hub_that_does_not_answer_is_one_line_and_leaves_nothing(
    places: Places, hub: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, split: str, **__: object) -> list[dict[str, Any]]:
        if split == "train":
            return ROWS["train"]
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(sys.modules["datasets"], "load_dataset", fails)
    with pytest.raises(MissingData, match="someone/toy cannot be fetched from the hub: no route; or") as caught:
        get(hub_entry())
    assert "\n" not in str(caught.value)
    assert find(hub_entry()).splits == ("train",)


def test_torchvision_fetches_what_has_no_plain_address(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(root: str, download: bool) -> None:
        assert download
        for path, text in TEXTS.items():
            file = Path(root) / "toy" / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(text)

    monkeypatch.setattr(torchvision.datasets, "Toy", fetch, raising=False)
    found = get(replace(toy(), torchvision="Toy"))
    assert found.state == "at hand"
    assert {copy.path.parent for copy in found.copies.values()} == {cached_files(found.entry)}


def test_a_refusal_of_torchvision_is_one_line(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(root: str, download: bool) -> None:
        raise RuntimeError("quota exceeded\ntry later")

    monkeypatch.setattr(torchvision.datasets, "Toy", fetch, raising=False)
    with pytest.raises(MissingData, match="torchvision cannot fetch toy: quota exceeded; or get it from http://toy"):
        get(replace(toy(), torchvision="Toy"))
