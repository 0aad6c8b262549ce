"""How a command ends: the exit codes, and the one line that a user reads when something is wrong."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every command says."""

    FINE = 0
    JUDGED = 1  # a judged failure: a failed claim or a deviating cell under --strict
    WRONG_USE = 2  # a wrong command line or a wrong spec
    INCOMPLETE = 3  # a job failed, data are missing, or the program itself is at fault
    NOTHING = 4  # nothing was measured: a comparison that cannot be made is not a pass
    INTERRUPTED = 130  # Ctrl-C; the same command continues


class Failure(Exception):
    """A readable end: one line of what is wrong, and a hint of what to do."""

    def __init__(self, code: Exit, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint
