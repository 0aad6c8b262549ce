"""Released weights: where they come from, their checksums and licence, and what reads them.

A family declares them as literals in its `__init__.py`:

    WEIGHTS = {
        "tiny-language-model": {
            "title": "Language model of 120 words", "paper": "Author et al. (2019), Title", "licence": "MIT",
            "home": "https://example.org/model", "reader": "files:read_released",
            "files": [{"path": "model.pt", "url": "https://example.org/model.pt", "sha256": "...", "bytes": 1234}],
        }
    }

A file without an address is one that no command may fetch; `how` then says how one gets it. One's own weights are such
a dictionary at the top level of a file, named `file.py:NAME`. All of it is read from source. `repro data` lists, gets
and verifies weights as it does data sets, in a folder of the same name.

The reader is a function of the checked files by their `path`; it gives the state that a training starts from, as the
model of another training would leave it: nested dictionaries and lists of tensors, numbers, words and None.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from repro.data.sources.entry import Download, Entry, File
from repro.registry import addresses, families
from repro.registry.table import Registry

KIND = "released weights"
SPLIT = "weights"
_TEXTS = ("title", "paper", "licence", "home", "reader")
_MORE = ("files", "how", "note")
_OF_FILE = {"path": str, "sha256": str, "bytes": int}


class Weights(Registry):
    """Names of released weights, each with its entry; the address of a name is that of its reader."""

    @cached_property
    def own_entries(self) -> dict[str, Entry]:
        """The weights of all families by name, in order. Raises ValueError for a declaration that is not whole."""
        found = {
            name: entry_of(name, given, f"{families.PACKAGE}.{family}.")
            for family, name, given in families.declared("WEIGHTS")
        }
        return {name: found[name] for name in sorted(found)}

    def entry(self, name: str, beside: Path | None = None) -> Entry:
        """What is known of weights by name or address. Raises ValueError for an unknown name, or what is no entry."""
        if name in self.own_entries:
            return self.own_entries[name]
        address = super().address(name, beside)
        module, attribute = addresses.source_of(address, f"{self.kind} {name}")
        try:
            given = ast.literal_eval(module.assigned[attribute])
        except (KeyError, ValueError):
            raise ValueError(f"{self.kind} {name}: {module.file.name} has no literal dictionary {attribute}") from None
        place = address.rpartition(":")[0]
        return entry_of(attribute, given, place if place.endswith(".py") else f"{place.rpartition('.')[0]}.")

    def check(self, name: str, *, beside: Path | None = None) -> str:
        """The name itself. Raises ValueError for an unknown name, and for an address that leads to no whole entry."""
        if addresses.is_address(name):
            self.entry(name, beside)
            return name
        return super().check(name, beside=beside)

    def address(self, name: str, beside: Path | None = None) -> str:
        """Where the reader is."""
        return self.entry(name, beside).loader

    def checksum(self, name: str, beside: Path | None = None) -> str:
        """SHA-256 over the checksums of the files, in the order of their paths; of one file its own."""
        sums = [str(file.sha256) for file in sorted(self.entry(name, beside).files, key=lambda file: file.path)]
        return sums[0] if len(sums) == 1 else hashlib.sha256("".join(sums).encode()).hexdigest()


def entry_of(name: str, given: Any, home: str) -> Entry:
    """The entry of a declaration whose reader is in the package or file `home`. Raises ValueError, in one line."""
    problem = _problem(given)
    if problem:
        raise ValueError(f"{KIND} {name}: {problem}")
    files = [(each, File(each["path"], SPLIT, each["sha256"], each["bytes"])) for each in given["files"]]
    reader = given["reader"]
    return Entry(
        name=name,
        title=given["title"],
        paper=given["paper"],
        licence=given["licence"],
        home=given["home"],
        unit="tensors",
        splits={SPLIT: None},
        files=tuple(file for _, file in files),
        loader=f"{home}:{reader}" if home.endswith(".py") else f"{home}{reader}",
        smoke="",
        downloads=tuple(
            Download(each["url"], file.path, file.sha256, file.bytes) for each, file in files if "url" in each
        ),
        how=given.get("how", ""),
        note=given.get("note", ""),
        kind=KIND,
    )


def _problem(given: Any) -> str:
    """What is wrong with a declaration, in words; empty where nothing is."""
    if not isinstance(given, Mapping):
        return "a dictionary is expected"
    if unknown := [key for key in given if key not in (*_TEXTS, *_MORE)]:
        return f"unknown key {unknown[0]!r} (known: {', '.join((*_TEXTS, *_MORE))})"
    if lacking := [key for key in _TEXTS if not isinstance(given.get(key), str) or not given[key]]:
        return f"it needs a text for {lacking[0]!r}"
    files = given.get("files")
    if not isinstance(files, list) or not files:
        return "it needs a list of 'files'"
    for file in files:
        if not isinstance(file, dict) or any(not isinstance(file.get(key), kind) for key, kind in _OF_FILE.items()):
            return "a file needs 'path', 'sha256' and 'bytes', and 'url' where a command may fetch it"
        if not re.fullmatch("[0-9a-f]{64}", file["sha256"]):
            return f"the sha256 of {file['path']} must be 64 hexadecimal digits"
    if bool(given.get("how")) == any("url" in file for file in files):
        return "either its files have a 'url', or it says by 'how' they are had"
    return ""


WEIGHTS: Weights = Weights(
    KIND, lambda: {name: entry.loader for name, entry in WEIGHTS.own_entries.items()}, group="repro.weights"
)
