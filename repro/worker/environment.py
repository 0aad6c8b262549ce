"""Where a job runs: versions, machine, memory and the state of the code's repository."""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path

import repro
from repro import distribution
from repro.devices import described
from repro.store.record import Environment

PACKAGES = ("repro", "numpy", "scipy", "torch", "torchvision", "numba", "scikit-learn")


def environment(device: str, threads: int) -> Environment:
    """The machine and the versions that numbers may depend on."""
    return Environment(
        python=platform.python_version(),
        packages={name: found for name in PACKAGES if (found := _version(name))},
        platform=platform.platform(),
        processor=_processor(),
        device=described(device),
        threads=threads,
    )


def peak_memory_bytes() -> int:
    """The most memory that this process held, plus that of its largest finished child if that held more.

    One that held less is left out, since nobody knows how much it was: on Linux a program that is started counts from
    what the process held that started it, git and ldconfig as well. In a worker that was forked, memory that it shares
    with its parent counts, as far as it was used, as in a new process that has imported the same.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    own = _field(Path("/proc/self/status"), "VmHWM")
    # getrusage is second choice, for the same reason
    held = int(own.split()[0]) * 1024 if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return held + (children if children > held else 0)


@cache
def commit() -> str | None:
    """The commit of the code that runs, marked `-dirty` where tracked files differ; None outside a repository."""
    root = Path(repro.__file__).parent
    if _git(root, "ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    head = _git(root, "rev-parse", "HEAD")
    return head and head + ("-dirty" if _git(root, "status", "--porcelain", "--untracked-files=no") else "")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def _version(package: str) -> str | None:
    if package == "repro":
        return distribution.version()
    try:
        return installed(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    return _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _field(file: Path, name: str) -> str:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
