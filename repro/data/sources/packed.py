"""Files that may be packed: `.xz` and `.gz` are read as what they hold, everything else as it is."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

SUFFIXES = ("", ".xz", ".gz")
CHUNK_BYTES = 1 << 20
GREATEST_RATIO = 2_000
"""LZMA packs zeros about 7000 to 1 and gzip 1032 to 1; no data set of ours comes near either."""
_READERS: dict[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
"""How packed contents begin: no text does."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file's contents, unpacked as they are read. Raises ValueError where it turns out truncated or no archive."""
    with _named(path), _open(path) as file:
        yield file


def unpacked(contents: bytes, path: Path, limit: int) -> bytes:
    """What is packed, by how it begins and not by what its file is called; all else as it is. Raises ValueError as
    `opened`, beyond `limit` bytes, and for a name that says packed of what is not.
    """
    reader = next((reader for begins, reader in _READERS.items() if contents.startswith(begins)), None)
    if reader is None:
        if contents and path.suffix.lower() in SUFFIXES[1:]:
            raise ValueError(f"{path} is damaged: its contents are not packed")
        return contents
    with _named(path), reader(io.BytesIO(contents)) as file:
        found: bytes = file.read(limit + 1)
    if len(found) > limit:
        raise ValueError(f"{path} holds more than the {limit:,} bytes that it may")
    return found


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What goes wrong while packed contents are read, in a line that names their file."""
    try:
        yield
    except EOFError as error:
        raise ValueError(f"{path} is truncated: its packed contents end too early") from error
    except (lzma.LZMAError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


def chunks(path: Path, limit: int | None = None) -> Iterator[bytes]:
    """The contents in pieces of at most a mebibyte. Raises ValueError beyond `limit` bytes, or far beyond the packing
    that real data reach."""
    most = path.stat().st_size * GREATEST_RATIO if limit is None else limit
    seen = 0
    with opened(path) as file:
        while chunk := file.read(CHUNK_BYTES):
            seen += len(chunk)
            if seen > most:
                raise ValueError(f"{path} holds more than the {most:,} bytes that it may")
            yield chunk


def lines(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """The lines without their ends. Only a newline ends a line: texts hold U+0085 and other breaks within lines."""
    with opened(path) as file:
        for line in file:
            yield line.decode(encoding).removesuffix("\n")


def sha256(path: Path, limit: int | None = None) -> tuple[str, int]:
    """SHA-256 as hex, and length in bytes, of the contents."""
    digest, length = hashlib.sha256(), 0
    for chunk in chunks(path, limit):
        digest.update(chunk)
        length += len(chunk)
    return digest.hexdigest(), length


def _open(path: Path) -> BinaryIO:
    if path.suffix == ".xz":
        return cast(BinaryIO, lzma.open(path))
    return cast(BinaryIO, gzip.open(path) if path.suffix == ".gz" else path.open("rb"))
