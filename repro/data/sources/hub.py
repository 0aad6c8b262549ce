"""Data sets from the Hugging Face hub, through the extra `repro[hf]`: each split becomes a file of JSON lines."""

from __future__ import annotations

import importlib
import json
import tempfile
from pathlib import Path
from typing import Any

from repro.contracts import MissingData
from repro.data.sources.entry import Entry


def from_hub(entry: Entry, folder: Path) -> None:
    """Loads the entry's splits from the hub and puts them into `folder`. Raises MissingData, in one line."""
    from repro.data.sources.get import TEMPORARY, place

    hub = entry.hub
    assert hub is not None
    elsewhere = f"or put its files into {entry.name}/ of a folder named by REPRO_DATA"
    try:
        datasets: Any = importlib.import_module("datasets")
    except ModuleNotFoundError as error:
        raise MissingData(
            f"data set {entry.name} comes from a hub: pip install 'repro-tables[hf]', {elsewhere}"
        ) from error
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder) as temporary:
        made = Path(temporary) / "rows.jsonl"
        for split, path in hub.splits:
            try:
                rows = datasets.load_dataset(hub.repository, hub.config, split=split, revision=hub.revision)
            except (OSError, ValueError) as error:  # no connection, no such data set
                said = str(error).partition("\n")[0]
                raise MissingData(f"{hub.repository} cannot be fetched from the hub: {said}; {elsewhere}") from error
            with made.open("w", encoding="utf-8") as file:
                for row in rows:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
            place(entry, entry.forms[path], made)
