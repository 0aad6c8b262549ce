"""How a forked process becomes one like a process that was started anew, and how it ends."""

from __future__ import annotations

import atexit
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import util
from typing import Any, NoReturn

import numpy as np


def begin_anew(output: int, environment: Mapping[str, str | None]) -> None:
    """Leads a group of its own, writes to `output`, changes the environment (None removes a variable), and forgets
    what was drawn and what was put off to the end before the fork.
    """
    os.setpgid(0, 0)
    for standard in (1, 2):
        os.dup2(output, standard)
    os.close(output)
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    np.random.seed()
    _put_off_nothing()


def run_to_end(work: Callable[[], int]) -> NoReturn:
    """Runs, and ends as an interpreter does, but for taking all modules apart, which takes longer than small jobs."""
    try:
        code = work()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _put_off_nothing() -> None:
    """Leaves to the parent what its libraries do at the end of a process: torch takes 60 ms to sweep up after itself.

    What is put off from here on is done. So is what the standard library puts off once and for all.
    """
    processes: Any = util
    finalizers: Any = weakref.finalize
    atexit._clear()
    atexit.register(processes._exit_function)  # ends what the job started with multiprocessing, and left
    for finalizer in finalizers._registry:
        finalizer.atexit = False
    finalizers._registered_with_atexit = False
