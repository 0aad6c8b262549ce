"""Writing a file so that a reader, or a crash at any moment, finds the old contents or the new, never a part."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


def write_atomic(path: Path, contents: bytes) -> None:
    """Replaces a file's contents at once and durably; the folder is made where it is missing."""
    with replaced(path) as file:
        file.write(contents)


@contextmanager
def replaced(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes the place of `path` at the end of the block, at once and durably.

    The folder is made where it is missing. A block that raises leaves what was there before. A link stays one, and its
    target is replaced; what is no file, a pipe or a device, is written to.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    path = path.resolve() if path.is_symlink() else path
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        os.replace(temporary, path)  # noqa: PTH105 - the one call whose atomicity is the point
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable; systems on which a folder cannot be opened do without."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


ALWAYS_BYTES, MOST_RATIO = 256 * 1024**2, 100


def most_unpacked(packed_bytes: int) -> int:
    """How many bytes a packed file from anybody may hold: a hundred times its own, or 256 MiB where that is more.

    Texts and arrays pack 2 to 20 to 1, what is made to fill a memory 1000 to 1 and more.
    """
    return max(ALWAYS_BYTES, MOST_RATIO * packed_bytes)


def readable_json(value: Any) -> bytes:
    """Indented JSON with sorted keys, one line for a list of plain values: made for people and their diffs."""
    return (_pretty(value, "") + "\n").encode()


def _pretty(value: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        lines = (f"{deeper}{_plain(name)}: {_pretty(value[name], deeper)}" for name in sorted(value))
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, (dict, list, tuple)) for item in value):
        return "[\n" + ",\n".join(deeper + _pretty(item, deeper) for item in value) + f"\n{indent}]"
    return _plain(value)


def _plain(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def slug(name: str) -> str:
    """A name as part of a file name: letters, digits and single dashes.

    Example:
        >>> slug("four-gaussians/EGAN-Ent-VI (ours)")
        'four-gaussians-egan-ent-vi-ours'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "row"
