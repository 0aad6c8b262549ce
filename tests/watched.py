"""What code does to the system, seen by Python's audit hook: folders that cannot be written, and nothing run."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = (
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.truncate",
    "os.chmod",
    "os.utime",
)
RUNS = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "subprocess.Popen", "pickle.find_class")
"""Events of other programs, and of names that a pickle has looked up."""

Hook = Callable[[str, tuple[Any, ...]], None]
_active: list[Hook] = []


@contextmanager
def hooked(hook: Hook) -> Iterator[None]:
    """Calls a hook with every audit event of the block. A hook stays in the process for ever, so there is one."""
    if not getattr(hooked, "is_there", False):
        sys.addaudithook(lambda event, arguments: [each(event, arguments) for each in tuple(_active)] and None)
        hooked.is_there = True  # type: ignore[attr-defined]
    _active.append(hook)
    try:
        yield
    finally:
        _active.remove(hook)


@contextmanager
def frozen(folder: Path) -> Iterator[None]:
    """In the block whatever changes a file below a folder fails as on a file system that is mounted read-only."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        for path in written(event, arguments):
            if path.is_relative_to(folder):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    with hooked(refuse):
        yield


@contextmanager
def harmless(folder: Path) -> Iterator[None]:
    """In the block nothing is written outside of a folder, and no program or name of a pickle is called."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in RUNS:
            raise AssertionError(f"{event} {arguments}")
        for path in written(event, arguments):
            if not path.is_relative_to(folder) and path != Path(os.devnull):
                raise AssertionError(f"{event} {path}")

    with hooked(refuse):
        yield


def written(event: str, arguments: tuple[Any, ...]) -> list[Path]:
    """The files that an event changes."""
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES:
        paths = arguments[:1]
    elif event in CHANGES:
        paths = arguments[: 2 if event in ("os.rename", "os.symlink", "os.link") else 1]
    else:
        return []
    return [Path(os.fsdecode(path)).resolve() for path in paths if isinstance(path, str | bytes | os.PathLike)]
