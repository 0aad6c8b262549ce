"""The warm parent: it has imported what workers need and started nothing, and forks a worker when its engine asks.

    python -P -m repro.worker.warm STORE --channel HANDLE --lifeline HANDLE --sources STATE

STORE only tells people whose process it is. Over the channel, a socket that keeps messages apart, go JSON objects:

    asked     {"prepare": PLAN_FILE}                import what the jobs of a plan need
              {"fork": [ARGUMENT...], "environment": {NAME: VALUE or null}}, with the worker's ends of three pipes
              {"reap": PID}                         the worker's id may be used again
    answered  {"prepared": PLAN_FILE}, {"forked": PID}, or {"unable": WHY} to either
    told      {"ended": PID, "code": CODE}          the worker has ended; its id stays reserved until it is reaped

A process may be forked safely while it has one thread and has opened no device. So modules are imported here, and
nothing of them is called; those of a user only in the worker. And a worker must not run other code than its plan was
made from: when the sources are not in the state any more that they had before this process started, nothing is forked.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from repro.plan.code.modules import PACKAGES
from repro.plan.fingerprint import Fingerprinter
from repro.plan.graph import thaw
from repro.spec.base import Strict
from repro.worker import main as worker
from repro.worker import sources
from repro.worker.environment import commit, environment
from repro.worker.forked import begin_anew, run_to_end
from repro.worker.libraries import libraries
from repro.worker.lifeline import hold

MESSAGE_BYTES = 1 << 20


class Unable(Exception):
    """Nothing can be forked here; the engine starts its workers in another way."""


class Parent:
    """Serves one engine. `serve` returns twice: None in the parent, and in each worker what it is to do."""

    def __init__(self, channel: socket.socket, lifeline: int, state: str) -> None:
        self.channel, self.lifeline, self.state = channel, lifeline, state
        self.read = Fingerprinter()
        self.workers: dict[int, int] = {}  # handle to process id, of those that have not ended

    def serve(self) -> Callable[[], int] | None:
        """Answers until the engine hangs up."""
        while True:
            ready = select.select([self.channel.fileno(), *self.workers], [], [])[0]
            for handle in [handle for handle in self.workers if handle in ready]:
                self._tell_end(handle)
            if self.channel.fileno() in ready:
                message, handles = _receive(self.channel)
                if message is None:
                    return None
                work = self._answer(message, handles)
                if work is not None:
                    return work

    def code(self) -> Fingerprinter:
        """What reads the sources in a worker: at first what has read ours already, which were still there at the fork.

        It is given once, for it remembers, and while a worker lives sources may change.
        """
        read, self.read = self.read, Fingerprinter()
        return read

    def _answer(self, message: dict[str, Any], handles: Sequence[int]) -> Callable[[], int] | None:
        try:
            if "prepare" in message:
                self._prepare(Path(message["prepare"]))
                _send(self.channel, {"prepared": message["prepare"]})
            elif "reap" in message:
                os.waitpid(message["reap"], 0)
            elif self._fork():
                return partial(self._work, message["fork"], message["environment"], handles)
        except Exception as error:
            _send(self.channel, {"unable": str(error) or type(error).__name__})
        for handle in handles:
            os.close(handle)
        return None

    def _prepare(self, plan_file: Path) -> None:
        """Imports what the jobs of a plan import, and reads what the first moments of each worker read."""
        os.close(os.pidfd_open(os.getpid()))
        plan = thaw(plan_file)
        trained = (address for each in plan.trainings for address in each.addresses)
        addresses = dict.fromkeys([*trained, *(address for job in plan.jobs for address in job.addresses)])
        ours = [address for address in addresses if address.partition(".")[0] in PACKAGES]
        theirs = [address for address in addresses if address not in ours]
        _import([address.rpartition(":")[0] for address in ours] + libraries(theirs))
        if "torch" in sys.modules:
            _import(["torch._dynamo"])  # which it imports itself as soon as an optimiser is made
        _import(["torch"])  # which each worker keeps and reads models with
        self.read.of(ours)
        environment("cpu", 1)
        commit.cache_clear()
        commit()
        for model in _below(Strict):
            model.model_rebuild()
        gc.collect()
        gc.freeze()  # so that the pages of what is here stay shared

    def _fork(self) -> bool:
        """Makes a worker, and tells its id; True in the worker."""
        _check_threads("what it imported")
        if sources.state() != self.state:
            raise Unable("the sources have changed since it started")
        process = os.fork()
        if process == 0:
            return True
        with suppress(OSError):
            os.setpgid(process, process)  # here as in the worker: whoever comes first
        try:
            self.workers[os.pidfd_open(process)] = process
        except OSError:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise
        _send(self.channel, {"forked": process})
        return False

    def _tell_end(self, handle: int) -> None:
        process = self.workers.pop(handle)
        os.close(handle)
        found = os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
        assert found is not None
        code = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
        _send(self.channel, {"ended": process, "code": code})

    def _work(self, arguments: list[str], differences: dict[str, str | None], handles: Sequence[int]) -> int:
        """What a worker does: the command line of `repro.worker.main`."""
        output, progress, lifeline = handles
        begin_anew(output, differences)
        self.channel.close()
        for handle in (self.lifeline, *self.workers):
            os.close(handle)
        sys.argv = [worker.__file__, *arguments]
        return worker.main([*arguments, "--progress", str(progress), "--lifeline", str(lifeline)], self.code)


def _import(modules: Iterable[str]) -> None:
    """Imports modules. One that cannot be imported is left to the worker, whose record then says why."""
    for name in modules:
        with suppress(Exception):
            import_module(name)
        _check_threads(f"importing {name}")


def _check_threads(what: str) -> None:
    """A fork has the thread that forks and the locks of all others: with more than one there is none."""
    number = len(list(Path("/proc/self/task").iterdir()))
    if number > 1 or threading.active_count() > 1:
        raise Unable(f"{what} started threads ({number} run), which a fork would not have")


def _below(model: type[Strict]) -> Iterable[type[Strict]]:
    for child in model.__subclasses__():
        yield child
        yield from _below(child)


def _receive(channel: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """A message with its handles; None when the other end has been closed."""
    try:
        contents, handles, _, _ = socket.recv_fds(channel, MESSAGE_BYTES, 3)
    except ConnectionError:
        return None, []
    return (json.loads(contents) if contents else None), handles


def _send(channel: socket.socket, message: dict[str, Any]) -> None:
    with suppress(ConnectionError):  # the engine is gone: so is this process, in a moment
        channel.send(json.dumps(message).encode())


def main() -> None:
    """Serves until the engine hangs up; in a worker, works."""
    parser = argparse.ArgumentParser(prog="python -m repro.worker.warm", description="Forks workers for an engine.")
    parser.add_argument("store", metavar="STORE")
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--sources", required=True)
    options = parser.parse_args()
    hold(options.lifeline)
    work = Parent(socket.socket(fileno=options.channel), options.lifeline, options.sources).serve()
    run_to_end(work or (lambda: 0))


if __name__ == "__main__":
    main()
