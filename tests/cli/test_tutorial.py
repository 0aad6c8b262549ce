"""The tutorial of the README: its files in an empty folder, its commands by the real program, its output as printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from repro.new.skeleton import skeleton
from tests.cli.command import Said, python
from tests.cli.test_readme import README, parse

SECTION = README.read_text().partition("\n## A project of your own\n")[2].partition("\n## ")[0]
GATE = ".github/workflows/gate.yml"


def fenced(info: str) -> dict[str, str]:
    """The blocks whose fence says this, by what it says in a group."""
    return dict(re.findall(rf"^```{info}\n(.*?)^```$", SECTION, re.DOTALL | re.MULTILINE))


def shown(name: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with what is printed below it."""
    (block,) = fenced(f"console ({name})").values()
    return [(line, printed) for line, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]


@pytest.fixture
def project(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with the tutorial's files, and none of this project's settings but where results are."""
    monkeypatch.delenv("REPRO_STORE")
    for name, text in fenced(r"\w+ (\S+[./]\S+)").items():
        (empty_folder / name).parent.mkdir(parents=True, exist_ok=True)
        (empty_folder / name).write_text(text)
    return empty_folder


def do(line: str, cwd: Path) -> Said:
    program, *arguments = shlex.split(line)
    assert program == "repro"
    return python("-m", "repro", *arguments, cwd=cwd, timeout=240)


def expect(printed: str, said: Said) -> None:
    """The output is what is printed; `...` stands for lines that are left out."""
    parts = [re.escape(part) for part in printed.split("...\n")]
    assert re.fullmatch("(?:.*\n)*".join(parts), said.out), f"{said.out}\n{said.err}"


def follow(name: str, project: Path, code: int) -> None:
    for line, printed in shown(name):
        said = do(line, project)
        assert said.code == code, f"{line}\n{said.out}\n{said.err}"
        expect(printed, said)


def spoil(project: Path) -> None:
    """The change that the README names."""
    (new, old) = re.findall(r"writes `(\S+)` for\n`(\S+)`", SECTION)[0]
    methods = project / "tables/my/my_methods.py"
    assert methods.read_text().count(old) == 1
    methods.write_text(methods.read_text().replace(old, new))


def gate(project: Path) -> str:
    """The command of the workflow."""
    steps = yaml.safe_load((project / GATE).read_text())["jobs"]["gate"]["steps"]
    (command,) = [step["run"] for step in steps if step.get("run", "").startswith("repro ")]
    parse(command)
    assert steps[-1]["with"]["path"] == shlex.split(command)[-1]
    return str(command)


def test_the_files_are_those_that_a_new_project_gets() -> None:
    shown_here = fenced(r"\w+ (\S+[./]\S+)")
    made = skeleton("project", "my")
    assert shown_here == {name: made[name] for name in shown_here}
    assert made.keys() - shown_here.keys() == {"tests/test_first.py", "pytest.ini", ".gitignore"}


def test_the_method_of_the_readme_is_the_one_that_a_new_method_gets() -> None:
    assert skeleton("method", "gaussian")["gaussian.py"] in README.read_text()


@pytest.mark.long
def test_from_nothing_to_a_report_and_a_gate(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    follow("tutorial", project, 0)
    labels = [row["label"] for row in do("repro report my/first --format json", project).json["rows"]]
    assert labels == ["Last year", "Climate"]
    assert do(gate(project), project).code == 0
    assert (project / "gate.xml").is_file()
    elsewhere = tmp_path_factory.mktemp("elsewhere")  # nothing depends on the folder that a command is given from
    said = do(f"repro check {project}/tables/my/first.yaml --profile smoke", elsewhere)
    assert (said.code, said.out) == (0, "check at smoke scale: passed (2 same)\n"), said.err
    spoil(project)
    follow("worse", project, 1)
    assert do(gate(project), project).code == 1


@pytest.mark.long
def test_what_is_one_s_own_is_compared_explained_and_bundled_without_its_code(project: Path) -> None:
    assert do("repro run my/first --profile smoke", project).code == 0
    spec = (project / "tables/my/first.yaml").read_text()
    new = "--method tables/my/my_methods.py:Climate --params years=1 --label Recent"
    compared = do(f"repro compare my/first {new} --profile smoke --json", project)
    assert compared.code == 0, compared.err
    assert "Recent" in compared.out
    spoil(project)
    why = do("repro why my/first --profile smoke", project).out
    assert re.search(r"stale +Climate, seed 0 .*\n +code of Climate changed\n", why), why
    assert re.search(r"cached +Last year", why), why
    assert do("repro bundle my/first --profile smoke --output all.zip", project).code == 0
    bundled = python("-c", "import zipfile; z = zipfile.ZipFile('all.zip'); print(*z.namelist()); "
                     "print(z.read('table.yaml').decode())", cwd=project).out  # fmt: skip
    names, _, text = bundled.partition("\n")
    assert [name for name in names.split() if not name.startswith("records/")] == ["manifest.json", "table.yaml"]
    assert text.rstrip() == spec.rstrip()
