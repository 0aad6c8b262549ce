"""What CONTRIBUTING says that adding a thing takes is what is there."""

from __future__ import annotations

import re
from pathlib import Path

from repro.registry import DATASETS, METHODS, METRICS, TASKS, families

ROOT = Path(__file__).parents[1]


def lines() -> dict[str, list[str]]:
    """The files that CONTRIBUTING lists for each kind of thing, as written."""
    page = (
        (ROOT / "CONTRIBUTING.md").read_text().partition("## How a thing is added")[2].partition("\n\n**A method**")[0]
    )
    rows = re.findall(r"^\| (a [a-z ]+|released weights) \| (.+) \|$", page, re.MULTILINE)
    return {what: re.findall(r"`([\w<>./]+/[\w<>./]*|declared\.py)`", files) for what, files in rows}


def test_each_kind_of_thing_has_its_line() -> None:
    assert list(lines()) == [
        "a family", "a method", "a task", "a metric", "a data set", "released weights", "a table",
    ]  # fmt: skip


def test_the_places_that_the_lines_name_are_there_for_every_family() -> None:
    code = list(families.modules())
    tables = [folder.name for folder in (ROOT / "tables").iterdir() if any(folder.glob("*.yaml"))]
    kinds = [file.parent.name for file in (ROOT / "repro/metrics").glob("*/declared.py")]
    for what, files in lines().items():
        assert files, what
        for place in (file for file in files if "<name>" not in file and "files.py" not in file):
            for name in tables if place == "tables/<family>/" else code if "<family>" in place else kinds:
                if not place.endswith("configurations.yaml"):  # only where tables share anything
                    named = "repro/metrics/<kind>/declared.py" if place == "declared.py" else place
                    named = named.replace("<family>", name).replace("<kind>", name)
                    assert (ROOT / named).exists(), f"{what}: {place}"


def test_every_method_is_declared_in_its_family_and_lies_in_its_folder() -> None:
    declared = {name: family for family, name, _ in families.declared("METHODS")}
    assert declared.keys() == METHODS.own.keys()
    for name, family in declared.items():
        assert METHODS.address(name).startswith(f"baselines.{family}."), name


def test_every_task_metric_and_data_set_lies_where_the_lines_say() -> None:
    assert {TASKS.address(name).rpartition(".")[0] for name in TASKS.own} == {"repro.tasks"}
    places = {METRICS.address(name).partition(":")[0].rpartition(".")[0] for name in METRICS.own}
    assert all(re.fullmatch(r"repro\.(metrics(\.\w+)?|tasks)", place) for place in places), places
    kinds = {DATASETS.address(name).partition(":")[0].rpartition(".")[0] for name in DATASETS.own}
    assert kinds <= {"repro.data.kinds", "repro.data.toys"}, kinds
