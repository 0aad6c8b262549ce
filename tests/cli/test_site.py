"""`repro site`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli import toys
from tests.cli.command import python, repro


@pytest.mark.long
def test_the_command_writes_the_site_says_where_it_lies_and_does_it_again(empty_folder: Path) -> None:
    said = repro("site", "out")
    assert said.code == 0, said.err
    first, last = said.out.splitlines()
    assert first.endswith(" 0 unchanged, 0 removed")
    assert last == f"open {(empty_folder / 'out' / 'index.html').as_uri()}"
    assert (empty_folder / "out" / "tables" / "cegan" / "kl-2d.html").is_file()
    again = repro("site", "out")
    assert " 0 files written, " in again.out
    assert again.out.splitlines()[0].endswith(" 0 removed")


def test_a_folder_with_something_else_in_it_is_refused(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("repro.spec.tables.all_paths", list)
    monkeypatch.setattr("repro.site.build.all_paths", list)
    (empty_folder / "mine").mkdir()
    (empty_folder / "mine" / "thesis.tex").write_text("mine")
    said = repro("site", "mine")
    assert (said.code, said.out) == (2, "")
    assert "is not empty and holds no site made by repro; name another folder" in said.err
    assert [file.name for file in (empty_folder / "mine").iterdir()] == ["thesis.tex"]


def test_a_site_of_ones_own_runs_shows_no_others_and_says_so(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("repro.spec.tables.all_paths", list)
    monkeypatch.setattr("repro.site.build.all_paths", list)
    (empty_folder / "tables" / "toy").mkdir(parents=True)
    spec = toys.write(empty_folder / "tables" / "toy")
    repro("run", spec)
    repro("accept", spec, "--profile", "smoke")
    repro("run", spec, "--profile", "paper", "--rows", "Good")
    monkeypatch.setenv("REPRO_STORE", "other")
    repro("run", spec, "--rows", "Good", "--force")
    assert "1 table, 2 runs:" in repro("site", "all").out
    assert "own + accepted" in Path("all/index.html").read_text()
    assert "1 table, 1 run:" in repro("site", "mine", "--own").out
    index = Path("mine/index.html").read_text()
    assert "Only your own runs are looked at." in index
    assert '<span class="whose">own</span>' in index
    assert "<option>of your own runs</option>" in index


@pytest.mark.long
def test_a_site_without_runs_is_built_without_a_framework(empty_folder: Path) -> None:
    code = ("import sys; from repro.site.build import build; from repro.site.render import render; render(build());"
            "print(*{'torch', 'pandas', 'matplotlib', 'numba'} & set(sys.modules))")  # fmt: skip
    said = python("-c", code)
    assert (said.code, said.out) == (0, "\n"), said.err
