"""One self-contained HTML file: styles, script, figures and curves inside it, nothing fetched.

The template escapes every text; only SVG made by this package goes in as it is.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from repro.report import escape, numbers, words
from repro.report.model import CellView, PublishedView, ReportView, RowView
from repro.report.plot import plot

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parent / "templates"
SCRIPT = (  # a link into a closed record opens it, in browsers that do not do so themselves
    "function show(){const e=location.hash&&document.getElementById(decodeURIComponent(location.hash.slice(1)));"
    "const d=e&&e.closest('details');if(d&&!d.open){d.open=true;e.scrollIntoView()}}"
    "addEventListener('hashchange',show);show();"
)


def html(view: PublishedView) -> str:
    """The whole view as one HTML document."""
    template = environment().get_template("table.html.j2")
    script = f"{SCRIPT}\n{wide_script()}" if isinstance(view, ReportView) else ""
    return template.render(table_parts(view), script=script, run_link=lambda _, anchor: f"#{anchor}") + "\n"


@cache
def wide_script() -> str:
    """What shows that a table goes on beside the page."""
    return (TEMPLATES / "wide.js").read_text(encoding="utf-8")


def fragment(view: ReportView) -> str:
    """Published beside measured as one compact table without styles or script, for a notebook to show."""
    return environment().get_template("notebook.html.j2").render(table_parts(view))


def table_parts(view: PublishedView) -> dict[str, Any]:
    """What the page of a table needs besides `script` and `run_link` (a record's key and anchor to its address)."""
    report = isinstance(view, ReportView)
    claims = view.claims if isinstance(view, ReportView) else ()
    return {"view": view, "report": report, "claims": claims, "texts": _columns_aligned(view)}


@cache
def environment(*folders: Path) -> Environment:
    """Where templates and their filters come from: the given folders first, then the report's own."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return escape.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "label": _label, "curve": plot, "lines": _lines, "trusted": _trusted, "urlpart": _urlpart,
        "digest": _digest, "cell_lines": _cell_lines,
    }  # fmt: skip
    environment.globals |= {"CELL": words.CELL, "CLAIM": words.CLAIM, "MEANING": words.MEANING}
    return environment


@dataclass(frozen=True)
class CellTexts:
    """The texts of one cell, padded so that the decimal points of their column stand under each other."""

    printed: str = ""
    mean: str = ""
    difference: str = ""


def _columns_aligned(view: PublishedView) -> dict[str, CellTexts]:
    """Printed numbers and means of each column of the table's body aligned together, by the anchor of their cell."""
    found: dict[str, CellTexts] = {}
    for column in view.body_columns:
        cells = [row.cells[column.id] for row in view.rows if column.id in row.cells]
        printed = [cell.published.text if cell.published else "" for cell in cells]
        means = [cell.measured.text.partition(" ")[0] if cell.measured else "" for cell in cells]
        if column.words or any(cell.published and cell.published.words for cell in cells):
            padded = [*printed, *means]
        else:
            padded = numbers.aligned([*printed, *means])
        for i, cell in enumerate(cells):
            found[cell.anchor] = CellTexts(padded[i], padded[len(cells) + i])
    return found


def _cell_lines(row: RowView) -> list[tuple[str, CellView, CellTexts]]:
    """The measured cells of a row, a line each: column, cell, and its texts, numbers aligned over the lines."""
    cells = [(name, cell, cell.measured) for name, cell in row.cells.items() if cell.measured]
    texts_only = [bool(measured.words or (cell.published and cell.published.words)) for _, cell, measured in cells]
    printed = _aligned_but([cell.published.text if cell.published else "" for _, cell, _ in cells], texts_only)
    means = _aligned_but([measured.text for _, _, measured in cells], texts_only)
    differences = numbers.aligned(measured.difference_text for _, _, measured in cells)
    texts = map(CellTexts, printed, means, differences)
    return [(name, cell, text) for (name, cell, _), text in zip(cells, texts, strict=True)]


def _aligned_but(texts: list[str], words: list[bool]) -> list[str]:
    """Texts with numbers aligned, and those that are words as they are."""
    padded = numbers.aligned("" if are_words else text for text, are_words in zip(texts, words, strict=True))
    return [text if are_words else number for text, number, are_words in zip(texts, padded, words, strict=True)]


def _digest(script: str) -> str:
    """How a Content-Security-Policy names the one script that it allows."""
    return b64encode(sha256(script.encode()).digest()).decode()


def _trusted(text: str) -> Markup:
    """Marks text made by this package as HTML. Never for a text from a spec or a record."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704


def _label(text: str) -> Markup:
    """A label with `p_gen` as a symbol with a subscript, and a place to break after `||`."""
    from markupsafe import Markup

    shown = Markup("")
    for before, symbol, subscript in escape.label_parts(text):
        shown += Markup("{}").format(before).replace("‖", Markup("‖<wbr>"))
        shown += Markup("<i>{}</i><sub>{}</sub>").format(symbol, subscript) if symbol else ""
    return shown


def _lines(text: str) -> Markup:
    """Text that keeps its lines, for a `pre` element."""
    from markupsafe import Markup

    return Markup.escape(escape.lines(text))


def _urlpart(text: str) -> str:
    return quote(text, safe="/.")
