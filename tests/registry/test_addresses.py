"""Files as modules: which names they bind, and that one that has not changed is run once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro.registry.addresses import load
from repro.registry.source import read_file

BINDS = """
import os.path, json as j
from math import sqrt as root, pi
a = b = 1
(c, [d, *e]) = 1, [2]
f: int = 3
g: int
class H:
    inside = 1
def i(argument):
    local = 2
async def k(): ...
if a:
    l = 1
else:
    m = 1
try:
    n = 1
except OSError as error:
    o = 1
finally:
    p = 1
for q in ():
    r = 1
with open(a) as s:
    t = 1
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose files leave no module behind."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_the_names_of_a_file_are_those_of_its_top_level(tmp_path: Path) -> None:
    file = tmp_path / "binds.py"
    file.write_text(BINDS)
    names = read_file(file).names
    # by hand: what `dir()` of the module may have after any way through it
    assert set("abcdefgHiklmnopqrst") <= names
    assert {"os", "j", "root", "pi"} <= names
    assert not {"inside", "local", "argument", "path", "json", "sqrt"} & names


def test_what_two_names_take_from_one_file_are_parts_of_one_module(folder: Path) -> None:
    (folder / "twice_named.py").write_text("class A: ...\ndef make():\n    return A()\n")
    make, kind = load(f"{folder}/twice_named.py:make"), load(f"{folder}/twice_named.py:A")
    assert isinstance(make(), kind)


def test_a_file_that_changed_is_run_again(folder: Path) -> None:
    file = folder / "changing_file.py"
    file.write_text("VALUE = 1\n")
    assert load(f"{file}:VALUE") == 1
    file.write_text("VALUE = 2\n")
    os.utime(file, ns=(1, 1))
    assert load(f"{file}:VALUE") == 2


def test_a_file_that_failed_is_run_again(folder: Path) -> None:
    file = folder / "failing_file.py"
    file.write_text("VALUE = 1\nif not OTHER_VALUE: ...\n")
    for _ in range(2):
        with pytest.raises(NameError):
            load(f"{file}:VALUE")


def test_a_neighbour_can_be_imported(folder: Path) -> None:
    (folder / "neighbouring_file.py").write_text("VALUE = 7\n")
    (folder / "importing_file.py").write_text("from neighbouring_file import VALUE\n")
    assert load(f"{folder}/importing_file.py:VALUE") == 7


def test_no_file_is_an_error_that_names_it(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no Python file .*gone\.py"):
        load(f"{folder}/gone.py:VALUE")
