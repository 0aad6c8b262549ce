"""Drawing energy-and-samples: what an energy-based model has learned of a distribution in the plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from repro.report import escape
from repro.report.figures import Panel, Paper, plain_style, say
from repro.spec.model import Figure

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    Arrays = Mapping[str, np.ndarray]

CLIP_PERCENTILE = 90.0  # energies above it are drawn as this one: far from the data they say nothing and hide the rest
LEVELS = 24
MAX_POINTS = 4000  # of each kind in a scatter plot; the first ones, they are in random order
INCHES = 1.75  # the side of a panel
REAL, GENERATED, MEAN = "#d62728", "#1f77b4", "#2ca02c"


def energy_and_samples(figure: Figure, panels: Sequence[Panel]) -> str:
    """Energy contours beside samples, rows down and groups across, as Figures B.1 to B.3 of Dai (2019).

    Arrays of a panel: `energy` (X, Y) indexed [ix, iy] in nats up to a constant, `x` (X,) and `y` (Y,) the nodes,
    `samples` (N, 2) generated points in blue, `data` (M, 2) real points in red, `means` (K, 2) component means in
    green; what is not there is not drawn.
    """
    rows = list(dict.fromkeys(panel.row for panel in panels)) or [""]
    groups = list(dict.fromkeys(panel.group for panel in panels)) or [None]
    with plain_style():
        paper = Paper(2 * len(groups) * INCHES, len(rows) * (INCHES + 0.22) + 0.3)
        canvas = paper.canvas
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
        return paper.svg(figure)


def _energy(axes: Axes, arrays: Arrays | None) -> None:
    """Filled contours of the energy, low energy dark; values above CLIP_PERCENTILE are drawn as that percentile."""
    import numpy as np

    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    energy = None if arrays is None else arrays.get("energy")
    if arrays is None or energy is None or not np.isfinite(energy).any():
        say(axes, "not run" if arrays is None else "no energy" if energy is None else "energy is not finite")
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
        say(axes, "not run")
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


def _aside(axes: Axes, label: str) -> None:
    axes.text(-0.05, 0.5, label, transform=axes.transAxes, rotation=90, ha="right", va="center", fontsize=8)


def _above(left: Axes, right: Axes, label: str) -> None:
    left.set_title("energy", fontsize=7, pad=3, color="#555555")
    right.set_title("samples", fontsize=7, pad=3, color="#555555")
    left.text(1.03, 1.16, label, transform=left.transAxes, ha="center", va="bottom", fontsize=9)
