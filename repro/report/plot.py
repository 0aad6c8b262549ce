"""Learning curves as SVG: a thin line a seed, their mean where they share their steps, and axes with round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from repro.report import escape
from repro.report.model import CurveView

if TYPE_CHECKING:
    from markupsafe import Markup

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 340, 200  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 48, 322, 10, 168  # of the field between the axes


def plot(curve: CurveView) -> Markup:
    """One quantity over the steps of a training, all seeds on common linear scales; nothing for no points."""
    from markupsafe import Markup

    points = [point for _, line in curve.lines for point in line]
    if not points:
        return Markup("")
    across, up = _Axis(x for x, _ in points), _Axis(y for _, y in points)
    name = escape.plain(curve.name)
    drawn = [_ticks(across, up), _label("axis-name", (LEFT + RIGHT) / 2, HEIGHT - 4, "step")]
    drawn += [_line(f"s{i % 5}", line, across, up, f"seed {seed}") for i, (seed, line) in enumerate(curve.lines)]
    if mean := _mean(curve):
        drawn.append(_line("mean-line", mean, across, up, f"mean of {len(curve.lines)} seeds"))
    svg = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{} over steps">{}</svg>')
    seeds = len({seed for seed, _ in curve.lines})
    said = ["1 seed" if seeds == 1 else f"{seeds} seeds"]
    said += [f"{len(curve.lines)} trainings"] if len(curve.lines) > seeds else []
    said += ["mean bold"] if mean else []
    caption = Markup("<figcaption><b>{}</b>, {}</figcaption>").format(name, ", ".join(said))
    return svg.format(WIDTH, HEIGHT, name, Markup("").join(drawn)) + caption


class _Axis:
    """The range of one axis; numbers that are all the same stand in its middle."""

    def __init__(self, values: Iterable[float]) -> None:
        found = list(values)
        self.low, self.high = min(found), max(found)
        if self.low == self.high:
            pad = abs(self.low) / 10 or 1.0
            self.low, self.high = self.low - pad, self.high + pad

    def share(self, value: float) -> float:
        """How far along the axis a value is: 0 to 1."""
        return (value - self.low) / (self.high - self.low)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most so many round numbers in a range that is not empty: multiples of 1, 2 or 5 times a power of ten.

    Example:
        >>> ticks(0.03, 0.91), ticks(0, 4000)
        ([0.2, 0.4, 0.6, 0.8], [0.0, 1000.0, 2000.0, 3000.0, 4000.0])
    """
    power = math.floor(math.log10((high - low) / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * 10.0**power
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < most:
            return [float(f"{i * step:.12g}") for i in range(first, last + 1)]
    raise AssertionError("twenty times a power of ten below a fifth of the range is above a third of it")


def short(value: float) -> str:
    """A tick's number as people write it.

    Example:
        >>> short(-0.5), short(20000.0), short(2500000.0)
        ('−0.5', '20k', '2.5M')
    """
    for size, unit in ((1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if unit == 'k' else size):.6g}{unit}".replace("-", "−")
    return f"{value:.6g}".replace("-", "−")


def _ticks(across: _Axis, up: _Axis) -> Markup:
    from markupsafe import Markup

    line = Markup('<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    made = Markup("")
    for value in ticks(across.low, across.high):
        x = LEFT + across.share(value) * (RIGHT - LEFT)
        made += line.format(x, TOP, x, BOTTOM) + _label("tick-x", x, BOTTOM + 13, short(value))
    for value in ticks(up.low, up.high):
        y = BOTTOM - up.share(value) * (BOTTOM - TOP)
        made += line.format(LEFT, y, RIGHT, y) + _label("tick-y", LEFT - 5, y + 3.5, short(value))
    return made + Markup('<path class="axes" d="M{} {}V{}H{}"/>').format(LEFT, TOP, BOTTOM, RIGHT)


def _label(kind: str, x: float, y: float, text: str) -> Markup:
    from markupsafe import Markup

    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, text)


def _line(kind: str, line: Points, across: _Axis, up: _Axis, title: str) -> Markup:
    from markupsafe import Markup

    places = " ".join(
        f"{LEFT + across.share(x) * (RIGHT - LEFT):.1f},{BOTTOM - up.share(y) * (BOTTOM - TOP):.1f}" for x, y in line
    )
    return Markup('<polyline class="{}" points="{}"><title>{}</title></polyline>').format(kind, places, title)


def _mean(curve: CurveView) -> Points:
    """The mean over seeds; nothing for one, where their steps differ, and where a seed stands for several trainings."""
    lines = [line for _, line in curve.lines]
    steps = {tuple(x for x, _ in line) for line in lines}
    if len(lines) < 2 or len(steps) > 1 or len({seed for seed, _ in curve.lines}) < len(lines):
        return ()
    return [(together[0][0], fmean(y for _, y in together)) for together in zip(*lines, strict=True)]
