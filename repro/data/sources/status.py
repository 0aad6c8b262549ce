"""What is at hand of each data set, without reading any of it, and whether it is what it was, by reading all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from repro.data.sources.entry import Entry
from repro.data.sources.find import Found, find


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
    """Reads every file of a data set, and all that was built of it, again; gives what is wrong, one line each."""
    from repro.data.sources.built import damaged, folders

    wrong = list(_complaints(find(entry), accept=accept))
    for folder in folders(entry.name):
        wrong += [f"{path} is damaged: remove {folder}, it is built again when needed" for path in damaged(folder)]
    return wrong


def _complaints(found: Found, *, accept: bool) -> Iterator[str]:
    for path in found.copies:
        try:
            found.contents(path, afresh=True, accept=accept)
        except ValueError as error:
            yield str(error)
