"""`bundle` and `import`: a second folder has every number of the first without training anything."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from repro.store.records import Store, read_record
from repro.store.written import written
from tests.cli import toys
from tests.cli.command import repro


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = toys.write(tmp_path)
    assert repro("run", path).code == 0
    return path


def leave(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Another folder with an empty store and no results, as on another machine; the bundle comes along."""
    there = tmp_path / "there"
    there.mkdir()
    shutil.copy(tmp_path / "walks.zip", there)
    monkeypatch.chdir(there)
    monkeypatch.setenv("REPRO_STORE", str(there / "store"))
    monkeypatch.setenv("REPRO_RESULTS", str(there / "results"))
    return there


def test_imported_results_serve_reports_and_are_cached(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = repro("bundle", spec, "--output", "walks.zip")
    assert (said.code, said.err) == (0, "")
    assert said.out == "toy/walks (smoke): 2 records, 2 rows, 1 seeds\nwrote walks.zip\n"
    before, arrays = repro("report", spec, "--format", "csv").out, Store().artifacts(Store().records()[0])
    leave(monkeypatch, tmp_path)
    said = repro("import", "walks.zip")
    assert (said.code, said.out) == (0, "toy/walks (smoke): 2 records, 2 rows, 1 seeds; 2 new, 0 were here already\n")
    assert {state["state"] for state in repro("why", spec, "--json").json} == {"cached"}
    after = repro("report", spec, "--format", "csv").out
    assert before.count('"own"') == 2  # two rows were run, the third is quoted
    assert after == before.replace('"own"', '"imported"')
    assert repro("report", spec, "--own").code == 4
    assert "<dt>imported from</dt><dd>walks.zip</dd>" in repro("report", spec, "--format", "html").out
    assert Store().artifacts(Store().records()[0])["weights"].tolist() == arrays["weights"].tolist()
    assert repro("run", spec, "--json").json[0]["jobs"][0]["cached"]
    again = repro("import", "walks.zip")
    assert again.out.endswith("; 0 new, 2 were here already\n")


def test_a_table_that_is_not_known_here_comes_with_its_spec(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repro("bundle", spec, "--output", "walks.zip")
    leave(monkeypatch, tmp_path)
    spec.unlink()
    said = repro("import", "walks.zip")
    assert said.err == "repro report store/tables/toy-walks.yaml --profile smoke\n"
    report = repro("report", "store/tables/toy-walks.yaml", "--format", "json")
    assert report.code == 0
    assert report.json["rows"][0]["cells"]["Mean"]["measured"]["n"] == 1


def test_accepted_results_travel_too_and_stale_ones_stay_behind(spec: Path, tmp_path: Path) -> None:
    repro("accept", spec, "--profile", "smoke")
    shutil.rmtree(tmp_path / "store")
    assert repro("bundle", spec, "--output", "walks.zip").code == 0
    spec.write_text(spec.read_text().replace("scale: 1.0", "scale: 1.5"))
    said = repro("bundle", spec, "--output", "walks.zip")
    assert (said.code, said.err) == (0, "left out as stale: 1 record\n")
    assert said.out.startswith("toy/walks (smoke): 1 records")


def test_nothing_to_bundle_exits_4(tmp_path: Path) -> None:
    path = toys.write(tmp_path)
    said = repro("bundle", path)
    assert said.code == 4
    assert not list(tmp_path.glob("*.zip"))


def test_a_damaged_bundle_exits_2_with_one_line_and_nothing_is_taken(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repro("bundle", spec, "--output", "walks.zip")
    there = leave(monkeypatch, tmp_path)
    whole = (there / "walks.zip").read_bytes()
    (there / "walks.zip").write_bytes(whole[:-200])
    said = repro("import", "walks.zip")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("repro: walks.zip is no whole zip archive")
    assert len(said.err.splitlines()) == 1
    assert {file.name for file in there.iterdir()} == {"walks.zip"}


def test_a_result_of_ones_own_stays(spec: Path, tmp_path: Path) -> None:
    repro("bundle", spec, "--output", "walks.zip")
    (file, *_) = sorted((tmp_path / "store" / "records" / "toy__walks").glob("*.json"))
    kept = read_record(file)
    assert kept is not None
    file.write_bytes(written(kept.model_copy(update={"seconds": 99.0})))
    repro("import", "walks.zip")
    assert json.loads(file.read_text())["seconds"] == 99.0


def test_the_points_of_a_grid_travel_each_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = toys.write(tmp_path)
    given = path.read_text()
    given = given.replace("metric: mean, better: lower}", "metric: best, args: {score: mean}, better: lower}")
    given = given.replace("params: {scale: 1.0}}", "grid: {scale: [1.0, 2.0, 3.0]}}")
    path.write_text(given)
    assert repro("run", path, "--rows", "Good").code == 0
    assert repro("bundle", path, "--output", "walks.zip").out.startswith("toy/walks (smoke): 3 records, 1 rows")
    before = repro("report", path, "--format", "csv").out
    leave(monkeypatch, tmp_path)
    assert repro("import", "walks.zip").code == 0
    assert repro("report", path, "--format", "csv").out == before.replace('"own"', '"imported"')
    assert repro("report", path, "--format", "json").json["rows"][0]["cells"]["Mean"]["measured"]["n"] == 1
