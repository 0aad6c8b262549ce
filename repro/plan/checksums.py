"""Checksums of data sets, remembered in a file, so that a plan need not load (or sample) all its data again.

What is remembered is found under the code that makes the data set. A worker compares the contents that it trains on
with the plan's checksum, so that files which changed under unchanged code are noticed before they are used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from repro.contracts import MissingData
from repro.files import readable_json, write_atomic
from repro.plan.addresses import address
from repro.plan.fingerprint import Fingerprinter
from repro.plan.key import canonical
from repro.registry import DATASETS

MISSING = "missing"
"""Stands for the checksum of a data set that is not at hand: its jobs have a key, and fail with `missing data`."""


@dataclass
class Checksums:
    """Gives a data set its checksum: from the file where it is known there, else from the data."""

    file: Path
    _code: Fingerprinter = field(default_factory=Fingerprinter)

    def __call__(self, data: str) -> str:
        """SHA-256 over the contents of a data set, or MISSING."""
        entry = canonical([data, self._code.of([address(DATASETS, data)]).digest]).decode()
        known = self._read()
        if entry not in known:
            found = _computed(data)
            if found == MISSING:
                return MISSING
            known = {**self._read(), entry: found}
            try:
                write_atomic(self.file, readable_json(known))
            except OSError:  # a store that cannot be written: the next plan loads its data again
                return found
        return known[entry]

    def _read(self) -> dict[str, str]:
        try:
            known = json.loads(self.file.read_bytes())
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}


def _computed(data: str) -> str:
    from repro.objects import load

    try:
        return str(load(address(DATASETS, data))().checksum)
    except MissingData:
        return MISSING
