from __future__ import annotations

from datetime import date, timedelta

import pytest

from repro.commands.affected import SHARE, affected, said
from repro.plan.graph import Plan
from repro.plan.jobs import plan
from repro.store.record import Record
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

LABELS = [f"row {i}" for i in range(30)]
TODAY = date(2026, 1, 1)


def planned(scale: float = 1.0, changed: tuple[str, ...] = ()) -> Plan:
    rows = ({"label": label, "params": {"scale": 9.0 if label in changed else scale}} for label in LABELS)
    return plan(toy_table(*rows), "smoke", checksum=lambda data: "c" * 64)


def accepted(of: Plan) -> list[Record]:
    return [
        Record(key=job.key, table=job.table, row=job.row, parts=job.parts, status="ok", started="2026", seconds=1.0,
               redo=job.redo) for job in of.jobs
    ]  # fmt: skip


def test_rows_whose_key_differs_are_run_and_the_others_once_in_so_many_days() -> None:
    records = accepted(planned())
    found = affected(planned(changed=("row 3", "row 7")), records, TODAY)
    assert found.changed == ("row 3", "row 7")
    assert set(found.to_run) | set(found.left_out) == set(LABELS)
    assert not set(found.to_run) & set(found.left_out)
    days = [affected(planned(), records, TODAY + timedelta(days=n)).sampled for n in range(SHARE)]
    assert sorted(row for day in days for row in day) == sorted(LABELS), "each row has its turn once"


def test_rows_of_which_nothing_is_accepted_are_none_of_its_business() -> None:
    records = [record for record in accepted(planned()) if record.row != "row 0"]
    found = affected(planned(changed=("row 0",)), records, TODAY)
    assert "row 0" not in (*found.to_run, *found.left_out)


def test_what_was_left_out_is_said_with_its_number() -> None:
    found = affected(planned(changed=("row 3",)), accepted(planned()), TODAY)
    (line,) = said({"toy/walks": found})
    assert f"toy/walks: {len(found.left_out)}" in line
    assert f"1 rows that a change reaches and {len(found.sampled)} of the others were run" in line
    assert said({"toy/walks": affected(planned(scale=2.0), accepted(planned()), TODAY)}) == []
