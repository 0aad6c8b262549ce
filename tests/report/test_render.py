"""Published beside measured, in every format."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any, Literal

import jsonschema
import pytest

from repro.plan.key import DataUsed
from repro.report.build import build, published
from repro.report.model import PublishedView, ReportView
from repro.report.render import FORMATS, render
from repro.report.words import CELL, COMPARED
from repro.verdict.model import CellVerdict, ClaimVerdict, TableVerdict
from repro.verdict.table import judge
from tests.report import examples

SPEC = examples.table()
RECORDS = examples.records(SPEC)
VERDICT = examples.verdict(SPEC, RECORDS)
REPORT = build(SPEC, VERDICT, RECORDS)
SHOW = published(SPEC)


@pytest.fixture(scope="module")
def drawn() -> ReportView:
    """The report with its figures; one row has no arrays."""
    arrays = {row.name: examples.arrays(0.1 * i) for i, row in enumerate(SPEC.rows)}
    del arrays["spirals/EGAN-Ent-VI"]
    return build(SPEC, VERDICT, RECORDS, arrays.get)


@pytest.mark.parametrize("view", [SHOW, REPORT], ids=["show", "report"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_every_printed_number_appears_as_printed(view: PublishedView, fmt: str) -> None:
    text = render(view, fmt)
    wanted = [cell.value for row in SPEC.rows for cell in row.published.values()]
    assert len(wanted) == 126  # 12 methods x 10 columns and 3 headings x 2
    for value in set(wanted):
        assert len(re.findall(rf"(?<![\d.]){re.escape(value)}(?![\d.])", text)) >= wanted.count(value), value


def test_odd_prints_are_kept_to_the_letter() -> None:
    odd = ["7.07 ± .10", "1,234", "22M", "5.25%", "-", "4.25†", "−3.10"]
    rows = [{"label": f"row {i}", "quoted": "someone", "published": {"a": text}} for i, text in enumerate(odd)]
    rows.append({"label": "apart", "quoted": "someone", "published": {"a": {"value": "9.1", "std": "0.20"}}})
    view = published(examples.table(columns={"a": {"label": "a", "metric": "m"}}, rows=rows, groups={}, figures=[]))
    for fmt in ("text", "md", "html", "csv", "json"):
        text = render(view, fmt)
        assert all(number in text for number in [*odd, "9.1 ± 0.20"]), fmt
    cells = [row["cells"]["a"] for row in json.loads(render(view, "json"))["rows"]]
    assert cells[0] == {"value": 7.07, "std": 0.10, "text": "7.07 ± .10"}
    assert cells[2] == {"value": 22e6, "std": None, "text": "22M"}
    assert cells[4] == {"value": None, "std": None, "text": "-"}
    assert cells[7] == {"value": 9.1, "std": 0.2, "text": "9.1 ± 0.20"}


@pytest.mark.parametrize("fmt", FORMATS)
def test_the_same_view_gives_the_same_bytes_whatever_the_order_of_records(fmt: str) -> None:
    again = build(SPEC, VERDICT, list(reversed(RECORDS)))
    assert render(REPORT, fmt) == render(again, fmt)


@pytest.mark.parametrize("fmt", ["text", "md", "html", "tex", "csv", "json"])
def test_every_status_is_visible(fmt: str) -> None:
    text = render(REPORT, fmt)
    for status, look in CELL.items():
        shorter = {"deviates better": "dev. better", "deviates worse": "dev. worse"}.get(status, "")
        known = {status, look.short, shorter, *(["incomparable"] if status == "not comparable" else [])}
        known |= {f"{status.split()[0]} (1)"} if status.endswith("(1 seed)") else set()
        assert any(word and word in text for word in known), status
    assert "stale" in text


def test_failed_and_missing_cells_have_no_number() -> None:
    for row in REPORT.rows:
        for cell in row.cells.values():
            assert cell.measured is not None
            if cell.measured.status in ("failed", "missing", "not run"):
                assert cell.measured.text == "—"


def test_a_cell_without_a_verdict_is_missing_or_not_run() -> None:
    rows = [
        {"label": "a", "method": "egan", "published": {"x": "1.0"}},
        {"label": "b", "planned": "egan", "published": {"x": "2.0"}},
        {"label": "c", "quoted": "someone", "published": {"x": "3.0"}},
    ]
    spec = examples.table(columns={"x": {"label": "x", "metric": "m"}}, rows=rows, groups={}, figures=[], claims=[])
    view = build(spec, TableVerdict(spec.id, "paper", {}, ()), [])
    statuses = [row.cells["x"].measured.status for row in view.rows if row.cells["x"].measured]
    assert statuses == ["missing", "not run", "not run"]
    assert view.summary == "3 printed cells: 1 missing, 2 not run"
    for fmt in FORMATS:
        render(view, fmt)


def test_a_verdict_of_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the verdict is about other/table, the table is cegan/kl"):
        build(SPEC, TableVerdict("other/table", "paper", {}, ()), [])


def test_records_of_other_profiles_and_tables_are_left_out() -> None:
    parts = RECORDS[0].parts.model_copy(update={"profile": "smoke"})
    others = [RECORDS[0].model_copy(update={"table": "other/table"}), RECORDS[0].model_copy(update={"parts": parts})]
    assert build(SPEC, VERDICT, [*RECORDS, *others]) == REPORT


def test_the_heading_rows_are_those_of_the_print() -> None:
    assert {row.label for row in REPORT.rows if row.heading} == {"p_data, p_emp"}
    assert [column.id for column in REPORT.heading_columns] == ["data-emp", "emp-data"]
    assert len(SHOW.body_columns) == 10


def test_a_correction_is_a_footnote_and_the_print_stays() -> None:
    cell = next(row for row in REPORT.rows if row.name == "spirals/p_data, p_emp").cells["data-emp"]
    assert cell.published is not None
    assert cell.published.text == "0.3892"
    assert REPORT.footnotes[cell.footnotes[0] - 1].startswith("printed 0.3892, read as 1.2349: ")
    assert cell.measured is not None
    assert cell.measured.difference == pytest.approx(0, abs=1e-12)  # the example is made around the correction


NUMBER: dict[str, Any] = {"type": ["number", "null"]}
SHOW_CELL: dict[str, Any] = {
    "type": "object",
    "properties": {"value": NUMBER, "std": NUMBER, "text": {"type": ["string", "null"]}},
    "required": ["value", "std", "text"],
    "additionalProperties": False,
}
MEASURED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mean": NUMBER,
        "std": NUMBER,
        "n": {"type": "integer", "minimum": 0},
        "profile": {"enum": ["smoke", "laptop", "paper"]},
        "verdict": {"enum": list(CELL)},
        "records": {"type": "array", "items": {"type": "object", "required": ["key", "seed", "status", "value"]}},
    },
    "required": ["mean", "std", "n", "profile", "verdict", "records"],
}
REPORT_CELL = SHOW_CELL | {
    "properties": SHOW_CELL["properties"] | {"measured": MEASURED},
    "required": [*SHOW_CELL["required"], "measured"],
}


def test_cells_of_words_are_shown_beside_numbers_and_never_measured() -> None:
    words = {"a": "a little bird sings & <flies> over 3.14 hills", "b": "yes"}
    rows: list[dict[str, Any]] = [
        {"label": "AE", "method": "egan", "published": {"n": "0.5"}, "texts": words},
        {"label": "ARAE", "quoted": "someone", "texts": {"b": "no"}},
    ]
    columns = {"n": {"label": "n", "metric": "m"}, **{k: {"label": k, "metric": "text"} for k in words}}
    claims = [{"text": "as said", "expression": 'tok("AE")[0] == "a"'}]
    spec = examples.table(columns=columns, rows=rows, groups={}, figures=[], claims=claims)
    claim = ClaimVerdict("as said", "expression", "not testable", "it reads printed texts", "holds", "true")
    verdict = TableVerdict(spec.id, "paper", {("AE", "n"): CellVerdict("AE", "n", "missing")}, (claim,))
    shown, report = published(spec), build(spec, verdict, [])
    for view in (shown, report):
        for fmt in FORMATS:
            text = re.sub(r"\s+", " ", re.sub("<[^>]*>|&lt;|&gt;|[\\\\{}]|textless|textgreater", "", render(view, fmt)))
            assert ("bird" in text, "yes" in text, "hills" in text) == (True, True, True), fmt
        assert max(map(len, render(view, "text").splitlines())) <= 80
    cells = json.loads(render(report, "json"))["rows"][0]["cells"]
    assert cells["a"] == {"value": None, "std": None, "text": words["a"], "measured": None}
    assert cells["n"]["measured"]["verdict"] == "missing"
    assert json.loads(render(report, "json"))["claims"][0]["expression"] == 'tok("AE")[0] == "a"'
    assert [line["verdict"] for line in csv.DictReader(io.StringIO(render(report, "csv")))] == [
        "missing", "words", "words", "words",
    ]  # fmt: skip
    assert report.counts == (("missing", 1),)


def contract(cell: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "group": {"type": ["string", "null"]},
            "kind": {"enum": ["method", "quoted", "planned"]},
            "cells": {"type": "object", "additionalProperties": cell},
        },
        "required": ["label", "group", "kind", "cells"],
    }
    return {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "source": {"type": "object", "required": ["document", "table"]},
            "columns": {"type": "array", "items": {"type": "string"}},
            "rows": {"type": "array", "items": row},
        },
        "required": ["id", "source", "columns", "rows"],
    }


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_of_show_is_the_contract() -> None:
    document = strict(render(SHOW, "json"))
    jsonschema.validate(document, contract(SHOW_CELL))
    assert list(document) == ["id", "source", "columns", "rows"]
    assert (document["source"]["document"], document["source"]["table"]) == ("dai2019", "B.2")
    assert document["columns"] == [column.label for column in SPEC.columns.values() if not column.supplementary]
    assert len(document["rows"]) == 15
    row = document["rows"][4]
    assert (row["label"], row["group"], row["kind"]) == ("EGAN-Ent-NN", "Gaussian Mixture", "method")
    assert row["cells"]["KL(p_gen||p_emp)"] == {"value": 0.1131, "std": None, "text": "0.1131"}
    assert len(row["cells"]) == 10
    assert sum(len(row["cells"]) for row in document["rows"]) == 126


def test_json_of_report_is_the_contract() -> None:
    document = strict(render(REPORT, "json"))
    jsonschema.validate(document, contract(REPORT_CELL))
    row = document["rows"][4]
    measured = row["cells"]["KL(p_gen||p_emp)"]["measured"]
    verdict = VERDICT.cells["gaussian/EGAN-Ent-NN", "gen-emp"]
    assert (measured["mean"], measured["std"], measured["n"]) == (verdict.mean, verdict.std, 3)  # unrounded
    assert (measured["profile"], measured["verdict"]) == ("paper", verdict.status)
    assert [record["key"] for record in measured["records"]] == [
        record.key for record in RECORDS if record.row == "gaussian/EGAN-Ent-NN"
    ]
    assert row["cells"]["temperature"]["value"] is row["cells"]["temperature"]["text"] is None
    control = document["rows"][5]
    assert control["role"] == "control"
    assert all(cell["text"] is None for cell in control["cells"].values())
    assert [set(claim) >= {"text", "verdict", "detail"} for claim in document["claims"]] == [True, True]
    assert document["claims"][1]["in_print"] == "fails"


def test_csv_has_a_line_a_cell() -> None:
    lines = list(csv.DictReader(io.StringIO(render(REPORT, "csv"))))
    columns = ["table", "row", "group", "column", "published", "mean", "std", "n", "verdict", "difference", "ratio"]
    assert list(lines[0]) == [*columns, "profile", "data", "whose"]
    assert len(lines) == sum(len(row.cells) for row in REPORT.rows)
    assert len([line for line in lines if line["published"]]) == 126


@pytest.mark.parametrize("fmt", ["text", "md", "html", "tex"])
@pytest.mark.parametrize(("scale", "said"), [("log", "x4.54"), ("linear", "+0.9594")])
def test_how_far_a_cell_is_off_stands_beside_its_verdict_where_it_is_judged(
    fmt: str, scale: Literal["log", "linear"], said: str
) -> None:
    """A ratio or a difference, after the scale; below paper scale neither, since nothing is held against the print."""
    row = next(row for row in SPEC.rows if row.name == "gaussian/EGAN-Const")
    for status in ("inconclusive", "deviates worse", "outside the margin (1 seed)", "reduced", "partial"):
        cell = CellVerdict(row.name, "gen-emp", status, target=0.2711, mean=1.2305, n=1, scale=scale)
        view = build(SPEC, TableVerdict(SPEC.id, "paper", {(row.name, "gen-emp"): cell}, ()), [])
        shown = render(view, fmt).split("Rows and records</h2>")[0]  # the details of a page have it always
        assert (said in shown) == (status in COMPARED), status


def test_programs_get_difference_and_ratio() -> None:
    cells = {(row["row"], row["column"]): row for row in csv.DictReader(io.StringIO(render(REPORT, "csv")))}
    document = json.loads(render(REPORT, "json"))
    checked = 0
    for row in document["rows"]:
        for column, cell in row["cells"].items():
            if cell["measured"]["mean"] is not None and cell["value"] and row["label"] != "p_data, p_emp":
                assert cell["measured"]["difference"] == pytest.approx(cell["measured"]["mean"] - cell["value"])
                assert cell["measured"]["ratio"] == pytest.approx(cell["measured"]["mean"] / cell["value"])
                assert float(cells[row["label"], column]["ratio"]) > 0
                checked += 1
    assert checked > 60


@pytest.mark.parametrize("view", [SHOW, REPORT], ids=["show", "report"])
def test_text_fits_eighty_columns_and_is_plain(view: PublishedView) -> None:
    text = render(view, "text")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "…" not in text
    assert "\x1b[" in render(view, "text", color=True)


def test_decimal_points_align_in_text() -> None:
    """In each block the points of a column's numbers stand in one place."""
    text = render(published(SPEC), "text")
    block = text[text.index("─") :].split("\n\n             ")[0].splitlines()
    places = {tuple(m.start() for m in re.finditer(r"\.", line)) for line in block if re.match(r"(E?GAN)", line)}
    assert len(places) == 1


