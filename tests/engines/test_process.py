"""One worker as the engine sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from repro.engines import process
from repro.engines.process import Ends, Limits, Process, WorkerProcess
from tests.worker.driver import wait_until

CLOSES_ITS_ENDS = "import os, sys, time; [os.close(end) for end in (1, 2, int(sys.argv[1]))]; time.sleep(60)"


def start(ends: Ends) -> Process:
    """A process that says nothing any more and goes on."""
    command = [sys.executable, "-S", "-c", CLOSES_ITS_ENDS, str(ends.progress)]
    return process._Spawned(
        subprocess.Popen(
            command, stdout=ends.output, stderr=ends.output, pass_fds=(ends.progress,), start_new_session=True
        )
    )


def test_a_worker_that_has_closed_its_ends_is_not_waited_on_for_what_it_says(tmp_path: Path) -> None:
    """A closed pipe is readable for ever: a loop that waits on it beside others would spin."""
    worker = WorkerProcess(start, tmp_path / "log", Limits(seconds=60.0))
    assert len(worker.handles) == 2

    def is_silent() -> bool:
        ended, _ = worker.tick()
        assert not ended
        return not worker.handles

    try:
        wait_until(is_silent)
    finally:
        worker.close()
    assert worker.exit_code < 0
