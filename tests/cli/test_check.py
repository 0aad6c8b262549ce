"""`check` and `calibrate` on methods that take milliseconds: a regression made on purpose, and all that is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from repro.store.records import Store
from tests.cli import gated
from tests.cli.command import Said, repro
from tests.cli.ways import ways


@pytest.fixture(scope="module")
def accepted(toys: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three accepted seeds of two rows, and nothing changed since: the same for every test."""
    return gated.accept(tmp_path_factory.mktemp("accepted"))


@pytest.fixture
def spec(accepted: Path, tmp_path: Path) -> Path:
    """The spec in a copy of that folder."""
    shutil.copytree(accepted, tmp_path, dirs_exist_ok=True)
    return tmp_path / "strolls.yaml"


def statuses(said: Said) -> dict[str, str]:
    """The status of every row in the JSON of `check`."""
    return {outcome["row"]: outcome["status"] for outcome in said.json["outcomes"]}


def test_unchanged_code_passes_and_says_so(spec: Path) -> None:
    said = repro("check", spec)
    assert (said.code, said.out) == (0, "check at smoke scale: passed (2 same)\n")
    (one, two) = repro("check", spec, "--json").json["outcomes"]
    assert one["detail"] == two["detail"] == "bit by bit the accepted outputs"
    assert one["accepted"] == one["new"]


