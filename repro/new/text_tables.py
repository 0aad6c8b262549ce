"""Tables in CSV and Markdown, and which reader a file goes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import unescape
from pathlib import Path

from repro.new.printed import PrintedTable, arranged
from repro.new.tex import from_tex, raised
from repro.scoring.lines import lines as lines_of
from repro.scoring.lines import text_of
from repro.scoring.place import Place, Source, place_of
from repro.scoring.sheet import rows_of

_FORMS = {".tex": "tex", ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".md": "md", ".markdown": "md"}
SEPARATORS = {"csv": ",;\t", "tsv": "\t"}
"""What parts the cells of a form; of CSV, which programs write with others than commas, whichever fits best."""
_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$|^\s*\|\s*:?-+:?\s*\|\s*$")


def read_table(file: Path) -> PrintedTable:
    """The table of a `.tex`, `.csv`, `.tsv` or `.md` file. Raises ValueError where there is none.

    Files are decoded, and cells of CSV and TSV parted, as `repro score` does; here every cell stays a text.
    """
    form = _FORMS.get(file.suffix.lower())
    if form is None:
        raise ValueError(f"{file}: a table is read from a file that ends in {', '.join(_FORMS)}")
    place = place_of(str(file), Source())
    if form in SEPARATORS:
        lines = _parted(place, text_of(place), SEPARATORS[form])
        return _named(file, lambda: arranged("", lines[:1], lines[1:]))
    text = "\n".join(lines_of(place))
    return _named(file, lambda: from_tex(text) if form == "tex" else from_markdown(text))


def _named(file: Path, read: Callable[[], PrintedTable]) -> PrintedTable:
    try:
        return read()
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _parted(place: Place, text: str, separators: str) -> list[list[str]]:
    """The cells of each line that has any, by the separator that gives most lines as many cells as the heads."""
    found, wrong = list[list[list[str]]](), None
    for separator in separators:
        try:
            rows = rows_of(place, text, separator)
        except ValueError as error:
            wrong = wrong or error
            continue
        cells = [[" ".join(cell.split()) for cell in row.cells] for row in rows]
        found.append([line for line in cells if any(line)])
    if wrong is not None and not found:
        raise wrong
    return max(found, key=_fit)


def _fit(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    width = len(lines[0]) if lines else 0
    return (sum(len(line) == width for line in lines) if width > 1 else 0, width)


def from_markdown(text: str) -> PrintedTable:
    """The first table with pipes; a heading right above it is its title."""
    lines = text.split("\n")
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
