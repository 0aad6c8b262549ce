"""Files: what cannot be read, what the published numbers keep, and ids that belong to places."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from repro.spec import tables
from repro.spec.load import load, loads
from repro.spec.model import Table
from repro.spec.problems import SpecError
from tests.spec.helpers import SPEC, changed, errors


def failure(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        load(path)
    return str(caught.value)


def test_published_numbers_stay_the_text_that_was_printed(table: Table) -> None:
    cells = [row.published["kl"] for row in table.rows if row.published]
    assert [(cell.value, cell.std, cell.runs) for cell in cells] == [
        ("0.90", None, None), ("0.50", None, None), ("400", ".10", 3), ("1,234 ± 5", None, None), ("-", None, None),
    ]  # fmt: skip


def test_a_correction_keeps_its_text_too() -> None:
    correction = "{kl: {value: 0.90, corrected: {value: 0.80, why: the text says so}}}"
    text = changed(("{kl: 0.90}", correction))
    corrected = loads(text, "spec.yaml").rows[0].published["kl"].corrected
    assert corrected is not None
    assert corrected.value == "0.80"


def test_numbers_elsewhere_are_numbers(table: Table) -> None:
    assert table.groups["spirals"].methods == {"egan": {"learning_rate": 1e-3}}
    assert table.margin is not None
    assert table.margin.absolute == 0.05


def test_a_file_loads_like_its_text(tmp_path: Path, table: Table) -> None:
    (tmp_path / "spec.yaml").write_text("\ufeff" + SPEC.replace("\n", "\r\n"), encoding="utf-8")
    assert load(tmp_path / "spec.yaml") == table


def test_what_is_no_readable_file_is_a_spec_error(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"id: a\nb: \xff\xfe")
    assert failure(tmp_path) == f"{tmp_path}:1:1: this is a directory; a spec is a YAML file"
    assert failure(tmp_path / "no") == f"{tmp_path / 'no'}:1:1: cannot be read: No such file or directory"
    binary = tmp_path / "binary.yaml"
    assert failure(binary) == f"{binary}:2:4: byte 0xff is not UTF-8; is this a text file?"


def test_a_spec_error_has_its_problems_as_data() -> None:
    with pytest.raises(SpecError) as caught:
        load(Path("nowhere.yaml"))
    [problem] = caught.value.problems
    assert (caught.value.name, problem.position.line, problem.path) == ("nowhere.yaml", 1, "")


def test_the_id_of_a_file_among_the_tables_is_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "tables_directory", lambda: tmp_path)
    path = tmp_path / "cegan" / "kl.yaml"
    path.parent.mkdir()
    path.write_text(SPEC)
    assert failure(path) == f"{path}:1:1: id: the id of this file is 'cegan/kl', from its path"
    path.rename(path.with_name("kl-2d.yaml"))
    assert load(path.with_name("kl-2d.yaml")).id == "cegan/kl-2d"


def test_wrong_yaml_and_a_wrong_shape_are_said_together() -> None:
    text = changed(("seeds: 5}", "seeds: 5, seeds: 6, sedes: 7}"))
    assert [line.split(": ")[1] for line in errors(text).splitlines()] == [
        "profiles.paper.seeds", "profiles.paper.sedes",
    ]  # fmt: skip


def test_loading_imports_no_training_framework() -> None:
    code = "import sys, repro.spec.load, repro.spec.schema; print({'torch', 'numpy', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
