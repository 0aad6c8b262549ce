from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from repro.contracts import Measurement
from repro.evidence.gather import Current
from repro.files import readable_json
from repro.plan.checksums import MISSING, Checksums
from repro.plan.difference import difference, of_training
from repro.plan.graph import Plan, thaw
from repro.plan.jobs import plan
from repro.plan.key import (
    DataUsed,
    Fingerprint,
    KeyParts,
    TrainingParts,
    WeightsUsed,
    configuration,
    key_of,
    training_key,
)
from repro.spec.model import Table
from repro.store.record import Record, Status
from repro.store.survey import survey
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")

TRAINING = TrainingParts(
    method="walk",
    params={"steps": 5, "sizes": (3, 2)},
    data=DataUsed(name="numbers", checksum="aa"),
    seed=0,
    fingerprint=Fingerprint(digest="1", definitions={"m": "11"}),
)
PARTS = KeyParts(
    training=TRAINING,
    row="A",
    data=DataUsed(name="numbers", checksum="aa"),
    profile="smoke",
    task="toy",
    signatures={"mean": "mean v1"},
    fingerprint=Fingerprint(digest="2", definitions={"t": "12"}),
)
OTHER = DataUsed(name="letters", checksum="aa")
CHANGED = DataUsed(name="numbers", checksum="bb")


def planned(table: Table, **more: Any) -> Plan:
    return plan(table, "smoke", checksum=lambda data: "c" * 64, **more)


def record_of(plan: Plan, *, status: Status = "ok", started: str = "2026-01-01", seconds: float = 7.0) -> Record:
    job = plan.jobs[0]
    measured = {"mean": Measurement(value=1.0, signature="mean v1")} if status == "ok" else {}
    message = "" if status == "ok" else "it broke"
    return Record(
        key=job.key,
        table=job.table,
        row=job.row,
        parts=job.parts,
        status=status,
        message=message,
        measured=measured,
        started=started,
        seconds=seconds,
        redo=job.redo,
    )


TRAINED: list[tuple[dict[str, Any], str]] = [
    ({"method": "run"}, "method: walk -> run"),
    ({"params": {"steps": 6, "sizes": (3, 2)}}, "parameter steps: 5 -> 6"),
    ({"params": {"steps": 5}}, "parameter sizes: (3, 2) -> (not there)"),
    ({"data": OTHER}, "data set: numbers -> letters"),
    ({"data": CHANGED}, "contents of data set numbers: aa -> bb"),
    ({"also": {"unlabelled": OTHER}}, "data set unlabelled: (none) -> letters"),
    ({"seed": 1}, "seed: 0 -> 1"),
    ({"task": "toy"}, "task that the training sees: (none) -> toy"),
    ({"view": {"labels": 100}}, "view, labels: (not there) -> 100"),
    ({"start": TRAINING}, "starts from: nothing -> a training of walk"),
    ({"start": WeightsUsed(weights="big", sha256="cc")}, "starts from: nothing -> weights big"),
    ({"precision": "bf16"}, "precision: f32 -> bf16"),
    ({"fingerprint": Fingerprint(digest="3", definitions={"m": "12"})}, "code of m changed"),
    ({"fingerprint": Fingerprint(digest="3", definitions={"m": "11", "n": "1"})}, "code of n newly used"),
]
MEASURED: list[tuple[dict[str, Any], str]] = [
    ({"others": {"other": TRAINING}}, "model other: newly looked at"),
    ({"row": "B"}, "row: A -> B"),
    ({"point": {"layers": 2}}, "point of the grid, layers: (not there) -> 2"),
    ({"data": OTHER}, "data set that is measured on: numbers -> letters"),
    ({"data": CHANGED}, "contents of data set numbers: aa -> bb"),
    ({"profile": "paper"}, "profile: smoke -> paper"),
    ({"task": "other"}, "task: toy -> other"),
    ({"protocol": {"streams": 2}}, "protocol, streams: (not there) -> 2"),
    ({"signatures": {"mean": "mean v2"}}, "measurement of column mean: mean v1 -> mean v2"),
    ({"factors": {"mean": 100.0}}, "factor to the unit of column mean: (not there) -> 100.0"),
    ({"fingerprint": Fingerprint(digest="3", definitions={"t": "13"})}, "code of t changed"),
]


