"""Hostile text in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.report import escape
from repro.report.build import build, published
from repro.report.model import PublishedView
from repro.report.render import FORMATS, render
from repro.verdict.model import CellVerdict, ClaimVerdict, TableVerdict
from tests.report import examples

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "tex command": r"\input{secret} \write18{ls} $x$ 5% #1 & ~ ^ {",
    "tex row": "[2pt] * --opt ?` !`",
    "pipe": "a|b||c",
    "formula": '=cmd|"/C calc"!A0',
    "line ends": "a\nb\r\nc\td\n\n# e",
    "control": "\x1b[31mred\x07\x00 \u202egnp.exe",
    "markdown": "[x](javascript:alert(1)) **b** `c` ![i](//e.org/i.png)",
    "unicode": "é ß ø α Σ ∞ 中文 ﷽ 🙂 e\u0301\u0323 ‖ ≤",
    "template": "{{ 7*7 }} {% raw %}",
    "console markup": "[bold]x[/bold] :smile:",
}


def views(text: str) -> list[PublishedView]:
    spec = examples.hostile(text)
    made = [examples.record(spec, spec.rows[0].name, 1, message=text, tail=text, redo=text, commit=text)]
    made.append(examples.record(spec, spec.rows[0].name, 2, key="ff" * 32, status="failed", message=text, tail=text))
    cells = {
        (spec.rows[0].name, c): CellVerdict(spec.rows[0].name, c, "tension", mean=1.0, n=1, detail=text) for c in "ab"
    }
    claims = (ClaimVerdict(text, "order", "fails", text, "holds", text, control=text),)
    return [published(spec), build(spec, TableVerdict(spec.id, "paper", cells, claims), made)]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("fmt", FORMATS)
def test_hostile_text_renders_without_control_characters(name: str, fmt: str) -> None:
    for view in views(HOSTILE[name]):
        text = render(view, fmt)
        controls = [c for c in text if ord(c) < 32 and c != "\n"]
        if fmt == "csv":  # data: kept as it is, inside quotes
            return
        assert not controls
        assert "\u202e" not in text or fmt == "json"


class Elements(HTMLParser):
    """The elements of a page, and the attributes that a text could smuggle in."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.handlers: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("name", HOSTILE)
def test_html_gains_no_element_handler_or_link(name: str) -> None:
    for view, scripts in zip(views(HOSTILE[name]), (0, 1), strict=True):
        seen = Elements()
        seen.feed(render(view, "html"))
        assert seen.scripts == scripts
        assert not seen.handlers
        assert all(link.startswith(("#", "https://arxiv.org/abs/")) for link in seen.links)


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_tables_keep_their_cells(name: str) -> None:
    """Every line of a table has as many unescaped separators as its head, and no raw angle bracket of the text."""
    for view in views(HOSTILE[name]):
        text = render(view, "md")
        assert "<script" not in re.sub(r"`[^`\n]*`", "", text)  # code spans show it as it is
        blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
        assert blocks
        for block in blocks:
            counts = {len(line.replace("\\\\", "").replace("\\|", "").split("|")) for line in block}
            assert len(counts) == 1, block


@pytest.mark.parametrize("name", HOSTILE)
def test_csv_gives_back_the_very_text(name: str) -> None:
    for view in views(HOSTILE[name]):
        lines = list(csv.reader(io.StringIO(render(view, "csv"), newline="")))
        assert [line[1] for line in lines[1:]] == [HOSTILE[name]] * 2
        assert {len(line) for line in lines} == {len(lines[0])}


@pytest.mark.parametrize("name", HOSTILE)
def test_json_gives_back_the_very_text(name: str) -> None:
    for view in views(HOSTILE[name]):
        assert json.loads(render(view, "json"))["rows"][0]["label"] == HOSTILE[name]


@given(st.text())
def test_escaped_latex_is_ascii_without_active_characters(text: str) -> None:
    escaped = escape.latex(text)
    assert escaped.isascii()
    bare = escaped.replace(r"\&", "").replace(r"\%", "").replace(r"\#", "").replace(r"\$", "").replace(r"\_", "")
    assert not set("&%#$_") & set(bare.replace(r"\ensuremath{^", "")) or "~" in text or "^" in bare
    braces = escaped.replace(r"\{", "").replace(r"\}", "")
    assert braces.count("{") == braces.count("}")


@given(st.text())
def test_plain_text_is_one_printable_line(text: str) -> None:
    assert not [c for c in escape.plain(text) if ord(c) < 32 or 0x7F <= ord(c) < 0xA0]
    assert len(escape.plain(text).splitlines()) <= 1


@given(st.text())
def test_a_slug_is_an_anchor(text: str) -> None:
    assert set(escape.slug(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert escape.slug(text)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed: LaTeX output is not compiled")
@pytest.mark.parametrize("which", ["show", "report", *HOSTILE])
def test_standalone_latex_compiles(which: str, tmp_path: Path) -> None:
    spec = examples.table()
    made = examples.records(spec)
    own = {"show": published(spec), "report": build(spec, examples.verdict(spec, made), made)}
    view = own[which] if which in own else views(HOSTILE[which])[1]
    (tmp_path / "t.tex").write_text(render(view, "tex", standalone=True), encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "t.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace", check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    if which in own:
        assert "Overfull" not in done.stdout
        assert "Float too large" not in done.stdout
