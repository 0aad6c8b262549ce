"""The documentation as a site, by Sphinx: `make docs` writes it to build/docs.

Pages may be parts of the repository's own documents, taken while the site is built, so that each text stands once:
`<!-- from FILE: HEADING -->` stands for the section of that heading, `<!-- from FILE -->` for the whole file without
its title.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "results/README.md": "results.md",
         "docs/tasks.md": "tasks.md"}  # fmt: skip

project = "repro"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "repro"
myst_heading_anchors = 3
suppress_warnings = ["myst.header", "misc.highlighting_failure"]  # parts begin below a title; consoles are no language

_TAKEN = re.compile(r"^<!-- from (\S+?)(?:: (.+?))? -->$", re.MULTILINE)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:)([^)#\s]*)(#[^)]*)?\)")


def taken(file: str, heading: str | None) -> str:
    """A section of a document of the repository, with links to pages here. Raises ValueError where it is none."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if heading is None:
        text = text.partition("\n")[2]
    else:
        _, found, after = text.partition(f"\n## {heading}\n")
        if not found:
            raise ValueError(f"{file} has no section {heading!r}")
        text = after.partition("\n## ")[0]
    return _LINK.sub(lambda link: _moved(Path(file).parent, *link.groups(default="")), text)


def _moved(folder: Path, image: str, text: str, target: str, anchor: str) -> str:
    """A link as it goes within the site: what has no page, and a place in another document, stays as its words."""
    place = (folder / target).as_posix() if target else ""
    if image or anchor or place not in PAGES:
        return f"`{place}`" if image else text
    return f"[{text}]({PAGES[place]})"


def _with_parts(_app: Any, _docname: str, source: list[str]) -> None:
    source[0] = _TAKEN.sub(lambda found: taken(found[1], found[2]), source[0])


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _with_parts)
