"""`run`, `why`, `report`, `accept` on rows that take milliseconds: what they print, and all exit codes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from repro.engines import Frozen, Outcome
from repro.engines.local import LocalEngine
from repro.store.records import Store
from tests.cli import toys
from tests.cli.command import Said, repro
from tests.cli.ways import ways

B2 = "cegan/kl-2d"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return toys.write(tmp_path)


def states(said: Said) -> list[str]:
    """The state of each job in the JSON of `why`."""
    return [job["state"] for job in said.json]


def test_a_run_prints_the_report_and_says_where_it_lies(spec: Path) -> None:
    said = repro("run", spec)
    assert said.code == 0, said.err
    assert "2 trainings and 2 measurements made, 0 taken from earlier runs" in said.out
    assert said.out.splitlines()[-1] == "report: store/reports/toy-walks--smoke.html"
    assert Path(said.out.splitlines()[-1].removeprefix("report: ")).read_text().startswith("<!doctype html>")
    lines = [
        re.fullmatch(r"toy/walks  \[(\d) of 4\] (.*), seed 0  ok, .* s(; .* left)?", line)
        for line in said.err.splitlines()
    ]
    assert [line and line[1] for line in lines] == ["1", "2", "3", "4"]
    training = "training of walk on numbers"
    assert sorted(line[2] for line in lines if line) == ["Good", "Other", training, training]


def test_a_run_ends_with_the_rows_that_it_ran(spec: Path) -> None:
    said = repro("run", spec, "--rows", "Good")
    assert "Good" in said.out
    assert "Other" not in said.out
    assert "Quoted" not in said.out
    assert ": Means are huge\n" in said.out


def test_a_run_that_was_interrupted_says_what_was_not_run_and_begins_no_other_table(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(LocalEngine):
        def execute(self, frozen: Frozen, passes: Any, *_: Any, **__: Any) -> dict[str, Outcome]:
            return {key: "interrupted" for each in passes for key in each}

    monkeypatch.setattr("repro.commands.run.local_engine", lambda *_, **__: Interrupted())
    other = toys.write(tmp_path, name="others.yaml")
    other.write_text(other.read_text().replace("toy/walks", "toy/others"))
    said = repro("run", spec, other, "--profile", "paper")
    assert said.code == 130
    not_run = "4 of 4 results are not there: Good (seeds 0, 1), Other (seeds 0, 1); not begun: toy/others"
    assert said.err.splitlines()[-2:] == [
        f"repro: interrupted: {not_run}", "       the same command continues from the last checkpoints",
    ]  # fmt: skip
    assert "0 trainings and 0 measurements made" in said.out


@pytest.mark.parametrize(
    ("given", "way"), [([], "forked"), pytest.param(["--fresh-workers"], "anew", marks=pytest.mark.long)]
)
def test_workers_are_forked_unless_new_processes_are_asked_for(
    spec: Path, given: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ways(monkeypatch)
    assert repro("run", spec, *given).code == 0
    assert found == [way] * 4  # two trainings, two measurements


def test_a_job_that_holds_more_memory_than_the_command_line_allows_is_ended(tmp_path: Path) -> None:
    """The jobs beside it hold what torch takes, some 0.4 GiB."""
    said = repro("run", toys.write(tmp_path, behaviour="eats memory"), "--memory", "1.5")
    assert said.code == 3
    by_row = {record.row: record for record in Store().records()}
    assert {row: record.status for row, record in by_row.items()} == {"Good": "ok", "Other": "out of memory"}
    assert f"held more than its limit of {3 * 2**29} bytes (`--memory` sets it)" in by_row["Other"].message
    assert repro("run", toys.write(tmp_path), "--memory", "0").code == 2


def test_a_second_run_trains_nothing_and_its_json_says_so(spec: Path) -> None:
    first, second = repro("run", spec, "--json").json, repro("run", spec, "--json").json
    assert [job["cached"] for job in first[0]["jobs"]] == [False, False]
    assert [job["cached"] for job in second[0]["jobs"]] == [True, True]
    assert [job["key"] for job in first[0]["jobs"]] == [job["key"] for job in second[0]["jobs"]]


def test_a_dry_run_says_what_is_left_and_never_trains(spec: Path) -> None:
    said = repro("run", spec, "--profile", "paper", "--dry-run")
    assert (said.code, said.out) == (0, "toy/walks (paper): 4 new; 4 trainings; no estimate\n")
    assert Store().records() == []
    repro("run", spec, "--profile", "paper", "--rows", "Good")
    (found,) = repro("run", spec, "--profile", "paper", "--dry-run", "--json").json
    assert found["jobs"] == {"cached": 2, "new": 2}
    assert found["jobs_without_estimate"] == 0  # the other row is of the same method


def test_why_names_the_part_of_the_key_that_differs(spec: Path) -> None:
    assert states(repro("why", spec, "--json")) == ["new", "new"]
    repro("run", spec)
    assert states(repro("why", spec, "--json")) == ["cached", "cached"]
    spec.write_text(spec.read_text().replace("scale: 1.0", "scale: 1.5"))
    said = repro("why", spec)
    assert said.code == 0
    assert "stale         Good, seed 0" in said.out
    assert [line.split()[:2] for line in said.out.splitlines() if line.startswith(" ")] == [["parameter", "scale:"]]
    assert states(repro("why", spec, "Other", "--json")) == ["cached"]


@pytest.mark.parametrize("behaviour", ["raises", "is killed", "diverges"])
def test_a_job_that_fails_leaves_the_others_alone_and_exits_3(tmp_path: Path, behaviour: str) -> None:
    said = repro("run", toys.write(tmp_path, behaviour=behaviour))
    assert said.code == 3
    message, hint = said.err.splitlines()[-2:]
    assert message == "repro: 1 job failed, first Other, seed 0"
    assert Path(hint.strip().removeprefix("its output: ")).is_file()
    assert sorted(record.status == "ok" for record in Store().records()) == [False, True]
    assert "1 training and 2 measurements made" in said.out


def test_missing_data_is_a_status_and_exits_3(spec: Path) -> None:
    spec.write_text(spec.read_text().replace("data: numbers", "data: absent"))
    said = repro("run", spec)
    assert said.code == 3
    assert "`repro data get absent` fetches it" in said.err
    assert {record.status for record in Store().records()} == {"missing data"}


def test_ones_own_runs_are_told_from_accepted_ones_and_may_be_asked_for_alone(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repro("run", spec)
    repro("accept", spec, "--profile", "smoke")
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "other"))
    assert repro("report", spec, "--own").code == 4
    said = repro("report", spec)
    assert "all numbers are accepted results of this project: none was measured here" in " ".join(said.out.split())
    assert "own" not in repro("report", spec, "--format", "csv").out
    repro("run", spec, "--rows", "Good", "--force")
    mixed = repro("report", spec)
    assert "numbers are of your own runs, but those marked: accepted" in " ".join(mixed.out.split())
    rows = repro("report", spec, "--own", "--format", "json").json["rows"]
    found = {row["label"]: row["cells"]["Mean"]["measured"] for row in rows}
    assert {label: cell["whose"] for label, cell in found.items()} == {"Good": ["own"], "Other": [], "Quoted": []}
    (line,) = [line for line in mixed.out.splitlines() if line.rstrip().endswith("accepted")]
    assert "(1) accepted" in line


def test_a_table_of_which_no_row_runs_exits_4(spec: Path) -> None:
    quoted = [line for line in spec.read_text().splitlines() if "method: walk" not in line]
    spec.write_text("\n".join(quoted[:-2]) + "\n")
    said = repro("run", spec)
    assert said.code == 4
    assert said.err.splitlines()[-1] == "repro: no row of these tables runs"


@pytest.mark.parametrize("profile", ["smoke", "laptop", "paper"])
def test_a_report_of_nothing_measured_exits_4_and_names_the_command(profile: str) -> None:
    said = repro("report", B2, "--profile", profile, "--format", "json")
    assert said.code == 4
    assert {cell["measured"]["n"] for row in said.json["rows"] for cell in row["cells"].values()} == {0}
    message, hint = said.err.splitlines()
    assert message == f"repro: nothing of this table was measured at {profile} scale"
    assert hint.split() == ["repro", "run", B2, "--profile", profile]


def test_accepting_without_a_run_exits_4_and_writes_nothing(tmp_path: Path) -> None:
    said = repro("accept", B2)
    assert (said.code, said.out) == (4, "")
    assert said.err.splitlines()[-1].split() == ["repro", "run", B2, "--profile", "paper"]
    assert not (tmp_path / "results").exists()


def test_strict_exits_1_where_a_claim_fails_and_only_there(tmp_path: Path) -> None:
    holding = toys.write(tmp_path, claimed="-1.0e+9")
    assert repro("run", holding, "--seeds", "3").code == 0
    assert repro("report", holding, "--strict").code == 0
    failing = toys.write(tmp_path, claimed="1.0e+9")
    assert repro("report", failing).code == 0
    said = repro("report", failing, "--strict")
    assert said.code == 1
    assert said.err == "repro: claims that fail: 1; cells that deviate: 0\n"


def test_accepted_results_outlive_the_store_and_hold_a_report_in_every_format(spec: Path, tmp_path: Path) -> None:
    repro("run", spec)
    said = repro("accept", spec, "--profile", "smoke")
    assert (said.code, said.out) == (0, "toy/walks (smoke): 2 accepted, 0 unchanged, 0 refused\n")
    folder = tmp_path / "results" / "toy" / "walks"
    assert len(list((folder / "records").glob("*.json"))) == 2
    assert {file.suffix for file in (folder / "reports").iterdir()} == {".md", ".html", ".json", ".csv", ".tex"}
    (tmp_path / "store").rename(tmp_path / "old")
    report = repro("report", spec, "--format", "json")
    assert report.code == 0
    assert report.json["rows"][0]["cells"]["Mean"]["measured"]["n"] == 1
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert repro("accept", spec, "--profile", "smoke").code == 4  # there is nothing in the new store
    (tmp_path / "store").rename(tmp_path / "newer") if (tmp_path / "store").exists() else None
    (tmp_path / "old").rename(tmp_path / "store")
    again = repro("accept", spec, "--profile", "smoke")
    assert again.out == "toy/walks (smoke): 0 accepted, 2 unchanged, 0 refused\n"
    assert {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()} == before


def test_a_stale_record_is_refused_with_the_reason_and_exits_3(spec: Path) -> None:
    repro("run", spec)
    spec.write_text(spec.read_text().replace("scale: 1.0", "scale: 1.5"))
    said = repro("accept", spec, "--profile", "smoke")
    assert said.code == 3
    assert said.err.startswith("refused Good, seed 0: parameter scale: 1")
    assert said.out == "toy/walks (smoke): 1 accepted, 0 unchanged, 1 refused\n"
    assert repro("accept", spec, "--profile", "smoke", "--allow-stale").code == 0


def test_the_command_in_a_record_makes_that_record_anew_and_no_other(spec: Path) -> None:
    repro("run", spec, "--profile", "paper")
    before = {record.key: record for record in Store().records()}
    chosen = next(record for record in before.values() if (record.row, record.seed) == ("Other", 1))
    program, *arguments = shlex.split(chosen.redo)
    assert program == "repro"
    assert repro(*(str(spec) if word == "toy/walks" else word for word in arguments)).code == 0
    after = {record.key: record for record in Store().records()}
    assert {key for key in after if after[key].started != before[key].started} == {chosen.key}
    assert after[chosen.key].measured == chosen.measured


def test_a_report_says_the_same_twice(spec: Path) -> None:
    repro("run", spec)
    for name in ("text", "md", "html", "tex", "csv", "json"):
        first, second = repro("report", spec, "--format", name), repro("report", spec, "--format", name)
        assert first.code == 0
        assert first == second
