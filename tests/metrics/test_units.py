"""From a metric's unit to a column's."""

from __future__ import annotations

import math

import pytest

from repro.metrics.declaration import Metric
from repro.metrics.units import convert, shown_unit, unit_problem
from repro.registry import METRICS
from repro.spec.load import load
from repro.spec.tables import all_paths
from tests.spec.helpers import changed, errors


@pytest.mark.parametrize(
    ("unit", "column", "factor"),
    [
        ("share", "%", 100), ("score", "%", 100), ("%", "%", 1), ("share", None, 1), ("", None, 1), ("count", None, 1),
        ("nats", "nats", 1), ("nats", "nats a sentence", 1), ("nats per token", "nats per token", 1),
        ("nats", "bits", 1 / math.log(2)), ("bits", "nats", math.log(2)), (None, "%", 1), (None, "furlongs", 1),
    ],
)  # fmt: skip
def test_a_value_is_multiplied_once(unit: str | None, column: str | None, factor: float) -> None:
    assert convert(0.125, Metric("m", "f", unit=unit), column) == 0.125 * factor


def test_a_nat_is_more_than_a_bit() -> None:
    assert convert(math.log(8), Metric("m", "f", unit="nats"), "bits") == pytest.approx(3)  # 8 states are 3 bits


def test_what_cannot_be_converted_is_an_error_that_says_what_can() -> None:
    slowdown = METRICS.declared("training-time")
    said = "metric 'training-time' cannot be printed in 's': its columns have 'x'"
    assert unit_problem(slowdown, "s") == said
    with pytest.raises(ValueError, match=said):
        convert(1.0, slowdown, "s")
    assert unit_problem(METRICS.declared("accuracy"), "nats") == (
        "metric 'accuracy' cannot be printed in 'nats': its columns have 'share' or '%'"
    )
    assert unit_problem(METRICS.declared("perplexity"), "%") == (
        "metric 'perplexity' cannot be printed in '%': its columns have no unit"
    )


def test_the_unit_of_a_plain_number_is_not_shown() -> None:
    assert [shown_unit(Metric("m", "f", unit=unit)) for unit in ("", "share", "score", "count", None)] == [None] * 5
    assert [shown_unit(Metric("m", "f", unit=unit)) for unit in ("nats", "x", "%")] == ["nats", "x", "%"]


def test_a_spec_with_a_unit_that_its_metric_has_not_is_wrong_at_that_place() -> None:
    said = (
        "spec.yaml:13:41: columns.kl.unit: metric 'histogram-kl' cannot be printed in '%': its columns have 'nats' or"
    )
    assert errors(changed(("metric: histogram-kl}", 'metric: histogram-kl, unit: "%"}'))).startswith(said)


def test_a_share_or_score_that_is_printed_above_one_is_in_percent() -> None:
    """Where a spec forgot the unit, a number of our own would stand beside a hundred times itself."""
    wrong = []
    for table in map(load, all_paths()):
        for name, column in table.columns.items():
            printed = [row.published[name].printed.value for row in table.rows if name in row.published]
            values = [value for value in printed if value is not None]
            if column.metric in METRICS and METRICS.of_column(column.metric, column.args).unit in ("share", "score"):
                wrong += [f"{table.id}, {name}"] if values and max(values) > 1 and column.unit != "%" else []
    assert wrong == []
