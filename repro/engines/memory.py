"""How much memory a worker holds, and whether it was the system that killed it for want of memory."""

from __future__ import annotations

from pathlib import Path

import psutil

NEARLY_ALL = 0.8
COUNTERS = (
    Path("/sys/fs/cgroup/memory.events"),
    Path("/sys/fs/cgroup/memory/memory.oom_control"),
    Path("/proc/vmstat"),
)


def held_bytes(pid: int) -> int:
    """Resident memory of a process and all below it; 0 where it is gone."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.Error:
        return 0
    return sum(_resident(process) for process in family)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


def kills_so_far() -> int:
    """How many processes the kernel has killed for want of memory, in this container or on this machine."""
    return sum(_counted(file) for file in COUNTERS)


def _counted(file: Path) -> int:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.split()[:1] == ["oom_kill"])


def was_the_cause(kills_before: int, last_held_bytes: int) -> bool:
    """The rule for a worker that died by a SIGKILL that nobody here sent: the kernel counts a kill for want of memory
    since the worker started, or the worker held most of the machine's memory when it was last looked at.
    """
    return kills_so_far() > kills_before or last_held_bytes > NEARLY_ALL * psutil.virtual_memory().total
