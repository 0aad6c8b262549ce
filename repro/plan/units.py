"""From the units of metrics to those of a row's columns, as keys have it."""

from __future__ import annotations

from repro.metrics.units import convert
from repro.registry import METRICS
from repro.spec.configuration import Configuration


def factors(found: Configuration) -> dict[str, float]:
    """From the unit of each metric to that of its column, where they differ."""
    numbers = {name: column for name, column in found.columns.items() if not column.is_words}
    known = {
        name: convert(1.0, METRICS.of_column(column.metric, column.args), column.unit)
        for name, column in numbers.items()
    }
    return {name: factor for name, factor in known.items() if factor != 1.0}
