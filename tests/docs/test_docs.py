"""The documentation site is built without a warning, and what its tutorials show is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.cli.command import ROOT, python
from tests.cli.test_readme import parse
from tests.cli.test_tutorial import expect

TUTORIALS = sorted((ROOT / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"^```console(?: exits with (\d+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
needs_sphinx = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("sphinx", "myst_parser", "furo")), reason="sphinx is not installed"
)


def steps(tutorial: Path) -> Iterator[tuple[str, str, int]]:
    """Every command of a tutorial, what is printed below it, and its exit code."""
    for code, block in BLOCK.findall(tutorial.read_text()):
        for line, printed in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
            yield line, printed, int(code or 0)


def test_there_is_a_tutorial_for_each_use() -> None:
    assert [file.stem for file in TUTORIALS] == ["compare", "guard", "regenerate"]


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda file: file.stem)
def test_every_command_of_a_tutorial_is_one(tutorial: Path) -> None:
    found = [line for line, _, _ in steps(tutorial)]
    assert len(found) > 2
    for line in found:
        if line.startswith("repro "):
            parse(line)
        else:
            assert line.split()[0] in {"cd", "sed"}, line


@pytest.mark.long
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda file: file.stem)
def test_a_tutorial_goes_as_it_says(tutorial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder. Where results are accepted they go there too, and the project's own are untouched."""
    for name in ("REPRO_STORE", "REPRO_RESULTS"):
        monkeypatch.delenv(name, raising=False)
    if "repro accept" in tutorial.read_text():
        monkeypatch.setenv("REPRO_RESULTS", str(tmp_path / "results"))
    folder = tmp_path
    for line, printed, code in steps(tutorial):
        program, *arguments = shlex.split(line)
        if program == "cd":
            folder = folder / arguments[0]
        elif program == "sed":
            before = (folder / arguments[-1]).read_text()
            subprocess.run([program, *arguments], cwd=folder, check=True)
            assert (folder / arguments[-1]).read_text() != before, line
        else:
            said = python("-m", program, *arguments, cwd=folder, timeout=280)
            assert said.code == code, f"{line}\n{said.out}\n{said.err}"
            expect(printed, said) if printed else None


@needs_sphinx
@pytest.mark.long
def test_the_site_is_built_without_a_warning_and_has_the_repository_s_own_texts(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-b",
        "html",
        str(ROOT / "docs"),
        str(tmp_path),
    ]
    done = subprocess.run(build, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    verdicts = (tmp_path / "verdicts.html").read_text()
    assert "A printed number is one draw" in verdicts
    assert "A printed number is one draw" in (ROOT / "README.md").read_text()
    for page in ("index", "contributing", "results", "tasks", "tutorials/guard"):
        text = (tmp_path / f"{page}.html").read_text()
        assert "&lt;!-- from" not in text
        assert "<!-- from" not in text
