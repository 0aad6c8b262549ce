"""Files that a spec names are those beside it, wherever a command is given; else those of the working directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repro.spec.base import Profile
from repro.spec.configuration import configurations
from repro.spec.load import load
from repro.spec.placed import beside, placed, renamed
from repro.spec.problems import SpecError
from repro.spec.shared import standalone

METHOD = """
from dataclasses import dataclass


@dataclass(frozen=True)
class Mean:
    {field}: float = 1.0

    def fit(self, data, context): ...
"""
METRIC = 'METRICS = (Metric("error", "my.py:error", "lower", unit="{unit}"),)\n\ndef error(values): ...\n'
SPEC = """
id: mine/first
title: First
source: {document: seqgen, table: none, paper: none}
task: density-2d
data: "my.py:points"
columns: {a: {label: A, metric: "my.py:error"}}
rows:
  - {label: Mean, method: "my.py:Mean", deterministic: true}
profiles: {smoke: {seeds: 1, methods: {"my.py:Mean": {FIELD: 2.0}}}, laptop: {seeds: 1}, paper: {seeds: 1}}
"""


def files(folder: Path, field: str, unit: str) -> Path:
    """A spec and the file that it names; gives the spec."""
    folder.mkdir(parents=True, exist_ok=True)
    declared = METRIC.format(unit=unit)
    (folder / "my.py").write_text(f"{declared}\ndef points(): ...\n{METHOD.format(field=field)}")
    (folder / "first.yaml").write_text(SPEC.replace("FIELD", field))
    return folder / "first.yaml"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return files(tmp_path / "tables" / "mine", "rate", "degrees").relative_to(tmp_path)


def params(spec: Path, profile: Profile) -> object:
    table = load(spec)
    [found] = configurations(table, table.rows[0], profile)
    return dict(found.training.params)


def test_a_file_is_found_beside_the_spec_from_another_folder(project: Path) -> None:
    table = load(project)
    assert (table.rows[0].method, table.columns["a"].metric) == ("tables/mine/my.py:Mean", "tables/mine/my.py:error")
    assert {table.data.of(profile) for profile in ("smoke", "laptop")} == {"tables/mine/my.py:points"}  # type: ignore[union-attr]
    assert table.columns["a"].unit == "degrees"  # what its file declares
    assert (params(project, "smoke"), params(project, "paper")) == ({"rate": 2.0}, {"rate": 1.0})


def test_the_file_beside_the_spec_wins_over_that_of_the_working_directory(project: Path) -> None:
    files(Path(), "width", "metres")
    assert params(project, "smoke") == {"rate": 2.0}
    assert params(Path("first.yaml"), "smoke") == {"width": 2.0}
    assert load(Path("first.yaml")).rows[0].method == "my.py:Mean"


def test_what_is_not_beside_the_spec_is_that_of_the_working_directory(project: Path) -> None:
    (project.parent / "my.py").rename("my.py")
    assert load(project).rows[0].method == "my.py:Mean"
    Path("my.py").unlink()
    with pytest.raises(SpecError, match=r"method my\.py:Mean: .*my\.py cannot be read: No such file"):
        load(project)


def test_a_shared_configuration_finds_what_lies_beside_its_own_file(project: Path) -> None:
    other = files(Path("tables/other"), "width", "metres")
    shared = "base: {method: 'my.py:Mean', params: {width: 3.0}}\n"
    (other.parent / "configurations.yaml").write_text(shared)
    text = project.read_text().replace('method: "my.py:Mean"', "config: other/base").replace("rate", "width")
    project.write_text(text.replace('"my.py:Mean": {width', '"tables/other/my.py:Mean": {width'))
    assert load(project).rows[0].method == "tables/other/my.py:Mean"
    assert params(project, "paper") == {"width": 3.0}
    alone = json.loads(standalone(project))
    assert alone["configurations"]["other/base"]["method"] == "my.py:Mean"  # no folder of this machine


def test_a_bundle_of_a_spec_with_configurations_of_both_kinds_names_files_alone(project: Path) -> None:
    other = files(Path("tables/other"), "width", "metres")
    (other.parent / "configurations.yaml").write_text("base: {method: 'my.py:Mean', params: {width: 3.0}}\n")
    rows = "rows:\n  - {label: A, config: other/base, deterministic: true}\n  - {label: B, config: own}\n"
    own = f"configurations: {{own: {{method: 'my.py:Mean', params: {{rate: 3.0}}}}}}\n{rows}"
    text = project.read_text()
    profiles = "profiles: {smoke: {seeds: 1}, laptop: {seeds: 1}, paper: {seeds: 1}}\n"
    project.write_text(text[: text.index("rows:")] + own + profiles)
    found = json.loads(standalone(project))["configurations"]
    assert {name: each["method"] for name, each in found.items()} == {"own": "my.py:Mean", "other/base": "my.py:Mean"}


def test_only_names_are_placed_and_never_parameters() -> None:
    def data(name: str) -> object:
        """Names are `name`; all else is as it is."""
        return {
            "task": name, "label": "a.py:T", "also": {"role": name}, "params": {"task": "a.py:T"},
            "methods": {name: {"task": "a.py:T"}},
            "rows": ({"from": {"weights": name}, "protocol": {"data": "a.py:T"}},),
        }  # fmt: skip

    assert renamed(data("a.py:T"), lambda name: name.upper()) == data("A.PY:T")


def test_only_files_that_are_there_are_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a.py").touch()
    spec, text = tmp_path / "spec.yaml", "{method: 'lib/a.py:A', task: b.py:B, metric: [lib/a.py:C]}"
    monkeypatch.chdir(tmp_path / "lib")
    assert beside(text, spec) == (("lib/a.py:A", "../lib/a.py:A"), ("lib/a.py:C", "../lib/a.py:C"))
    assert placed({"method": "lib/a.py:A"}, beside(text, spec)) == {"method": "../lib/a.py:A"}
    monkeypatch.chdir(tmp_path)
    assert beside(text, spec) == beside(text, Path("spec.yaml")) == ()
