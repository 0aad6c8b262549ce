"""A data set of three small files, and the ways in which it may come."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from repro.data.sources.entry import Download, Entry, File

TEXTS = {"train.txt": b"a b c\n" * 101, "valid.txt": b"b c\n" * 7, "test.txt": b"c\n" * 5}
MEMBERS = tuple((f"toy/{path}", path) for path in TEXTS)


def files(*, known: bool = True) -> tuple[File, ...]:
    """The files, with or without their checksums."""
    return tuple(
        File(path, path.removesuffix(".txt"), hashlib.sha256(text).hexdigest(), len(text))
        if known
        else File(path, path.removesuffix(".txt"))
        for path, text in TEXTS.items()
    )


def toy(*downloads: Download, known: bool = True, name: str = "toy") -> Entry:
    """The entry."""
    return Entry(
        name=name, title="A toy", paper="none", licence="none", home="http://toy", unit="lines",
        splits={"train": 101, "valid": 7, "test": 5}, files=files(known=known), loader="tests:none",
        smoke="toy-language", downloads=downloads,
    )  # fmt: skip


def licensed(how: str) -> Entry:
    """The entry as one that no command may fetch."""
    return replace(toy(), how=how)


def tar(members: Mapping[str, bytes], mode: str = "w:gz", links: Mapping[str, str] | None = None) -> bytes:
    """An archive with these members, whatever their names, and symbolic links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # the mode is a variable
        for name, text in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(text)
            archive.addfile(about, io.BytesIO(text))
        for name, target in (links or {}).items():
            about = tarfile.TarInfo(name)
            about.type, about.linkname = tarfile.SYMTYPE, target
            archive.addfile(about)
    return buffer.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip archive with these members, whatever their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


ALL_MEMBERS = {member: TEXTS[path] for member, path in MEMBERS}
