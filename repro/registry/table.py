"""The names of one kind of thing that a spec may use, each with the address that it stands for.

A name is one of the project's own, one that an installed package adds by an entry point, or itself an address:
`package.module:Name`, or `file.py:Name` for what lies beside a spec or in the working directory. Nothing is imported,
and no file is run, before `load`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from repro.hints import did_you_mean as did_you_mean
from repro.registry import addresses


class Registry:
    """One kind of thing. `own` gives the project's names when they are first needed, `group` is that of entry points.

    The project's own names win over entry points of the same name, which are read only where a name is not one of them.
    """

    def __init__(self, kind: str, own: Callable[[], Mapping[str, str]], group: str = "") -> None:
        self.kind = kind
        self._find_own, self._group = own, group

    @cached_property
    def own(self) -> Mapping[str, str]:
        """The project's own names with their addresses."""
        return self._find_own()

    @cached_property
    def entries(self) -> dict[str, str]:
        """All names with their addresses, in order."""
        named = {**_entry_points().get(self._group, {}), **self.own}
        return {name: named[name] for name in sorted(named)}

    def __contains__(self, name: str) -> bool:
        """Whether there is such a name; an address is none."""
        return self._find(name) is not None

    def is_own(self, name: str) -> bool:
        """Whether a name is the project's own, neither an entry point's nor an address."""
        return name in self.own

    def check(self, name: str, *, beside: Path | None = None) -> str:
        """The name itself, or a ValueError that says what is wrong with it and suggests the closest known one.

        Of an address, the file or module must be there and define the name; neither is run. `beside` is the folder
        that files are relative to, by default the working directory.
        """
        if addresses.is_address(name):
            addresses.check(name, f"{self.kind} {name}", beside)
            return name
        if name in self:
            return name
        raise ValueError(self._unknown(name))

    def address(self, name: str, beside: Path | None = None) -> str:
        """`module:attribute` or `/absolute/file.py:attribute` of a name or address, without importing either."""
        if addresses.is_address(name):
            return addresses.absolute(name, beside)
        found = self._find(name)
        return self._find(self.check(name)) or "" if found is None else found

    def load(self, name: str, beside: Path | None = None) -> Any:
        """The object; its module or file is run here and only here."""
        return addresses.load(self.address(name, beside))

    def _find(self, name: str) -> str | None:
        whole: dict[str, str] | None = self.__dict__.get("entries")  # where all names are known, they are what counts
        if whole is not None:
            return whole.get(name)
        return self.own.get(name) or self.entries.get(name)

    def _unknown(self, name: str) -> str:
        known = list(self.entries)
        return f"unknown {self.kind} {name!r}{did_you_mean(name, known)} (known: {', '.join(sorted(known))})"


@cache
def _entry_points() -> dict[str, dict[str, str]]:
    """All groups of entry points that are the project's, read once: each name with its address."""
    from importlib.metadata import entry_points

    found = entry_points()
    ours = [group for group in found.groups if group.startswith("repro.")]
    return {group: {point.name: point.value for point in found.select(group=group)} for group in ours}
