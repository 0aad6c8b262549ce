"""The names that the project's specs use, read from their text without parsing it: what a misspelt name may have meant.

Reading all specs in full would take as long as loading them; here each is looked through once while it stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from repro.spec import tables
from repro.spec.registered import REGISTRIES, Named

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


def known_names(kinds: Collection[Named], table: str) -> dict[Named, list[str]]:
    """All names of some kinds: those of the registries, and those that specs use, but for the table of an id."""
    if not kinds:
        return {}
    files = [(path, path.stat()) for path in (*tables.all_paths(), *tables.shared_paths())]
    used = _users(tuple((path, state.st_mtime_ns, state.st_size) for path, state in files))
    elsewhere = {kind: [name for name, users in used[kind].items() if users != {table}] for kind in kinds}
    return {kind: list(dict.fromkeys([*REGISTRIES[kind].entries, *elsewhere[kind]])) for kind in kinds}


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
