"""All data sets that the tables name, by name. A module a kind; none imports more than `repro.data.sources.entry`."""

from __future__ import annotations

from repro.data.sources.entries import binary, classification, generation, images, language, questions
from repro.data.sources.entries.made import MADE as MADE
from repro.data.sources.entry import Entry
from repro.hints import did_you_mean

_KINDS = (binary, classification, generation, images, language, questions)
ENTRIES: dict[str, Entry] = {
    entry.name: entry for entry in sorted((e for kind in _KINDS for e in kind.ENTRIES), key=lambda entry: entry.name)
}


def entry(name: str) -> Entry:
    """The entry of a data set. Raises ValueError that suggests the closest name."""
    if name not in ENTRIES:
        raise ValueError(f"no data set {name!r}{did_you_mean(name, ENTRIES)} (all: repro data list)")
    return ENTRIES[name]
