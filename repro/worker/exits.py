"""Exit codes of workers: the class of what happened. Engines and workers agree on them here; records tell the story."""

from __future__ import annotations

from repro.store.record import Status

OF_STATUS: dict[Status, int] = {
    "ok": 0,
    "failed": 1,
    "diverged": 10,
    "missing data": 11,
    "missing device": 12,
    "out of memory": 13,
}
STOPPED = 14
"""Asked to stop, checkpoint written: a later run continues."""
BUSY = 15
"""Another process has one of these jobs."""
