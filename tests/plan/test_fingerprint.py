from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from repro.plan.code.modules import EXPORTING, NEUTRAL
from repro.plan.difference import difference
from repro.plan.fingerprint import ALWAYS, Fingerprinter
from repro.plan.key import Fingerprint
from tests.plan.lab import fingerprint, package, written
from tests.plan.test_jobs import PARTS

IN_ALL = Fingerprinter().of([]).definitions
"""Code that is in every fingerprint."""
SMALL = """
import numpy as np
from lab.tools import *
@d
class Method(B[int]):
    x: 'dict[str, C]' = {**a, 'k': -1.5e3}
    def fit(self, p, /, *a, k=2, **b) -> None:
        try:
            return f'{a!r:>{k}}' or ... if (w := [lambda z: z for z in a if z][0]) else np.pi
        except* (OSError, ValueError) as e:
            raise e from None
        match b:
            case {'x': [1, *r], **s}: del r, s
    async def run(self):
        async with self as b: yield await b
--- tools
class B: pass
C = d = None
a: dict = {}
"""


def changes(old: Fingerprint, new: Fingerprint) -> list[str]:
    """The difference of two keys that have only their code apart."""
    one, two = (PARTS.model_copy(update={"fingerprint": code}) for code in (old, new))
    return difference(one, two)


def test_a_digest_is_the_same_in_every_version_of_python(tmp_path: Path) -> None:
    """The number was computed with Python 3.11, 3.12 and 3.13; if it changes, every accepted record is stale."""
    assert fingerprint(tmp_path, SMALL).digest == "11ba26888321b5e121ecf98cfbcfb582"


def test_the_order_of_addresses_and_what_was_asked_before_leave_the_digest_as_it_is(tmp_path: Path) -> None:
    root = written(tmp_path, package("def a(): pass\ndef b(): return a()\n"))
    addresses = ["lab.method:a", "lab.method:b"]
    found = Fingerprinter([root]).of(addresses)
    read = Fingerprinter([root])
    assert read.of(addresses[:1]).digest != found.digest
    assert read.of(addresses[::-1]) == read.of([*addresses, addresses[0]]) == found


def test_the_name_of_what_an_address_stands_for_is_not_in_the_digest(tmp_path: Path) -> None:
    one = fingerprint(tmp_path, "class Method:\n    def twice(self): return Method()\n")
    two = fingerprint(tmp_path, "class Other:\n    def twice(self): return Other()\n", "lab.method:Other")
    assert one.digest == two.digest
    assert (set(one.definitions), set(two.definitions)) == ({"Method", *IN_ALL}, {"Other", *IN_ALL})


def test_an_address_may_be_a_name_that_is_imported(tmp_path: Path) -> None:
    text = "from lab.tools import Method\n--- tools\nclass Method: pass\n"
    assert fingerprint(tmp_path, text).digest == fingerprint(tmp_path, "class Method: pass\n").digest
    assert fingerprint(tmp_path, "from numpy import Method\n") != fingerprint(tmp_path, "from scipy import Method\n")


def method_file(folder: Path, helper: str = "FACTOR = 2\n") -> str:
    folder.mkdir(exist_ok=True)
    (folder / "helper.py").write_text(helper)
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "__init__.py").touch()
    (folder / "parts" / "more.py").write_text("SHARE = 1\nUNUSED = 1\n")
    (folder / "mine.py").write_text(
        "import numpy\nfrom helper import FACTOR\nimport parts.more\nfrom repro.spec.model import Table\n"
        "class M:\n    rate = FACTOR * parts.more.SHARE * numpy.pi\n    def show(self, table: Table): pass\n"
    )
    return f"{folder / 'mine.py'}:M"


def test_a_method_in_a_file_brings_what_it_uses_of_the_files_beside_it(tmp_path: Path) -> None:
    found = Fingerprinter().of([method_file(tmp_path)])
    assert set(found.definitions) == {"M", "FACTOR", "SHARE", *IN_ALL}
    changed = Fingerprinter().of([method_file(tmp_path, "FACTOR = 3\n")])
    assert changes(found, changed) == ["code of FACTOR changed"]
    assert Fingerprinter().of([method_file(tmp_path, "OTHER = 1\nFACTOR = 2\n")]) == found


