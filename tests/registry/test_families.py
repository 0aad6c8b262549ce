"""What families declare, read from their folders."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from repro.registry import LOADERS, METHODS, families
from repro.registry.families import addresses, declared, joined
from repro.registry.source import read_file


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The `__init__.py` of two made families, which stand for those of `baselines`."""
    files = {name: tmp_path / name / "__init__.py" for name in ("first", "second")}
    for name, file in files.items():
        file.parent.mkdir()
        file.write_text(f'METHODS = {{"{name}-net": "nets:Net"}}\nraise RuntimeError("run")\n')
    monkeypatch.setattr(
        families, "modules", lambda: {name: read_file(file, f"baselines.{name}") for name, file in files.items()}
    )
    return files


def test_a_family_s_places_are_in_its_own_folder_and_nothing_is_run(two: dict[str, Path]) -> None:
    assert addresses("METHODS") == {
        "first-net": "baselines.first.nets:Net",
        "second-net": "baselines.second.nets:Net",
    }
    assert addresses("LOADERS") == {}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            'METHODS = {"a": "nets"}',
            r"second/__init__.py: METHODS must give `module:Name` for 'a', not 'nets'",
        ),
        ('METHODS = {"a": 3}', "METHODS must give `module:Name` for 'a', not 3"),
        ('METHODS = {"a": Net}', "METHODS must be a literal dictionary, since it is read and never run"),
        ('METHODS = ["a"]', "METHODS must be a literal dictionary"),
        ('METHODS = {1: "nets:Net"}', "METHODS must be a literal dictionary"),
        (
            'METHODS = {"first-net": "nets:Net"}',
            "baselines/second/__init__.py: 'first-net' stands in METHODS of baselines/first/__init__.py already",
        ),
    ],
)
def test_a_wrong_declaration_is_said_with_its_file(two: dict[str, Path], written: str, said: str) -> None:
    two["second"].write_text(written + "\n")
    with pytest.raises(ValueError, match=said):
        addresses("METHODS")


def test_a_name_that_all_families_share_is_no_family_s(two: dict[str, Path]) -> None:
    assert joined("METHODS", {"shared": "a:B"}).keys() == {"shared", "first-net", "second-net"}
    with pytest.raises(ValueError, match="a family declares 'first-net' in its METHODS, which is a:B already"):
        joined("METHODS", {"first-net": "a:B"})


def test_literals_of_any_kind_come_with_their_family(two: dict[str, Path]) -> None:
    two["first"].write_text('WEIGHTS = {"w": {"files": [1, 2]}}\n')
    assert list(declared("WEIGHTS")) == [("first", "w", {"files": [1, 2]})]


def test_what_is_declared_is_what_importing_the_families_gives() -> None:
    for kind, registry in (("METHODS", METHODS), ("LOADERS", LOADERS)):
        for family in families.modules():
            for name, place in getattr(import_module(f"baselines.{family}"), kind, {}).items():
                assert registry.own[name] == f"baselines.{family}.{place}"
                assert callable(registry.load(name))


def test_every_method_that_reads_checkpoints_is_a_method() -> None:
    assert {name for _, name, _ in declared("LOADERS")} <= METHODS.own.keys()
