"""Tables in CSV and Markdown, and which reader a file goes to."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from pathlib import Path

from repro.new.printed import PrintedTable, arranged
from repro.new.tex import from_tex, raised

_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$|^\s*\|\s*:?-+:?\s*\|\s*$")


def read_table(file: Path) -> PrintedTable:
    """The table of a `.tex`, `.csv`, `.tsv` or `.md` file. Raises ValueError where there is none."""
    readers = {".tex": from_tex, ".csv": from_csv, ".tsv": from_csv, ".md": from_markdown, ".markdown": from_markdown}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise ValueError(f"{file}: a table is read from a file that ends in {', '.join(readers)}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{file} is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from None
    try:
        return reader(text)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def from_csv(text: str) -> PrintedTable:
    """A line of heads, then a line a row; commas, semicolons or tabs, whichever the head line has most of."""
    head = text.lstrip("\n").partition("\n")[0]
    separator = max(",;\t", key=head.count)
    lines = [
        [" ".join(cell.split()) for cell in line]
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    ]
    lines = [line for line in lines if any(line)]
    return arranged("", lines[:1], lines[1:])


def from_markdown(text: str) -> PrintedTable:
    """The first table with pipes; a heading right above it is its title."""
    lines = text.splitlines()
    rules = [i for i, line in enumerate(lines) if "|" in line and _RULE.match(line) and i and "|" in lines[i - 1]]
    if not rules:
        raise ValueError("no table with pipes and a line of dashes below its heads is found")
    rule, end = rules[0], rules[0] + 1
    while end < len(lines) and "|" in lines[end]:
        end += 1
    titles = [line.lstrip("# ").strip() for line in lines[: rule - 1] if line.startswith("#")]
    return arranged(
        titles[-1] if titles else "", [_cells(lines[rule - 1])], [_cells(line) for line in lines[rule + 1 : end]]
    )


def _cells(line: str) -> list[str]:
    inside = re.sub(r"(?<!\\)\|\s*$", "", line.strip()).removeprefix("|")
    return [_plain(cell) for cell in re.split(r"(?<!\\)\|", inside)]


def _plain(cell: str) -> str:
    """A cell without emphasis, code marks and links."""
    text = re.sub(r"<br\s*/?>", " ", cell)
    text = re.sub(r"<sup>([^<]*)</sup>", lambda found: raised(found[1]), text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|~~|`)(.+?)\1", r"\2", text.strip())
    text = re.sub(r"(?<![\w*\\])([*_])([^*_\s][^*_]*)\1(?![\w*])", r"\2", text)
    return unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)).strip()
