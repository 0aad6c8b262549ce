"""Brings a data set into the cache: every file from the first source that has it, under a lock, checked, atomic."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from repro.contracts import MissingData
from repro.data.sources.archive import extract
from repro.data.sources.download import Progress, download
from repro.data.sources.entry import Download, Entry, File
from repro.data.sources.find import Found, cached_files, compared, find
from repro.data.sources.packed import SUFFIXES
from repro.data.sources.seen import remember, remembered
from repro.places import cache_directory

TEMPORARY = ".new-"


def silent(_done: int, _total: int | None) -> None:
    """Shows no progress."""


def get(entry: Entry, progress: Progress = silent) -> Found:
    """The data set with all its files, each one checked; what is not at hand is fetched.

    A damaged file of the cache is fetched again, one of the user's own folder is an error. Raises MissingData, in one
    line, for what cannot be fetched, and ValueError for files of the user that are not what the entry says.
    """
    with _lock(entry):
        _drop_damaged(entry)
        found = find(entry)
        if found.state != "at hand":
            _fetch_missing(entry, found, progress)
            found = find(entry)
        found.require()
        for path in found.copies:
            found.contents(path)
    return found


@contextmanager
def _lock(entry: Entry) -> Iterator[None]:
    folder = cached_files(entry)
    lock = FileLock(folder.with_name(f"{folder.name}.lock"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise ValueError(
            f"cannot write the cache folder {cache_directory()} ({error.strerror}): name another in REPRO_CACHE"
        ) from error
    try:
        for left in folder.glob(f"{TEMPORARY}*"):  # of a process that was killed: this one holds the lock
            shutil.rmtree(left)
        yield
    finally:
        lock.release()


def _drop_damaged(entry: Entry) -> None:
    found = find(entry)
    for file in entry.files:
        copy = found.copies.get(file.path)
        if copy is not None and copy.path.is_relative_to(cached_files(entry)):
            try:
                compared(entry, copy.form, copy.path, afresh=True)
            except ValueError:
                copy.path.unlink()


def _fetch_missing(entry: Entry, found: Found, progress: Progress) -> None:
    for source in entry.downloads:
        if any(file.path not in found.copies for file in entry.files if file.is_of(source.paths)):
            _from_address(entry, source, progress)
    if find(entry).state == "at hand":
        return
    if entry.torchvision:
        from repro.data.sources.vision import from_torchvision

        from_torchvision(entry, cached_files(entry))
    elif entry.hub:
        from repro.data.sources.hub import from_hub

        from_hub(entry, cached_files(entry))
    elif not entry.downloads:
        raise MissingData(find(entry).lacks(list(entry.splits)))


def _from_address(entry: Entry, source: Download, progress: Progress) -> None:
    """Downloads to a folder of its own, then puts each file in its place once it is known to be right."""
    arrived = cache_directory() / "downloads" / entry.name / source.file
    arrived.parent.mkdir(parents=True, exist_ok=True)
    try:
        download(source.url, arrived, source.sha256, source.bytes, progress)
    except MissingData as error:
        raise MissingData(f"{error}; or put the files into {entry.name}/ of a folder named by REPRO_DATA") from error
    folder = cached_files(entry)
    files = entry.forms
    with tempfile.TemporaryDirectory(prefix=TEMPORARY, dir=folder) as temporary:
        try:
            for path, made in _unpack(source, arrived, files, Path(temporary)).items():
                place(entry, files[path], made)
        except ValueError as error:
            raise MissingData(f"{source.url} sent something else than expected: {error}") from error
        finally:
            arrived.unlink(missing_ok=True)  # what is wrong must not be taken for right the next time


def place(entry: Entry, file: File, made: Path) -> None:
    """Moves a new file, which lies on the same disk, to its place in the cache if its contents are right."""
    suffix = next((suffix for suffix in SUFFIXES if suffix and made.name.endswith(suffix)), "")
    target = cached_files(entry) / f"{file.path}{suffix}"
    seen = compared(entry, file, made, known=remembered(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
    remember(replace(seen, path=str(target)))


def _unpack(source: Download, arrived: Path, files: dict[str, File], folder: Path) -> dict[str, Path]:
    if not source.members:
        return {source.paths[0]: Path(shutil.move(arrived, folder / arrived.name))}
    targets = {member: folder / f"{number}" for number, (member, _) in enumerate(source.members)}
    extract(arrived, targets, {member: files[path].bytes for member, path in source.members})
    return {path: targets[member] for member, path in source.members}
