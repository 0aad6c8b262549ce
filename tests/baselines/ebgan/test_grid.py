"""A corner of the grid by the command line: one training a point, and tables that look at the same trainings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repro.store.records import Store
from tests.cli.command import repro


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("REPRO_RESULTS", str(tmp_path / "results"))


def measured(table: str) -> tuple[str, dict[str, Any]]:
    """Runs a table's EBGANs at scale smoke: what was said, and what was measured by the label of its column."""
    said = repro("run", table, "--profile", "smoke", "--rows", "EBGANs")
    assert said.code == 0, said.err
    (row,) = [row for row in repro("report", table, "--format", "json").json["rows"] if row["label"] == "EBGANs"]
    return said.out, {label: cell["measured"] for label, cell in row["cells"].items() if cell.get("measured")}


def test_each_point_is_trained_once_and_two_tables_fold_the_same_trainings() -> None:
    optimisers, cells = measured("ebgan/grid-scores-optimisers")
    assert "2 trainings and 1 measurement made" in optimisers  # one point, and the classifier
    assert [cell["n"] for cell in cells.values()] == [1, 1, 1]
    specs, cells = measured("ebgan/grid-specs")
    assert "1 training and 2 measurements made" in specs  # the point with dropout, which the other table leaves out
    assert (cells["#experiments"]["mean"], cells["#experiments"]["n"]) == (2, 1)

    records = Store().records("ebgan/grid-specs")
    assert {record.parts.point["discriminator_dropout"] for record in records} == {True, False}
    others = Store().records("ebgan/grid-scores-optimisers")
    without = next(record for record in records if not record.parts.point["discriminator_dropout"])
    assert {used.key for used in without.trainings} == {used.key for used in others[0].trainings}
    assert len({used.key for record in records for used in record.trainings}) == 3  # one classifier for both points
    # the same model, drawn from by the same random numbers, has the same score in both tables
    assert without.measured["experiments"].value == others[0].measured["above_1"].value
    # a share is of the score of the one point
    score = others[0].measured["above_1"].value
    again, cells = measured("ebgan/grid-scores-optimisers")
    assert "0 trainings and 0 measurements made" in again
    shares = [cell["mean"] for cell in cells.values()]
    assert shares == [100 * (score > threshold) for threshold in (1, 2, 4)]