def test_unchanged_code_passes_in_a_new_store_as_on_another_machine(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_STORE", "elsewhere")
    said = repro("check", spec)
    assert said.code == 0
    assert len(Store().records()) == 6, "it has run them"


@pytest.mark.parametrize(
    ("given", "way"), [([], "forked"), pytest.param(["--fresh-workers"], "anew", marks=pytest.mark.long)]
)
def test_a_check_forks_its_workers_unless_new_processes_are_asked_for(
    spec: Path, given: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPRO_STORE", "elsewhere")
    found = ways(monkeypatch)
    assert repro("check", spec, *given).code == 0
    assert found == [way] * 12  # six trainings, six measurements


def test_a_method_made_worse_exits_1_and_is_named_with_both_distributions_and_the_test(
    spec: Path, tmp_path: Path
) -> None:
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", spec)
    assert said.code == 1
    worse = [line for line in said.out.splitlines() if line.startswith("✗ worse")]
    assert [line.split()[2:5] for line in worse] == [
        ["toy/strolls", "Short,", "Mean:"],
        ["toy/strolls", "Long,", "Mean:"],
    ]
    for part in ("accepted ", "(3); now 10", "; p = ", "(max-T, 20 divisions, 2 cells)"):
        assert part in worse[0], part
    message, hint = said.err.splitlines()[-2:]
    assert message == "repro: 2 cells worse than accepted, first toy/strolls: Short, Mean"
    assert hint.strip() == "repro why toy/strolls Short --profile smoke names what changed"


def test_a_refactoring_that_moves_no_number_passes(spec: Path, tmp_path: Path) -> None:
    gated.edit(tmp_path, "+ WORSE", "+ WORSE * 1.0")
    said = repro("check", spec, "--json")
    assert said.code == 0
    assert statuses(said) == {"Short": "same", "Long": "same"}
    assert len(Store().records()) == 12, "the code is another, so all was run again"


def test_a_change_inside_the_noise_passes_by_the_test(spec: Path, tmp_path: Path) -> None:
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 0.01")
    said = repro("check", spec, "--json")
    assert said.code == 0
    assert {outcome["detail"] for outcome in said.json["outcomes"]} == {"inside the noise"}


def test_what_is_better_is_reported_and_passes(spec: Path, tmp_path: Path) -> None:
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = -1000.0")
    said = repro("check", spec)
    assert said.code == 0
    assert said.out.count("▲ better") == 2


def test_a_failed_job_exits_3_and_a_regression_beside_it_exits_1(spec: Path, tmp_path: Path) -> None:
    gated.edit(tmp_path, "SICK = False", "SICK = True")
    said = repro("check", spec)
    assert said.code == 3
    (line,) = (line for line in said.out.splitlines() if line.startswith("✗ failed       toy/strolls  Long: seed 0: "))
    assert line.endswith("ended as failed: ValueError: the towel is missing")
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    assert repro("check", spec).code == 1


def test_without_running_only_runs_of_the_present_code_count(spec: Path, tmp_path: Path) -> None:
    assert repro("check", spec, "--no-run").code == 0
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", spec, "--no-run")
    assert said.code == 4
    assert "no run of it by the present code, data and parameters" in said.out
    repro("run", spec, "--rows", "Short")
    said = repro("check", spec, "--no-run", "--json")
    assert said.code == 1
    assert statuses(said) == {"Short": "worse", "Long": "missing"}
    gated.edit(tmp_path, "WORSE = 1000.0", "WORSE = 0.001")
    repro("run", spec, "--rows", "Short")
    assert repro("check", spec, "--no-run").code == 3


def test_a_row_that_the_table_has_no_more_exits_3(spec: Path) -> None:
    spec.write_text("".join(line for line in spec.read_text().splitlines(keepends=True) if "Long" not in line))
    said = repro("check", spec)
    assert said.code == 3
    assert "✗ missing      toy/strolls  Long: the row is accepted, and the table has no such row that runs" in said.out


def test_nothing_accepted_exits_4_and_names_the_way(tmp_path: Path) -> None:
    path = gated.write(tmp_path)
    for arguments in ((path,), ()):
        said = repro("check", *arguments)
        assert (said.code, said.out) == (4, "")
        message, hint = said.err.splitlines()
        assert message.startswith("repro: nothing to compare with: no accepted result of ")
        table = "toy/strolls" if arguments else "TABLE"
        assert hint.strip() == f"repro run {table} --profile smoke, then repro accept {table} --profile smoke"
    assert Store().records() == []


@pytest.mark.long
def test_one_seed_against_one_is_undecided_and_no_pass_until_the_noise_is_known(tmp_path: Path) -> None:
    path = gated.write(tmp_path)
    assert repro("run", path, "--profile", "laptop").code == 0
    assert repro("accept", path, "--profile", "laptop").code == 0
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", path, "--profile", "laptop")
    assert said.code == 4
    assert "· undecided    toy/strolls  2 cells, the first Short, Mean: too few seeds to know its spread" in said.out
    gated.edit(tmp_path, "WORSE = 1000.0", "WORSE = 0.0")

    said = repro("calibrate", path, "--profile", "laptop", "--pairs", "12")
    assert said.code == 0, said.err
    assert said.out.startswith("toy/strolls (laptop): 2 rows, 24 further seeds each, 2 run now\n")
    file = tmp_path / "results" / "toy" / "strolls" / "calibration-laptop.json"
    kept = json.loads(file.read_text())
    assert "false_alarms" not in kept, "seeds that are the reference judge nothing"
    assert len(kept["rows"]["Short"]["cells"]["mean"]["values"]) == 24
    assert kept["rows"]["Short"]["cells"]["mean"]["spread"] > 0
    assert len(Store().records()) == 2 + 2, "the seeds of the calibration are in no report"

    assert "each, 0 run now" in repro("calibrate", path, "--profile", "laptop", "--pairs", "12").out
    assert json.loads(file.read_text()) == kept
    assert repro("check", path, "--profile", "laptop").code == 0
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", path, "--profile", "laptop")
    assert said.code == 1
    assert "and 24 of the calibration; now 10" in said.out
    assert "p = 0.038 (max-T, 26 divisions, 2 cells)" in said.out


def test_a_calibration_of_other_code_is_not_used_and_the_check_says_so(spec: Path, tmp_path: Path) -> None:
    assert repro("calibrate", spec, "--pairs", "1").code == 0
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 0.001")
    repro("run", spec, "--together")
    repro("accept", spec, "--profile", "smoke")
    said = repro("check", spec)
    assert said.code == 0
    assert "the calibration is of other code or parameters than the accepted Short, Long" in said.out


def test_only_what_is_accepted_can_be_calibrated(spec: Path, tmp_path: Path) -> None:
    assert repro("calibrate", spec, "--profile", "laptop").code == 4
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 0.001")
    said = repro("calibrate", spec, "--pairs", "1")
    assert said.code == 3
    assert "is of other code, data or parameters than the present" in said.err
    assert not (tmp_path / "results" / "toy" / "strolls" / "calibration-smoke.json").exists()


def test_a_row_that_the_table_has_no_more_is_left_out_of_its_calibration(spec: Path, tmp_path: Path) -> None:
    spec.write_text("".join(line for line in spec.read_text().splitlines(keepends=True) if "label: Long" not in line))
    said = repro("calibrate", spec, "--pairs", "1")
    assert said.code == 0, said.err
    assert json.loads((tmp_path / "results/toy/strolls/calibration-smoke.json").read_text())["rows"].keys() == {"Short"}


def test_a_grid_is_calibrated_and_judged_as_the_row_that_its_points_fold_into(tmp_path: Path) -> None:
    """One of its two points diverges at every seed, which the row counts as one that is not above."""
    path = gated.write(tmp_path)
    gated.edit(tmp_path, 'ValueError("the towel is missing")', 'Diverged("off the path")')
    gated.edit(tmp_path, "SICK = False", "SICK = True")
    gated.edit(tmp_path, "from tests.worker.toy", "from repro.contracts import Diverged\nfrom tests.worker.toy")
    text, rest = path.read_text(), "profiles:"
    columns = "columns: {best: {label: Best, metric: best, args: {score: mean}, better: lower}}\n"
    row = 'rows:\n  - {label: Both, method: "stroll.py:Stroll", grid: {steps: [5, 13]}}\n'
    path.write_text(text.partition("columns:")[0] + columns + row + rest + text.partition(rest)[2])
    repro("run", path, "--profile", "laptop")
    assert repro("accept", path, "--profile", "laptop").code == 0
    said = repro("calibrate", path, "--profile", "laptop", "--pairs", "12")
    assert said.code == 0, said.err
    kept = json.loads((tmp_path / "results/toy/strolls/calibration-laptop.json").read_text())
    assert len(set(kept["rows"]["Both"]["cells"]["best"]["values"])) == 24
    assert repro("check", path, "--profile", "laptop").code == 0
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", path, "--profile", "laptop")
    assert said.code == 1
    assert "and 24 of the calibration; now 10" in said.out


def test_junit_summary_and_annotations_name_the_cell_and_its_line(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))
    (tmp_path / "step.md").write_text("before\n")
    said = repro("check", spec, "--junit", "gate.xml", "--summary", "gate.md", "--github")
    assert said.code == 1
    (suite,) = ElementTree.parse(tmp_path / "gate.xml").getroot()
    assert (suite.attrib["tests"], suite.attrib["failures"], suite.attrib["errors"]) == ("2", "2", "0")
    assert {case.attrib["name"] for case in suite} == {"Short, Mean", "Long, Mean"}
    assert (tmp_path / "gate.md").read_text().startswith("### repro check: regressed\n")
    assert (tmp_path / "step.md").read_text() == "before\n" + (tmp_path / "gate.md").read_text()
    lines = [line for line in said.out.splitlines() if line.startswith("::error ")]
    assert [line.partition(",title")[0] for line in lines] == [
        "::error file=strolls.yaml,line=8",
        "::error file=strolls.yaml,line=9",
    ]


def test_json_stays_one_document_with_annotations(spec: Path, tmp_path: Path) -> None:
    gated.edit(tmp_path, "WORSE = 0.0", "WORSE = 1000.0")
    said = repro("check", spec, "--github", "--json")
    assert said.json["verdict"] == "regressed"
    assert "::error " in said.err
