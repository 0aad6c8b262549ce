"""The pages of CONTRIBUTING on how a thing is added are followed in a copy of the project, and touch what they list."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from repro.registry import DATASETS, METHODS, METRICS, TASKS, families
from repro.registry.table import Registry
from tests.cli.command import ROOT
from tests.registry.copied import copied, run

PAGES = (ROOT / "CONTRIBUTING.md").read_text().partition("\n## How a thing is added\n")[2].partition("\n## ")[0]
ADDED = ("A family", "A method", "A metric", "A task", "A data set", "A table")


@dataclass(frozen=True)
class Page:
    """One page: the files that it lists, and those that it shows, whole or as lines that are put into a file."""

    listed: set[str]
    whole: dict[str, str]
    lines: dict[str, str]

    @classmethod
    def of(cls, title: str) -> Page:
        """The page with a title."""
        text = re.split(r"^### ", PAGES.partition(f"### {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
        listed = re.findall(r"`([^`]+)`", re.split(r"\n\n", text.partition("\nFiles: ")[2], maxsplit=1)[0])
        shown = re.findall(r"^```(\w+) (\S+)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        return cls(
            set(listed),
            {name: content for kind, name, content in shown if kind != "diff"},
            {name: content for kind, name, content in shown if kind == "diff"},
        )

    def follow(self, project: Path) -> None:
        """Does what the page says."""
        for name, content in self.whole.items():
            assert not (project / name).exists(), f"{name} is there already"
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(content)
        for name, change in self.lines.items():
            before, after = ("".join(f"{line[1:]}\n" for line in change.splitlines() if line[0] in keep)
                             for keep in (" ", " +"))  # fmt: skip
            text = (project / name).read_text()
            assert text.count(before) == 1, f"the lines about the new ones are not once in {name}"
            (project / name).write_text(text.replace(before, after))


def contents(project: Path) -> dict[str, bytes]:
    """All files of a project."""
    files = (file for file in project.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {str(file.relative_to(project)): file.read_bytes() for file in files}


def follow(title: str, project: Path) -> None:
    """Follows a page, and expects that it touches what it lists."""
    page, before = Page.of(title), contents(project)
    page.follow(project)
    now = contents(project)
    assert {name for name in now if before.get(name) != now[name]} == page.listed, title
    assert before.keys() <= now.keys()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, without its results, and with what the tests of a method, a metric and a data set need."""
    project = copied(tmp_path / "project")
    shutil.copytree(ROOT / "tests", project / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    return project


def test_each_kind_of_thing_has_its_page() -> None:
    assert re.findall(r"^### (.*)$", PAGES, re.MULTILINE) == [*ADDED, "Released weights", "What a family may cost",
                                                              "When code changes and no number does"]  # fmt: skip


def test_each_page_touches_the_files_that_it_lists_and_the_whole_is_sound(project: Path) -> None:
    for title in ADDED:
        follow(title, project)
    specs = ("tables/gaussians/planar.yaml", "tables/gaussians/moons.yaml")
    run(project, sys.executable, "-m", "repro", "validate", *specs)
    listed = json.loads(run(project, sys.executable, "-m", "repro", "list", "--json"))
    assert {table["id"]: table["rows"]["method"] for table in listed if table["id"].startswith("gaussians/")} == {
        "gaussians/planar": 2, "gaussians/moons": 3,
    }  # fmt: skip
    shown = [name for title in ADDED for name in Page.of(title).whole if name.endswith(".py")]
    for check in (("format", "--check"), ("check",)):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *check, "--quiet", *shown], cwd=project, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.long
def test_what_the_pages_add_runs_and_passes_its_tests_and_the_contract(project: Path) -> None:
    for title in ADDED:
        follow(title, project)
    said = run(project, sys.executable, "-m", "repro", "run", "gaussians/planar", "gaussians/moons", "--json")
    assert said.count('"outcome": "ok"') == 5 + 5
    tests = [name for title in ADDED for name in Page.of(title).whole if Path(name).name.startswith("test_")]
    contract = "tests/baselines/test_contract.py::test_a_method_keeps_its_contract"
    added = [f"{contract}[{name}]" for name in ("gaussian", "gaussian-mixture")]
    run(project, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *added)


def test_every_method_is_declared_in_its_family_and_lies_in_its_folder() -> None:
    declared = {name: family for family, name, _ in families.declared("METHODS")}
    assert declared.keys() == METHODS.own.keys()
    for name, family in declared.items():
        assert METHODS.address(name).startswith(f"baselines.{family}."), name


def test_every_task_metric_and_data_set_lies_where_the_pages_say() -> None:
    """In the folder of its kind, or in that of the family that it belongs to."""

    def rooms(registry: Registry) -> set[str]:
        return {registry.address(name).partition(":")[0].rpartition(".")[0] for name in registry.own}

    family = {f"baselines.{name}" for name in families.modules()}
    assert rooms(TASKS) <= {"repro.tasks"} | family
    assert all(re.fullmatch(r"repro\.(metrics(\.\w+)?|tasks)", room) for room in rooms(METRICS) - family)
    assert rooms(DATASETS) <= {"repro.data.kinds", "repro.data.toys"} | family
