"""One worker process with its own process group: its output, its progress, its limits and its end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.engines import memory
from repro.engines.log import CappedLog

CHUNK = 1 << 16
MEMORY_SECONDS = 0.5


@dataclass(frozen=True)
class Limits:
    """What a worker may use before it is ended. Between SIGTERM and SIGKILL lies the grace."""

    seconds: float
    grace_seconds: float = 10.0
    memory_bytes: int | None = None


class WorkerProcess:
    """A started worker. `tick` must be called a few times a second until it says that the worker has ended."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], log_file: Path, limits: Limits) -> None:
        self.limits = limits
        self.ended_for: str | None = None  # why we ended it: "timeout", "out of memory", "interrupted"
        self.peak_bytes = 0
        self.log = CappedLog(log_file)
        self._held = 0
        self._kills_before = memory.kills_so_far()
        self._looked = 0.0
        self._partial = b""
        self._started = time.monotonic()
        self._kill_at: float | None = None
        self._process, self._progress, self._lifeline = _start(command, env)
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        os.set_blocking(self._output, False)
        os.set_blocking(self._progress, False)

    @property
    def handles(self) -> list[int]:
        """What to wait on: readable when the worker says something."""
        return [self._output, self._progress]

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._started

    @property
    def exit_code(self) -> int:
        """As subprocess has it: negative for a signal."""
        assert self._process.returncode is not None
        return self._process.returncode

    @property
    def status(self) -> str:
        """What an end without a record means: our own reason, else `out of memory`, `killed` or `failed`."""
        if self.ended_for:
            return self.ended_for
        if self.exit_code == -signal.SIGKILL and memory.was_the_cause(self._kills_before, self._held):
            return "out of memory"
        return "killed" if self.exit_code < 0 else "failed"

    def tick(self) -> tuple[bool, list[dict[str, Any]]]:
        """Takes in output and progress, enforces the limits; gives whether the worker has ended, and its progress."""
        ended = _has_ended(self._process)
        news = self._take_in(until_empty=ended)
        if not ended:
            self._enforce()
        return ended, news

    def stop(self, reason: str) -> None:
        """Asks the worker to end: it may write a checkpoint while the grace lasts."""
        if self.ended_for is None:
            self.ended_for = reason
            self._kill_at = time.monotonic() + self.limits.grace_seconds
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Ends the worker and everything that it started, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Ends what is left of the group, waits for the worker and frees everything."""
        self.kill()
        self._process.wait()
        self._take_in(until_empty=True)
        self.log.close()
        os.close(self._progress)
        os.close(self._lifeline)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _enforce(self) -> None:
        now = time.monotonic()
        if now - self._looked >= MEMORY_SECONDS:
            self._looked = now
            self._held = memory.held_bytes(self._process.pid)
            self.peak_bytes = max(self.peak_bytes, self._held)
            if self.limits.memory_bytes is not None and self._held > self.limits.memory_bytes:
                self.ended_for = "out of memory"
                self.kill()
        if self.seconds > self.limits.seconds:
            self.stop("timeout")
        if self._kill_at is not None and now >= self._kill_at:
            self.kill()

    def _take_in(self, until_empty: bool) -> list[dict[str, Any]]:
        while chunk := _read(self._output):
            self.log.write(chunk)
            if not until_empty:
                break
        news = self._partial + _read(self._progress)
        *lines, self._partial = news.split(b"\n")
        self._partial = self._partial[-CHUNK:]
        return [found for line in lines if (found := _parsed(line)) is not None]


def _start(command: Sequence[str], env: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], int, int]:
    """Starts a worker with a pipe for its progress and one that only its driver's end closes."""
    progress, progress_end = os.pipe()
    lifeline_end, lifeline = os.pipe()
    os.set_blocking(progress_end, False)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own worker
            [*command, "--progress", str(progress_end), "--lifeline", str(lifeline_end)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(progress_end, lifeline_end),
        )
    except BaseException:
        os.close(progress)
        os.close(lifeline)
        raise
    finally:
        os.close(progress_end)
        os.close(lifeline_end)
    return process, progress, lifeline


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended. It stays unreaped, so that its group can still be ended without hitting a stranger."""
    if not hasattr(os, "waitid"):
        return process.poll() is not None
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, CHUNK)
    except BlockingIOError:
        return b""


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
