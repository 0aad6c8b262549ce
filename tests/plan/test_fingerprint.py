from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from repro.plan.fingerprint import Fingerprinter, hash_of, imports, is_neutral

CODE = '''
"""A method."""
import math


def area(radius: float) -> float:
    """Square metres."""
    return math.pi * radius**2  # the classic
'''


def hashed(code: str) -> str:
    return hash_of(ast.parse(code))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# the classic", "# of Archimedes"),
        ("Square metres.", "In square metres, for a radius in metres."),
        ('"""A method."""\n', ""),
        ("math.pi * radius**2", "(\n        math.pi\n        * radius ** 2\n    )"),
        ("\n\n\n", "\n"),
    ],
)
def test_comments_docstrings_and_layout_leave_the_fingerprint_as_it_is(old: str, new: str) -> None:
    assert old in CODE
    assert hashed(CODE.replace(old, new)) == hashed(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("radius**2", "radius**3"),
        ("math.pi", "3.14"),
        ("* radius", "/ radius"),
        ("import math", "import numpy as math"),
    ],
)
def test_what_the_code_does_changes_the_fingerprint(old: str, new: str) -> None:
    assert hashed(CODE.replace(old, new)) != hashed(CODE)


def test_a_string_that_is_used_is_no_docstring() -> None:
    assert hashed("x = 'a'") != hashed("x = 'b'")
    assert hashed("f('a')") != hashed("f('b')")


def test_none_is_a_value_like_any_other() -> None:
    assert hashed("def f():\n return None") != hashed("def f():\n return")
    assert hashed("x = {**a}") != hashed("x = {None: a}")


def test_the_fingerprint_of_a_module_is_the_same_in_every_version_of_python() -> None:
    """The number was computed with Python 3.11; it must not change, or every accepted record is stale."""
    code = "@d\nclass A(B):\n x: int = 1\n def f(self, *a, k=2, **b): return f'{a!r:>{k}}' or ...\n"
    assert hashed(code) == "b1ef905580526704"


def test_imports_inside_functions_count_and_those_for_type_checkers_do_not() -> None:
    code = """
import a.b
from . import c
from ..d import e
def f():
    import g
if TYPE_CHECKING:
    import h
else:
    import i
if typing.TYPE_CHECKING:
    import j
"""
    found = set(imports(ast.parse(code), "top.middle.module"))
    assert found == {"a.b", "top.middle", "top.middle.c", "top.d", "top.d.e", "g", "i"}


def method_file(folder: Path, helper: str = "FACTOR = 2\n") -> str:
    (folder / "helper.py").write_text(helper)
    (folder / "mine.py").write_text(
        "import numpy\nfrom helper import FACTOR\nfrom repro.spec.model import Table\nclass M: pass\n"
    )
    return f"{folder / 'mine.py'}:M"


def test_a_method_in_a_file_brings_the_files_beside_it_that_it_imports(tmp_path: Path) -> None:
    found = Fingerprinter().of([method_file(tmp_path)])
    assert {"mine", "helper"} <= set(found)
    assert "numpy" not in found
    assert not [name for name in found if is_neutral(name)]
    changed = Fingerprinter().of([method_file(tmp_path, "FACTOR = 3\n")])
    assert {name for name in found if found[name] != changed[name]} == {"helper"}


def test_a_name_taken_from_a_package_that_only_exports_is_followed_to_its_module(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from repro.metrics import histogram_kl\nclass M: pass\n")
    found = Fingerprinter().of([f"{tmp_path / 'mine.py'}:M"])
    assert "repro.metrics.density.histogram" in found
    assert not {"repro", "repro.metrics"} & set(found)


def test_the_code_that_derives_random_streams_is_in_every_fingerprint() -> None:
    assert "repro.worker.streams" in Fingerprinter().of(["tests.worker.toy:Walk"])


def test_a_fingerprint_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "explosive.py").write_text("raise SystemExit('imported')\n")
    code = (
        "import sys; from repro.plan.fingerprint import Fingerprinter; "
        f"f = Fingerprinter().of([{str(tmp_path / 'explosive.py')!r} + ':M', 'baselines.cegan.methods:EnergyGan']); "
        "assert 'explosive' in f; assert 'torch' not in sys.modules; assert 'baselines' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
