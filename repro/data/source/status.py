"""What is at hand of each data set, without reading any of it, and whether it is what it was, by reading all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from repro.data.entry import Entry
from repro.data.source.find import Found, find
from repro.places import cache_directory


@dataclass(frozen=True)
class Status:
    """A data set as `repro data list` shows it. `bytes` are those of its files on disk, packed as they are."""

    entry: Entry
    found: Found
    bytes: int

    @property
    def recorded(self) -> bool:
        """Whether the checksum of any file comes from its first sight here instead of from the entry."""
        return any(copy.form.sha256 is None for copy in self.found.copies.values())

    @property
    def words(self) -> str:
        """The state in words: which splits there are of a part, and whose checksums are compared."""
        state = self.found.state
        said = f"partial ({', '.join(self.found.splits)})" if state == "partial" else state
        return f"{said}, recorded checksums" if self.recorded and state != "missing" else said


def status(entry: Entry) -> Status:
    """The state of one data set."""
    found = find(entry)
    return Status(entry, found, sum(path.stat().st_size for path in {copy.path for copy in found.copies.values()}))


def verify(entry: Entry, *, accept: bool = False) -> list[str]:
    """Reads every file and every corpus built of a data set again; gives what is wrong, one line each."""
    from repro.data.tokens import checked_corpus

    found = find(entry)
    wrong = list(_complaints(found, accept=accept))
    for folder in built(entry):
        try:
            checked_corpus(folder)
        except ValueError as error:
            wrong.append(str(error))
    return wrong


def built(entry: Entry) -> list[Path]:
    """The folders of corpora that were built of a data set."""
    return sorted(path.parent for path in (cache_directory() / "corpora").glob(f"{entry.name}.*/corpus.json"))


def _complaints(found: Found, *, accept: bool) -> Iterator[str]:
    for path in found.copies:
        try:
            found.contents(path, afresh=True, accept=accept)
        except ValueError as error:
            yield str(error)
