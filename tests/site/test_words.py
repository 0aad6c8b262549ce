"""A run's page lists its measured words beside the printed ones."""

from __future__ import annotations

from repro.report.records import record_view
from repro.site.build import _measured
from tests.verdict.build import record_of, table_of


def test_measured_words_stand_beside_the_printed_ones_after_the_numbers() -> None:
    row = {"label": "A", "method": "m", "texts": {"t": "tons"}, "published": {"p": "0.4"}}
    columns = {"t": {"label": "Token", "metric": "predicted-token"}, "p": {"label": "P", "metric": "probability"}}
    table = table_of([row], columns=columns, margin=0.1)
    record = record_of("A", 0, measured={"p": (0.5, "p v1")}, texts={"t": "<b>"}, signatures={"t": "t v1", "p": "p v1"})
    number, words = _measured(table, record, record_view(record, table))
    assert (number.label, words.label, words.measured, words.signature) == (
        "P",
        "Token",
        "<b>",
        "t v1",
    )
    assert words.printed == "tons"
