"""Ties a worker to its driver: when the driver is gone, however it went, no worker stays behind."""

from __future__ import annotations

import fcntl
import os
import platform
import select
import signal
import threading


def hold(handle: int) -> None:
    """Kills this process's group as soon as the other end of a pipe is closed. The driver never writes to it.

    On Linux the kernel does it, so that it works while Python is busy in compiled code; elsewhere a thread does.
    """
    if platform.system() == "Linux":
        fcntl.fcntl(handle, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(handle, 10, signal.SIGKILL)  # F_SETSIG, which Python has no name for before 3.13
        fcntl.fcntl(handle, fcntl.F_SETFL, fcntl.fcntl(handle, fcntl.F_GETFL) | fcntl.FASYNC)
        if select.select([handle], [], [], 0)[0]:  # it was closed before anybody watched
            os.killpg(0, signal.SIGKILL)
        return
    threading.Thread(target=_watch, args=(handle,), daemon=True).start()


def _watch(handle: int) -> None:
    os.read(handle, 1)
    os.killpg(0, signal.SIGKILL)