def test_files_of_one_name_in_two_folders_are_two_and_may_serve_one_job(tmp_path: Path) -> None:
    one, two = method_file(tmp_path / "one"), method_file(tmp_path / "two", "FACTOR = 3\n")
    read = Fingerprinter()
    assert read.of([one]).digest != read.of([two]).digest
    assert read.of([one]) == Fingerprinter().of([one])
    for folder, factor in (("one", 1), ("two", 2)):
        (tmp_path / folder / "mine.py").write_text(f"class M: x = {factor}\n")
    assert len(Fingerprinter().of([one, two]).definitions["M"].split()) == 2


def test_what_is_installed_comes_before_a_file_of_its_name_beside_a_method(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("def choice(): return 4\n")
    (tmp_path / "mine.py").write_text("import random\ndef M(): return random.choice([1])\n")
    assert set(Fingerprinter().of([f"{tmp_path / 'mine.py'}:M"]).definitions) == {"M", *IN_ALL}


def test_a_third_party_package_is_followed_where_an_address_is_in_it_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "theirs": "def helper(): return 1\n",
        "plugin": "from theirs import helper\nfrom plugin.a import b\n",
    }.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    (tmp_path / "plugin" / "a.py").write_text("b = 1\n")
    (tmp_path / "plugin" / "methods.py").write_text("from plugin import b, helper\ndef Method(): return helper(b)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert set(Fingerprinter().of(["plugin.methods:Method"]).definitions) == {"Method", "b", *IN_ALL}


def test_the_code_that_derives_random_streams_is_in_every_fingerprint(tmp_path: Path) -> None:
    """Whatever it is called: a copy of it under another name, used by the method, is another use of equal code."""
    assert {address.partition(":")[2] for address in ALWAYS} <= IN_ALL.keys()
    assert IN_ALL.keys() <= Fingerprinter().of(["tests.worker.toy:Walk"]).definitions.keys()
    assert fingerprint(tmp_path, "def Method(): pass\n") != fingerprint(tmp_path, "def Method(): pass\n", *ALWAYS)


def test_all_names_of_modules_that_the_fingerprint_knows_are_those_of_modules() -> None:
    """A renamed module that stayed on a list would no longer be neutral, and its changes would make records stale."""
    for name in (*NEUTRAL, *EXPORTING, *(address.partition(":")[0] for address in ALWAYS)):
        assert find_spec(name) is not None, name


def test_a_fingerprint_imports_nothing(tmp_path: Path) -> None:
    (tmp_path / "explosive.py").write_text("raise SystemExit('imported')\nclass M: pass\n")
    code = (
        "import sys; from repro.plan.fingerprint import Fingerprinter; "
        f"f = Fingerprinter().of([{str(tmp_path / 'explosive.py')!r} + ':M', 'baselines.cegan.methods:EnergyGan']); "
        "assert {'M', '(on import)', 'EnergyGanRun'} <= f.definitions.keys(); "
        "assert 'torch' not in sys.modules; assert 'baselines' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


CODE = "def helper(): return tool()\ndef tool(): return 1\ndef Method(): return helper()\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return 1", "return 2", ["code of tool changed"]),
        ("return helper()", "return tool()", ["code of Method changed", "code of helper no longer used"]),
        ("return 1", "return more\nmore = 1", ["code of more newly used", "code of tool changed"]),
        ("return 1", "return 1 # one", []),
        ("tool", "thing", []),
    ],
)
def test_the_difference_of_two_fingerprints_names_the_definitions_and_nothing_where_the_digests_agree(
    old: str, new: str, said: list[str], tmp_path: Path
) -> None:
    before, after = fingerprint(tmp_path, CODE), fingerprint(tmp_path, CODE.replace(old, new))
    assert changes(before, after) == said


def test_definitions_of_one_name_share_an_entry(tmp_path: Path) -> None:
    text = "from lab import a, b\ndef Method(): return a.f, b.f\n--- a\ndef f(): return 1\n--- b\ndef f(): return 2\n"
    assert len(fingerprint(tmp_path, text).definitions["f"].split()) == 2
    assert len(fingerprint(tmp_path, text.replace("2", "1")).definitions["f"].split()) == 1
