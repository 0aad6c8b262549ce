"""Faults of the store's surroundings: clocks that go back, plans that are damaged, methods that talk without end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from repro.engines.drive import run
from repro.files import readable_json
from repro.plan.graph import thaw
from repro.plan.jobs import plan
from repro.store.record import Record
from repro.store.records import Store
from tests.worker.tables import toy_table, trained

pytestmark = pytest.mark.usefixtures("toys")
LATER = "2999-01-01T00:00:00.000000+00:00"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_results_of_a_clock_that_was_ahead_are_made_anew_by_force_once(store: Store) -> None:
    made = run(toy_table(), "smoke", store=store)
    (record,), (training,) = store.records(), trained(made, store)
    store.put(record.model_copy(update={"started": LATER}))
    store.put_training(training.model_copy(update={"started": LATER}))
    again = run(toy_table(), "smoke", store=store, force=True)
    (new,), (trained_new,) = store.records(), trained(again, store)
    assert (new.status, new.measured) == ("ok", record.measured)
    assert LATER < trained_new.started < new.started
    assert len(again.trained) == again.measured == 1
    assert len(run(toy_table(), "smoke", store=store).cached) == 1


def test_moments_only_grow_whatever_the_clock_and_the_file_say(store: Store) -> None:
    first = store.moment()
    assert first < store.moment() < store.moment(after=LATER)
    assert store.moment() > LATER
    for damaged in ("", "no date", "9999-12-31T23:59:59.999999+00:00", "\udce9"):
        (store.root / "clock").write_bytes(damaged.encode(errors="surrogateescape"))
        assert first < store.moment() < LATER


def test_a_damaged_plan_is_made_anew(store: Store) -> None:
    made = plan(toy_table(), "smoke", checksum=lambda _: "aa")
    file = made.freeze(store.plans)
    for damage in (b"", file.read_bytes()[:-9], b"{}"):
        file.write_bytes(damage)
        with pytest.raises(ValueError, match="the plan was changed after it was frozen"):
            thaw(file)
        assert made.freeze(store.plans) == file
        assert thaw(file) == made


def test_the_record_of_a_method_that_talks_without_end_is_short_and_the_log_says_what_it_lacks(store: Store) -> None:
    summary = run(toy_table({"label": "A", "params": {"behaviour": "talks"}}), "smoke", store=store)
    (record,) = store.records()
    (training,) = trained(summary, store)
    assert (record.status, training.status) == ("ok", "ok")
    assert len(readable_json(record.model_dump(mode="json"))) < 2_000_000
    said = store.log_file(training.key).read_text()
    assert "curve endless: 200 of its 50000 points are in the record" in said
    assert "of 153 curves are not in the record" in said
    assert record.curves["endless"].step[0] == 0
    assert record.curves["endless"].step[-1] == 49_999


def test_the_home_folder_and_the_users_name_stand_in_no_record(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "alice"))
    monkeypatch.setenv("LOGNAME", "alice")
    rows = [{"label": how, "params": {"behaviour": how}} for how in ("cannot read a file", "dies at home")]
    summary = run(toy_table(*rows), "smoke", store=store)
    said = {record.row: record for record in store.records()}
    assert "no file ~/mine, nor /data/USER/mine" in said["cannot read a file"].message
    assert any("looking into ~/mine" in training.tail for training in trained(summary, store))
    files = [file for kind in ("records", "trainings") for file in store.root.rglob(f"{kind}/**/*.json")]
    assert len(files) == 4
    for file in files:
        text = json.dumps({**json.loads(file.read_text()), "parts": None})
        assert "alice" not in text
        assert str(Path(__file__).parents[2]) not in text


def test_a_number_beyond_what_can_be_reckoned_with_fails_its_job_and_not_the_report(store: Store) -> None:
    run(toy_table({"label": "A", "params": {"scale": 1e90}}, {"label": "B", "params": {"scale": 1e60}}), "smoke",
        store=store)  # fmt: skip
    found: dict[str, Record] = {record.row: record for record in store.records()}
    assert "column mean is beyond 1e+70, which no statistics can be made of" in found["A"].message
    assert found["B"].status == "ok"
