"""Single members out of tar and zip archives that a stranger may have made.

Nothing is ever written where an archive says: each wanted member's contents go to a path that the caller names. An
archive in which any name leaves its folder is refused altogether, since nobody makes one by mistake.
"""

from __future__ import annotations

import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from repro.data.sources.tensors import first_line

CHUNK_BYTES = 1 << 20
GREATEST_BYTES = 1 << 38
"""256 GiB: beyond the largest file of any data set here. A member's own limit is the size that the entry states."""


def extract(archive: Path, members: Mapping[str, Path], limits: Mapping[str, int | None]) -> None:
    """Writes the named members to the given paths, each of which must be free.

    Raises ValueError, in one line, for what is no archive, truncated, lacks a member, has it as a link or folder,
    holds names that are absolute or climb with `..`, or a member of more bytes than its limit.
    """
    try:
        if zipfile.is_zipfile(archive):
            _from_zip(archive, members, limits)
        else:
            _from_tar(archive, members, limits)
    except (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(f"{archive} is truncated or no archive: {first_line(error)}") from error


def safe_name(archive: Path, name: str) -> str:
    """A member's name without `./`. Raises ValueError where it would leave the folder it is unpacked in."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        raise ValueError(f"{archive} is refused: its member {name!r} would be written outside the folder")
    return str(path)


def _from_tar(archive: Path, members: Mapping[str, Path], limits: Mapping[str, int | None]) -> None:
    with tarfile.open(archive, "r:*") as tar:
        found = {safe_name(archive, member.name): member for member in tar.getmembers()}
        _all_there(archive, members, found)
        for name, target in members.items():
            member = found[name]
            file = tar.extractfile(member) if member.isreg() else None
            if file is None:
                raise ValueError(f"{archive} is refused: its member {name!r} is a link or a folder, not a file")
            with file:
                _write(archive, name, file, target, limits.get(name))


def _from_zip(archive: Path, members: Mapping[str, Path], limits: Mapping[str, int | None]) -> None:
    with zipfile.ZipFile(archive) as zipped:
        found = {safe_name(archive, info.filename): info for info in zipped.infolist()}
        _all_there(archive, members, found)
        for name, target in members.items():
            kind = found[name].external_attr >> 28  # the high bits of a Unix mode: 0o10 for a file, 0 where none is set
            if found[name].is_dir() or kind not in (0, 0o10):
                raise ValueError(f"{archive} is refused: its member {name!r} is a link or a folder, not a file")
            with zipped.open(found[name]) as file:
                _write(archive, name, file, target, limits.get(name))


def _all_there(archive: Path, members: Mapping[str, Path], found: Mapping[str, object]) -> None:
    missing = [name for name in members if name not in found]
    if missing:
        raise ValueError(f"{archive} lacks {', '.join(missing)}: it is another edition, or truncated")


def _write(archive: Path, name: str, file: IO[bytes], target: Path, limit: int | None) -> None:
    most, written = GREATEST_BYTES if limit is None else limit, 0
    with target.open("xb") as out:
        while chunk := file.read(CHUNK_BYTES):
            written += len(chunk)
            if written > most:
                raise ValueError(f"{archive} is refused: its member {name!r} holds more than {most:,} bytes")
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
