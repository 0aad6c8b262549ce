"""The data sets: those of `repro.data.sources.entries`, each loaded as its entry says, and those of families."""

from __future__ import annotations

from repro.registry import families
from repro.registry.table import Registry


def _own() -> dict[str, str]:
    from repro.data.sources.entries import ENTRIES, MADE

    fetched = {entry.name: entry.loader for entry in ENTRIES.values() if entry.loader}
    return families.joined("DATASETS", {**fetched, **{made.name: made.loader for made in MADE}})


DATASETS = Registry("data set", _own, group="repro.datasets")
