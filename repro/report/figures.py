"""Figures as SVG text, drawn from the arrays that records keep. Same arrays, same bytes.

What is dense (filled contours, points) is embedded as a PNG of limited resolution, so that a report with all its
figures stays small; text and axes are vectors. matplotlib is used through Figure objects, without pyplot.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from repro.registry import FIGURES
from repro.report import escape
from repro.spec.model import Figure, Table

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    Arrays = Mapping[str, np.ndarray]

CLIP_PERCENTILE = 90.0  # energies above it are drawn as this one: far from the data they say nothing and hide the rest
LEVELS = 24
DPI = 130
MAX_POINTS = 4000  # of each kind in a scatter plot; the first ones, they are in random order
INCHES = 1.75  # the side of a panel
REAL, GENERATED, MEAN = "#d62728", "#1f77b4", "#2ca02c"


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


def energy_and_samples(figure: Figure, panels: Sequence[Panel]) -> str:
    """Energy contours beside samples, rows down and groups across, as Figures B.1 to B.3 of Dai (2019).

    Arrays of a panel: `energy` (X, Y) indexed [ix, iy] in nats up to a constant, `x` (X,) and `y` (Y,) the nodes,
    `samples` (N, 2) generated points in blue, `data` (M, 2) real points in red, `means` (K, 2) component means in
    green; what is not there is not drawn.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    rows = list(dict.fromkeys(panel.row for panel in panels)) or [""]
    groups = list(dict.fromkeys(panel.group for panel in panels)) or [None]
    settings: dict[Any, Any] = {
        "svg.hashsalt": "repro", "svg.fonttype": "none", "font.size": 8, "font.family": "sans-serif",
        "axes.linewidth": 0.6, "text.usetex": False, "text.parse_math": False, "path.simplify": True,
    }  # fmt: skip
    with mpl.rc_context():  # whatever style the user has set must not change the bytes
        mpl.rcdefaults()
        mpl.rcParams.update(settings)
        canvas = Canvas(figsize=(2 * len(groups) * INCHES, len(rows) * (INCHES + 0.22) + 0.3), dpi=DPI)
        FigureCanvasAgg(canvas)
        grid = canvas.subplots(len(rows), 2 * len(groups), squeeze=False)
        canvas.subplots_adjust(left=0.03, right=0.995, bottom=0.01, top=1 - 0.5 / canvas.get_figheight(),
                               wspace=0.06, hspace=0.14)  # fmt: skip
        for axes in grid.flat:
            axes.set_axis_off()
        for panel in panels:
            i, j = rows.index(panel.row), 2 * groups.index(panel.group)
            _energy(grid[i, j], panel.arrays)
            _samples(grid[i, j + 1], panel.arrays)
        for i, row in enumerate(rows):
            _aside(grid[i, 0], escape.plain(row))
        for j, group in enumerate(groups):
            _above(grid[0, 2 * j], grid[0, 2 * j + 1], escape.plain(group or ""))
        out = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        canvas.savefig(out, format="svg", dpi=DPI, metadata=nothing)
    return _finished(out.getvalue(), escape.slug(figure.label), escape.plain(figure.title))


def _energy(axes: Axes, arrays: Arrays | None) -> None:
    """Filled contours of the energy, low energy dark; values above CLIP_PERCENTILE are drawn as that percentile."""
    import numpy as np

    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    energy = None if arrays is None else arrays.get("energy")
    if arrays is None or energy is None or not np.isfinite(energy).any():
        _say(axes, "not run" if arrays is None else "no energy" if energy is None else "energy is not finite")
        return
    finite = energy[np.isfinite(energy)].astype(np.float64)
    low, high = float(finite.min()), float(np.percentile(finite, CLIP_PERCENTILE))
    high = high if high > low else low + 1.0
    shown = np.clip(np.nan_to_num(energy.astype(np.float64), nan=high, posinf=high, neginf=low), low, high)
    drawn = axes.contourf(arrays["x"], arrays["y"], shown.T, levels=np.linspace(low, high, LEVELS), cmap="viridis")
    drawn.set_rasterized(True)
    ends = f"{low:.2f} to {high:.2f}".replace("-", "−")
    axes.text(0.03, 0.03, ends, transform=axes.transAxes, fontsize=6, color="#222222",
              bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 1.2})  # fmt: skip


def _samples(axes: Axes, arrays: Arrays | None) -> None:
    """Real points in red, generated ones in blue over them, means in green, on the canvas of the energy."""
    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    if arrays is None:
        _say(axes, "not run")
        return
    for name, colour, order in (("data", REAL, 1), ("samples", GENERATED, 2), ("means", MEAN, 3)):
        points = arrays.get(name)
        if points is not None and len(points):
            few = points[:MAX_POINTS]
            area = 9.0 if name == "means" else 0.7
            axes.scatter(few[:, 0], few[:, 1], s=area, c=colour, linewidths=0, alpha=0.9 if name == "means" else 0.55,
                         zorder=order, rasterized=True)  # fmt: skip
    if "x" in arrays and "y" in arrays:
        axes.set_xlim(float(arrays["x"][0]), float(arrays["x"][-1]))
        axes.set_ylim(float(arrays["y"][0]), float(arrays["y"][-1]))


def _say(axes: Axes, words: str) -> None:
    axes.set_facecolor("#f2f2f2")
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", fontsize=9, color="#666666")


def _aside(axes: Axes, label: str) -> None:
    axes.text(-0.05, 0.5, label, transform=axes.transAxes, rotation=90, ha="right", va="center", fontsize=8)


def _above(left: Axes, right: Axes, label: str) -> None:
    left.set_title("energy", fontsize=7, pad=3, color="#555555")
    right.set_title("samples", fontsize=7, pad=3, color="#555555")
    left.text(1.03, 1.16, label, transform=left.transAxes, ha="center", va="bottom", fontsize=9)


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
