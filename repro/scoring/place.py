"""What `repro score` is pointed at: a file or a pipe, the part of it that is meant, and the form that it is in.

A place is `FILE` or `FILE:NAME`, where NAME is a field of JSON, a column of CSV or TSV, or an array of an .npz. FILE is
a file, a pipe, or `-` for standard input. The form is said by the suffix, whatever its case; a pipe may be given one
(`-.csv`, `<(command).jsonl`), else it is told by what comes out of it. Whatever is wrong is a ValueError of one line.
"""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from repro.data.sources.packed import SUFFIXES, unpacked
from repro.files import most_unpacked

Form: TypeAlias = Literal["text", "csv", "tsv", "json", "jsonl", "npy", "npz"]

FORMS: dict[str, Form] = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".jsonlines": "jsonl", ".npy": "npy", ".npz": "npz", ".txt": "text",
}  # fmt: skip
NAMED: tuple[Form, ...] = ("csv", "tsv", "json", "jsonl", "npz")
BINARY: tuple[Form, ...] = ("npy", "npz")
NO_LINES = frozenset({
    ".arrow", ".bz2", ".doc", ".docx", ".feather", ".h5", ".hdf5", ".html", ".mat", ".ods", ".parquet", ".pdf",
    ".pickle", ".pkl", ".pt", ".pth", ".safetensors", ".sqlite", ".tar", ".tgz", ".xls", ".xlsx", ".xml", ".yaml",
    ".yml", ".zip", ".zst",
})  # fmt: skip
"""Suffixes of files that are no items a line, whatever they hold."""
KNOWN = ".csv, .tsv, .json, .jsonl, .ndjson, .npy and .npz, and text, an item a line, of other suffixes"
STDIN = "/dev/stdin"
"""What `-` stands for on the command line, wherever it is."""


@dataclass(frozen=True)
class Source:
    """How files are read, and what came out of the pipes, each of which can be read only once.

    `head` and `index` answer what a table cannot say by itself: whether its first row is a head, its first column an
    index.
    """

    tokens: str = "whitespace"
    head: bool | None = None
    index: bool | None = None
    _pipes: dict[str, bytes] = field(default_factory=dict, compare=False)

    def piped(self, file: Path) -> bytes:
        """All that came out of a pipe."""
        name = str(file)
        if name not in self._pipes:
            self._pipes[name] = sys.stdin.buffer.read() if name == STDIN else file.read_bytes()
        return self._pipes[name]


@dataclass(frozen=True)
class Place:
    """A file or a pipe, what of it is meant, and its form."""

    file: Path
    name: str | None
    form: Form
    source: Source = field(default_factory=Source)
    is_pipe: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.name}" if self.name else str(self.file)

    @property
    def contents(self) -> bytes:
        """The bytes, unpacked. Raises ValueError where there are none, or they cannot be read."""
        try:
            packed = self.source.piped(self.file) if self.is_pipe else self.file.read_bytes()
        except OSError as error:
            raise ValueError(f"{self.file} cannot be read: {error.strerror or error}") from None
        found = _unpacked(packed, self.file)
        if not found:
            raise ValueError(f"{self.file} is empty")
        return found


def place_of(text: str, source: Source) -> Place:
    """The place that `FILE` or `FILE:NAME` stands for. A file whose own name has a colon comes first."""
    for file, name in _splits(text):
        if name == "":
            continue
        if (pipe := _pipe(file)) is not None:
            return Place(pipe, name, _piped_form(file, pipe, name, source), source, is_pipe=True)
        if file.is_file():
            return Place(file, _checked(file, name), form_of(file), source)
    before, colon, _ = text.rpartition(":")
    meant = before if colon and form_of(Path(before), strict=False) in NAMED else text
    raise ValueError(f"there is no file {meant!r}")


def form_of(file: Path, *, strict: bool = True) -> Form:
    """The form that a file's suffix says, that of what is packed where it is. Raises ValueError for one of no items."""
    is_packed = file.suffix.lower() in SUFFIXES[1:]
    suffix = Path(file.stem).suffix if is_packed else file.suffix
    if strict and suffix.lower() in NO_LINES:
        raise ValueError(f"{file}: files of {suffix} are not read; those of {KNOWN} are")
    form = FORMS.get(suffix.lower(), "text")
    if strict and form in BINARY and is_packed:
        raise ValueError(f"{file}: a packed array is not read: unpack it first")
    return form


def _unpacked(contents: bytes, file: Path) -> bytes:
    return unpacked(contents, file, most_unpacked(len(contents)))


def _splits(text: str) -> Iterator[tuple[Path, str | None]]:
    """The whole text as a file, then each part before a colon with what follows, the longest file first."""
    yield Path(text), None
    at = len(text)
    while (at := text.rfind(":", 0, at)) > 0:
        yield Path(text[:at]), text[at + 1 :]


def _checked(file: Path, name: str | None) -> str | None:
    if name is not None and (form := form_of(file)) not in NAMED:
        kind = "an .npy file is one array" if form == "npy" else "it is read as text, an item a line"
        raise ValueError(f"{file}:{name}: {kind}, which has no part {name!r}: {KNOWN}")
    return name


def _pipe(file: Path) -> Path | None:
    """The pipe that a name stands for: itself, or what is left of it without the suffix that says its form."""
    for name in (file, file.with_suffix("")) if file.suffix.lower() in FORMS else (file,):
        if str(name) == STDIN:
            return name
        try:
            mode = name.stat().st_mode
        except OSError:
            continue
        if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode):
            return name
    return None


def _piped_form(asked: Path, pipe: Path, name: str | None, source: Source) -> Form:
    """The form that was said with a suffix, else what the contents look like; a ValueError asks."""
    if asked != pipe:
        return FORMS[asked.suffix.lower()]
    contents = _unpacked(source.piped(pipe), pipe)
    if contents.startswith(b"\x93NUMPY"):
        return "npy"
    if contents.startswith(b"PK\x03\x04"):
        return "npz"
    first = contents.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")[0]
    if is_json(first):
        if name is None:
            raise ValueError(f"{pipe} looks like JSON lines: say what it is, {pipe}.jsonl, {pipe}.json or {pipe}.txt")
        return "jsonl"
    if name is None:
        return "text"
    if first[:1] in (b"[", b"{"):
        return "json"
    return "tsv" if b"\t" in first else "csv"


def is_json(line: str | bytes) -> bool:
    """Whether a line is a list or an object of JSON, as no line of a text is by chance."""
    try:
        return isinstance(json.loads(line), dict | list)
    except (ValueError, RecursionError):
        return False
