"""Which file a name means."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.spec import tables
from repro.spec.tables import all_paths, find, id_of, sources, tables_directory
from tests.spec.helpers import SPEC


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    directory = tmp_path / "tables"
    monkeypatch.setattr(tables, "tables_directory", lambda: directory)
    for name, source in {
        "cegan/kl-2d": "source: {document: dai2019, table: B.2, paper: x, aliases: [B.3, zhao2019/9.1]}",
        "mos/rank": "source:\n  # as printed\n\n# at the margin\n  document: dai2019\n  table: 'A.6'\ntask: x",
        "mos/flow": "{id: mos/flow, source: {document: zhao2019, table: '3.10'}}",
        "mos/twin": "task: x\nsource: {document: seqgen,\ntable: T\n}",
        "mos/twin2": "source: {document: seqgen, table: T}",
        "mos/broken": "source: {document: dai2019, table: [",
        "mos/number": "source: {document: dai2019, table: 4.1, aliases: 3}",
    }.items():
        path = directory / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"id: {name}\n{source}\n" if source[0] != "{" else source)
    return directory


@pytest.mark.parametrize(("name", "table"), [
    ("cegan/kl-2d", "cegan/kl-2d"), ("dai2019/B.2", "cegan/kl-2d"), ("dai2019/B.3", "cegan/kl-2d"),
    ("zhao2019/9.1", "cegan/kl-2d"), ("dai2019/A.6", "mos/rank"), ("zhao2019/3.10", "mos/flow"),
    ("mos/broken", "mos/broken"),
])  # fmt: skip
def test_a_table_is_found_by_its_id_and_as_printed(name: str, table: str, library: Path) -> None:
    assert find(name) == library / f"{table}.yaml"
    assert id_of(find(name)) == table


def test_a_path_is_itself(library: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(SPEC)
    assert find(str(path)) == path
    assert id_of(path) is None
    with pytest.raises(ValueError, match=r"^there is no file 'gone\.yaml'$"):
        find("gone.yaml")


def test_an_id_that_is_none_of_the_project_s_is_that_of_the_working_directory(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    for name in ("my/first", "mos/rank", "my/configurations"):
        (project / "tables" / f"{name}.yaml").parent.mkdir(parents=True, exist_ok=True)
        (project / "tables" / f"{name}.yaml").write_text(SPEC)
    monkeypatch.chdir(project)
    assert find("my/first") == Path("tables/my/first.yaml")
    assert find("mos/rank") == library / "mos/rank.yaml"
    for name in ("my/configurations", "my/second"):
        with pytest.raises(ValueError, match=f"^unknown table '{name}'"):
            find(name)


@pytest.mark.parametrize(("name", "said"), [
    ("cegan/kl-3d", "unknown table 'cegan/kl-3d'; did you mean 'cegan/kl-2d'? (`repro list` shows all)"),
    ("dai2019/B.22", "unknown table 'dai2019/B.22'; did you mean 'dai2019/B.2'? (`repro list` shows all)"),
    ("zzz", "unknown table 'zzz' (`repro list` shows all)"),
    ("../tables/mos/rank", "unknown table '../tables/mos/rank'; did you mean 'mos/rank'? (`repro list` shows all)"),
    ("seqgen/T", "'seqgen/T' is 'mos/twin' and 'mos/twin2'; name one of them by its id"),
])  # fmt: skip
def test_an_unknown_or_ambiguous_name_is_an_error(name: str, said: str, library: Path) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared whole
        find(name)
    assert str(caught.value) == said


def test_a_broken_file_has_no_sources_and_hides_no_other(library: Path) -> None:
    assert [list(sources(library / f"mos/{name}.yaml")) for name in ("broken", "number")] == [[], []]


def test_all_tables_come_in_the_order_of_their_ids(library: Path) -> None:
    assert [id_of(path) for path in all_paths()] == [
        "cegan/kl-2d", "mos/broken", "mos/flow", "mos/number", "mos/rank", "mos/twin", "mos/twin2",
    ]  # fmt: skip


def test_a_checkout_uses_its_tables_and_an_installed_package_those_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "repro" / "spec" / "tables.py"))
    assert tables_directory() == tmp_path / "repro" / "_shipped" / "tables"
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "tables").mkdir()
    assert tables_directory() == tmp_path / "tables"
