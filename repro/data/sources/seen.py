"""What the contents of files were when they were last read, so that a large file is not hashed at every use.

A file is taken for unchanged while its size and the time of its last change are what they were; `verify` reads again.
One small JSON file for each path seen, in the cache folder: processes that look at one file at once do no harm.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from repro.data.sources.packed import sha256
from repro.files import readable_json, write_atomic
from repro.places import cache_directory


@dataclass(frozen=True)
class Seen:
    """A file as it was read: `size` and `mtime_ns` are those of the file, `sha256` and `bytes` of its contents."""

    path: str
    size: int
    mtime_ns: int
    sha256: str
    bytes: int


def remembered(path: Path) -> Seen | None:
    """What is known of a path from before, whether or not it is still so."""
    try:
        return Seen(**json.loads(_note(path).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def look(path: Path, *, limit: int | None = None, afresh: bool = False) -> Seen:
    """The state of a file's contents: from memory where the file has not changed, else by reading it.

    Nothing is remembered here. Raises ValueError where it is truncated, damaged, or longer than `limit` bytes.
    """
    known, stat = remembered(path), path.stat()
    if known and not afresh and (known.size, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
        return known
    found, length = sha256(path, limit)
    return Seen(str(path), stat.st_size, stat.st_mtime_ns, found, length)


def remember(seen: Seen) -> None:
    """Keeps the state of a file's contents. Raises ValueError where the cache folder cannot be written."""
    if remembered(Path(seen.path)) == seen:
        return
    try:
        write_atomic(_note(Path(seen.path)), readable_json(asdict(seen)))
    except OSError as error:
        raise ValueError(
            f"cannot write the cache folder {cache_directory()} ({error.strerror}): name another in REPRO_CACHE"
        ) from error


def _note(path: Path) -> Path:
    return cache_directory() / "seen" / f"{hashlib.sha256(str(path).encode()).hexdigest()[:32]}.json"
