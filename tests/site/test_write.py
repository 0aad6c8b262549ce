"""Files into a folder: ours are replaced, others are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repro.site.write import LIST, Written, write


def names(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {LIST}


def test_a_second_build_replaces_the_first_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "site"
    assert write(folder, {"index.html": b"1", "runs/a.html": b"a", "runs/b.html": b"b"}) == Written(3, 0, 0)
    (folder / "CNAME").write_text("mine")
    assert write(folder, {"index.html": b"2", "tables/t.html": b"t", "runs/b.html": b"b"}) == Written(2, 1, 1)
    assert names(folder) == {"CNAME", "index.html", "tables/t.html", "runs/b.html"}
    assert (folder / "index.html").read_bytes() == b"2"
    write(folder, {"index.html": b"2"})
    assert not (folder / "runs").exists(), "an empty folder is left"


def test_what_was_written_before_an_interruption_is_known_to_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(path: Path, contents: bytes) -> None:
        if path.name == "b.html":
            raise KeyboardInterrupt
        path.write_bytes(contents)

    with monkeypatch.context() as patch:
        patch.setattr("repro.site.write.write_atomic", stop)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, {"a.html": b"a", "b.html": b"b"})
    write(tmp_path, {"c.html": b"c"})
    assert names(tmp_path) == {"c.html"}


def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(ValueError, match="is not empty and holds no site made by repro; name another folder"):
        write(tmp_path, {"index.html": b""})
    assert names(tmp_path) == {"thesis.tex"}
    with pytest.raises(ValueError, match="is a file; name a folder"):
        write(tmp_path / "thesis.tex", {"index.html": b""})


@pytest.mark.parametrize("listed", ["{", "[]", '{"files": ["../mine"]}', '{"files": ["/mine"]}', '{"files": [1]}'])
def test_a_damaged_list_removes_nothing(tmp_path: Path, listed: str) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (tmp_path / "mine").write_text("mine")
    (folder / LIST).write_text(listed)
    with pytest.raises(ValueError, match="is damaged"):
        write(folder, {"index.html": b""})
    assert (tmp_path / "mine").read_text() == "mine"
    assert names(folder) == set()


def test_the_list_names_every_file(tmp_path: Path) -> None:
    write(tmp_path, {"b.html": b"", "a/c.html": b""})
    assert json.loads((tmp_path / LIST).read_text())["files"] == ["a/c.html", "b.html"]
