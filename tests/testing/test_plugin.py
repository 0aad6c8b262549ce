"""The pytest plugin, in pytest sessions of its own: what it adds, what its failures say, and that it costs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli import gated
from tests.cli.command import Said, python

TOYS = "from tests.worker.tables import registered\n\nTOYS = registered()\nTOYS.__enter__()\n"


@pytest.fixture(scope="module")
def accepted(toys: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with accepted results of a toy table and an own test file."""
    folder = gated.accept(tmp_path_factory.mktemp("accepted"))
    (folder / "conftest.py").write_text(TOYS)
    (folder / "test_own.py").write_text("def test_own():\n    pass\n")
    return folder


@pytest.fixture
def folder(accepted: Path, tmp_path: Path) -> Path:
    shutil.copytree(accepted, tmp_path, dirs_exist_ok=True)
    return tmp_path


def session(folder: Path, *arguments: str) -> Said:
    """A pytest session in a folder, with the plugin loaded by name: only an installation has its entry point."""
    places = {
        "REPRO_STORE": str(folder / "store"),
        "REPRO_RESULTS": str(folder / "results"),
        "COLUMNS": "150",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    plugin = ("-p", "repro.testing.plugin", "-p", "no:cacheprovider")
    return python("-m", "pytest", *plugin, *arguments, cwd=folder, timeout=120, **places)


def test_every_accepted_row_is_a_test_beside_ones_own(folder: Path) -> None:
    said = session(folder, "--repro", "strolls.yaml", "--repro-no-run", "-v")
    assert said.code == 0, said.out
    assert "toy/strolls::Long PASSED" in said.out
    assert "toy/strolls::Short PASSED" in said.out
    assert "3 passed" in said.out


def test_a_row_that_got_worse_fails_in_the_gates_words(folder: Path) -> None:
    gated.edit(folder, "+ WORSE", "+ 1000.0 * (self.steps == 5)")
    said = session(folder, "--repro", "strolls.yaml", "-k", "Short or Long")
    assert said.code == 1
    assert "worse: Mean: accepted " in said.out
    assert "Traceback" not in said.out
    assert "1 failed, 1 passed, 1 deselected" in said.out


def test_a_row_without_a_run_fails(folder: Path) -> None:
    shutil.rmtree(folder / "store")
    said = session(folder, "--repro", "strolls.yaml", "--repro-no-run")
    assert said.code == 1
    assert "missing: the row: no run of it by the present code, data and parameters" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--repro", "nope/nope"], "--repro nope/nope: unknown table 'nope/nope'"),
        (["--repro", "strolls.yaml", "--repro-profile", "paper"], "nothing is accepted at paper scale"),
        (["--repro", "strolls.yaml", "--repro-profile", "smok"], "unknown profile 'smok'; did you mean 'smoke'?"),
    ],
)
def test_what_cannot_be_checked_is_wrong_use(folder: Path, arguments: list[str], message: str) -> None:
    said = session(folder, *arguments)
    assert said.code == pytest.ExitCode.USAGE_ERROR
    assert message in said.err


def test_without_the_option_it_adds_nothing_and_imports_nothing(folder: Path) -> None:
    (folder / "conftest.py").unlink()
    (folder / "test_own.py").write_text(
        "import sys\n\n\ndef test_own():\n"
        "    watched = ('repro', 'torch', 'numpy', 'typer')\n"
        "    loaded = {name for name in sys.modules if name.partition('.')[0] in watched}\n"
        "    assert loaded == {'repro', 'repro.exports', 'repro.testing', 'repro.testing.plugin'}\n"
    )
    said = session(folder)
    assert said.code == 0, said.out
    assert "1 passed" in said.out
