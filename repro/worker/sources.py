"""Whether the sources of this project are still those that a process has imported."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import repro
from repro.plan.code.modules import PACKAGES


def state() -> str:
    """A hash over place, size and times of change of every source file of the first-party packages.

    Only folders are read, which takes two milliseconds.
    """
    home = Path(repro.__file__).resolve().parent.parent
    found = sorted(file for package in PACKAGES for file in _files(home / package))
    return hashlib.sha256(repr(found).encode()).hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Path, size in bytes, and the times of change of contents and of entry in nanoseconds. What goes is not there."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(Path(entry.path))
            elif entry.name.endswith(".py"):
                with suppress(FileNotFoundError):
                    found = entry.stat()
                    yield entry.path, found.st_size, found.st_mtime_ns, found.st_ctime_ns
