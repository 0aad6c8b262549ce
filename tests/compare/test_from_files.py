"""Whose reader a checkpoint gets."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from repro.compare.from_files import Files, measured, reader_of
from repro.compare.row import NewRow, with_new_row
from repro.registry import LOADERS
from repro.spec.load import load
from repro.spec.model import Table
from repro.spec.tables import find
from tests.worker.tables import toy_table


@pytest.fixture(scope="module")
def table() -> Table:
    return load(find("cegan/kl-2d"))


def test_a_named_method_s_family_reads_it(table: Table) -> None:
    assert reader_of(table, "awd-lstm") == "awd-lstm"


def test_without_a_name_the_rows_of_the_table_decide_where_they_agree(table: Table) -> None:
    assert LOADERS.address(reader_of(table, "")) == "baselines.cegan.files:read_pair"
    assert LOADERS.address(reader_of(table, "mine.py:Mine")) == "baselines.cegan.files:read_pair"


def test_rows_that_do_not_agree_or_read_nothing_are_said(table: Table) -> None:
    with pytest.raises(ValueError, match=r"^no method of toy/walks reads checkpoints \(those that do: .*awd-lstm"):
        reader_of(toy_table(), "")
    pair = next(row for row in table.rows if row.method == "egan")
    mixed = table.model_copy(update={"rows": (pair, pair.model_copy(update={"label": "LM", "method": "awd-lstm"}))})
    with pytest.raises(ValueError, match="are read in several ways: say by --method which of awd-lstm, egan it is of"):
        reader_of(mixed, "")


def test_a_wrong_checkpoint_is_named_with_what_is_wrong(table: Table, tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(2)}, tmp_path / "x.pt")
    made = with_new_row(table, NewRow("Mine", groups=("gaussian",), trained=False), "smoke")
    files = Files("checkpoint", (tmp_path / "x.pt",))
    with pytest.raises(ValueError, match=r"x\.pt: there is no matrix 'discriminator\.W1' in it"):
        measured(made, files, "smoke", ["gen_data"])
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="folder is a folder: task density-2d reads checkpoints from files"):
        measured(made, Files("checkpoint", (tmp_path / "folder",)), "smoke", ["gen_data"])
