"""The files of a site into a folder: each appears whole or not at all, and pages of a former build go.

A file of the folder's own, `.repro-site.json`, lists what was written. A folder that holds anything and has no such
list is not touched, and nothing that is not on the list is ever removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from repro.files import write_atomic

LIST = ".repro-site.json"


@dataclass(frozen=True)
class Written:
    """How many files were written, were there already with the same contents, and were removed."""

    written: int
    unchanged: int
    removed: int


def write(folder: Path, files: Mapping[str, bytes]) -> Written:
    """Makes the folder hold these files. Raises ValueError where it is something else than a site of ours."""
    former = _former(folder)
    folder.mkdir(parents=True, exist_ok=True)
    # all that may be ours is on the list before it is there: a build that is stopped leaves a folder that goes on
    _write_list(folder, sorted({*former, *files}))
    changed = [name for name, contents in files.items() if _contents(folder / name) != contents]
    for name in changed:
        write_atomic(folder / name, files[name])
    stale = [name for name in former if name not in files]
    for name in stale:
        _remove(folder, name)
    _write_list(folder, sorted(files))
    return Written(len(changed), len(files) - len(changed), len(stale))


def _former(folder: Path) -> list[str]:
    if not folder.exists():
        return []
    if not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder for the site")
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        if any(folder.iterdir()):
            raise ValueError(f"{folder} is not empty and holds no site made by repro; name another folder") from None
        return []
    except ValueError as error:
        raise ValueError(f"{folder / LIST} is damaged ({error}); remove the folder, or name another one") from None
    names = listed.get("files") if isinstance(listed, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) and _is_inside(name) for name in names):
        raise ValueError(f"{folder / LIST} is damaged; remove the folder, or name another one")
    return names


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _write_list(folder: Path, names: list[str]) -> None:
    said = {"about": "files made by `repro site`; its next build replaces them", "files": names}
    write_atomic(folder / LIST, (json.dumps(said, indent=1) + "\n").encode())


def _contents(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _remove(folder: Path, name: str) -> None:
    """Removes a file, and the folders that it leaves empty."""
    (folder / name).unlink(missing_ok=True)
    for parent in (folder / name).parents:
        if parent == folder or not parent.is_dir() or any(parent.iterdir()):
            return
        parent.rmdir()