VIEWED = """
from dataclasses import dataclass
from tests.worker.toy import ToyTask

@dataclass(frozen=True)
class Viewed(ToyTask):
    VIEW = ("labels",)
    labels: int = 100
    shown: int = 5

    def view(self, data, seed):
        return data
"""
SHARES = """
from repro.metrics.declaration import Metric

METRICS = (Metric("hits", "shares:hits", better="higher", unit="share"),)

def hits(found): return 0.5
"""


def test_seeds_that_see_different_data_are_not_fitted_in_one_pass(tmp_path: Path) -> None:
    (tmp_path / "viewed.py").write_text(VIEWED)
    assert all(training.fits_many for training in planned(toy_table(seeds=2)).trainings)
    seen = planned(toy_table(seeds=2, task=f"{tmp_path / 'viewed.py'}:Viewed")).trainings
    assert [training.fits_many for training in seen] == [False, False]


def test_another_view_of_the_data_is_another_training_and_another_protocol_of_the_measurement_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "viewed.py").write_text(VIEWED)
    task = f"{tmp_path / 'viewed.py'}:Viewed"
    one, fewer, shown = (
        planned(toy_table({"label": "A", "protocol": protocol}, task=task)).trainings[0]
        for protocol in ({"labels": 100}, {"labels": 20}, {"labels": 100, "shown": 6})
    )
    assert (one.parts.view, fewer.parts.view) == ({"labels": 100}, {"labels": 20})
    assert one.key != fewer.key
    assert one.key == shown.key


def test_a_number_in_another_unit_is_another_measurement_and_the_old_record_is_stale(tmp_path: Path) -> None:
    (tmp_path / "shares.py").write_text(SHARES)
    column = {"label": "Hits", "metric": f"{tmp_path / 'shares.py'}:hits"}
    share, percent = (toy_table(columns={"mean": {**column, "unit": unit}}) for unit in ("share", "%"))
    (one,), (other,) = planned(share).jobs, planned(percent).jobs
    assert (one.parts.factors, other.parts.factors) == ({}, {"mean": 100.0})
    assert difference(one.parts, other.parts) == ["factor to the unit of column mean: (not there) -> 100.0"]
    record = record_of(planned(share))
    assert Current(share).makes(record)
    assert not Current(percent).makes(record)


def test_a_record_of_another_point_of_a_grid_is_no_older_one_of_this_point() -> None:
    def at(layers: int, digest: str) -> Plan:
        made = planned(toy_table())
        parts = made.jobs[0].parts.model_copy(
            update={"point": {"layers": layers}, "fingerprint": Fingerprint(digest=digest)}
        )
        return made.model_copy(
            update={"jobs": (made.jobs[0].model_copy(update={"parts": parts, "key": key_of(parts)}),)}
        )

    earlier = [record_of(at(2, "earlier"))]
    assert [state.state for state in survey(at(2, "now"), earlier).jobs] == ["stale"]
    assert [state.state for state in survey(at(3, "now"), earlier).jobs] == ["new"]


def test_other_weights_under_one_name_are_said_by_their_checksums() -> None:
    one, other = (
        TRAINING.model_copy(update={"start": WeightsUsed(weights="big", sha256=letter * 64)}) for letter in "ab"
    )
    assert training_key(one) != training_key(other)
    assert of_training(one, other) == ["weights big: aaaaaaaaaaaa -> bbbbbbbbbbbb"]
    assert of_training(one, one) == []


@pytest.mark.parametrize(("change", "said"), TRAINED)
def test_every_part_of_a_training_changes_its_key_and_that_of_its_measurements(
    change: dict[str, Any], said: str
) -> None:
    changed = TRAINING.model_copy(update=change)
    assert training_key(changed) != training_key(TRAINING)
    measured = PARTS.model_copy(update={"training": changed})
    assert key_of(measured) != key_of(PARTS)
    assert difference(PARTS, measured) == [said]
    further, before = (TRAINING.model_copy(update={"start": start}) for start in (changed, TRAINING))
    assert training_key(further) != training_key(before)
    assert of_training(before, further) == [f"what it starts from: {said}"]


