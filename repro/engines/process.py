"""One worker process with its own process group: its output, its progress, its limits and its end.

How the process came to be is no matter here: `spawn` starts a new one, a warm parent (`repro.engines.warm`) forks one.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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


class Ends(NamedTuple):
    """The worker's ends of three pipes, as file descriptors: standard output and error, progress, and the lifeline."""

    output: int
    progress: int
    lifeline: int


class Process(ABC):
    """A process that leads its own group. Until `wait` its id stays reserved, even when it has ended."""

    pid: int

    @property
    def is_within_reach(self) -> bool:
        """Whether its id is certainly its own. One out of reach ends with its lifeline."""
        return True

    @property
    def is_lost(self) -> bool:
        """Whether nobody can say any more how it ended, because the process that forked it is gone."""
        return False

    @abstractmethod
    def has_ended(self) -> bool:
        """Whether it has ended, or is lost."""

    @abstractmethod
    def wait(self) -> int:
        """Waits for its end, and gives its exit code as subprocess has it: negative for a signal."""

    def ask_to_end(self) -> None:
        """Sends SIGTERM to it alone."""
        if self.is_within_reach:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def kill_group(self) -> None:
        """Ends it and everything that it started."""
        if self.is_within_reach:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)


Start = Callable[[Ends], Process]
"""Starts a worker that writes to the given ends. The caller closes them afterwards."""


class WorkerProcess:
    """A started worker. `tick` must be called a few times a second until it says that the worker has ended."""

    def __init__(self, start: Start, log_file: Path, limits: Limits) -> None:
        self.limits = limits
        self.ended_for: str | None = None  # why we ended it: "timeout", "out of memory", "interrupted"
        self.peak_bytes = 0
        self.log = CappedLog(log_file)
        self._held = 0
        self._kills_before = memory.kills_so_far()
        self._looked = 0.0
        self._partial = b""
        self._closed: set[int] = set()
        self._started = time.monotonic()
        self._kill_at: float | None = None
        self._exit_code: int | None = None
        self._process, self._output, self._progress, self._lifeline = _piped(start)

    @property
    def handles(self) -> list[int]:
        """What to wait on: readable when the worker says something. None are left once it has closed its ends."""
        return [handle for handle in (self._output, self._progress) if handle not in self._closed]

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._started

    @property
    def exit_code(self) -> int:
        """As subprocess has it: negative for a signal."""
        assert self._exit_code is not None
        return self._exit_code

    @property
    def is_lost(self) -> bool:
        """Whether it ends because nobody can say any more what becomes of it. That is no fault of its jobs."""
        return self._process.is_lost

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
        ended = self._process.has_ended()
        news = self._take_in(until_empty=ended)
        if not ended:
            self._enforce()
        return ended, news

    def stop(self, reason: str) -> None:
        """Asks the worker to end: it may write a checkpoint while the grace lasts."""
        if self.ended_for is None:
            self.ended_for = reason
            self._kill_at = time.monotonic() + self.limits.grace_seconds
            self._process.ask_to_end()

    def kill(self) -> None:
        """Ends the worker and everything that it started, at once."""
        self._process.kill_group()

    def close(self) -> None:
        """Ends what is left of the group, waits for the worker and frees everything."""
        self.kill()
        self._exit_code = self._process.wait()
        self._take_in(until_empty=True)
        self.log.close()
        for handle in (self._output, self._progress, self._lifeline):
            os.close(handle)

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
        while chunk := self._read(self._output):
            self.log.write(chunk)
            if not until_empty:
                break
        news = self._partial + self._read(self._progress)
        *lines, self._partial = news.split(b"\n")
        self._partial = self._partial[-CHUNK:]
        return [found for line in lines if (found := _parsed(line)) is not None]

    def _read(self, handle: int) -> bytes:
        """What is there to read, nothing at all too."""
        try:
            said = os.read(handle, CHUNK)
        except BlockingIOError:
            return b""
        if not said:
            self._closed.add(handle)  # it is readable for ever: who waits on it spins
        return said


def spawn(arguments: Sequence[str], env: Mapping[str, str], ends: Ends) -> Process:
    """Starts a worker as a new process."""
    command = (sys.executable, "-P", "-m", "repro.worker.main", *arguments)
    started = subprocess.Popen(  # noqa: S603 - our own worker
        [*command, "--progress", str(ends.progress), "--lifeline", str(ends.lifeline)],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=ends.output,
        stderr=ends.output,
        start_new_session=True,
        pass_fds=(ends.progress, ends.lifeline),
    )
    return _Spawned(started)


class _Spawned(Process):
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self._process = process

    def has_ended(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._process.poll() is not None
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def wait(self) -> int:
        return self._process.wait()


def _piped(start: Start) -> tuple[Process, int, int, int]:
    """Starts a worker; gives it with our ends of its pipes: its output, its progress, and what ends it if closed."""
    output, output_end = os.pipe()
    progress, progress_end = os.pipe()
    lifeline_end, lifeline = os.pipe()
    for handle in (output, progress, progress_end):
        os.set_blocking(handle, False)
    try:
        process = start(Ends(output_end, progress_end, lifeline_end))
    except BaseException:
        for handle in (output, progress, lifeline):
            os.close(handle)
        raise
    finally:
        for handle in (output_end, progress_end, lifeline_end):
            os.close(handle)
    return process, output, progress, lifeline


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
