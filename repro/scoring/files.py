"""Reads the files that `repro score` is given: text, JSON lines, CSV, .npy and .npz.

A place is `FILE` or `FILE:NAME`, where NAME is a field of JSON lines, a column of CSV or an array of an .npz. Whatever
is wrong with a file is a ValueError of one line that names the file and, where there is one, the line.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

BINARY = (".npy", ".npz")
NAMED = (".jsonl", ".csv", ".npz")


@dataclass(frozen=True)
class Place:
    """A file and what of it is meant."""

    file: Path
    name: str | None

    def __str__(self) -> str:
        return f"{self.file}:{self.name}" if self.name else str(self.file)


def place_of(text: str) -> Place:
    """The place that `FILE` or `FILE:NAME` stands for."""
    file, colon, name = text.rpartition(":")
    if colon and not Path(text).exists() and Path(file).suffix in NAMED:
        place = Place(Path(file), name)
    else:
        place = Place(Path(text), None)
    if not place.file.is_file():
        raise ValueError(f"there is no file {str(place.file)!r}")
    return place


def lines(file: Path) -> list[str]:
    """The lines of a UTF-8 file, without their ends; an empty file has none, which is an error."""
    try:
        text = file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise ValueError(f"{file}:{line}: not UTF-8 text") from None
    if not text:
        raise ValueError(f"{file} is empty")
    return text.removesuffix("\n").replace("\r\n", "\n").split("\n")


def values(place: Place) -> Iterator[tuple[int, Any]]:
    """The items of a file of lines, each with its line: texts of text and CSV, JSON values of JSON lines."""
    suffix = place.file.suffix
    if suffix == ".jsonl":
        yield from _json_values(place)
    elif suffix == ".csv":
        yield from _csv_column(place)
    else:
        yield from enumerate(lines(place.file), start=1)


def _json_values(place: Place) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines(place.file), start=1):
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{place.file}:{number}: no JSON: {error.msg}") from None
        if isinstance(value, dict) and place.name is None:
            raise ValueError(f"{place.file}:{number}: name the field, one of {', '.join(value)}: {place.file}:FIELD")
        if place.name is not None:
            if not isinstance(value, dict) or place.name not in value:
                raise ValueError(f"{place.file}:{number}: there is no field {place.name!r}")
            value = value[place.name]
        yield number, value


def csv_rows(file: Path) -> list[tuple[int, list[str]]]:
    """All rows of a CSV file, the head too, each with its line; all are equally long."""
    reader = csv.reader(lines(file), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ValueError(f"{file}:{reader.line_num}: no CSV: {error}") from None
    for number, row in rows:
        if len(row) != len(rows[0][1]):
            raise ValueError(f"{file}:{number}: {len(row)} columns, the first line has {len(rows[0][1])}")
    return rows


def _csv_column(place: Place) -> Iterator[tuple[int, str]]:
    (_, head), *rows = csv_rows(place.file)
    if place.name is None and len(head) > 1:
        raise ValueError(f"{place.file}: name the column, one of {', '.join(head)}: {place.file}:COLUMN")
    if place.name is not None and place.name not in head:
        raise ValueError(f"{place.file}: there is no column {place.name!r}, only {', '.join(head)}")
    column = 0 if place.name is None else head.index(place.name)
    yield from ((number, row[column]) for number, row in rows)


def array(place: Place) -> np.ndarray:
    """An array as it is stored."""
    if place.file.suffix not in BINARY:
        raise ValueError(f"{place.file}: an .npy or .npz file is expected here")
    loaded = _load(place.file)
    if isinstance(loaded, np.ndarray):
        return loaded
    if place.name is None and len(loaded) > 1:
        raise ValueError(f"{place.file}: name the array, one of {', '.join(loaded)}: {place.file}:ARRAY")
    if place.name is not None and place.name not in loaded:
        raise ValueError(f"{place.file}: there is no array {place.name!r}, only {', '.join(loaded)}")
    return next(iter(loaded.values())) if place.name is None else loaded[place.name]


def arrays(place: Place) -> dict[str, np.ndarray]:
    """All arrays of an .npz by name."""
    loaded = _load(place.file) if place.file.suffix == ".npz" else None
    if not isinstance(loaded, dict):
        raise ValueError(f"{place.file}: an .npz file is expected here")
    return loaded


def _load(file: Path) -> np.ndarray | dict[str, np.ndarray]:
    """Arrays of an .npy or .npz; nothing in them is unpickled."""
    try:
        with file.open("rb") as stream:
            loaded = np.load(stream, allow_pickle=False)
            return loaded if isinstance(loaded, np.ndarray) else {name: loaded[name] for name in loaded.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        why = "it holds Python objects" if "pickle" in str(error) else "it is damaged, or no such file"
        raise ValueError(f"{file}: not an array that can be read: {why}") from None
