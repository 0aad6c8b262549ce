"""Workers that are forked from a warm parent, `repro.worker.warm`, which has imported what they need.

A new process imports the framework for seconds; a fork of one that has done so is there in hundredths. All else is as
with a new process. Where nothing can be forked workers are started anew, and one line of the log says why.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from repro.engines.process import Ends, Process, spawn
from repro.worker import sources

log = logging.getLogger(__name__)

IMPORT_SECONDS = 300.0
ANSWER_SECONDS = 30.0
END_SECONDS = 1.0
MESSAGE_BYTES = 1 << 16


def can_fork() -> bool:
    """Whether a process that has imported a framework may be forked here. On macOS the system's libraries forbid it."""
    return platform.system() == "Linux"


class WarmParent:
    """The engine's end of one warm parent. Once `lost` says why, nothing more is forked; what was forked runs on."""

    def __init__(self, env: Mapping[str, str], store: Path) -> None:
        self.env = dict(env)
        self.lost: str | None = None
        self._output = store / "logs" / "warm-parent.log"
        self._asked: dict[Path, float] = {}  # the plans that it is to prepare for, and since when
        self._prepared: set[Path] = set()
        self._forked: int | None = None
        self._codes: dict[int, int] = {}
        self._process, self._channel, self._lifeline = _start(self.env, store, self._output)

    @property
    def handles(self) -> list[int]:
        """What to wait on: readable when it says something."""
        return [] if self.is_gone else [self._channel.fileno()]

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, so that nobody can say what becomes of its workers."""
        return self._channel.fileno() < 0

    def prepare(self, plan_file: Path) -> None:
        """Asks it to import what the jobs of a plan need. It does so while the caller does something else."""
        if plan_file not in self._asked:
            self._asked[plan_file] = time.monotonic()
            self._ask({"prepare": str(plan_file)})

    def is_ready(self, plan_file: Path) -> bool:
        """Whether it has prepared for a plan, or never will."""
        self.listen()
        if self.lost is None and plan_file not in self._prepared:
            if time.monotonic() - self._asked[plan_file] < IMPORT_SECONDS:
                return False
            self._give_up(f"it has imported for more than {IMPORT_SECONDS:g} seconds")
        return True

    def start(self, arguments: Sequence[str], env: Mapping[str, str], ends: Ends) -> Process:
        """Starts a worker: a fork, or a new process where that is not possible."""
        process = self._fork(arguments, env, ends) if self.lost is None else None
        return _Forked(self, process) if process is not None else spawn(arguments, env, ends)

    def listen(self) -> None:
        """Takes in what it has said. If it has ended, nobody learns any more how its workers end."""
        while not self.is_gone:
            try:
                contents = self._channel.recv(MESSAGE_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:
                contents = b""
            if contents:
                self._take(json.loads(contents))
            else:
                self._give_up(f"it {_ended(self._process)}; its output: {self._output}")

    def exit_code(self, process: int) -> int | None:
        """How a worker of it ended; None while it runs, and for ever where the parent ended first."""
        self.listen()
        return self._codes.get(process)

    def wait(self, process: int) -> int:
        """Waits for the end of a worker, gives its exit code and frees its id."""
        while (code := self.exit_code(process)) is None and not self.is_gone:
            select.select(self.handles, [], [])
        self._ask({"reap": process})
        return -signal.SIGKILL if code is None else code

    def close(self) -> None:
        """Ends it. Its workers must have been closed before."""
        self._channel.close()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._lifeline.close()

    def _fork(self, arguments: Sequence[str], env: Mapping[str, str], ends: Ends) -> int | None:
        names = env.keys() | self.env.keys()
        differences = {name: env.get(name) for name in names if env.get(name) != self.env.get(name)}
        self._forked = None
        self._ask({"fork": list(arguments), "environment": differences}, ends)
        until = time.monotonic() + ANSWER_SECONDS
        while self._forked is None and self.lost is None:
            select.select(self.handles, [], [], 1.0)
            self.listen()
            if self._forked is None and time.monotonic() > until:
                self._give_up(f"it has not answered for {ANSWER_SECONDS:g} seconds")
        return self._forked

    def _take(self, message: dict[str, Any]) -> None:
        if "prepared" in message:
            self._prepared.add(Path(message["prepared"]))
        elif "forked" in message:
            self._forked = message["forked"]
        elif "ended" in message:
            self._codes[message["ended"]] = message["code"]
        else:
            self._refuse(message["unable"])

    def _ask(self, message: dict[str, Any], handles: Sequence[int] = ()) -> None:
        """Sends a message. That it has ended shows when it is listened to."""
        if self.is_gone:
            return
        try:
            socket.send_fds(self._channel, [json.dumps(message).encode()], handles)
        except ConnectionError:
            return
        except OSError as error:
            self._refuse(str(error))

    def _refuse(self, why: str) -> None:
        """Nothing more is forked; the workers that there are go on."""
        if self.lost is None:
            self.lost = why
            log.warning("workers are started anew from here on, since the warm parent cannot fork: %s", why)

    def _give_up(self, why: str) -> None:
        self._refuse(why)
        self.close()


class _Forked(Process):
    def __init__(self, parent: WarmParent, pid: int) -> None:
        self.pid = pid
        self._parent = parent

    @property
    def is_within_reach(self) -> bool:
        return not self._parent.is_gone

    @property
    def is_lost(self) -> bool:
        return self._parent.exit_code(self.pid) is None and self._parent.is_gone

    def has_ended(self) -> bool:
        return self._parent.exit_code(self.pid) is not None or self._parent.is_gone

    def wait(self) -> int:
        return self._parent.wait(self.pid)


class Parents:
    """The warm parents of an engine, one for each environment and store, as long as anybody is inside of `with`."""

    def __init__(self) -> None:
        self._parents: list[tuple[Path, WarmParent]] = []
        self._inside = 0

    @property
    def is_shared(self) -> bool:
        """Whether the parents are kept for more than the run that asks."""
        return self._inside > 1

    def __enter__(self) -> Self:
        self._inside += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        if not self._inside:
            while self._parents:
                self._parents.pop()[1].close()

    def of(self, env: Mapping[str, str], store: Path) -> WarmParent:
        """The parent for an environment; a new one where there is none that can fork."""
        for place, parent in self._parents:
            if place == store and parent.env == env and parent.lost is None:
                return parent
        self._parents.append((store, WarmParent(env, store)))
        return self._parents[-1][1]


def _start(
    env: Mapping[str, str], store: Path, output: Path
) -> tuple[subprocess.Popen[bytes], socket.socket, BinaryIO]:
    """Starts a warm parent; gives it with our ends of the channel and of its lifeline."""
    state = sources.state()  # before it imports anything: it refuses when that is not what is there
    channel, channel_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    lifeline_end, lifeline = os.pipe()
    output.parent.mkdir(parents=True, exist_ok=True)
    ends = ("--channel", str(channel_end.fileno()), "--lifeline", str(lifeline_end))
    try:
        with output.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603 - our own
                [sys.executable, "-P", "-m", "repro.worker.warm", str(store), *ends, "--sources", state],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(channel_end.fileno(), lifeline_end),
            )
    except BaseException:
        channel.close()
        os.close(lifeline)
        raise
    finally:
        channel_end.close()
        os.close(lifeline_end)
    channel.setblocking(False)
    return process, channel, os.fdopen(lifeline, "wb")


def _ended(process: subprocess.Popen[bytes]) -> str:
    try:
        code = process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        return "closed its channel"
    return f"ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
