"""Standard output and standard error that take every text, and outlive whoever reads them."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Outlet(io.RawIOBase):
    """A stream of bytes whose reader may go, as `head` does: what is written from then on is dropped.

    So a command ends as it would have ended, with its own exit code.
    """

    def __init__(self, stream: io.RawIOBase) -> None:
        self._stream = stream
        self._is_heard = True

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's own."""
        return self._stream.fileno()

    def write(self, contents: ReadableBuffer) -> int | None:
        """Writes, or drops, and gives how many bytes."""
        if self._is_heard:
            try:
                return self._stream.write(contents)
            except OSError as error:
                self._is_heard = False  # also where a disk is full, which is said once
                if not isinstance(error, BrokenPipeError):
                    raise
        return memoryview(contents).nbytes


def take_any_text() -> None:
    """Makes this process's streams take any text: UTF-8 in pipes and files whatever the locale is, and escapes for what
    has no encoding; a terminal that lacks a character shows a question mark.
    """
    sys.stdout, sys.stderr = _taking_any(sys.stdout), _taking_any(sys.stderr)


def _taking_any(stream: TextIO | None) -> TextIO:
    if stream is None:  # it was closed before the program began
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - as long as the process
    if not isinstance(stream, io.TextIOWrapper):
        return stream  # a test's, or a notebook's
    stream.flush()
    below, is_shared = stream.buffer, stream.isatty() or stream is sys.stderr
    file = below.raw if isinstance(below, io.BufferedWriter) else below  # itself, with PYTHONUNBUFFERED
    encoding, errors = (stream.encoding, "replace") if stream.isatty() else ("utf-8", "backslashreplace")
    return io.TextIOWrapper(
        io.BufferedWriter(Outlet(cast(io.RawIOBase, file))),
        encoding=encoding,
        errors=errors,
        line_buffering=is_shared or file is below,
    )
