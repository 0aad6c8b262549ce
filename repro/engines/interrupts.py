"""Ctrl-C and SIGTERM, counted instead of breaking in anywhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interrupts() -> Iterator[Callable[[], int]]:
    """How often one of them has come so far. Only the main thread can know; in others it is never."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    earlier = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: count
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
