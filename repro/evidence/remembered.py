"""What a table's records came to, kept from one command to the next, so that `list` and `report` need not judge again.

An answer is remembered with the state that it was found in: spec, records and sources, each file by its path, size and
time of change. Any other state, a damaged file or a store that cannot be written only means that it is found again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from repro.files import slug, write_atomic
from repro.places import results_of
from repro.spec.check_names import uses
from repro.spec.model import Table
from repro.spec.registered import REGISTRIES, is_there
from repro.spec.tables import shared_files
from repro.store.records import Store

PACKAGES = ("repro", "baselines")


def remembered(what: str, spec: Path, table: str, find: Callable[[], tuple[Any, bool]]) -> Any:
    """What `find` gave in the present state of a table, from memory where it is there.

    `what` names the question. `find` gives the answer, as JSON, and whether it may be remembered: not where it rests on
    code from elsewhere, whose sources are not looked at here (`is_ours`).
    """
    file, state = Store().root / "remembered" / f"{slug(table)}--{slug(what)}.json", _state(spec, table)
    try:
        then, answer = json.loads(file.read_bytes())
    except (OSError, ValueError):
        then = None
    if then == state:
        return answer
    answer, keep = find()
    try:
        if keep:
            write_atomic(file, json.dumps([state, answer]).encode())
    except OSError:  # a store that cannot be written
        pass
    return answer


def is_ours(table: Table) -> bool:
    """Whether all that a table names is of this project, or nowhere: methods, what rows start from or have beside them,
    tasks, metrics, data sets and weights."""
    return all(REGISTRIES[use.kind].is_own(use.name) or not is_there(use.kind, use.name) for use in uses(table))


def _state(spec: Path, table: str) -> str:
    digest = hashlib.sha256(f"{sys.version} {_sources()}".encode())
    for file in (spec.absolute(), *shared_files(spec), *_records(table)):
        digest.update(_seen(file).encode())
    return digest.hexdigest()


def _records(table: str) -> list[Path]:
    folders = (results_of(table) / table / "records", Store().record_file(table, "").parent)
    return [file for folder in folders for file in sorted(folder.glob("*.json"))]


@lru_cache(maxsize=1)
def _sources() -> str:
    return hashlib.sha256("".join(map(_seen, _python_files())).encode()).hexdigest()


def _python_files() -> Iterator[Path]:
    home = Path(__file__).resolve().parents[2]
    return (file for package in PACKAGES for file in sorted((home / package).rglob("*.py")))


def _seen(file: Path) -> str:
    found = file.stat()
    return f"{file} {found.st_size} {found.st_mtime_ns}\n"
