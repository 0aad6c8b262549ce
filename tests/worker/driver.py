"""A run in a process of its own, for tests that kill it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from repro.engines.drive import run
from repro.engines.local import LocalEngine
from repro.store.records import Store
from tests.worker.tables import endings, registered, toy_table

ROOT = Path(__file__).parents[2]


def start(store: Store, *rows: dict[str, Any], seeds: int = 1, **engine: Any) -> subprocess.Popen[str]:
    """Starts a run and does not wait for it."""
    arguments = [str(store.root), json.dumps(rows), json.dumps({"seeds": seeds, "engine": engine})]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.worker.driver", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Waits for something to become true; an error when it does not."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("what the test waits for did not happen")
        time.sleep(0.02)


def workers(store: Store) -> list[psutil.Process]:
    """The workers of a store that are alive, whoever started them, and however."""
    return [process for process in processes(store) if not is_warm_parent(process)]


def processes(store: Store) -> list[psutil.Process]:
    """The workers of a store and the warm parents of its engines that are alive."""
    return [process for process in psutil.process_iter(["cmdline"]) if _works_for(process, store)]


def is_warm_parent(process: psutil.Process) -> bool:
    """Whether a process forks workers: it leads a session, in which they lead a group each."""
    try:
        return "repro.worker.warm" in process.cmdline() and os.getsid(process.pid) == process.pid
    except (psutil.Error, ProcessLookupError):
        return False


def _works_for(process: psutil.Process, store: Store) -> bool:
    command = process.info["cmdline"] or []
    modules = ("repro.worker.main", "repro.worker.warm")
    return any(name in command for name in modules) and str(store.root) in command and process.is_running()


def lines(diary: Path) -> list[str]:
    """What methods have noted so far."""
    return diary.read_text().splitlines() if diary.exists() else []


def main() -> None:
    """Runs the table that the arguments describe and prints the outcomes."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    root, rows, settings = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
    table = toy_table(*rows, seeds=settings["seeds"])
    with registered(), LocalEngine(**settings["engine"]) as engine:
        summary = run(table, "smoke", store=Store(root), engine=engine)
    print(json.dumps(endings(summary)))


if __name__ == "__main__":
    assert Path.cwd() == ROOT
    main()