@pytest.mark.parametrize(("change", "said"), MEASURED)
def test_every_part_of_a_measurement_changes_its_key_alone(change: dict[str, Any], said: str) -> None:
    changed = PARTS.model_copy(update=change)
    assert key_of(changed) != key_of(PARTS)
    assert training_key(changed.training) == training_key(PARTS.training)
    assert difference(PARTS, changed) == [said]


def test_every_part_of_the_keys_is_covered_by_the_differences() -> None:
    """A new field must come with words in `difference`, and a line in the lists above."""
    assert set(TrainingParts.model_fields) == {name for change, _ in TRAINED for name in change}
    assert set(KeyParts.model_fields) == {"training", *(name for change, _ in MEASURED for name in change)}
    assert difference(PARTS, PARTS) == []


def test_two_configurations_that_differ_in_the_seed_alone_are_one() -> None:
    def seeded(seed: int, **change: Any) -> KeyParts:
        start = TRAINING.model_copy(update={"seed": seed})
        training = TRAINING.model_copy(update={"seed": seed, "start": start})
        return PARTS.model_copy(update={"training": training, "others": {"other": start}, **change})

    assert configuration(seeded(3)) == configuration(seeded(4))
    assert configuration(seeded(3)) != configuration(seeded(3, row="B"))


def test_the_key_does_not_depend_on_the_order_of_parameters_or_on_how_a_number_is_spelled() -> None:
    params = {"sizes": (3, 2), "steps": 5.0}
    other = PARTS.model_copy(update={"training": TRAINING.model_copy(update={"params": params})})
    assert key_of(other) == key_of(PARTS)
    assert difference(other, PARTS) == []


def test_the_order_of_rows_their_notes_and_labels_of_columns_leave_every_key_as_it_is() -> None:
    a, b = {"label": "A"}, {"label": "B", "params": {"steps": 2}}
    column = {"mean": {"label": "Another label", "metric": "mean"}}
    keys = {job.key for job in planned(toy_table(a, b)).jobs}
    assert {job.key for job in planned(toy_table(b, {**a, "note": "the first"}, columns=column)).jobs} == keys
    assert len(keys) == 2


def test_a_plan_has_the_methods_own_defaults_and_what_the_row_overrides() -> None:
    (job,) = planned(toy_table({"label": "A", "params": {"steps": 2}})).jobs
    assert job.parts.params == {
        "steps": 2, "scale": 1.0, "sizes": (3, 2), "behaviour": "", "diary": "", "step_seconds": 0.0,
    }  # fmt: skip


def test_a_number_comes_to_the_method_as_a_float_where_its_default_is_one_however_it_is_written(tmp_path: Path) -> None:
    jobs = [planned(toy_table({"label": "A", "params": {"scale": scale}})) for scale in (3, 3.0)]
    assert jobs[0] == jobs[1]
    scale = thaw(jobs[0].freeze(tmp_path)).jobs[0].parts.params["scale"]
    assert type(scale) is float


def test_rows_that_come_to_the_same_configuration_share_a_training_and_are_measured_apart() -> None:
    table = toy_table({"label": "A"}, {"label": "B", "params": {"steps": 5}})
    made = planned(table)
    keys = {job.row: job.key for job in made.jobs}
    assert keys["A"] != keys["B"]
    assert [job.training for job in made.jobs] == [made.trainings[0].key] * 2
    assert len(made.trainings) == 1
    assert planned(table, rows=["B"]).jobs[0].key == keys["B"]


def test_a_frozen_plan_comes_back_as_it_was_and_a_changed_file_is_refused(tmp_path: Path) -> None:
    made = planned(toy_table(seeds=2))
    file = made.freeze(tmp_path)
    assert thaw(file) == made
    assert made.freeze(tmp_path) == file
    file.write_bytes(file.read_bytes().replace(b'"steps": 5', b'"steps": 6'))
    with pytest.raises(ValueError, match="changed after it was frozen"):
        thaw(file)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["BB"], "toy/walks: no row 'BB'; did you mean 'B'? (rows that run: A, B)"),
        (["Q"], "toy/walks: row 'Q' is quoted: there is nothing to run"),
    ],
)
def test_a_row_that_cannot_run_is_an_error_with_a_hint(rows: list[str], message: str) -> None:
    table = toy_table({"label": "A"}, {"label": "B"}, {"label": "Q", "method": None, "quoted": "another paper"})
    with pytest.raises(ValueError) as error:  # noqa: PT011 - the whole message follows
        planned(table, rows=rows)
    assert str(error.value) == message


