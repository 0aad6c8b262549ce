"""From the unit that a metric computes in to the unit that a table prints."""

from __future__ import annotations

import math

from repro.metrics.declaration import Metric

_FACTORS = {
    ("share", "%"): 100.0,
    ("score", "%"): 100.0,
    ("nats", "bits"): 1 / math.log(2),
    ("bits", "nats"): math.log(2),
}
_PLAIN = ("", "share", "score", "count")
"""Units of plain numbers, of which a table's heading says nothing."""


def convert(value: float, metric: Metric, column_unit: str | None) -> float:
    """A value of the metric in the unit of a column: a share of 0.05 is 5 in a column of `%`.

    A column without a unit, or in the metric's own, and a metric without one, take the value as it is. The first word
    of a unit counts, the others say per what: `nats a sentence` are nats. Raises ValueError where there is no way.

    Example:
        >>> convert(0.05, Metric("error-rate", "classification:error_rate", unit="share"), "%")
        5.0
    """
    factor = _factor(metric.unit, column_unit)
    if factor is None:
        raise ValueError(unit_problem(metric, column_unit))
    return value * factor


def unit_problem(metric: Metric, column_unit: str | None) -> str | None:
    """Why numbers of a metric cannot stand in a column of a unit, in one line; None where they can."""
    if _factor(metric.unit, column_unit) is not None:
        return None
    unit = metric.unit or ""
    known = " or ".join([repr(unit) if unit else "no unit", *(repr(to) for of, to in _FACTORS if of == _base(unit))])
    return f"metric {metric.name!r} cannot be printed in {column_unit!r}: its columns have {known}"


def shown_unit(metric: Metric) -> str | None:
    """The unit of a column whose spec names none: that of the metric, where a heading says it."""
    return None if metric.unit in _PLAIN else metric.unit


def _factor(unit: str | None, column_unit: str | None) -> float | None:
    if unit is None or column_unit is None or _base(column_unit) == _base(unit):
        return 1.0
    return _FACTORS.get((_base(unit), _base(column_unit)))


def _base(unit: str) -> str:
    return unit.partition(" ")[0]
