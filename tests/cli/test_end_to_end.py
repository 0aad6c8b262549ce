"""A whole table from spec to accepted report, with real models, in processes as a user starts them."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from repro.report.render import FORMATS
from repro.spec.load import load
from repro.spec.tables import find
from repro.store.records import Store
from tests.cli.command import ROOT, Said, python

TABLE = "cegan/kl-2d"

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


def call(*arguments: str) -> Said:
    return python("-m", "repro", *arguments, timeout=1500)


def cells(report: Any) -> list[Any]:
    return [cell for row in report["rows"] for cell in row["cells"].values()]


def of_nobody(report: Any) -> Any:
    """A report without whose its numbers are: once accepted they are the table's, and no run of one's own."""
    if isinstance(report, dict):
        return {key: of_nobody(value) for key, value in report.items() if key != "whose"}
    return [of_nobody(each) for each in report] if isinstance(report, list) else report


def test_a_table_runs_at_smoke_scale_reports_in_every_format_and_is_accepted(tmp_path: Path) -> None:
    jobs = sum(row.kind == "method" for row in load(find(TABLE)).rows)  # one seed each
    first = call("run", TABLE, "--profile", "smoke")
    assert first.code == 0, first.err
    assert f"{jobs} trainings and {jobs} measurements made, 0 taken from earlier runs" in first.out
    shown = (ROOT / "README.md").read_text().partition("```text\n")[2].partition("  ...")[0]
    assert first.out.startswith(shown), "the README shows another beginning"
    records = {record.key: record for record in Store().records(TABLE)}
    assert [record.status for record in records.values()] == ["ok"] * jobs

    again = call("run", "dai2019/B.2", "--profile", "smoke", "--json")
    assert again.code == 0
    (ran,) = again.json
    assert [job["cached"] for job in ran["jobs"]] == [True] * jobs
    assert {record.key: record for record in Store().records(TABLE)} == records

    reports = {name: call("report", TABLE, "--format", name) for name in FORMATS}
    for name, said in reports.items():
        assert (said.code, said.err) == (0, ""), name
        assert "0.1131" in said.out, name
    report = reports["json"].json
    printed = [cell for cell in cells(report) if cell["text"] is not None]
    assert len(printed) == 126
    assert {cell["measured"]["verdict"] for cell in printed} == {"reduced"}
    assert {record["key"] for cell in cells(report) for record in cell["measured"]["records"]} == set(records)
    assert reports["html"].out.count("<svg") >= 3  # figures B.1, B.2 and B.3

    headings = [row for row in report["rows"] if row["label"] == "Data"]
    assert len(headings) == 3
    for row in headings:  # nothing is trained in these, so they are the paper's numbers at any scale
        in_print = [cell for cell in row["cells"].values() if cell["text"] is not None]
        assert len(in_print) == 2
        for cell in in_print:
            target = {0.3892: 1.2349, 1.2349: 0.3892}.get(cell["value"], cell["value"])  # exchanged in print
            assert cell["measured"]["mean"] == pytest.approx(target, abs=1.5e-4)  # as the spec's margin, and rounding

    accepted = call("accept", TABLE, "--profile", "smoke")
    assert accepted.code == 0, accepted.err
    folder = tmp_path / "results" / TABLE
    assert len(list((folder / "records").glob("*.json"))) == jobs
    assert of_nobody(json.loads((folder / "reports" / "smoke.json").read_text())) == of_nobody(report)
    pictures = re.findall(r"!\[[^]]*\]\(([^)]*)\)", (folder / "reports" / "smoke.md").read_text())
    assert len(pictures) == 3
    for file in pictures:
        assert (folder / "reports" / file).read_text().startswith("<svg ")

    key = report["rows"][1]["cells"]["p_gen||p_emp"]["measured"]["records"][0]["key"]
    redo = shlex.split(records[key].redo)
    done = call(*redo[1:])
    assert done.code == 0, done.err
    assert "1 training and 1 measurement made, 0 taken from earlier runs" in done.out
    remade = {record.key: record for record in Store().records(TABLE)}
    assert [k for k in remade if remade[k].started != records[k].started] == [key]
    assert remade[key].measured == records[key].measured
