"""What is written to takes the place of a file, and of nothing else."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from repro.files import replaced, write_atomic


def test_a_file_is_replaced_as_a_whole_and_kept_where_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.txt"
    write_atomic(file, b"one")
    before = file.stat().st_ino
    write_atomic(file, b"two")
    assert (file.read_bytes(), file.stat().st_ino == before) == (b"two", False)
    with pytest.raises(TypeError), replaced(file) as opened:
        opened.writelines([b"half", "text"])  # type: ignore[list-item]
    assert [each.name for each in file.parent.iterdir()] == ["a.txt"]
    assert file.read_bytes() == b"two"


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"one")
    (tmp_path / "link").symlink_to("target")
    write_atomic(tmp_path / "link", b"two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"two"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    """As root a device would be gone for the whole machine: `report -o /dev/null`."""
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_atomic(pipe, b"through")
    reader.join()
    assert (got, pipe.is_fifo()) == ([b"through"], True)
