"""Folders of data and cache that belong to one test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Places:
    """The folders that REPRO_DATA and REPRO_CACHE name."""

    data: Path
    cache: Path

    def put(self, path: str, contents: bytes | str) -> Path:
        """A file in the data folder."""
        file = self.data / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        return file


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    made = Places(tmp_path / "data", tmp_path / "cache")
    made.data.mkdir()
    monkeypatch.setenv("REPRO_DATA", str(made.data))
    monkeypatch.setenv("REPRO_CACHE", str(made.cache))
    return made
