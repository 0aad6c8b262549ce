"""What is said of a worker that died before it could say so itself."""

from __future__ import annotations

import signal
from typing import Any, cast

from repro.engines.process import WorkerProcess
from repro.impersonal import impersonal
from repro.printable import printable
from repro.store.record import Status

TAIL_LINES, TAIL_CHARACTERS = 30, 16_000


def failure(worker: WorkerProcess, started: str) -> dict[str, Any]:
    """What the record of a job says whose worker left none."""
    status = cast(Status, worker.status)
    return {
        "status": status,
        "message": _explained(status, worker),
        "tail": printable(impersonal(worker.log.last_lines(TAIL_LINES)), TAIL_CHARACTERS),
        "started": started,
        "seconds": round(worker.seconds, 3),
        "peak_memory_bytes": worker.peak_bytes or None,
    }


def _explained(status: Status, worker: WorkerProcess) -> str:
    if status == "timeout":
        return f"did not end within its limit of {worker.limits.seconds:g} seconds"
    if status == "out of memory" and worker.ended_for:
        return f"held more than its limit of {worker.limits.memory_bytes} bytes (`--memory` sets it)"
    if status == "out of memory":
        return "killed by the system for want of memory"
    if worker.exit_code < 0:
        return f"ended by signal {signal.Signals(-worker.exit_code).name}"
    return f"ended with exit code {worker.exit_code} and left no record"
