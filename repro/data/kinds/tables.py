"""Rows of tables in files: tab-separated without quoting, comma-separated with it, and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from repro.data.sources.packed import lines


def tab_separated(path: Path, columns: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Rows by column name; the names stand in the first line unless they are given. Quotes are plain characters.

    Raises ValueError, with the line, for a row of another width.
    """
    rows = (line.removesuffix("\r").split("\t") for line in lines(path))
    names = columns or tuple(name.removeprefix("\ufeff") for name in next(rows, []))
    for number, row in enumerate(rows, start=1 if columns else 2):
        if len(row) != len(names):
            raise ValueError(f"{path}, line {number}: expected {len(names)} columns, found {len(row)}")
        yield dict(zip(names, row, strict=True))


def comma_separated(path: Path) -> Iterator[list[str]]:
    """Rows with quotes as RFC 4180 has them; a field may run over several lines."""
    return csv.reader(line + "\n" for line in lines(path))


def json_lines(path: Path) -> Iterator[Any]:
    """One JSON document a line. Raises ValueError, with the line, for what is none."""
    for number, line in enumerate(lines(path), start=1):
        try:
            yield json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number}: no JSON ({error})") from error
