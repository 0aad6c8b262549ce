"""A check for continuous integration: JUnit XML and GitHub's annotations. Whatever a row is called, both stay whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from repro.gate.model import INCOMPLETE, JUDGED, Check, Outcome
from repro.gate.words import said, summary

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Place = tuple[str, int]
"""File and line."""


def junit(check: Check) -> bytes:
    """A test suite a table, a test case an outcome: regressions are failures, what could not be compared errors.

    The shape is that of the Apache Ant schema as continuous integration servers read it: counts on every suite, and at
    most one of failure, error and skipped in a case. The time of a row is shared out evenly between its cases, so that
    times add up to what was spent.
    """
    root = Element("testsuites", name="repro check")
    for table in dict.fromkeys(outcome.table for outcome in check.outcomes):
        mine = [outcome for outcome in check.outcomes if outcome.table == table]
        kinds = [_kind(outcome) for outcome in mine]
        counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
        counted = {name: str(kinds.count(kind)) for name, kind in counts.items()}
        cases = Counter(outcome.row for outcome in mine)
        times = [check.seconds.get((table, each.row), 0.0) / cases[each.row] for each in mine]
        suite = SubElement(root, "testsuite", {"name": _xml(table), "tests": str(len(mine)), **counted})
        suite.set("time", _time(sum(times)))
        for outcome, kind, seconds in zip(mine, kinds, times, strict=True):
            case = SubElement(suite, "testcase", classname=_xml(table), name=_xml(outcome.name), time=_time(seconds))
            if kind:
                told = _xml(said(outcome))
                part = SubElement(case, kind, message=f"{outcome.status}: {told}")
                if kind != "skipped":
                    part.set("type", outcome.status)
                    part.text = told
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _kind(outcome: Outcome) -> str:
    if outcome.status in JUDGED:
        return "failure"
    if outcome.status in ("undecided", "unjudged"):
        return "skipped"
    return "error" if outcome.status in INCOMPLETE else ""


def _xml(text: str) -> str:
    """XML 1.0 has no place for most control characters, not even escaped."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def workflow_commands(check: Check, place: Callable[[Outcome], Place]) -> Iterator[str]:
    """GitHub's workflow commands, one line each: errors at the row in the spec, notices for what became better."""
    for outcome in check.outcomes:
        kind = _kind(outcome)
        if kind in ("failure", "error"):
            yield _command(
                "error", f"{outcome.status}: {outcome.table}", f"{outcome.name}: {said(outcome)}", place(outcome)
            )
        elif outcome.status == "better":
            yield _command("notice", f"better: {outcome.table}", f"{outcome.name}: {said(outcome)}", place(outcome))
    for note in check.notes:
        yield _command("warning", "repro check", note, None)
    if check.verdict == "nothing":
        yield _command("error", "repro check", summary(check), None)


def _command(kind: str, title: str, message: str, place: Place | None) -> str:
    found = {"file": place[0], "line": str(place[1])} if place else {}
    properties = ",".join(f"{name}={_property(value)}" for name, value in {**found, "title": title}.items())
    return f"::{kind} {properties}::{_data(message)}"


def _data(text: str) -> str:
    """As actions/toolkit escapes it (packages/core/src/command.ts, escapeData)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As actions/toolkit escapes it (packages/core/src/command.ts, escapeProperty)."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
