"""The page that a run ends with: so many lines, and what is left out is counted."""

from __future__ import annotations

import re

import pytest

from repro.report.build import build
from repro.report.model import ReportView
from repro.report.page import FEWEST_LINES, MOST_CLAIMS, page
from repro.verdict.model import ClaimVerdict, TableVerdict
from tests.report import examples

SPEC = examples.table()
RECORDS = examples.records(SPEC)
VIEW = build(SPEC, examples.verdict(SPEC, RECORDS), RECORDS)
EVERY = {row.name for row in SPEC.rows}


@pytest.mark.parametrize("lines", [24, 40, 60])
def test_a_page_has_no_more_lines_than_it_may_and_says_how_many_are_left_out(lines: int) -> None:
    shown = page(VIEW, EVERY, lines=lines).splitlines()
    assert len(shown) <= lines
    (said,) = [line for line in shown if "in the whole report" in line]
    found = re.fullmatch(r"\.\.\. and (\d+) lines more, in the whole report", said)
    assert found
    whole = page(VIEW, EVERY, lines=10_000).splitlines()
    assert len(whole) == len(shown) - 1 + int(found[1])
    assert max(map(len, shown)) <= 80


def test_a_terminal_of_few_lines_gets_the_fewest() -> None:
    assert page(VIEW, EVERY, lines=3) == page(VIEW, EVERY, lines=FEWEST_LINES)


def test_a_page_of_one_row_shows_it_whole_and_no_other() -> None:
    shown = page(VIEW, {"gaussian/GAN"}, lines=60)
    assert "in the whole report" not in shown
    rows = re.findall(r"^(\S+)  [\d.]+ ", shown, re.MULTILINE)
    assert set(rows) == {"GAN"}
    assert all(shown.count(cell.value) == 1 for cell in SPEC.row("gaussian/GAN").published.values())
    assert "Protocol" not in shown


def test_what_failed_is_said_once_with_its_rows() -> None:
    row = "spirals/EGAN-Ent-NN"
    broken = [examples.record(SPEC, each, 9, status="missing data", measured={}, curves={}, message="no data")
              for each in (row, "gaussian/GAN")]  # fmt: skip
    view = build(SPEC, TableVerdict(SPEC.id, "paper", {}, ()), broken)
    lines = page(view, EVERY).splitlines()
    assert [line for line in lines if line.startswith("✗")] == [f"✗ gaussian/GAN, {row}: missing data: no data"]


def judged(*verdicts: str) -> ReportView:
    claims = tuple(ClaimVerdict(f"claim {i}", "order", verdict, "", None, "") for i, verdict in enumerate(verdicts))  # type: ignore[arg-type]
    return build(SPEC, TableVerdict(SPEC.id, "paper", {}, claims), [])


def test_claims_that_are_judged_have_a_line_and_the_others_are_counted() -> None:
    lines = page(judged("holds", "not testable", "fails"), set()).splitlines()
    assert lines[-3:] == ["✓ holds: claim 0", "✗ fails: claim 2", "... and 1 claims more"]
    assert page(judged("not testable"), set()).splitlines()[-1] == "... and 1 claims that cannot be judged here"
    many = page(judged(*["holds"] * (MOST_CLAIMS + 3)), set())
    assert many.count("✓ holds") == MOST_CLAIMS
    assert many.endswith("... and 3 claims more\n")
