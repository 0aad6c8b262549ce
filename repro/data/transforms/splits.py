"""Splits by name, of which some may not be at hand."""

from __future__ import annotations

from collections.abc import Sized
from typing import TypeVar

from repro.contracts import MissingData
from repro.data.sources.entry import Entry
from repro.data.sources.find import Found

Contents = TypeVar("Contents", bound=Sized)


class Splits(dict[str, Contents]):
    """What is at hand; asking for a split of the data set that is not says what one does to have it."""

    def __init__(self, found: Found) -> None:
        super().__init__()
        self._found = found

    def __missing__(self, split: str) -> Contents:
        """Raises MissingData for a split of the entry, KeyError for any other."""
        if split in self._found.entry.splits:
            raise MissingData(self._found.lacks([split]))
        raise KeyError(
            f"{self._found.entry.name} has no split {split!r} (it has {', '.join(self._found.entry.splits)})"
        )


def counted(about: Entry, split: str, contents: Contents, where: str) -> Contents:
    """The contents of a split. Raises ValueError where they are not as many as the entry says."""
    expected = about.splits.get(split, about.stand_ins.get(split))
    if expected is not None and len(contents) != expected:
        raise ValueError(
            f"{about.name}: split {split} must hold {expected:,} {about.unit}, found {len(contents):,} in {where}"
        )
    return contents
