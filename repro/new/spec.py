"""The spec of a table that somebody printed: every text of it, and what has to be said by hand."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable

from repro.new.printed import PrintedRow, PrintedTable
from repro.spec.printed import parse

ABOVE = "(above the first heading)"
"""The group of rows that stand under no heading of a table that has some."""
_MARKED = re.compile(r"(.*?)\s*([⁰¹²³⁴⁵⁶⁷⁸⁹˒]+)")
UNNAMED = "to-be-named"
"""Stands for a task, a metric, a data set or a method until somebody names it: such rows are planned."""


def spec_of(table: PrintedTable, name: str, source: str) -> str:
    """The YAML of a spec that is valid as it is, with every cell as its text is printed. All rows are planned."""
    ids = _unique(_slug(column, "column") for column in table.columns)
    columns = _numbered(("", column) for column in table.columns)
    labels = _numbered((row.group, row.label) for row in table.rows)
    lines = [
        f"# The table of {_one_line(source)}. `{UNNAMED}` is for you to name; until then its rows are planned.",
        f"id: {name}",
        f"title: {_text(table.title or name)}",
        f'source: {{document: own, table: "1", paper: {UNNAMED}}}',
        f"task: {UNNAMED}",
        f"data: {UNNAMED}",
        "columns:",
        *(
            f"  {key}: {{label: {_text(label)}, metric: {UNNAMED}{_better(label)}}}"
            for key, label in zip(ids, columns, strict=True)
        ),
    ]
    headings = [row.group or ABOVE for row in table.rows] if any(row.group for row in table.rows) else []
    groups = list(dict.fromkeys(headings))
    keys = dict(zip(groups, _unique(_slug(group, "group") for group in groups), strict=True))
    lines += ["groups:", *(f"  {keys[group]}: {{label: {_text(group)}}}" for group in groups)] if groups else []
    lines.append("rows:")
    for row, label in zip(table.rows, labels, strict=True):
        lines += _row(row, label, ids, keys)
    lines += ["profiles:", "  smoke: {seeds: 1}", "  laptop: {seeds: 3}", "  paper: {seeds: 3}"]
    return "\n".join(lines) + "\n"


def _row(row: PrintedRow, label: str, ids: list[str], keys: dict[str, str]) -> list[str]:
    cells = {key: text for key, text in zip(ids, row.cells, strict=True) if text}
    numbers = {key: found for key, text in cells.items() if (found := _number(text))}
    words = {key: _text(text) for key, text in cells.items() if key not in numbers}
    lines = [f"  - label: {_text(label)}"]
    lines += [f"    group: {keys[row.group or ABOVE]}"] if keys else []
    for name, said in (("published", numbers), ("texts", words)):
        lines += [f"    {name}: {{{', '.join(f'{key}: {text}' for key, text in said.items())}}}"] if said else []
    lines.append(f"    planned: {UNNAMED}")
    if label != row.label:
        lines.append(f"    note: {_text(f'Printed as {row.label}, as another row is.')}")
    return lines


def _number(text: str) -> str:
    """A printed number as a cell of a spec; what stands raised behind it marks a footnote. Nothing for words."""
    if _is_number(text):
        return _text(text)
    marked = _MARKED.fullmatch(text)
    if marked and _is_number(marked[1]):
        return f"{{value: {_text(marked[1])}, note: {_text(f'Printed with the mark {marked[2]}.')}}}"
    return ""


def _is_number(text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _numbered(labels: Iterable[tuple[str, str]]) -> list[str]:
    """The second of each pair, each once beside the same first: a further one of the same name is numbered."""
    seen: set[tuple[str, str]] = set()
    made = []
    for group, label in labels:
        number, name = 1, label
        while (group, name) in seen:
            number += 1
            name = f"{label} ({number})"
        seen.add((group, name))
        made.append(name)
    return made


def _better(label: str) -> str:
    return ", better: higher" if "↑" in label else ", better: lower" if "↓" in label else ""


def _slug(label: str, otherwise: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", ascii_only).strip("_")
    return slug if slug[:1].isalpha() and slug not in ("true", "false", "null") else f"{otherwise}_{slug}".strip("_")


def _unique(names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        number = sum(each == name or each.startswith(f"{name}_") for each in found)
        while name in found:
            number += 1
            name = f"{name}_{number}"
        found.append(name)
    return found


def _text(text: str) -> str:
    """A text as YAML: in quotes, as JSON has them."""
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())
