"""Where the files of a data set lie: first in the data folder of the user, then in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from repro.contracts import MissingData
from repro.data.sources.entry import Entry, File
from repro.data.sources.packed import SUFFIXES
from repro.data.sources.seen import Seen, look, remember, remembered
from repro.places import cache_directory, data_directory

State = Literal["at hand", "partial", "missing"]


@dataclass(frozen=True)
class Copy:
    """A file that is at hand: in which of its forms, and where."""

    form: File
    path: Path


@dataclass(frozen=True)
class Found:
    """The files of a data set that are at hand, by their path in the entry. Their contents are not yet looked at."""

    entry: Entry
    copies: Mapping[str, Copy]

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits of which every file is there, stand-ins included."""
        names = (*self.entry.splits, *self.entry.stand_ins)
        return tuple(name for name in names if self._has(name))

    @property
    def state(self) -> State:
        """`at hand` with every split of the entry, `partial` with some or with stand-ins only, else `missing`."""
        if all(self._has(name) for name in self.entry.splits):
            return "at hand"
        return "partial" if self.splits else "missing"

    def require(self, *splits: str) -> None:
        """Raises MissingData, in one line, unless all these splits are there (all of the entry's if none is named)."""
        wanted = splits or tuple(self.entry.splits)
        lacking = [name for name in wanted if name not in self.splits]
        if lacking:
            raise MissingData(self.lacks(lacking))

    def lacks(self, splits: list[str]) -> str:
        """The line that says what is missing and what one does about it."""
        entry = self.entry
        what = f"split {', '.join(splits)} of {entry.name}" if self.splits else f"{entry.kind} {entry.name}"
        verb = "is not at hand" if not self.splits or len(splits) == 1 else "are not at hand"
        have = f" (only {', '.join(self.splits)})" if self.splits else ""
        return f"{what} {verb}{have}: {entry.to_get}"

    def contents(self, path: str, *, afresh: bool = False, accept: bool = False) -> Seen:
        """A file with the hash of its contents, which is compared with the entry, or else with what was seen before.

        `afresh` reads the file also where it seems unchanged, `accept` takes a change of what was seen. Raises
        MissingData or ValueError, each in one line.
        """
        file = next(file for file in self.entry.files if file.path == path)
        if path not in self.copies:
            raise MissingData(self.lacks([file.split or path]))
        copy = self.copies[path]
        seen = compared(self.entry, copy.form, copy.path, afresh=afresh, accept=accept)
        remember(seen)
        return seen

    def _has(self, split: str) -> bool:
        files = self.entry.needed_by(split)
        return bool(files) and all(file.path in self.copies for file in files)


def find(entry: Entry) -> Found:
    """The files of a data set that lie in the data folder or in the cache, each where it comes first."""
    copies = {file.path: copy for file in entry.files if (copy := _copy(file, _roots(entry)))}
    return Found(entry, copies)


def find_in_one_folder(entry: Entry) -> tuple[Found, Path]:
    """The files of a data set that lie in one folder, and that folder: the first that has most of the splits."""
    best = Found(entry, {}), cached_files(entry)
    for root in _roots(entry):
        found = Found(entry, {file.path: copy for file in entry.files if (copy := _copy(file, [root]))})
        if len(found.splits) > len(best[0].splits) or (found.state == "at hand" != best[0].state):
            best = found, root
    return best


def cached_files(entry: Entry) -> Path:
    """The folder of the cache that downloads of a data set go to."""
    return cache_directory() / "data" / (entry.shares or entry.name)


def compared(
    entry: Entry, file: File, path: Path, *, known: Seen | None = None, afresh: bool = False, accept: bool = False
) -> Seen:
    """The contents of a copy of a file. Raises ValueError if they are not what they should be.

    Of a file without a checksum in its entry they should be what was `known`, by default of this path, unless one is
    to `accept` what is there now.
    """
    known = known or remembered(path)
    seen = look(path, limit=file.bytes, afresh=afresh)
    if file.bytes is not None and seen.bytes != file.bytes:
        raise ValueError(_wrong(entry, path, f"{file.bytes:,} bytes", f"{seen.bytes:,}"))
    if file.sha256 is not None and seen.sha256 != file.sha256:
        raise ValueError(_wrong(entry, path, f"sha256 {file.sha256[:16]}...", f"{seen.sha256[:16]}..."))
    if file.sha256 is None and known and known.sha256 != seen.sha256 and not accept:
        raise ValueError(
            f"{entry.name}: {path} has changed: sha256 {known.sha256[:16]}... was recorded, {seen.sha256[:16]}... is "
            f"found; restore it, or accept it with: repro data verify {entry.name} --accept"
        )
    return seen


def _wrong(entry: Entry, path: Path, expected: str, found: str) -> str:
    return f"{entry.name}: {path} is damaged or another edition: expected {expected}, found {found}; replace it"


def _roots(entry: Entry) -> list[Path]:
    folder = data_directory()
    return [*(folder / place for place in entry.places if folder), cached_files(entry)]


def _copy(file: File, roots: list[Path]) -> Copy | None:
    for root in roots:
        for form in (file, *file.otherwise):
            for name in form.names:
                for suffix in SUFFIXES:
                    path = root / f"{name}{suffix}"
                    if path.is_file():
                        return Copy(form, path)
    return None
