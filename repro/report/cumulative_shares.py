"""Drawing cumulative-shares: curves of shares below a threshold, as Figure A.1 of Dai (2019)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repro.report import escape
from repro.report.figures import Panel, Paper, plain_style, say
from repro.spec.model import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 5.2, 3.2  # inches
STYLES = (("#1f77b4", "-"), ("#d62728", "--"), ("#2ca02c", "-."), ("#9467bd", ":"), ("#8c564b", (0, (5, 1))))


def cumulative_shares(figure: Figure, panels: Sequence[Panel]) -> str:
    """The cumulative share of normalised singular values, one curve a row, over a logarithmic axis.

    Arrays of a panel whose names begin with `spectrum_`, each (2, N): thresholds of (0, 1], ascending, and the shares
    of [0, 1] of values that are at most each threshold. Curves differ in colour and in dashes. A row without such an
    array is named as not run.
    """
    with plain_style():
        paper = Paper(WIDTH, HEIGHT)
        axes = paper.canvas.subplots()
        paper.canvas.subplots_adjust(left=0.1, right=0.98, bottom=0.15, top=0.97)
        if not draw_curves(axes, panels):
            axes.set_axis_off()
            say(axes, "not run")
            return paper.svg(figure)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.minorticks_off()
        axes.set_ylim(0, 100)
        axes.set_xlabel("normalised singular value")
        axes.set_ylabel("at most this, %")
        axes.grid(visible=True, linewidth=0.3, color="#cccccc")
        axes.legend(loc="upper left", frameon=False)
        return paper.svg(figure)


def draw_curves(axes: Axes, panels: Sequence[Panel]) -> int:
    """Draws the curves of all rows in per cent, names the rows without one, and gives the number of curves."""
    drawn = 0
    for panel in panels:
        name = escape.plain(panel.row if panel.group is None else f"{panel.group}, {panel.row}")
        curves = [array for key, array in (panel.arrays or {}).items() if key.startswith("spectrum_")]
        for thresholds, shares in curves:
            colour, dashes = STYLES[drawn % len(STYLES)]
            axes.plot(thresholds, 100 * shares, color=colour, linestyle=dashes, linewidth=1.4, label=name)
            drawn += 1
        if not curves:
            axes.plot([], [], color="#bbbbbb", label=f"{name}: not run")
    return drawn
