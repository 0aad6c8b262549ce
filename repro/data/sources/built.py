"""What is built of a data set once and kept in the cache: folders that appear whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from repro.data.sources.seen import Seen
from repro.files import readable_json, write_atomic
from repro.places import cache_directory

SUMS = "sums.json"


def built(kind: str, name: str, version: int, sources: Iterable[Seen], build: Callable[[Path], None]) -> Path:
    """The folder that `build` fills, from the cache where it was filled before from the same contents and version.

    Other processes wait; what a killed one left is cleared. Raises what `build` raises, and leaves nothing then.
    """
    made_of = json.dumps([name, version, [source.sha256 for source in sources]])
    folder = cache_directory() / kind / f"{name}.{hashlib.sha256(made_of.encode()).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_name(f"{folder.name}.lock")):
        if not folder.is_dir():  # another process may have built it while this one waited
            _fill(folder, build)
    return folder


def folders(name: str) -> list[Path]:
    """The folders that were built of a data set."""
    return sorted(path.parent for path in cache_directory().glob(f"*/{name}.*/{SUMS}"))


def damaged(folder: Path) -> list[Path]:
    """The files of a built folder that are not what was built. All of them are read."""
    sums = json.loads((folder / SUMS).read_bytes())
    return [folder / name for name, sha256 in sums.items() if _sha256(folder / name) != sha256]


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fill(folder: Path, build: Callable[[Path], None]) -> None:
    for left in folder.parent.glob(f".{folder.name}.*"):  # of a process that was killed: this one holds the lock
        shutil.rmtree(left)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        build(temporary)
        sums = {path.name: _sha256(path) for path in sorted(temporary.iterdir())}
        write_atomic(temporary / SUMS, readable_json(sums))
        temporary.chmod(0o755)
        temporary.rename(folder)
    except BaseException:
        shutil.rmtree(temporary)
        raise
