"""The scale of a column: numbers of which ratios are compared are judged by their logarithms.

A divergence of twice the print and one of half of it are equally far off, which they are on a logarithmic scale alone;
and there the deviation of a number does not grow with the number, so that what is twice too large is found as often as
what is twice too small. Shares, scores and differences are judged as they are. Margins follow: 25 % of a print is a
factor of 1.25 each way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from repro.metrics.declaration import Scale
from repro.spec.model import Margin
from repro.verdict.model import Interval
from repro.verdict.prediction import Print
from repro.verdict.stats import Sample

FACTOR = math.log(2)
"""What is off by more than a factor of two is not consistent, unless the margin itself is wider."""

MARGINS = 3
"""How many margins apart two numbers are that nobody would call consistent: three of 25 % are a factor of two."""


@dataclass(frozen=True)
class Scaled:
    """A cell on the scale of its column: natural logarithms, or the numbers as they are.

    Differences here are logarithms of ratios there. `margin` has the rounding of the print in it, and `room` is the
    distance that a consistent cell is shown to be within; None where no margin is stated and nothing says how far.
    """

    scale: Scale
    sample: Sample
    printed: Print
    margin: float
    room: float | None

    def said(self, interval: Interval) -> Interval:
        """Numbers of this scale in the unit of the column, and differences as ratios, where it is logarithmic."""
        return Interval(math.exp(interval.low), math.exp(interval.high)) if self.scale == "log" else interval

    @property
    def said_margin(self) -> float:
        """The margin as it is said: in the unit of the column, or as a factor."""
        return math.exp(self.margin) if self.scale == "log" else self.margin


def scaled(scale: Scale, sample: Sample, printed: Print, stated: Margin | None) -> Scaled:
    """A cell on its column's scale; numbers that have no logarithm, the rounding of the print included, stay linear."""
    around = stated.around(printed.target) if stated else 0.0
    if scale == "linear" or printed.target <= printed.half_width or min(sample.values) <= 0:
        return Scaled("linear", sample, printed, around + printed.half_width, _room(around))
    rounding = -math.log1p(-printed.half_width / printed.target)
    margin = math.log1p(around / printed.target)
    logs = replace(
        printed,
        target=math.log(printed.target),
        half_width=rounding,
        std=None if printed.std is None else math.sqrt(math.log1p((printed.std / printed.target) ** 2)),
    )
    values = tuple(math.log(value) for value in sample.values)
    room = max(margin, min(_room(margin) or FACTOR, FACTOR))
    return Scaled("log", replace(sample, values=values), logs, margin + rounding, room)


def _room(margin: float) -> float | None:
    return MARGINS * margin if margin > 0 else None
