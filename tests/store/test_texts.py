"""Measured words in records: kept with them, and no trace in records without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from repro.contracts import Evaluation, Measurement
from repro.files import readable_json
from repro.plan.jobs import plan
from repro.store.record import Record
from repro.store.records import Store
from repro.store.written import believed, written
from repro.worker.measure import _check
from tests.store.test_store import record
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")
ACCEPTED = sorted((Path(__file__).parents[2] / "results").glob("*/*/records/*.json"))


@pytest.mark.parametrize("table", sorted({file.parents[1] for file in ACCEPTED}), ids=lambda folder: folder.name)
def test_accepted_records_without_words_are_the_same_bytes_when_written_again(table: Path) -> None:
    for file in table.glob("records/*.json"):
        contents = file.read_bytes()
        found = believed(contents, Record)
        assert bool(found.texts) == (b'"texts"' in contents)
        assert contents in (written(found), readable_json(found.model_dump(mode="json")))  # with a checksum, or older


def test_words_come_back_as_they_were_put(tmp_path: Path) -> None:
    store, words = Store(tmp_path), {"t": "a\u202e<script>\n\x1b[31m", "u": ""}
    store.put(record().model_copy(update={"texts": words}))
    (kept,) = store.records()
    assert kept.texts == words


def test_words_for_a_column_of_numbers_and_numbers_for_one_of_words_are_refused() -> None:
    (job,) = plan(toy_table({"label": "A"}), "smoke", checksum=lambda *_: "aa").jobs
    number, column = Measurement(value=1.0, signature=""), job.columns["mean"]
    of_words = job.model_copy(update={"columns": {"mean": column.model_copy(update={"metric": "predicted-token"})}})
    _check(job.columns, Evaluation({"mean": number}))
    _check(of_words.columns, Evaluation({}, texts={"mean": "x"}))
    with pytest.raises(ValueError, match="the task gave no number for column mean"):
        _check(job.columns, Evaluation({}, texts={"mean": "x"}))
    with pytest.raises(ValueError, match="the task gave no words for column mean"):
        _check(of_words.columns, Evaluation({"mean": number}))
