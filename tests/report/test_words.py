"""Measured words beside printed ones in every format, hostile ones among them."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from repro.report.build import build
from repro.report.html import fragment
from repro.report.model import ReportView
from repro.report.render import FORMATS, render
from repro.store.record import Record
from repro.verdict.table import judge
from tests.report.test_escape import HOSTILE, Elements
from tests.verdict.build import record_of, table_of

COLUMNS: dict[str, dict[str, Any]] = {
    "t": {"label": "Token", "metric": "predicted-token"},
    "p": {"label": "P", "metric": "probability"},
    "seen": {"label": "Seen", "metric": "text-token", "supplementary": True},
    "said": {"label": "Said", "metric": "text"},
}


def view(*words: str, printed: str = "tons") -> ReportView:
    rows: list[dict[str, Any]] = [
        {"label": "A", "method": "m", "texts": {"t": printed, "said": "yes"}, "published": {"p": "0.40"}},
        {"label": "Reference", "quoted": "the text", "texts": {"t": printed}},
    ]
    table = table_of(rows, columns=COLUMNS, margin=0.1, seeds=len(words) or 1)
    signatures = {"t": "t v1", "p": "p v1", "seen": "s v1"}
    records: list[Record] = [
        record_of("A", seed, measured={"p": (0.375, "p v1")}, texts={"t": word, "seen": "x1"}, signatures=signatures)
        for seed, word in enumerate(words)
    ]
    return build(table, judge(table, records, "paper"), records)


def test_a_cell_shows_the_different_words_of_the_seeds_and_how_many_seeds_there_are() -> None:
    row, quoted = view("ounces", "tons", "tons").rows
    cell = row.cells["t"].measured
    assert cell is not None
    assert (cell.text, cell.status, cell.mean) == ("tons, ounces (3)", "tension", None)
    assert [seed.text for seed in cell.seeds] == ["ounces", "tons", "tons"]
    assert row.cells["said"].measured is None  # words that nothing measures
    assert quoted.cells["t"].measured is not None
    assert quoted.cells["t"].measured.status == "not run"


def test_without_a_run_the_cell_of_words_is_missing() -> None:
    cell = view().rows[0].cells["t"].measured
    assert cell is not None
    assert (cell.status, cell.text, cell.words) == ("missing", "—", ())


def test_every_printed_cell_that_is_measured_counts() -> None:
    assert dict(view("tons").counts) == {"reproduced": 1, "within the margin (1 seed)": 1, "not run": 1}


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_shows_the_measured_words(fmt: str) -> None:
    assert "ounces" in render(view("ounces"), fmt)
    assert "ounces" not in render(view("tons"), fmt)


def test_json_and_csv_have_the_words_of_each_seed_and_the_different_ones() -> None:
    found = view("ounces", "tons", "tons")
    measured = json.loads(render(found, "json"))["rows"][0]["cells"]["Token"]["measured"]
    assert measured["mean"] is None
    assert [record["text"] for record in measured["records"]] == ["ounces", "tons", "tons"]
    lines = list(csv.DictReader(io.StringIO(render(found, "csv"), newline="")))
    assert [(line["column"], line["mean"]) for line in lines][:2] == [("Token", "ounces, tons"), ("P", "0.375")]


def test_a_record_lists_its_words_with_how_they_were_found() -> None:
    assert ("Token", "tons", "t v1") in view("tons").rows[0].records[0].measured
    assert ("Token", ("t v1",)) in view("tons").protocol.signatures


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("fmt", FORMATS)
def test_hostile_words_are_text(name: str, fmt: str) -> None:
    found = view(HOSTILE[name], printed=HOSTILE[name])
    text = render(found, fmt)
    if fmt != "csv":  # data: kept as it is, inside quotes
        assert not [c for c in text if ord(c) < 32 and c != "\n"]
    if fmt == "html":
        for page, scripts in ((text, 1), (fragment(found), 0)):
            seen = Elements()
            seen.feed(page)
            assert (seen.scripts, seen.handlers) == (scripts, [])
            assert all(link.startswith("#") for link in seen.links)
    if fmt == "md":
        tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
        for block in tables:
            assert len({len(line.replace("\\\\", "").replace("\\|", "").split("|")) for line in block}) == 1, block
    if fmt == "tex":
        assert r"\input" not in text
        assert r"\write" not in text
