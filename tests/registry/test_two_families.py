"""Two families are two folders and their specs: nothing else is touched, and two branches do not meet."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.registry.copied import copied, run

METHOD = '''"""Points drawn from one box."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Box:
    """The box around all samples.

    Attributes:
        margin: added on every side.
    """

    margin: float = 0.0

    def fit(self, data, context):
        return Fitted(data.samples.min(axis=0) - self.margin, data.samples.max(axis=0) + self.margin)

    def restore(self, state, context):
        return Fitted(np.array(state["low"]), np.array(state["high"]))


@dataclass(frozen=True)
class Fitted:
    low: np.ndarray
    high: np.ndarray

    def state(self):
        return {"low": self.low.tolist(), "high": self.high.tolist()}

    def sample(self, count, random):
        return random.uniform(self.low, self.high, (count, 2))

    def energy(self, points):
        inside = ((points >= self.low) & (points <= self.high)).all(axis=1)
        return np.where(inside, 0.0, 9.0)
'''
SPEC = """
id: NAME/box
title: One box
source: {document: seqgen, table: NAME, paper: a paper}
task: density-2d
data: four-gaussians
margin: {relative: 0.5, why: the box is far from four Gaussians}
columns:
  gen_data: {label: "p_gen||p_data", metric: histogram-kl, args: {p: gen, q: data}}
rows:
  - {label: Box, published: {gen_data: 1.0}, method: NAME-box, params: {margin: 0.1}}
profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""
FAMILIES = ("first", "second")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, without its results and tests."""
    return copied(tmp_path_factory.mktemp("copy") / "project")


def add(name: str, project: Path) -> set[Path]:
    """Puts a family into a project, and gives the files that it is."""
    package, specs = project / "baselines" / name, project / "tables" / name
    package.mkdir()
    specs.mkdir()
    (package / "__init__.py").write_text(f'"""A family."""\n\nMETHODS = {{"{name}-box": "boxes:Box"}}\n')
    (package / "boxes.py").write_text(METHOD)
    (specs / "box.yaml").write_text(SPEC.replace("NAME", name).lstrip())
    return {package / "__init__.py", package / "boxes.py", specs / "box.yaml"}


def repro(project: Path, *arguments: str) -> str:
    return run(project, sys.executable, "-m", "repro", *arguments)


def git(project: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    return run(project, "git", *settings, *arguments)


def test_a_family_is_a_folder_a_folder_of_specs_and_nothing_else(base: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(base, project)
    added = [add(name, project) for name in FAMILIES]
    assert not added[0] & added[1]
    repro(project, "validate", *(f"tables/{name}/box.yaml" for name in FAMILIES))
    rows = {table["id"]: table["rows"] for table in json.loads(repro(project, "list", "--json"))}
    for name in FAMILIES:
        assert rows[f"{name}/box"] == {"method": 1, "planned": 0, "quoted": 0}
    planned = json.loads(repro(project, "run", *(f"{name}/box" for name in FAMILIES), "--profile", "smoke", "--dry-run",
                               "--json"))  # fmt: skip
    assert [each["jobs"]["new"] for each in planned] == [1, 1]


@pytest.mark.long
def test_two_branches_that_add_families_merge_and_both_run(base: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(base, project)
    (project / ".gitignore").write_text("__pycache__/\n.repro/\n")
    git(project, "init", "--quiet", "--initial-branch", "trunk")
    run(project, sys.executable, "-m", "repro.commands.readme")
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "base")
    touched: dict[str, set[str]] = {}
    for name in FAMILIES:
        git(project, "checkout", "--quiet", "-b", name, "trunk")
        add(name, project)
        run(project, sys.executable, "-m", "repro.commands.readme")
        git(project, "add", "--all")
        git(project, "commit", "--quiet", "--message", name)
        touched[name] = set(git(project, "diff", "--name-only", "trunk", name).split())
    generated = {"results/README.md", "docs/tasks.md"}  # merged line by line
    assert touched["first"] & touched["second"] == generated
    git(project, "merge", "--quiet", "--message", "both", "first")  # into second; a conflict is an error
    run(project, sys.executable, "-m", "repro.commands.readme")
    page = (project / "results" / "README.md").read_text()
    for name in FAMILIES:
        assert f"| `{name}/box` | seqgen/{name} | density-2d | 1 | 0 | 0 | 1 | 0 | none yet |" in page
        repro(project, "run", f"{name}/box", "--profile", "smoke")
        (row,) = json.loads(repro(project, "report", f"{name}/box", "--format", "json"))["rows"]
        assert row["cells"]["p_gen||p_data"]["measured"]["n"] == 1