VOID = {"meta", "br", "wbr", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Checks nesting, and collects ids, links and everything that could be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.styles = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._attributes(attrs)

    def _attributes(self, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href", "srcset", "data", "poster", "action"):
                self.links.append(value or "")
            if name == "style" or "url(" in (value or ""):
                self.styles += value or ""

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.styles += data


def test_html_is_one_well_formed_page_that_fetches_nothing(drawn: ReportView) -> None:
    text = render(drawn, "html")
    page = Page()
    page.feed(text)
    page.close()
    assert not page.open
    assert len(page.ids) == len(set(page.ids))
    inside = [link[1:] for link in page.links if link.startswith("#")]
    assert set(inside) <= set(page.ids)
    outside = [link for link in page.links if not link.startswith(("#", "data:image/png;base64,"))]
    assert outside == ["https://arxiv.org/abs/1702.01691"]
    assert not re.search(r"@import|url\((?!#)", page.styles)
    targets = set(re.findall(r"url\(#([^)]*)\)", page.styles))
    assert targets <= set(page.ids)
    assert len(text.encode()) < 2_000_000


def test_every_measured_cell_leads_to_its_records(drawn: ReportView) -> None:
    text = render(drawn, "html")
    for row in drawn.rows:
        for cell in row.cells.values():
            assert f'href="#{cell.anchor}"' in text
            assert f'id="{cell.anchor}"' in text
    for record in RECORDS:
        assert f'id="record-{record.key}"' in text
        assert record.redo.replace("'", "&#39;") in text
        assert record.parts.data.checksum in text
    assert "energy is not finite" in text
    assert "step 320: energy nan" in text


def test_figures_are_drawn_the_same_twice_and_say_what_has_not_run(drawn: ReportView) -> None:
    arrays = {row.name: examples.arrays(0.1 * i) for i, row in enumerate(SPEC.rows)}
    del arrays["spirals/EGAN-Ent-VI"]
    again = build(SPEC, VERDICT, RECORDS, arrays.get)
    assert drawn == again
    first, second = (figure.svg or "" for figure in drawn.figures)
    assert "not run" not in first
    assert second.count("not run") == 2 + second.count("<!-- not run")  # energy and samples of the one row
    assert all(label in second for label in ("EGAN-Ent-VI", "EGAN-Ent-NN", "Two-spiral Gaussian Mixture"))
    assert 'href="http' not in first + second


@pytest.mark.parametrize(
    ("number", "said"), [("B.2", "Table B.2"), ("Figure A.1", "Figure A.1"), ("text 4.6.2", "text 4.6.2")]
)
@pytest.mark.parametrize("fmt", ["text", "md", "tex"])
def test_a_table_is_called_what_it_is_in_print(number: str, said: str, fmt: str) -> None:
    source = {"document": "dai2019", "table": number, "paper": "A paper"}
    text = render(published(examples.table(source=source)), fmt)
    assert f"dai2019, {said}" in " ".join(text.split())


def test_markdown_shows_the_files_of_drawn_figures_and_names_the_others(drawn: ReportView) -> None:
    files = [f"]({drawn.file_of(figure)})" for figure in drawn.figures]
    said, undrawn = render(drawn, "md"), render(REPORT, "md")
    assert len(set(files)) == 2
    assert all(said.count(file) == 1 for file in files)
    assert "Drawn in the HTML report" not in said
    assert "](" not in undrawn.partition("## Figures")[2].partition("## Protocol")[0]
    assert "Drawn in the HTML report" in undrawn


def test_a_row_of_which_nothing_is_printed_shows_what_was_measured() -> None:
    """A figure's table: its columns are points of the drawn curves."""
    rows = [{"label": "A", "method": "gan-2d"}, {"label": "B", "planned": "later"}]
    spec = examples.table(
        columns={"x": {"label": "x", "metric": "m"}}, rows=rows, groups={}, figures=[], claims=[], margin=None
    )
    seeds = spec.profiles.paper.seeds
    records = [examples.record(spec, "A", seed) for seed in range(seeds)]
    view = build(spec, judge(spec, records, "paper"), records)
    shown, planned = view.rows
    cell = shown.cells["x"].measured
    assert cell is not None
    assert (cell.status, cell.n) == ("measured", seeds)
    assert not planned.cells
    for fmt in ("text", "md", "html", "tex"):
        assert f"({seeds})" in render(view, fmt)


def test_a_text_report_starts_without_torch_pandas_or_matplotlib() -> None:
    code = (
        "import sys; from tests.report import examples as e; from repro.report.build import build\n"
        "from repro.report.render import render; t = e.table(); r = e.records(t)\n"
        "render(build(t, e.verdict(t, r), r), 'text')\n"
        "print([m for m in ('torch', 'pandas', 'matplotlib', 'jinja2', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_format_suggests_the_closest() -> None:
    with pytest.raises(ValueError, match=r"unknown format 'htm'; did you mean 'html'\? \(known: text, md, html, "):
        render(SHOW, "htm")


def test_a_heading_row_that_failed_says_so() -> None:
    name = "gaussian/p_data, p_emp"
    cells = {**VERDICT.cells, (name, "data-emp"): CellVerdict(name, "data-emp", "failed", detail="no data")}
    view = build(SPEC, TableVerdict(SPEC.id, "paper", cells, ()), RECORDS)
    for fmt in FORMATS:
        assert "failed" in render(view, fmt)


OF_TWO = {record.key: "shipped" if record.seed > 1 else "own" for record in RECORDS}
ALL_SHIPPED = dict.fromkeys(OF_TWO, "shipped")


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_number_that_is_not_ones_own_says_so_in_every_format(fmt: str) -> None:
    mixed, shipped = (build(SPEC, VERDICT, RECORDS, origins=found) for found in (OF_TWO, ALL_SHIPPED))  # type: ignore[arg-type]
    assert "shipped" not in render(REPORT, fmt)
    words = " ".join(render(mixed, fmt).split())
    assert len(re.findall(r"own \+ shipped|\"own\",\s*\"shipped\"", words)) > 100  # of 126 printed cells
    assert "shipped" in " ".join(render(shipped, fmt).split())
    if fmt != "csv":  # whose lines have no heading
        assert "umbers are of your own runs, but those marked: shipped with repro" in words
        whole = " ".join(render(shipped, fmt).split())
        assert "ll numbers are shipped with repro: none was measured here" in whole
        assert "own + shipped" not in whole


def test_csv_and_json_say_of_each_number_whose_it_is() -> None:
    view = build(SPEC, VERDICT, RECORDS, origins=ALL_SHIPPED)  # type: ignore[arg-type]
    lines = list(csv.DictReader(io.StringIO(render(view, "csv"))))
    assert {line["whose"] for line in lines if line["mean"]} == {"shipped"}
    assert {line["whose"] for line in lines if not line["mean"]} == {""}
    cells = [cell for row in json.loads(render(view, "json"))["rows"] for cell in row["cells"].values()]
    found = [record for cell in cells for record in cell["measured"]["records"] if record["value"] is not None]
    assert {record["whose"] for record in found} == {"shipped"}


def reduced(*data: str, seeds: int = 1) -> ReportView:
    """The report at smoke scale, of one row, on these data sets."""
    made = []
    for name in data:
        for seed in range(seeds):
            found = examples.record(SPEC, "gaussian/GAN", seed)
            given = {"profile": "smoke", "data": DataUsed(name=name, checksum="0")}
            made.append(found.model_copy(update={"parts": found.parts.model_copy(update=given)}))
    return build(SPEC, judge(SPEC, made, "smoke"), made)


@pytest.mark.parametrize(
    ("data", "seeds", "said"),
    [
        (["toy-language"], 1, "smoke: toy-language, 1 seed"),
        (["toy-language"], 3, "smoke: toy-language, 3 seeds"),
        (["a", "b"], 1, "smoke: a, b, 1 seed"),
        (["a", "b", "c"], 2, "smoke: 3 data sets, 2 seeds"),
        ([], 1, "smoke: nothing measured"),
    ],
)
def test_a_report_below_paper_scale_says_so_first(data: list[str], seeds: int, said: str) -> None:
    view = reduced(*data, seeds=seeds)
    for fmt in ("text", "md", "tex"):
        assert said in render(view, fmt).splitlines()[0], fmt
    assert re.search(rf"<title>[^<]*\({said}\)</title>", render(view, "html"))
    assert re.search(rf"<h1>[^<]*\({said}\)</h1>", render(view, "html"))
    if data:
        line = next(csv.DictReader(io.StringIO(render(view, "csv"))))
        assert (line["profile"], line["data"]) == ("smoke", ", ".join(data))
        document = json.loads(render(view, "json"))
        assert (document["profile"], document["data"], document["seeds"]) == ("smoke", data, list(range(seeds)))


def test_a_report_at_paper_scale_begins_with_its_title() -> None:
    assert render(REPORT, "text").splitlines()[0] == f"{SPEC.id}  {SPEC.title}"


@pytest.mark.parametrize("fmt", ["text", "md", "html", "tex", "csv", "json"])
@pytest.mark.parametrize("status", ["failed", "missing device", "diverged"])
def test_a_row_without_a_printed_number_that_failed_stays_in_the_report(fmt: str, status: str) -> None:
    """A table of one's own prints nothing: a row that is left out looks as if it had never been asked for."""
    row = {"label": "Mine", "method": "egan", "params": {}}
    spec = examples.table(columns={"a": {"label": "a", "metric": "m"}}, rows=[row], groups={}, figures=[], claims=[])
    found = [examples.record(spec, "Mine", 0, status=status, measured={}, message="no words")]
    view = build(spec, judge(spec, found, "paper"), found)
    assert view.rows[0].cells["a"].measured is not None
    text = render(view, fmt)
    assert "Mine" in text
    assert "failed" in text