def test_seeds_are_counted_from_zero_or_exactly_those_given() -> None:
    table = toy_table(seeds=2)
    assert [job.parts.seed for job in planned(table).jobs] == [0, 1]
    assert [job.parts.seed for job in planned(table, seeds=3).jobs] == [0, 1, 2]
    assert [job.parts.seed for job in planned(table, seeds=[5, 3]).jobs] == [5, 3]
    with pytest.raises(ValueError, match="at least one is needed"):
        planned(table, seeds=0)


def test_a_job_is_new_then_cached_and_stale_with_the_reason_when_a_parameter_changes() -> None:
    first = planned(toy_table({"label": "A"}))
    changed = planned(toy_table({"label": "A", "params": {"steps": 9}}))
    assert [state.state for state in survey(first, []).jobs] == ["new"]
    assert [state.state for state in survey(first, [record_of(first)]).jobs] == ["cached"]
    (stale,) = survey(changed, [record_of(first)]).jobs
    assert (stale.state, stale.why, stale.estimate_seconds) == ("stale", ("parameter steps: 5 -> 9",), 7.0)


def test_a_survey_of_some_measurements_has_the_trainings_that_they_rest_on() -> None:
    made = survey(planned(toy_table({"label": "A"}, {"label": "B", "params": {"steps": 9}})), [])
    some = made.only(lambda job: job.row == "B")
    assert [state.job.row for state in some.jobs] == [job.row for job in some.plan.jobs] == ["B"]
    assert [state.training.key for state in some.trainings] == [some.jobs[0].job.training]
    assert len(made.trainings) == 2


def test_a_whole_name_is_that_rows_and_no_pattern() -> None:
    table = toy_table({"label": "A*"}, {"label": "AB"}, {"label": "B"})
    assert [job.row for job in planned(table, rows=["A*"]).jobs] == ["A*"]
    assert [job.row for job in planned(table, rows=["A?"]).jobs] == ["A*", "AB"]


def test_what_was_timed_elsewhere_estimates_what_nothing_here_tells_and_caches_nothing() -> None:
    made = planned(toy_table({"label": "A"}))
    elsewhere = record_of(made).model_copy(update={"seconds": 11.0})
    (state,) = survey(made, [], timed=[elsewhere]).jobs
    assert (state.state, state.estimate_seconds) == ("new", 11.0)
    (state,) = survey(made, [record_of(made)], timed=[elsewhere]).jobs
    assert (state.state, state.estimate_seconds) == ("cached", 7.0)


def test_a_failed_job_says_how_it_failed_and_estimates_nothing_from_its_time() -> None:
    made = planned(toy_table())
    (state,) = survey(made, [record_of(made, status="timeout")]).jobs
    assert (state.state, state.why, state.estimate_seconds) == ("failed before", ("timeout: it broke",), None)


def test_a_checksum_is_remembered_and_a_damaged_memory_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "checksums.json"
    found = Checksums(file)("numbers")
    assert len(found) == 64
    monkeypatch.setattr("repro.plan.checksums._computed", lambda data: "f" * 64)
    assert Checksums(file)("numbers") == found
    file.write_bytes(b'{"a')
    assert Checksums(file)("numbers") == "f" * 64


def test_a_store_that_cannot_be_written_only_forgets(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    found = Checksums(tmp_path / "checksums.json")("numbers")
    assert Checksums(tmp_path / "file" / "checksums.json")("numbers") == found


def test_missing_data_is_no_checksum_and_is_not_remembered(tmp_path: Path) -> None:
    assert Checksums(tmp_path / "checksums.json")("absent") == MISSING
    assert not (tmp_path / "checksums.json").exists()


def test_readable_json_is_sorted_and_has_lists_of_numbers_on_one_line() -> None:
    """By hand."""
    assert readable_json({"b": [1, 2.5], "a": {"c": None}, "e": []}).decode() == (
        '{\n  "a": {\n    "c": null\n  },\n  "b": [1, 2.5],\n  "e": []\n}\n'
    )
