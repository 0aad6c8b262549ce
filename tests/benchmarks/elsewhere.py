"""Work in a process of its own: what an allocator does with freed memory is settled when a process starts."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self
from unittest.mock import patch


class Elsewhere:
    """Calls what `make` makes in a process with the given environment, and waits until it is done."""

    def __init__(self, make: Callable[[], Callable[[], object]], environment: Mapping[str, str]) -> None:
        self._pipe, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(make, other), daemon=True)
        with patch.dict(os.environ, environment, clear=True):
            self._process.start()
        other.close()

    def __call__(self) -> None:
        self._pipe.send("go on")
        self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join()


def _serve(make: Callable[[], Callable[[], object]], pipe: Connection) -> None:
    work = make()
    try:
        while pipe.recv():
            work()
            pipe.send("done")
    except EOFError:
        return
