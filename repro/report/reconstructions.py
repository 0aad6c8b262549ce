"""Drawing reconstructions: examples in the first line, and below what each row makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from repro.report import escape
from repro.report.figures import Panel, Paper, plain_style, say
from repro.spec.model import Figure

if TYPE_CHECKING:
    import numpy as np

INCHES = 0.6  # the side of an image
LABEL = 1.3  # the width of what is said of a line
ORIGINAL = "Original"


def reconstructions(figure: Figure, panels: Sequence[Panel]) -> str:
    """Images side by side, a line a row; all are drawn by the grey levels of the originals.

    Arrays of a panel: `originals` and `reconstructions` (n, H, W, C). Rows of several groups stand below each other,
    each group under its own originals. A row that has not run says so.
    """
    lines: list[tuple[str, np.ndarray | None, np.ndarray | None]] = []
    for group in dict.fromkeys(panel.group for panel in panels):
        members = [panel for panel in panels if panel.group == group]
        originals = next((p.arrays["originals"] for p in members if p.arrays and "originals" in p.arrays), None)
        lines.append((ORIGINAL, originals, originals))
        lines += [(p.row, None if p.arrays is None else p.arrays.get("reconstructions"), originals) for p in members]
    count = max((len(images) for _, images, _ in lines if images is not None), default=1)
    with plain_style():
        paper = Paper(LABEL + count * INCHES, len(lines) * INCHES)
        grid = paper.canvas.subplots(len(lines), count, squeeze=False)
        paper.canvas.subplots_adjust(
            left=LABEL / paper.canvas.get_figwidth(), right=1, bottom=0, top=1, wspace=0.05, hspace=0.05
        )
        for axes, (label, images, originals) in zip(grid, lines, strict=True):
            for place in axes:
                place.set_axis_off()
            axes[0].text(-0.1, 0.5, escape.plain(label), transform=axes[0].transAxes, ha="right", va="center")
            if images is None or originals is None:
                axes[0].set_axis_on()
                axes[0].set_xticks([])
                axes[0].set_yticks([])
                say(axes[0], "not run")
                continue
            for place, image in zip(axes, images, strict=False):
                place.imshow(image.squeeze(-1) if image.shape[-1] == 1 else image, cmap="gray",
                             vmin=float(originals.min()), vmax=float(originals.max()))  # fmt: skip
        return paper.svg(figure)
