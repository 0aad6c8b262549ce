"""Names and addresses: what is found without being imported, whose name wins, and what is said of a wrong one."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from repro.registry import DATASETS, FIGURES, METHODS, METRICS, TASKS, table
from repro.registry.table import Registry

ALL = (METHODS, TASKS, METRICS, DATASETS, FIGURES)
POISON = "raise RuntimeError('this file was run')\n"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Two own names, and entry points that add one and want to take one."""
    points = {"repro.things": {"mine": "elsewhere:Mine", "third": "third.party:Thing"}}
    monkeypatch.setattr(table, "_entry_points", lambda: points)
    return Registry("thing", lambda: {"mine": "own:Mine", "other": "own:Other"}, group="repro.things")


def test_own_names_win_over_entry_points_and_both_are_there(known: Registry) -> None:
    assert known.address("mine") == "own:Mine"
    assert known.address("third") == "third.party:Thing"
    assert known.entries == {"mine": "own:Mine", "other": "own:Other", "third": "third.party:Thing"}
    assert known.address("mine") == "own:Mine"  # also once all names are known
    assert "third" in known
    assert known.is_own("mine")
    assert not known.is_own("third")


def test_entry_points_are_not_read_for_an_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> dict[str, dict[str, str]]:
        raise AssertionError("entry points were read")

    monkeypatch.setattr(table, "_entry_points", fail)
    own = Registry("thing", lambda: {"mine": "own:Mine"}, group="repro.things")
    assert "mine" in own
    assert own.address("mine") == "own:Mine"
    with pytest.raises(AssertionError):
        own.check("other")


def test_all_groups_of_entry_points_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    found = metadata.EntryPoints(
        (EntryPoint("mine", "a.b:C", "repro.methods"), EntryPoint("x", "a:f", "repro.metrics"),
         EntryPoint("pip", "p:m", "console_scripts"))
    )  # fmt: skip
    reads: list[int] = []

    def read() -> metadata.EntryPoints:
        reads.append(1)
        return found

    monkeypatch.setattr(metadata, "entry_points", read)
    table._entry_points.cache_clear()
    try:
        for _ in range(2):
            assert table._entry_points() == {"repro.methods": {"mine": "a.b:C"}, "repro.metrics": {"x": "a:f"}}
    finally:
        table._entry_points.cache_clear()
    assert len(reads) == 1


def test_an_unknown_name_is_said_with_the_closest_one(known: Registry) -> None:
    with pytest.raises(
        ValueError, match=r"^unknown thing 'othr'; did you mean 'other'\? \(known: mine, other, third\)$"
    ):
        known.check("othr")
    with pytest.raises(ValueError, match="unknown thing 'othr'"):
        known.load("othr")


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.kind)
def test_a_file_is_named_and_checked_without_being_run(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(f"def Thing(): ...\n{POISON}")
    assert registry.check("mine.py:Thing", beside=tmp_path) == "mine.py:Thing"
    assert registry.address("mine.py:Thing", tmp_path) == f"{tmp_path}/mine.py:Thing"
    with pytest.raises(
        ValueError, match=rf"^{registry.kind} mine.py:Thong: mine.py has no 'Thong'; did you mean 'Thing'"
    ):
        registry.check("mine.py:Thong", beside=tmp_path)
    with pytest.raises(
        ValueError, match=rf"^{registry.kind} no.py:X: no.py cannot be read: No such file or directory$"
    ):
        registry.check("no.py:X", beside=tmp_path)
    with pytest.raises(RuntimeError, match="this file was run"):
        registry.load("mine.py:Thing", tmp_path)


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.kind)
def test_a_module_is_named_and_checked_without_being_imported(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "poisoned").mkdir()
    (tmp_path / "poisoned" / "__init__.py").write_text(POISON)
    (tmp_path / "poisoned" / "things.py").write_text(f"class Thing: ...\n{POISON}")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert registry.check("poisoned.things:Thing") == "poisoned.things:Thing"
    assert registry.address("poisoned.things:Thing") == "poisoned.things:Thing"
    with pytest.raises(ValueError, match=rf"^{registry.kind} poisoned.things:No: things.py has no 'No'$"):
        registry.check("poisoned.things:No")
    with pytest.raises(ValueError, match=r"there is no source of the module 'no\.such'"):
        registry.check("no.such:Thing")
    assert not {name for name in sys.modules if name.startswith("poisoned")}


def test_without_a_folder_a_file_is_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert METHODS.address("below/mine.py:M") == f"{tmp_path}/below/mine.py:M"


@pytest.mark.parametrize("registry", ALL, ids=lambda registry: registry.kind)
def test_every_own_name_leads_to_something(registry: Registry) -> None:
    for name in registry.own:
        registry.check(registry.address(name))


def test_asking_for_names_imports_nothing_heavy_and_no_family() -> None:
    code = (
        "import sys\nfrom repro.registry import DATASETS, FIGURES, LOADERS, METHODS, METRICS, TASKS, WEIGHTS\n"
        "for each in (DATASETS, FIGURES, LOADERS, METHODS, METRICS, TASKS, WEIGHTS): assert each.entries is not None\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('numpy', 'scipy', 'torch', 'baselines', 'pooch')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
