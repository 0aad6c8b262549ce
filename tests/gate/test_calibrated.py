"""What is accepted at the scale smoke can be judged on any processor: the spread between its seeds is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.commands.check import accepted_records
from repro.evidence.folds import with_folds
from repro.evidence.joined import joined
from repro.gate.calibration import configuration, read_calibration
from repro.spec.load import load
from repro.spec.tables import find

RESULTS = Path(__file__).parents[2] / "results"
TABLES = sorted({str(file.parents[1].relative_to(RESULTS)) for file in RESULTS.glob("*/*/reports/smoke.json")})


@pytest.mark.parametrize("name", TABLES)
def test_every_row_that_draws_random_numbers_and_is_judged_has_a_calibration_of_its_code(name: str) -> None:
    table = load(find(name))
    rows = {row.name: row for row in table.rows}
    judged = [
        record
        for record in joined(with_folds(table, "smoke", accepted_records(table, "smoke")))
        if not rows[record.row].deterministic and any(not table.columns[column].timed for column in record.measured)
    ]
    found = read_calibration(RESULTS, name, "smoke")
    assert found is not None or not judged, f"repro calibrate {name} --profile smoke"
    known = {row: spread.configuration for row, spread in found.rows.items()} if found is not None else {}
    assert [record.row for record in judged if known.get(record.row) != configuration(record.parts)] == []
