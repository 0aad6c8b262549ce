"""What commands print reaches whoever reads it, whatever is in it; one who has gone is no failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import ROOT, repro

NOT_UTF8 = os.fsdecode(b"donn\xe9es")


def program(*arguments: str, unbuffered: str = "", **how: object) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    command = [sys.executable, "-m", "repro", *arguments]
    return subprocess.Popen(command, env=environment, **how)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize(
    ("line", "code", "unbuffered"), [("--version", 0, "1"), ("score --list", 0, ""), ("lst", 2, "1")]
)
def test_a_reader_that_goes_leaves_a_command_its_own_exit_code(line: str, code: int, unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with program(*line.split(), unbuffered=unbuffered, stdout=writing, stderr=writing) as process:
        os.close(writing)
        assert process.wait(60) == code


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_line() -> None:
    with (
        Path("/dev/full").open("wb") as full,
        program("score", "--list", stdout=full, stderr=subprocess.PIPE) as process,
    ):
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (2, b"repro: the output: No space left on device\n")


def test_a_closed_output_is_no_failure() -> None:
    command = [sys.executable, "-m", "repro", "score", "--list"]
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    assert subprocess.run(shell, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False).returncode == 0


def test_a_name_that_is_no_utf8_is_shown_with_escapes(tmp_path: Path) -> None:
    file = tmp_path / f"{NOT_UTF8}.txt"
    file.write_bytes(b"")
    with program("score", "distinct-1", str(file), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said == f"repro: {tmp_path}/donn\\xe9es.txt is empty\n".encode()


def test_what_a_terminal_would_obey_is_shown_with_escapes(tmp_path: Path) -> None:
    file = tmp_path / "fields.jsonl"
    file.write_text('{"\\u001b[31mred\\ud83d": 1}\n')
    said = repro("score", "distinct-1", file)
    assert (said.code, said.err) == (
        2, f"repro: {file}:1: name the field, one of \\x1b[31mred\\ud83d: {file}:FIELD\n",
    )  # fmt: skip


@pytest.mark.parametrize("line", [["run", "cegan/kl-2d", "--profile", "smoke", "--rows", "gaussian/GAN"]])
def test_a_store_that_cannot_be_written_is_one_line(
    line: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "file" / "store"))
    said = repro(*line)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(
        f"repro: the store {tmp_path}/file/store cannot be used: Not a directory\n       REPRO_STORE"
    )
