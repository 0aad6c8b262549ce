"""`repro new`: what it writes is valid and runs, its tests pass, and nothing is written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.new.skeleton import skeleton
from tests.cli.command import python, repro

TEX = r"""\begin{tabular}{lcc} Model & PPL & N \\ \hline
LSTM & 58.80 & 24M \\ MoS & \textbf{54.4} $\pm$ 0.1 & - \end{tabular}"""


def pytest_passes(folder: Path, count: int) -> None:
    """Runs pytest as a user would, in the folder."""
    said = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=folder, timeout=240)
    assert said.code == 0, said.out
    assert f"{count} passed" in said.out


def test_a_printed_table_becomes_a_spec_with_every_text_and_a_test_of_it(tmp_path: Path) -> None:
    (tmp_path / "theirs.tex").write_text(TEX)
    said = repro("new", "table", "mine/results", "--from", "theirs.tex")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        "wrote tables/mine/results.yaml", "wrote tests/test_mine_results.py", "2 rows, 2 columns, 4 printed cells"
    ]  # fmt: skip
    assert repro("validate", "tables/mine/results.yaml").code == 0
    shown = repro("show", "mine/results", "--format", "json").json
    assert [[cell["text"] for cell in row["cells"].values()] for row in shown["rows"]] == [
        ["58.80", "24M"], ["54.4 ± 0.1", "-"]
    ]  # fmt: skip
    assert repro("run", "mine/results").code == 4  # nothing of it runs yet
    pytest_passes(tmp_path, 1)
    spec = tmp_path / "tables/mine/results.yaml"
    spec.write_text(spec.read_text().replace("58.80", "58.8"))
    assert python("-m", "pytest", "-q", "tests", cwd=tmp_path).code == 1


def test_nothing_is_written_over_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "my_task.py").write_text("mine")
    said = repro("new", "task", "my-task")
    assert (said.code, said.out) == (2, "")
    assert said.err == "repro: my_task.py: there already; nothing was written\n"
    assert (tmp_path / "my_task.py").read_text() == "mine"
    assert not (tmp_path / "tests").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [("method My", "the name of a method must be made of small letters, digits and dashes; 'My' is not"),
     ("table results", "the name of a table must be two names as in family/table"),
     ("table mine/../x", "the name of a table must be two names as in family/table"),
     ("project 2nd", "the name of a project must be made of small letters"),
     ("table a/b --from none.tex", "there is no file 'none.tex'")],
)  # fmt: skip
def test_a_name_that_cannot_be_one_is_one_line(tmp_path: Path, line: str, message: str) -> None:
    said = repro("new", *line.split())
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "tables").write_text("a file where a folder is needed")
    said = repro("new", "table", "own/x")
    assert said.code == 2
    assert len(said.err.splitlines()) == 1


def test_names_are_put_in_as_python_and_specs_write_them() -> None:
    made = skeleton("method", "my-2nd-method")
    assert set(made) == {"my_2nd_method.py", "tests/test_my_2nd_method.py"}
    assert "class My2ndMethod:" in made["my_2nd_method.py"]
    texts = " ".join([*made.values(), *skeleton("project", "weather").values(), *skeleton("task", "x").values()])
    assert not {"NAME", "MODULE", "CLASS", "FAMILY", "TABLE"} & set(texts.replace("_", " ").split())


@pytest.mark.long
def test_a_method_a_task_and_a_table_run_and_their_pytest_passes(tmp_path: Path) -> None:
    for line in ("method my-gaussian", "task my-task", "table mine/results"):
        assert repro("new", *line.split()).code == 0
    pytest_passes(tmp_path, 4)
    assert repro("run", "mine/results").code == 0


@pytest.mark.long
def test_a_project_runs_is_accepted_and_its_gate_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repro("new", "project", "weather").code == 0
    pytest_passes(tmp_path / "weather", 2)
    monkeypatch.chdir(tmp_path / "weather")
    for line in ("run weather/first", "accept weather/first --profile smoke", "check"):
        said = repro(*line.split())
        assert said.code == 0, said.err
    assert said.out == "check at smoke scale: passed (2 same)\n"  # of the project's own tables, and of no other
