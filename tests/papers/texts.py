"""The texts of the four documents and the list of their claims, which lie beside the checkout and are no part of it."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

FILES = {
    "dai2019": "dai2019_thesis.txt",
    "zhao2019": "zhao2019_thesis.txt",
    "salakhutdinov": "salakhutdinov_slides.txt",
    "seqgen": "seqgen_slides.txt",
}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_MARKUP = re.compile(r"\\(?:mathbf|mathrm|textbf|bf|text|underline|pm|times)\b|[${}\\~_^*†‡]|</?(?:b|i|u|sup|sub)>")
_HEADING = re.compile(r"^### (\S+)$", re.MULTILINE)
_CLAIM = re.compile(
    r"^[0-9]+\. \*\*[a-z]+\*\* — (?P<said>.*)\n   - expression: `(?P<expression>.*)`\n"
    r"   - in print: \*\*(?P<verdict>holds|fails)\*\*",
    re.MULTILINE,
)


def papers() -> Path:
    """The folder of the texts: REPRO_PAPERS, or `shared/papers` beside the checkout. Skips where there is none."""
    folder = Path(os.environ.get("REPRO_PAPERS") or Path(__file__).parents[3] / "shared" / "papers")
    if not folder.is_dir():
        pytest.skip("the texts of the papers are not here; REPRO_PAPERS may name their folder")
    return folder


def lines_of(document: str, lines: str) -> str:
    """The lines `a-b` (several ranges with commas between) of a document, counted from 1."""
    text = (papers() / FILES[document]).read_text(encoding="utf-8").split("\n")
    ranges = [(int(first), int(last or first)) for first, last in re.findall(r"([0-9]+)(?:\s*[-–]\s*([0-9]+))?", lines)]
    assert ranges, f"lines {lines!r} are not like 2020-2062"
    return "\n".join("\n".join(text[first - 1 : last]) for first, last in ranges)


def numbers_in(text: str) -> Counter[str]:
    """How often each number stands in a text; 1,234 is 1234, a percent sign or a mark is no part of a number.

    Damage of the extraction is undone: markup goes, and so do spaces next to a decimal point between digits.
    """
    text = _MARKUP.sub(" ", re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))", "", text))
    text = re.sub(r"(?<=[0-9])[ \t]*\.[ \t]*(?=[0-9])", ".", text)
    return Counter(number.rstrip(".") for number in _NUMBER.findall(text))


@dataclass(frozen=True)
class Listed:
    """One claim of the list: the quoted words (empty where it is implied), its expression, its verdict in print."""

    quote: str
    expression: str
    holds: bool


def listed_claims() -> dict[str, list[Listed]]:
    """The claims of the list by table, `document/number`, in order."""
    path = papers() / "notes" / "claims.md"
    if not path.is_file():
        pytest.skip("the list of claims is not beside the texts")
    parts = _HEADING.split(path.read_text(encoding="utf-8"))[1:]
    return {
        name: [
            Listed(found["said"][1 : found["said"].rindex("”" if "”" in found["said"] else '"')]
                   if found["said"].startswith(('"', "“")) else "", found["expression"], found["verdict"] == "holds")
            for found in _CLAIM.finditer(section)
        ]
        for name, section in zip(parts[::2], parts[1::2], strict=True)
    }  # fmt: skip
