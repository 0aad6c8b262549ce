"""A log file that megabytes of output cannot blow up: the beginning and the end are kept, the middle is counted."""

from __future__ import annotations

from collections import deque
from pathlib import Path

HEAD_BYTES = 1 << 20
TAIL_BYTES = 1 << 18


class CappedLog:
    """Takes a worker's output as it comes. The file has the beginning at once, and the end when it is closed."""

    def __init__(self, file: Path, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("wb", buffering=0)
        self._room = head_bytes
        self._tail_bytes = tail_bytes
        self._chunks: deque[bytes] = deque()
        self._held = 0
        self._left_out = 0
        self._recent = b""

    def write(self, output: bytes) -> None:
        """Adds output: to the file while there is room, then to the end that is held in memory."""
        self._recent = (self._recent + output)[-16384:]
        head, rest = output[: self._room], output[self._room :]
        self._file.write(head)
        self._room -= len(head)
        if rest:
            self._chunks.append(rest)
            self._held += len(rest)
        while self._chunks and self._held - len(self._chunks[0]) >= self._tail_bytes:
            dropped = len(self._chunks.popleft())
            self._held -= dropped
            self._left_out += dropped

    def last_lines(self, count: int) -> str:
        """The last lines so far, as text."""
        return "\n".join(self._recent.decode(errors="replace").splitlines()[-count:])

    def close(self) -> None:
        """Writes the end."""
        if self._left_out:
            self._file.write(f"\n... {self._left_out} bytes left out ...\n".encode())
        for chunk in self._chunks:
            self._file.write(chunk)
        self._file.close()
