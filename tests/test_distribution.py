"""The two distributions of the package, and what works where the frameworks that train are not installed."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from repro.distribution import FRAMEWORKS, FULL, LIGHT, lacking, require
from tests.cli.command import ROOT, Said, python

# a program that finds only the modules of what a light install brings: the others are not there for it
BLOCKED = """
import sys
class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Lacking())
sys.modules.update(dict.fromkeys({blocked}))  # find_spec of them is an error too
for name in {blocked}: del sys.modules[name]
from repro.cli.main import main
for line in {lines}:
    try:
        main(line)
    except SystemExit as end:
        print("exit", end.code, *line)
"""


def light() -> dict[str, Any]:
    """The metadata of the light distribution, as its build makes it."""
    pytest.importorskip("hatchling")
    spec = spec_from_file_location("hatch_build", ROOT / "light" / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    made: dict[str, Any] = tomllib.loads((ROOT / "light" / "pyproject.toml").read_text())["project"]
    dynamic = set(made.pop("dynamic"))
    module.CustomMetadataHook(str(ROOT / "light"), {}).update(made)
    assert made.keys() == dynamic | {"name"}
    return made


def full() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return found


def name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def closure(requirements: list[str]) -> set[str]:
    """The distributions that these bring, themselves included, as far as they are installed here."""
    found: set[str] = set()
    left = [name_of(each) for each in requirements]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        left += [name_of(each) for each in needs if "extra ==" not in each]
    return found


def test_the_two_distributions_differ_in_the_frameworks_and_nothing_else() -> None:
    assert (full()["name"], light()["name"]) == (FULL, LIGHT)
    brought = {name_of(each) for each in full()["dependencies"]} - {name_of(each) for each in light()["dependencies"]}
    assert brought == {module.replace("_", "-") for module in FRAMEWORKS}
    for same in ("version", "scripts", "entry-points", "requires-python"):
        assert light()[same] == full()[same]


def test_a_light_install_brings_no_framework_in_a_roundabout_way() -> None:
    assert not closure(light()["dependencies"]) & {*(name.replace("_", "-") for name in FRAMEWORKS), "triton"}


def test_only_a_missing_framework_is_said_to_be_one() -> None:
    assert lacking(ModuleNotFoundError("No module named 'numpy'", name="numpy")) is None
    assert lacking(ModuleNotFoundError("it says no name")) is None
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        require("no_such_module")
    require("json")


def lightly(cwd: Path, *lines: list[str], **environment: str) -> Said:
    """Command lines, one after the other, in a process without what only the full distribution brings."""
    there = closure(light()["dependencies"]) | {FULL, LIGHT, "pip", "setuptools"}
    blocked = {module for module, names in packages_distributions().items() if not set(map(name_of, names)) & there}
    assert set(FRAMEWORKS) <= blocked
    assert "numpy" not in blocked
    blocked -= {"repro", "baselines", "__pycache__", *sys.stdlib_module_names}
    return python("-c", BLOCKED.format(blocked=sorted(blocked), lines=list(lines)), timeout=240, cwd=cwd, **environment)


@pytest.mark.long
def test_looking_judging_and_scoring_texts_works_without_a_framework(tmp_path: Path) -> None:
    (tmp_path / "h.txt").write_text("the cat sat on the mat\na dog ran\n")
    scored = [[name, "h.txt", "--references", "h.txt"] for name in ("bleu-4", "rouge-l", "sacrebleu", "cider")]
    lines = [
        ["list"],
        ["show", "dai2019/B.2"],
        ["audit"],
        ["validate"],
        ["report", "dai2019/B.2"],
        ["report", "cegan/kl-2d", "--format", "html", "--output", "b2.html"],
        ["run", "cegan/kl-2d", "--dry-run"],
        ["why", "cegan/kl-2d"],
        ["doctor"],
        ["data", "list"],
        ["site", "site"],
        *(["score", *rest] for rest in scored),
        ["check", "cegan/kl-2d", "--profile", "smoke", "--no-run"],  # one seed, and no run: nothing to compare
        ["run", "cegan/kl-2d", "--profile", "smoke"],
    ]
    said = lightly(tmp_path, *lines, REPRO_RESULTS=str(ROOT / "results"), REPRO_STORE=str(tmp_path / "store"))
    codes = re.findall(r"^exit (\d+) (.*)", said.out, re.MULTILINE)
    assert len(codes) == len(lines), said.err
    assert [code for code, _ in codes] == ["0"] * (len(lines) - 2) + ["4", "3"], (codes, said.err)
    last = said.err.splitlines()[-2:]
    assert last == ["repro: this needs torch, which is not installed",
                    "       pip install repro-tables; repro-tables-light leaves it out"]  # fmt: skip
    assert not list((tmp_path / "store").rglob("records/*.json")), "nothing starts that would fail"
