"""repro as a library: tables, runs and results for notebooks and scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

import repro
from repro.api import Results
from tests.cli import toys as toy_specs
from tests.cli.command import python
from tests.site import examples
from tests.site.pages import Page


@pytest.fixture(autouse=True)
def empty_folder(toys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("REPRO_RESULTS", str(tmp_path / "results"))
    return tmp_path


@pytest.fixture
def found(tmp_path: Path) -> Results:
    """The results of a table of which two rows ran with two seeds each, and one failed."""
    from repro.store.records import Store

    measured = examples.write(tmp_path, Store())[0]
    return repro.results(str(measured))


def test_a_table_is_loaded_by_id_as_printed_or_from_a_file(tmp_path: Path) -> None:
    path = toy_specs.write(tmp_path)
    assert repro.load_table("cegan/kl-2d") == repro.load_table("dai2019/B.2")
    assert [row.label for row in repro.load_table(str(path)).rows] == ["Good", "Other", "Quoted"]
    with pytest.raises(ValueError, match=r"unknown table 'cegan/kl-3d'; did you mean 'cegan/kl-2d'\?"):
        repro.load_table("cegan/kl-3d")


@pytest.mark.long
def test_a_run_gives_the_results_that_the_command_line_would_find(tmp_path: Path) -> None:
    path = str(toy_specs.write(tmp_path))
    one = repro.run(path, rows="Good", seeds=1, jobs=1)
    assert one.profile == "smoke"
    assert list(one.frame().row) == ["Good"]
    both = repro.run(path, "paper", seeds=[0, 1], jobs=1)
    assert sorted(zip(both.frame().row, both.frame().seed, strict=True)) == [
        ("Good", 0), ("Good", 1), ("Other", 0), ("Other", 1),
    ]  # fmt: skip
    assert repro.results(path).profile == "paper"
    assert repro.results(path, "smoke").frame().equals(one.frame())
    assert repro.run(path, "paper", rows=["Good"]).frame().key.tolist() == both.frame().key.tolist()


@pytest.mark.long
def test_a_job_that_fails_is_a_warning_and_a_status_and_no_number(tmp_path: Path) -> None:
    path = str(toy_specs.write(tmp_path, behaviour="raise"))
    with pytest.warns(
        RuntimeWarning, match=r"1 of 2 jobs have no result, the first Other, seed 0; its output: .*\.log"
    ):
        done = repro.run(path, jobs=1)
    frame = done.frame().set_index("row")
    assert frame.status.to_dict() == {"Good": "ok", "Other": "failed"}
    assert frame.value.isna().to_dict() == {"Good": False, "Other": True}


def test_a_wrong_row_or_profile_is_an_error_before_anything_runs(tmp_path: Path) -> None:
    path = str(toy_specs.write(tmp_path))
    with pytest.raises(ValueError, match="Gold"):
        repro.run(path, rows="Gold")
    with pytest.raises(ValueError, match="unknown profile 'papre'; did you mean 'paper'"):
        repro.results(path, "papre")  # type: ignore[arg-type]
    assert not (tmp_path / "store" / "records").exists()


def test_the_frame_has_a_line_for_each_number_of_each_run(found: Results) -> None:
    frame = found.frame()
    assert list(frame) == ["row", "seed", "status", "profile", "key", "column", "label", "value"]
    assert len(frame) == 5 * 2
    ok = frame[frame.status == "ok"]
    values = {(record.key, name): m.value for record in found.evidence.records for name, m in record.measured.items()}
    assert dict(zip(zip(ok.key, ok.column, strict=True), ok.value, strict=True)) == values
    assert frame[frame.status == "failed"].value.isna().all()
    assert str(frame.value.dtype) == "float64"


def test_the_summary_has_a_line_a_cell_with_print_mean_and_verdict(found: Results) -> None:
    summary = found.summary()
    first = summary.iloc[0]
    assert (first.column, first.printed, first.published, first["mean"], first.n) == ("loss", "10.5", 10.5, 20.875, 2)
    assert first["std"] == pytest.approx(0.5**0.5)
    assert first.difference == pytest.approx(10.375)
    assert first.stale
    assert list(summary.verdict) == [cell.measured.status for row in found.view.rows for cell in row.cells.values()
                                     if cell.measured]  # fmt: skip
    dash = summary[summary.printed == "-"]
    assert dash.published.isna().all()


def test_claims_and_curves_are_frames(found: Results) -> None:
    claims, curves = found.claims(), found.curves()
    assert claims.text.tolist() == [examples.HOSTILE]
    assert claims.in_print.tolist() == ["fails"]
    assert len(curves) == 4 * 300
    assert curves.groupby("row").value.max().tolist() == [299 / 7, 299 / 7 + 1]


def test_results_show_as_a_table_in_which_every_text_is_text(found: Results) -> None:
    page = Page(found._repr_html_())
    assert not set(page.tags) & {"script", "style", "img", "iframe"}
    assert page.handlers == []
    text = " ".join("".join(page.shown).split())
    assert "10.5 → 20.88 ± 0.71 (2)" in text
    assert "<script>window.hacked = 1</script>" in text
    assert "(fails in its own print)" in text
    assert "toy/measured at paper scale" in repr(found)


def test_a_table_without_runs_has_empty_frames_of_the_same_columns(tmp_path: Path, found: Results) -> None:
    nothing = repro.results(str(tmp_path / "runs.yaml"))
    for name in ("frame", "curves"):
        assert getattr(nothing, name)().empty
        assert list(getattr(nothing, name)()) == list(getattr(found, name)())
    assert set(nothing.summary().verdict) == {"missing", "not run"}, "a dash is not measured"
    assert "missing" in nothing._repr_html_()


@pytest.mark.parametrize(
    "first", ["", "import repro.engines.drive, repro.store.accepted; ", "from repro.store.records import Store; "]
)
def test_the_names_are_callable_whatever_was_imported_before(first: str) -> None:
    said = python("-c", f"{first}import repro; print(all(map(callable, (repro.run, repro.results, repro.load_table))))")
    assert (said.code, said.out) == (0, "True\n"), said.err


def test_importing_repro_and_loading_a_table_imports_no_framework() -> None:
    code = "import sys, repro; few = len(sys.modules); repro.results('cegan/kl-2d'); print(few, *sys.modules)"
    few, *loaded = python("-c", code).out.split()
    assert int(few) < 120  # the interpreter's own and two of ours
    assert not {"torch", "pandas", "matplotlib", "scipy", "numba"} & set(loaded)
