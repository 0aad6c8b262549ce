"""Files that may be packed: `.xz` and `.gz` are read as what they hold, everything else as it is."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

SUFFIXES = ("", ".xz", ".gz")
CHUNK_BYTES = 1 << 20
GREATEST_RATIO = 2_000
"""LZMA packs zeros about 7000 to 1 and gzip 1032 to 1; no data set of ours comes near either."""


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file's contents, unpacked as they are read. Raises ValueError where it turns out truncated or no archive."""
    try:
        with _open(path) as file:
            yield file
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
