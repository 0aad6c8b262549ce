"""The items of files of text: lines, JSON lines, JSON documents, and columns of CSV and TSV."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from repro.scoring.place import Place, is_json
from repro.scoring.sheet import column

Item: TypeAlias = tuple[str, Any]
"""Where an item stands, `file:line` or what comes nearest, and what it is."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
"""Byte order marks, longer ones first. What follows is in that encoding, and the mark is no part of the text."""


def text_of(place: Place) -> str:
    """The text of a file: UTF-8, or what a byte order mark says. Line ends are as they stand in the file."""
    contents = place.contents
    encoding = next((name for mark, name in _MARKS if contents.startswith(mark)), "utf-8")
    try:
        text = contents.decode(encoding)
    except UnicodeDecodeError as error:
        said = f"{place.file}:{_line(contents, error.start)}" if encoding.startswith("utf-8") else str(place.file)
        raise ValueError(f"{said}: not {encoding.removesuffix('-sig').upper()} text") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ValueError(f"{place.file}:{line}: a byte of value 0, which no text has: is the file UTF-16, or no text?")
    if not text:
        raise ValueError(f"{place.file} is empty")
    return text


def _line(contents: bytes, at: int) -> int:
    return contents[:at].count(b"\n") + 1


def lines(place: Place) -> list[str]:
    """The lines without their ends. Only a newline ends a line, alone or after a carriage return: texts hold others."""
    text = text_of(place).replace("\r\n", "\n")
    if "\r" in text.rstrip("\r") and "\n" not in text:
        raise ValueError(f"{place.file}: its lines end in carriage returns alone: save it with newlines")
    return text.removesuffix("\n").split("\n")


def values(place: Place) -> Iterator[Item]:
    """The items of a place: texts of text, CSV and TSV, and what JSON says of JSON."""
    if place.form == "jsonl":
        yield from _json_lines(place)
    elif place.form == "json":
        yield from _document(place)
    elif place.form in ("csv", "tsv"):
        yield from column(place, text_of(place))
    else:
        yield from ((f"{place.file}:{number}", line) for number, line in enumerate(_text_lines(place), start=1))


def _text_lines(place: Place) -> list[str]:
    """The lines of a file of text. One whose name does not say so and whose first line is JSON is a question, as a
    pipe is.
    """
    written = lines(place)
    said = place.is_pipe or ".txt" in (suffix.lower() for suffix in place.file.suffixes)
    if not said and is_json(next((line for line in written if line.strip()), "")):
        raise ValueError(f"{place.file} looks like JSON lines: say what it is by its name, .jsonl, .json or .txt")
    return written


def _json_lines(place: Place) -> Iterator[Item]:
    """Blank lines at the end are none; one elsewhere is an item that is missing."""
    written = lines(place)
    while written and not written[-1].strip():
        written.pop()
    for number, line in enumerate(written, start=1):
        where = f"{place.file}:{number}"
        yield where, _field(_parsed(line, where), place, where)


def _document(place: Place) -> Iterator[Item]:
    """The items of one JSON document: a list of them, or an object of columns, each a list or an object by number.

    A file of JSON lines under this suffix is read as what it is.
    """
    text = text_of(place)
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and len(lines(place)) > 1:
            yield from _json_lines(place)
            return
        raise ValueError(f"{place.file}:{error.lineno}: no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{place.file}: no JSON: {_short(error)}") from None
    if isinstance(found, dict):
        if place.name is None:
            raise ValueError(f"{place.file}: name the field, one of {', '.join(found)}: {place.file}:FIELD")
        columns = _field(found, place, str(place.file))
        by_number = isinstance(columns, dict) and list(columns) == [str(i) for i in range(len(columns))]
        items = list(columns.values()) if by_number else columns
        if not isinstance(items, list):
            raise ValueError(f"{place}: a list of items is expected, not {_shown(items)}")
        yield from ((f"{place}, item {number}", item) for number, item in enumerate(items, start=1))
        return
    if not isinstance(found, list):
        raise ValueError(f"{place.file}: a list of items is expected, not {_shown(found)}")
    for number, item in enumerate(found, start=1):
        where = f"{place.file}, item {number}"
        yield where, _field(item, place, where)


def _parsed(line: str, where: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where}: no JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: no JSON: {_short(error)}") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"field {twice!r} stands there twice")
    return found


def _short(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error).partition(";")[0]


def _field(value: Any, place: Place, where: str) -> Any:
    if place.name is None:
        if isinstance(value, dict):
            raise ValueError(f"{where}: name the field, one of {', '.join(value)}: {place.file}:FIELD")
        return value
    if not isinstance(value, dict) or place.name not in value:
        raise ValueError(f"{where}: there is no field {place.name!r}")
    return value[place.name]


def _shown(value: Any) -> str:
    return json.dumps(value)[:40]
