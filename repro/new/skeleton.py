"""The files of a beginning, from templates, and how they come into a folder: all of them, and over none.

In names and texts of templates `NAME` is the name as it was given, `MODULE` as Python names files, `CLASS` as it names
classes; of a table `FAMILY` and `TABLE` are the parts of its id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from repro.files import write_atomic
from repro.new.printed import PrintedTable
from repro.new.spec import spec_of
from repro.spec.load import loads
from repro.spec.model import Table

TEMPLATES = Path(__file__).parent / "templates"
Kind = Literal["project", "table", "method", "task"]
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


def skeleton(kind: Kind, name: str) -> dict[str, str]:
    """The texts of the files of a beginning, by place. Raises ValueError for a name that cannot be one of the kind."""
    family, _, table = name.partition("/")
    if not all(_NAME.fullmatch(part) for part in ((family, table) if kind == "table" else (name,))):
        form = "two names as in family/table, each of" if kind == "table" else "made of"
        raise ValueError(f"the name of a {kind} must be {form} small letters, digits and dashes; {name!r} is not")
    module = re.sub(r"[^a-z0-9]", "_", name)
    words = {"NAME": name, "MODULE": module, "FAMILY": family, "TABLE": table,
             "CLASS": "".join(part.capitalize() for part in module.split("_"))}  # fmt: skip
    folder, texts = TEMPLATES / kind, {}
    for file in sorted(folder.rglob("*.txt")):
        place = file.relative_to(folder).as_posix().removesuffix(".txt")
        texts[_filled(place, words)] = _filled(file.read_text("utf-8"), words)
    return texts


def table(name: str, printed: PrintedTable | None = None, source: str = "") -> dict[str, str]:
    """The texts of the files of a table: of the skeleton, or of one that was printed and read from a source."""
    texts, spec = skeleton("table", name), f"tables/{name}.yaml"
    if printed is not None:
        texts[spec] = spec_of(printed, name, source)
    written = [json.dumps(cell, ensure_ascii=False)[1:-1] for cell in _cells(loads(texts[spec], spec))]
    lines = "".join(f"    ({cell}),\n" for cell in written)
    return {place: text.replace("PRINTED_CELLS", lines) for place, text in texts.items()}


def _cells(table: Table) -> list[tuple[str, str, str]]:
    """Row, column and text of every printed cell."""
    printed = [(row.name, {key: cell.value for key, cell in row.published.items()} | row.texts) for row in table.rows]
    return [(name, key, text) for name, cells in printed for key, text in cells.items()]


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub("|".join(words), lambda found: words[found[0]], text)


def write(texts: Mapping[str, str], folder: Path) -> list[Path]:
    """Writes the files below a folder. Raises ValueError, and writes none, where one of them is there already."""
    places = {folder / place: text for place, text in texts.items()}
    if there := [str(place) for place in places if place.exists()]:
        raise ValueError(f"{', '.join(there)}: there already; nothing was written")
    for place, text in places.items():
        write_atomic(place, text.encode())
    return list(places)
