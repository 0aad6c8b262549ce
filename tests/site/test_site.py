"""The files of the site: whole, self-contained, harmless, the same every time."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from repro.report import words
from repro.report.model import ReportView
from repro.site.build import build
from repro.site.render import render
from repro.spec.tables import all_paths
from tests.site import examples
from tests.site.conftest import Small
from tests.site.pages import Page, resolved


def check(files: dict[str, bytes]) -> None:
    """What holds of every site: pages parse, links lead somewhere, nothing comes from elsewhere."""
    pages = {name: Page(contents.decode()) for name, contents in files.items() if name.endswith(".html")}
    assert {"index.html", "compare.html"} <= pages.keys()
    for name, page in pages.items():
        assert len(set(page.ids)) == len(page.ids), name
        assert page.headings[0] == 1, name
        assert ("link", "data:,") in page.addresses, "a server would be asked for /favicon.ico"
        assert all(deeper - level <= 1 for level, deeper in zip(page.headings, page.headings[1:], strict=False)), name
        assert page.handlers == [], name
        assert not set(page.tags) & {"iframe", "object", "embed", "base", "img"}, name
        assert set(re.findall(r"url\(([^)]*)\)", page.text)) <= set(re.findall(r"url\((#[^)]*)\)", page.text)), name
        assert "@import" not in page.text, name
        for tag, address in page.addresses:
            outside = tag == "a" and address.startswith("https://arxiv.org/abs/")
            if outside or address.startswith("data:"):
                continue
            target, fragment = resolved(name, address)
            assert ":" not in address.partition("#")[0], (name, address)
            assert target in files, (name, address)
            if fragment and target != "compare.html":
                assert fragment in pages[target].ids, (name, address)


def test_the_small_site_is_whole_and_takes_nothing_from_elsewhere(small: Small) -> None:
    check(small.files)


@pytest.mark.long
def test_the_site_of_all_tables_is_whole_and_takes_nothing_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_STORE", str(tmp_path))
    site = build()
    files = render(site)
    check(files)
    assert [entry.id for entry in site.entries] == [str(path.parent.name + "/" + path.stem) for path in all_paths()]
    figures = [figure for page in site.tables for figure in getattr(page.view, "figures", ()) if page.profile]
    assert all(figure.svg for figure in figures)


def test_the_same_inputs_give_the_same_bytes(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPRO_STORE", str(small.folder.parent / "store"))
    monkeypatch.setenv("REPRO_RESULTS", str(small.folder.parent / "results"))
    assert render(build(small.specs)) == small.files


def test_hostile_texts_are_text_on_every_page(small: Small) -> None:
    for name, contents in small.files.items():
        if not name.endswith(".html"):
            continue
        page = Page(contents.decode())
        scripts = page.tags.count("script")
        assert scripts == (2 if name == "compare.html" else 1), name
        assert "\x1b" not in page.text, name
        assert "\u202e" not in page.text, name
        assert "<img src=x onerror='window.hacked = 1'>" in "".join(page.shown), name
        assert "{{ 7 * 7 }}{% raw %}&amp;" in "".join(page.shown), name


def test_the_embedded_data_of_compare_are_json_that_cannot_end_their_element(small: Small) -> None:
    page = small.files["compare.html"].decode()
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    data = json.loads(text)
    assert "<" not in text
    assert data["runs"].keys() == {run.record.key for run in small.site.runs}
    assert any("</script>" in known for known in data["texts"])


def test_records_and_specs_lie_beside_the_pages_as_they_are(small: Small) -> None:
    for run in small.site.runs:
        found = json.loads(small.files[f"records/{run.record.key}.json"])
        assert found == run.record.model_dump(mode="json")
    for path in small.specs:
        assert small.files[f"specs/toy/{path.stem}.txt"] == path.read_bytes()


def test_a_table_has_a_page_for_each_scale_that_was_run_and_the_largest_has_its_address(small: Small) -> None:
    assert {name for name in small.files if name.startswith("tables/")} == {
        "tables/toy/measured.html", "tables/toy/measured--smoke.html", "tables/toy/planned.html",
        "tables/toy/runs.html",
    }  # fmt: skip
    largest, smoke = (small.files[f"tables/toy/measured{scale}.html"].decode() for scale in ("", "--smoke"))
    assert "Measured at profile <b>paper</b>" in largest
    assert "Measured at profile <b>smoke</b>" in smoke
    assert 'href="../../tables/toy/measured--smoke.html"' in largest
    assert 'href="../../tables/toy/measured.html"' in smoke


def test_a_table_without_runs_shows_print_and_claims_and_no_verdict(small: Small) -> None:
    page = Page(small.files["tables/toy/planned.html"].decode())
    text = "".join(page.shown)
    assert "Nothing of this table is measured yet" in text
    assert "10.5" in text
    assert "In print: fails" in re.sub(r"\s+", " ", text)
    assert not re.search(r"missing|not run|not testable", text)


def test_the_index_has_what_was_measured_first_and_links_to_every_row(small: Small) -> None:
    page = small.files["index.html"].decode()
    assert re.findall(r'data-value="(toy/\w+)"', page) == ["toy/measured", "toy/runs", "toy/planned"]
    for entry in small.site.entries:
        assert len(entry.places) > 0
        for _, anchor in entry.places:  # that the anchor is there is checked with all links
            assert f'href="tables/{entry.id}.html#{anchor}"' in page


def test_every_verdict_of_a_page_is_explained_on_it(small: Small) -> None:
    (view,) = [each.view for each in small.site.tables if each.file == "tables/toy/measured.html"]
    assert isinstance(view, ReportView)
    for name in ("index.html", "tables/toy/measured.html"):
        text = "".join(Page(small.files[name].decode()).shown)
        for status, _ in view.counts:
            assert words.MEANING[status] in text, (name, status)
    assert words.MEANING.keys() == words.CELL.keys() | words.CLAIM.keys()


def test_the_coverage_of_a_table_follows_from_rows_and_runs(small: Small) -> None:
    found = {entry.id: entry.coverage for entry in small.site.entries}
    assert found == {
        "toy/measured": "measured", "toy/planned": "planned", "toy/runs": "runs, nothing measured yet",
    }  # fmt: skip
    statuses = small.site.entries[0].statuses
    assert {"measured", "measured at paper scale", "stale", "a claim fails in its own print"} <= set(statuses)


def test_a_run_shows_the_end_of_its_log_in_whole_lines_and_says_that_there_is_more(small: Small) -> None:
    (run,) = [run for run in small.site.runs if run.log_is_cut]
    lines = run.log.splitlines()
    assert len(run.log.encode()) <= 64 * 1024
    assert all(line.startswith("step ") for line in lines if line.startswith("s"))
    assert run.log.startswith("step ")
    assert f"step 1999 {examples.HOSTILE.splitlines()[0]}" in run.log
    assert "Its last part." in small.files[run.file].decode()


def test_a_run_without_a_log_shows_the_last_output_of_its_record(small: Small) -> None:
    (run,) = [run for run in small.site.runs if run.record.status == "failed"]
    assert run.log == run.record.tail == examples.HOSTILE


def test_a_run_is_compared_with_print_at_paper_scale_only(small: Small) -> None:
    paper, smoke = (
        next(run for run in small.site.runs if run.record.profile == scale and run.record.row.startswith("g/ten"))
        for scale in ("paper", "smoke")
    )
    assert [line.gap.strip("\u2007\u2008") for line in paper.measured] == ["+9.88", "+19.38"]  # 20.375 - 10.5, - 1
    assert [line.gap for line in smoke.measured] == ["", ""]
    assert [line.printed.strip("\u2007\u2008") for line in smoke.measured] == ["10.5", "1"]


def test_numbers_of_a_column_stand_with_their_points_in_line(small: Small) -> None:
    page = small.files["tables/toy/planned.html"].decode()
    found = re.findall(r'class="printed">([^<]*)<', page)[::2]
    assert [text.strip("\u2007\u2008") for text in found] == ["10.5", "2.25", "-0.5"]
    assert len({text.index(".") for text in found}) == 1
    assert len({len(text) for text in found}) == 1
