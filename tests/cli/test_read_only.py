"""What only reads writes nothing: a store that cannot be written is read all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.store.records import Store
from tests.cli import toys
from tests.cli.command import repro
from tests.watched import frozen

READING = (
    ["report"], ["report", "--format", "html"], ["run", "--dry-run"], ["why"], ["show"], ["check", "--no-run"],
    ["bundle", "--output", "walks.zip"],
)  # fmt: skip


def test_a_store_that_cannot_be_written_is_read_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spec = toys.write(tmp_path)
    assert repro("run", spec).code == 0
    assert repro("accept", spec, "--profile", "smoke").code == 0
    Store().checksums.unlink()
    damaged = Store().record_file("toy/walks", "0" * 32)
    damaged.write_text("{")
    before = sorted(Store().root.rglob("*"))
    with frozen(Store().root):
        with pytest.raises(OSError, match="Read-only"):
            (Store().root / "proof").touch()
        for command in READING:
            said = repro(command[0], spec, *command[1:])
            assert said.code == 0, (command, said.err)
        assert repro("doctor").code == 0
        assert repro("models").code == 0
        refused = repro("run", spec, "--force")
    assert (refused.code, len(refused.err.splitlines())) == (2, 2)
    assert "cannot be used: Read-only file system" in refused.err
    assert sorted(Store().root.rglob("*")) == before
    assert sum("cannot be moved (Read-only file system): left out" in line for line in caplog.messages) == 1
