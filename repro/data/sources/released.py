"""Released weights as the state that a training starts from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from repro.data.sources.entry import Entry
from repro.data.sources.find import find


def state_of(entry: Entry, read: Callable[[Mapping[str, Path]], Any]) -> Any:
    """What the reader of weights makes of their files, each of which is found and compared with its checksum.

    Raises MissingData where a file is not at hand, and ValueError where one is not what the entry says.
    """
    found = find(entry)
    found.require()
    for path in found.copies:
        found.contents(path)
    return read({path: copy.path for path, copy in found.copies.items()})
