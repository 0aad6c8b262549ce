"""What a data set is to the harness."""

from __future__ import annotations

from typing import Protocol


class MissingData(Exception):
    """A data set is not at hand; the message is one line that says which command or folder supplies it."""


class DataSet(Protocol):
    """A loaded data set. What else it offers is between its task and the methods of that task."""

    @property
    def name(self) -> str:
        """The registry's name."""

    @property
    def checksum(self) -> str:
        """SHA-256 over the contents, as hex."""
