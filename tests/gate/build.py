"""Records and tables for the tests of the gate, built from the few numbers that a test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from repro.spec.model import Table
from repro.store.record import Record
from tests.verdict.build import record_of, table_of


def records(values: Mapping[str, Sequence[float]], column: str = "kl", **more: Any) -> list[Record]:
    """One record a value, its seed the place in the list; `{row: values}`."""
    return [
        record_of(row, seed, "smoke", measured={column: value}, **more)
        for row, numbers in values.items()
        for seed, value in enumerate(numbers)
    ]


def table(*rows: str, **more: Any) -> Table:
    """A table of method rows with one column, `kl`; lower is better unless it says another."""
    column = more.pop("column", {})
    said = [{"label": row, "method": "m", **more} for row in rows]
    return table_of(said, columns={"kl": column})
