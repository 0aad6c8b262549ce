"""Figures as SVG text, drawn from the arrays that records keep. Same arrays, same bytes.

A drawing is a function of a figure's panels and lives in a file of its own, registered under FIGURES. Text and axes are
vectors; what is dense is embedded as a PNG of limited resolution, so that a report with all its figures stays small.
matplotlib is used through Figure objects, without pyplot.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro.registry import FIGURES
from repro.report import escape
from repro.spec.model import Figure, Table

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    Arrays = Mapping[str, np.ndarray]

DPI = 130
_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "repro", "svg.fonttype": "none", "font.size": 8, "font.family": "sans-serif",
    "axes.linewidth": 0.6, "text.usetex": False, "text.parse_math": False, "path.simplify": True,
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """One row of the table in one group: what there is to draw of it, or None where nothing has run."""

    row: str
    group: str | None
    arrays: Arrays | None


def draw(figure: Figure, table: Table, artifacts: Callable[[str], Arrays | None]) -> str:
    """The figure as SVG text. `artifacts` gives the arrays of a row by its name (`group/label`), or None."""
    groups: Sequence[str | None] = figure.groups or [*table.groups] or [None]
    panels = [
        Panel(row.label, table.groups[group].label if group in table.groups else group, artifacts(row.name))
        for label in figure.rows
        for group in groups
        for row in table.rows
        if label in (row.label, row.name) and row.group == group
    ]
    svg: str = FIGURES.load(figure.draw)(figure, panels)
    return svg


class Paper:
    """A blank canvas of a size in inches, and the SVG text of what was drawn on it."""

    def __init__(self, width: float, height: float) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        self.canvas: Canvas = Canvas(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(self.canvas)

    def svg(self, figure: Figure) -> str:
        """One `svg` element, titled as the figure."""
        out = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        self.canvas.savefig(out, format="svg", dpi=DPI, metadata=nothing)
        return _finished(out.getvalue(), escape.slug(figure.label), escape.plain(figure.title))


@contextmanager
def plain_style() -> Iterator[None]:
    """The style of all drawings: whatever the user has set must not change the bytes."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def say(axes: Axes, words: str) -> None:
    """Words in the place of a drawing: what is not there and why."""
    axes.set_facecolor("#f2f2f2")
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", fontsize=9, color="#666666")


def _finished(svg: str, prefix: str, title: str) -> str:
    """One `svg` element: ids and styles of its own (several may share a page), scalable, with a title to read out."""
    svg = svg[svg.index("<svg") :].rstrip() + "\n"
    svg = re.sub(r' id="image[0-9a-f]+"', "", svg)  # the hash of the pixels: two equal images have it, nothing uses it
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = svg.replace("*{stroke-linejoin", f"#{prefix}-figure_1 *{{stroke-linejoin", 1)
    head, _, rest = svg.partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    named = title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'{head} role="img" aria-labelledby="{prefix}-title"><title id="{prefix}-title">{named}</title>{rest}'
