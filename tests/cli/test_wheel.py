"""A built wheel in an environment of its own: the tables are inside, and any directory will do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.command import ROOT

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("build", "hatchling", "pip")),
        reason="build, hatchling or pip is not installed",
    ),
]


def build(project: Path, folder: Path) -> Path:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(project)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `repro` program of an environment that has the wheel, and borrows what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    install = ["--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, timeout=120)
    return folder / "bin" / "repro"


def run(program: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REPRO_")}
    environment["PYTHONPATH"] = sysconfig.get_path("purelib")
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, cwd=cwd, env=environment)


def test_the_wheel_has_code_templates_tables_and_results_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "repro/cli/main.py",
        "repro/report/templates/style.css",
        "repro/report/templates/table.html.j2",
        "repro/site/templates/index.html.j2",
        "repro/site/templates/tables.js",
        "baselines/cegan/methods.py",
        "repro/_shipped/tables/cegan/kl-2d.yaml",
        "repro/_shipped/results/README.md",
    } <= names
    assert not any(name.startswith(("tests/", "tables/", "results/")) for name in names)
    sources = {str(file.relative_to(ROOT)) for top in ("repro", "baselines") for file in (ROOT / top).rglob("*.py")}
    assert sources <= names


def test_the_light_wheel_has_the_same_files_and_the_same_program(wheel: Path, tmp_path: Path) -> None:
    light = build(ROOT / "light", tmp_path)
    assert light.name.startswith("repro_tables_light-")

    def contents(file: Path) -> dict[str, int]:
        infos = zipfile.ZipFile(file).infolist()
        return {each.filename: each.CRC for each in infos if ".dist-info/" not in each.filename}

    def entry_points(file: Path) -> bytes:
        archive = zipfile.ZipFile(file)
        (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt")]
        return archive.read(name)

    assert contents(light) == contents(wheel)
    assert entry_points(light) == entry_points(wheel)


@pytest.mark.parametrize(
    "command",
    ["list", "show dai2019/B.2", "show cegan/kl-2d --format html", "validate", "audit", "why cegan/kl-2d",
     "run cegan/kl-2d --dry-run", "doctor", "--version"],
)  # fmt: skip
def test_an_installed_program_answers_in_an_empty_directory(installed: Path, tmp_path: Path, command: str) -> None:
    done = run(installed, *command.split(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {file.name for file in tmp_path.iterdir()} <= {".repro"}, "a command that asks leaves files behind"


def test_an_installed_program_reads_its_own_tables_and_writes_results_where_it_is_called(
    installed: Path, tmp_path: Path
) -> None:
    found = json.loads(run(installed, "doctor", "--json", cwd=tmp_path).stdout)
    tables = found["store"]["tables"]
    assert str(installed.parents[1]) in tables
    assert "_shipped/tables" in tables
    assert found["store"]["results"] == str(tmp_path / "results")
    assert found["versions"]["repro"] == run(installed, "--version", cwd=tmp_path).stdout.split()[1]


def test_an_installed_program_reports_the_results_that_came_with_it(installed: Path, tmp_path: Path) -> None:
    accepted = any((ROOT / "results" / "cegan" / "kl-2d" / "records").glob("*.json"))
    done = run(installed, "report", "cegan/kl-2d", "--format", "json", cwd=tmp_path)
    assert done.returncode == (0 if accepted else 4), done.stderr
    measured = [cell["measured"]["n"] for row in json.loads(done.stdout)["rows"] for cell in row["cells"].values()]
    assert any(measured) == accepted


def test_pytest_finds_the_plugin_of_an_installed_wheel(installed: Path, tmp_path: Path) -> None:
    done = run(installed.with_name("python"), "-m", "pytest", "--repro", "nope/nope", cwd=tmp_path)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--repro nope/nope: unknown table 'nope/nope'" in done.stderr


def test_keys_are_those_of_the_checkout(installed: Path, tmp_path: Path) -> None:
    """A record made by an installed program is not stale in the checkout, nor the other way round."""
    there = json.loads(run(installed, "why", "cegan/kl-2d", "--json", cwd=tmp_path).stdout)
    program = [sys.executable, "-m", "repro", "why", "cegan/kl-2d", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REPRO_STORE": str(tmp_path / "store")}
    here = subprocess.run(program, capture_output=True, text=True, timeout=120, env=environment, cwd=tmp_path)
    assert [job["key"] for job in there] == [job["key"] for job in json.loads(here.stdout)]
