"""Whose a record is, in one word: what a reader must know before a number is taken for one of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, get_args

from repro.places import is_shipped
from repro.store.record import Record

Origin = Literal[
    "own",  # run here: in the working store
    "imported",  # taken into the store from somebody's bundle
    "accepted",  # among the accepted results of the project that one works in
    "shipped",  # among those that came with repro
]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
MEANS: dict[Origin, str] = {
    "own": "of your own runs", "imported": "imported from a bundle", "accepted": "accepted results of this project",
    "shipped": "shipped with repro",
}  # fmt: skip


def in_store(record: Record) -> Origin:
    """Whose a record of the working store is."""
    return "own" if record.imported is None else "imported"


def in_results(results: Path) -> Origin:
    """Whose the records of a results folder are."""
    return "shipped" if is_shipped(results) else "accepted"


def in_order(origins: Iterable[Origin]) -> tuple[Origin, ...]:
    """The different ones, one's own first."""
    found = set(origins)
    return tuple(each for each in ORIGINS if each in found)


def sentence(origins: Iterable[Origin]) -> str:
    """Whose the numbers of a report are; where they are of several, how to tell. Empty where there are none.

    Example:
        >>> sentence(["shipped"])
        'all numbers are shipped with repro: none was measured here'
        >>> sentence(["shipped", "own"])
        'numbers are of your own runs, but those marked: shipped with repro'
    """
    found = in_order(origins)
    if not found:
        return ""
    if len(found) == 1:
        here = "" if found == ("own",) else ": none was measured here"
        return f"all numbers are {MEANS[found[0]]}{here}"
    others = ", ".join(MEANS[each] for each in found if each != "own")
    if "own" in found:
        return f"numbers are of your own runs, but those marked: {others}"
    return f"numbers are {others}, as marked: none was measured here"
