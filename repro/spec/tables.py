"""Where the specs are, and which file a name on the command line means."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from repro.registry import did_you_mean
from repro.spec import yaml12
from repro.spec.model import DOCUMENTS

SHARED_FILE = "configurations.yaml"
"""In the folder of a family: no table, but configurations that its tables share (`repro.spec.shared`)."""

_SOURCE = re.compile(r"^source:.*?(?=^[^\s#]|\Z)", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9.-]*")


def tables_directory() -> Path:
    """The checkout's `tables/`, or the copy inside an installed package."""
    package = _package(__file__)
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / "tables").is_dir():
        return checkout / "tables"
    return package / "_shipped" / "tables"


@lru_cache(maxsize=8)
def _package(file: str) -> Path:
    return Path(file).resolve().parents[1]


def all_paths() -> list[Path]:
    """Every spec that comes with the project, in order of id."""
    return [path for path in _files() if path.name != SHARED_FILE]


def own_paths() -> list[Path]:
    """Every spec below `tables/` of the working directory, where that is not the project itself."""
    here = Path("tables")
    if here.resolve() == tables_directory().resolve():
        return []
    return sorted(path for path in here.glob("*/*.yaml") if path.name != SHARED_FILE)


def shared_paths() -> list[Path]:
    """Every file of shared configurations that comes with the project."""
    return [path for path in _files() if path.name == SHARED_FILE]


def shared_files(spec: Path) -> list[Path]:
    """Every file of shared configurations that a spec may use: the project's, and those of the folders beside it."""
    beside = spec.absolute().parent.parent.glob(f"*/{SHARED_FILE}")
    return list(dict.fromkeys([*shared_paths(), *sorted(beside)]))


def _files() -> tuple[Path, ...]:
    with os.scandir(tables_directory()) as papers:
        return _paths(tuple(sorted((paper.path, paper.stat().st_mtime_ns) for paper in papers if paper.is_dir())))


@lru_cache(maxsize=8)
def _paths(papers: tuple[tuple[str, int], ...]) -> tuple[Path, ...]:
    """A folder's time changes when a file comes or goes."""
    return tuple(sorted(path for paper, _ in papers for path in Path(paper).glob("*.yaml")))


def id_of(path: Path) -> str | None:
    """The id that a file must have because of where it is; None outside the project's tables."""
    try:
        inner = path.resolve().relative_to(tables_directory().resolve())
    except ValueError:
        return None
    return inner.with_suffix("").as_posix()


def find(name: str) -> Path:
    """The file of a table: by id (`mos/rank-ptb`), as printed (`dai2019/A.6`), or the path of a file itself.

    An id that is none of the project's may be that of a spec below `tables/` of the working directory.
    """
    for folder in (tables_directory(), Path("tables")) if _ID.fullmatch(name) else ():
        path = folder / f"{name}.yaml"
        if path.name != SHARED_FILE and path.is_file():
            return path
    if name.endswith((".yaml", ".yml")):
        if Path(name).is_file():
            return Path(name)
        raise ValueError(f"there is no file {name!r}")
    printed = [(source, path) for path in all_paths() for source in sources(path)]
    found = [path for source, path in printed if source == name]
    if len(found) > 1:
        ids = " and ".join(repr(id_of(path)) for path in found)
        raise ValueError(f"{name!r} is {ids}; name one of them by its id")
    if found:
        return found[0]
    known = [str(id_of(path)) for path in all_paths()] + [source for source, _ in printed]
    raise ValueError(f"unknown table {name!r}{did_you_mean(name, known)} (`repro list` shows all)")


def sources(path: Path) -> Iterator[str]:
    """`document/number` of a spec and its aliases, read from its `source:` block alone; nothing from a broken file."""
    state = path.stat()
    yield from _sources(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1024)
def _sources(path: Path, changed: int, size: int) -> tuple[str, ...]:  # noqa: ARG001 - the state that was read
    text = path.read_text(encoding="utf-8", errors="replace")
    block = _SOURCE.search(text)
    source = _source(block[0]) if block else None
    if source is None:
        source = _source(text)
    if source is None:
        return ()
    aliases = source.get("aliases")
    numbers = (source.get("table"), *(aliases if isinstance(aliases, tuple) else ()))
    return tuple(_printed_as(source.get("document"), number) for number in numbers if isinstance(number, str))


def _printed_as(document: object, number: str) -> str:
    return number if number.partition("/")[0] in DOCUMENTS and "/" in number else f"{document}/{number}"


def _source(text: str) -> dict[str, object] | None:
    data = yaml12.parse(text).data
    source = data.get("source") if isinstance(data, dict) else None
    return source if isinstance(source, dict) else None
