"""What continuous integration is told: names and messages of any kind stay inside their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repro.gate.ci import junit, workflow_commands
from repro.gate.model import STATUSES, Check, Outcome, Status
from repro.gate.words import as_json, as_markdown, text

HOSTILE = 'a]]> & <b a="1"> |pipe| `code` ::error::\r\n%0A\x00\x1b[31m é 漢 😀, file=x:1'


def outcome(status: Status, row: str = "A", detail: str = "why", **more: object) -> Outcome:
    return Outcome("toy/walks", row, "Mean", status, detail, (1.0, 2.0, 3.0), (4.0,), 7, 0.01, "max-T", **more)


def everything(row: str = "A", detail: str = "why") -> Check:
    """One outcome of every status."""
    return Check("smoke", tuple(outcome(status, row, detail) for status in STATUSES), (detail,))


def commands(check: Check) -> Iterator[str]:
    return workflow_commands(check, lambda found: ("tables/toy/a,b:c.yaml", 7))


def test_junit_counts_what_it_holds_and_has_at_most_one_result_a_case() -> None:
    root = ElementTree.fromstring(junit(everything()))
    assert root.tag == "testsuites"
    (suite,) = root
    assert (suite.tag, suite.get("name")) == ("testsuite", "toy/walks")
    results = [[child.tag for child in case] for case in suite]
    assert all(len(result) <= 1 for result in results)
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert suite.get(name) == str(results.count([tag]))
    assert suite.get("tests") == str(len(suite)) == str(len(STATUSES))
    assert {case.tag for case in suite} == {"testcase"}
    assert all({"name", "classname", "time"} == set(case.attrib) for case in suite)
    assert [result[0] if result else "" for result in results] == [
        "failure", "failure", "error", "error", "error", "skipped", "skipped", "", "",
    ]  # fmt: skip


def test_times_of_a_suite_are_those_of_its_cases_and_of_a_row_what_it_took() -> None:
    cells = (outcome("same", "A"), outcome("worse", "A"), outcome("same", "B"))
    check = Check("smoke", cells, seconds={("toy/walks", "A"): 3.0, ("toy/walks", "B"): 0.25, ("toy/other", "B"): 9.0})
    suite = ElementTree.fromstring(junit(check))[0]
    assert [case.get("time") for case in suite] == ["1.500", "1.500", "0.250"]
    assert suite.get("time") == "3.250"


@given(st.text(max_size=60))
def test_junit_is_well_formed_whatever_a_row_is_called(name: str) -> None:
    suite = ElementTree.fromstring(junit(everything(name, name)))[0]
    assert len(suite) == len(STATUSES)


def test_junit_keeps_a_hostile_name_as_text() -> None:
    case = ElementTree.fromstring(junit(Check("smoke", (outcome("worse", HOSTILE),))))[0][0]
    assert (case.get("name") or "").startswith('a]]> & <b a="1"> |pipe| `code` ::error::')
    assert "\x00" not in (case.get("name") or "")


@given(st.text(max_size=60))
def test_an_annotation_is_one_line_whatever_a_row_is_called(name: str) -> None:
    for line in commands(everything(name, name)):
        assert "\n" not in line
        assert "\r" not in line
        properties, _, message = line.removeprefix("::").partition("::")
        assert properties.partition(" ")[0] in ("error", "notice", "warning")
        assert re.fullmatch(r"(?:[^%]|%25|%0D|%0A)*", message, re.DOTALL)


def test_an_annotation_has_the_place_of_the_row_and_is_escaped_as_github_reads_it() -> None:
    (line,) = commands(Check("smoke", (outcome("worse", "50% off\nnow"),)))
    assert line == (
        "::error file=tables/toy/a%2Cb%3Ac.yaml,line=7,title=worse%3A toy/walks::50%25 off%0Anow, Mean: accepted "
        "2 ± 1 (3), and 7 of the calibration; now 4 (1); p = 0.01 (max-T); why"
    )


def test_what_failed_is_an_error_what_is_better_a_notice_and_the_rest_is_silent() -> None:
    found = [line.partition(" ")[0] for line in commands(Check("smoke", everything().outcomes))]
    assert found == ["::error"] * 5 + ["::notice"]
    (nothing,) = commands(Check("smoke", (outcome("undecided"),)))
    assert nothing.startswith("::error title=repro check::check at smoke scale: nothing (1 undecided)")


@pytest.mark.parametrize("status", STATUSES)
def test_the_summary_is_a_table_of_what_is_not_the_same_and_no_name_breaks_out(status: Status) -> None:
    lines = as_markdown(Check("smoke", (outcome(status, HOSTILE, HOSTILE),))).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == (0 if status == "same" else 3)
    for row in rows[2:]:
        assert len(row.replace("\\|", "").split("|")) == 10
        assert "<b" not in row


def test_the_text_has_a_line_for_what_matters_and_one_for_all_of_a_kind_without_verdict() -> None:
    check = Check("smoke", (*everything().outcomes, outcome("undecided", "B")), ("a remark",))
    lines = text(check).splitlines()
    assert [line.split()[1] for line in lines[:6]] == [
        "worse", "changed", "failed", "missing", "incomparable", "better",
    ]  # fmt: skip
    assert lines[6].startswith("· undecided    toy/walks  2 cells, the first A, Mean: ")
    assert lines[7] == "· unjudged     toy/walks  1 cells, the first A, Mean: why"
    assert lines[8] == "a remark"
    assert lines[9].startswith("check at smoke scale: regressed (1 worse, 1 changed,")


def test_the_json_has_every_outcome_with_its_numbers() -> None:
    found = as_json(everything())
    assert found["counts"] == {**dict.fromkeys(STATUSES, 1)}
    assert found["outcomes"][0] == {
        "table": "toy/walks", "row": "A", "column": "Mean", "status": "worse", "detail": "why",
        "accepted": [1.0, 2.0, 3.0], "new": [4.0], "calibrated": 7, "p": 0.01, "test": "max-T",
    }  # fmt: skip
