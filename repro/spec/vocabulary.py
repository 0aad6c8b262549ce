"""The names that the project's specs use, read from their text without parsing it: what a misspelt name may have meant.

Reading all specs in full would take as long as loading them; here each is looked through once while it stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from repro.spec import tables
from repro.spec.registered import REGISTRIES, Named, is_there

_KINDS: dict[str, Named] = {
    "task": "task",
    "metric": "metric",
    "score": "metric",
    "method": "method",
    "planned": "method",
    "data": "data set",
    "paper": "data set",
    "laptop": "data set",
    "smoke": "data set",
    "draw": "figure",
    "weights": "weights",
}
_NAME = r"[\"']?([A-Za-z0-9][\w.+-]*)[\"']?\s*(?=[,}\n#])"
_SAID = re.compile(rf"(?<![\w-])({'|'.join(_KINDS)}):[ ]*{_NAME}")
_SOURCE = re.compile(r"^source:.*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Vocabulary:
    """What names mean something to one table: those of the registries, and those that other specs use."""

    table: str
    users: Mapping[Named, Mapping[str, set[str]]]

    def knows(self, kind: Named, name: str) -> bool:
        """Whether a registry or another spec has the name."""
        return is_there(kind, name) or bool(self.users[kind].get(name, set()) - {self.table})

    def names(self, kind: Named) -> list[str]:
        """All names of a kind that it knows."""
        used = (name for name, users in self.users[kind].items() if users != {self.table})
        return list(dict.fromkeys([*REGISTRIES[kind].entries, *used]))


def vocabulary(table: str) -> Vocabulary:
    """The vocabulary of the table of an id, or of a file of shared configurations (`mos/configurations`)."""
    files = [(path, path.stat()) for path in (*tables.all_paths(), *tables.shared_paths())]
    return Vocabulary(table, _users(tuple((path, state.st_mtime_ns, state.st_size) for path, state in files)))


@lru_cache(maxsize=2)
def _users(states: tuple[tuple[Path, int, int], ...]) -> Mapping[Named, Mapping[str, set[str]]]:
    """By kind and name the specs that use it, `family/name`, in the present state of the files."""
    found: dict[Named, dict[str, set[str]]] = {kind: {} for kind in REGISTRIES}
    for path, _, _ in states:
        for kind, name in names_in(path.read_text(encoding="utf-8", errors="replace")):
            found[kind].setdefault(name, set()).add(f"{path.parent.name}/{path.stem}")
    return found


def names_in(text: str) -> Iterator[tuple[Named, str]]:
    """The names that the text of a spec uses, with their kinds.

    Example:
        >>> sorted(names_in("task: seq2seq\\ndata: {paper: snli, smoke: toy-nli}\\nrows:\\n- planned: gan\\n"))
        [('data set', 'snli'), ('data set', 'toy-nli'), ('method', 'gan'), ('task', 'seq2seq')]
    """
    for said, name in _SAID.findall(_SOURCE.sub("", text)):
        yield _KINDS[said], name
