from __future__ import annotations

import json
import logging
import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from repro.engines.drive import run
from repro.files import write_atomic
from repro.plan.key import DataUsed, Fingerprint, KeyParts, TrainingParts, key_of
from repro.store.record import Record, Status
from repro.store.records import Store, checksum, read_record
from repro.store.written import LaterRecord, NoRecord, believed, check_key, written
from tests.worker.tables import toy_table

pytestmark = pytest.mark.usefixtures("toys")


CODE = Fingerprint(digest="")


def record(
    seed: int = 0, status: Status = "ok", started: str = "2026-01-01", signatures: dict[str, str] | None = None
) -> Record:
    data = DataUsed(name="numbers", checksum="aa")
    training = TrainingParts(method="walk", params={"sizes": (3, 2)}, data=data, seed=seed, fingerprint=CODE)
    parts = KeyParts(
        training=training,
        row="A",
        data=data,
        profile="smoke",
        task="toy",
        signatures=signatures or {},
        fingerprint=CODE,
    )
    return Record(
        key=key_of(parts), table="toy/walks", row="A", parts=parts, status=status, started=started, seconds=1.0, redo=""
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_record_comes_back_as_it_was_put(store: Store) -> None:
    store.put(record())
    assert store.get("toy/walks", record().key) == record()
    assert store.records("toy/walks") == store.records() == [record()]
    assert store.records("toy/others") == []


def test_a_result_is_never_replaced_by_a_failure_but_a_failure_by_a_result(store: Store) -> None:
    store.put(record(status="failed"))
    store.put(record(started="2026-01-02"))
    store.put(record(status="killed", started="2026-01-03"))
    (kept,) = store.records()
    assert (kept.status, kept.started) == ("ok", "2026-01-02")


@pytest.mark.parametrize("damage", [
    "cut", "empty", "garbled", "no object", "nested", "other key", "other parts", "other name", "other number",
    "number beyond a float", "seed beyond 2^53", "column without a number",
])  # fmt: skip
def test_a_damaged_record_is_moved_aside_with_a_warning_and_counts_as_missing(
    store: Store, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(record())
    file = store.record_file("toy/walks", record().key)
    text = file.read_text()
    plain = {name: said for name, said in json.loads(text).items() if name != "checksum"}
    training = {**plain["parts"]["training"], "seed": 2**60}
    damaged = {
        "cut": text[: len(text) // 2],
        "empty": "",
        "garbled": text.replace('"seconds"', '"secnods"'),
        "other key": text.replace(record().key, "0" * 32),
        "other parts": text.replace('"seed": 0', '"seed": 1'),
        "other name": written(record(seed=1)).decode(),
        "no object": f"[{text}]",
        "nested": "[" * 100_000,
        "other number": text.replace('"seconds": 1.0', '"seconds": 2.0'),
        "number beyond a float": json.dumps(plain).replace('"seconds": 1.0', '"seconds": 1' + "0" * 400),
        "seed beyond 2^53": json.dumps({**plain, "parts": {**plain["parts"], "training": training}}),
        "column without a number": written(record(signatures={"mean": "mean v1"})).decode(),
    }[damage]
    assert damaged != text
    file.write_text(damaged)
    with caplog.at_level(logging.WARNING):
        assert store.get("toy/walks", record().key) is None
    assert "is no valid record" in caplog.text
    assert (file.parent / "corrupt" / file.name).read_text() == damaged
    assert store.records() == []


def test_in_a_store_that_cannot_be_written_a_damaged_record_is_left_out(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(record())
    file = store.record_file("toy/walks", record().key)
    file.write_text("{")
    (file.parent / "corrupt").write_text("in the way")
    assert store.get("toy/walks", record().key) is None
    assert "and cannot be moved (File exists): left out" in caplog.text
    assert file.read_text() == "{"


def test_a_folder_in_the_place_of_a_record_is_moved_aside_and_the_job_can_be_kept(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    file = store.record_file("toy/walks", record().key)
    (file / "inside").mkdir(parents=True)
    assert store.records() == []
    assert "it is a folder" in caplog.text
    assert (file.parent / "corrupt" / file.name / "inside").is_dir()
    store.put(record())
    assert store.records() == [record()]


def test_what_is_wrong_with_a_record_that_stays_where_it_is_is_said_once(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    file = store.record_file("toy/walks", record().key)
    write_atomic(file, b"{")
    for _ in range(3):
        assert read_record(file, aside=False) is None
    assert len(caplog.records) == 1
    write_atomic(file, b"[")
    assert read_record(file, aside=False) is None
    assert len(caplog.records) == 2


def test_a_record_of_a_later_version_is_left_where_it_is_and_never_replaced(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    file = store.record_file("toy/walks", record().key)
    later = json.dumps({"schema_version": 3, "key": record().key, "new": ["contents"]}).encode()
    write_atomic(file, later)
    assert store.records() == []
    assert store.get("toy/walks", record().key) is None
    (said,) = caplog.messages
    assert "of schema 3, of a later version of repro; this one knows 2" in said
    store.put(record(), {"a": np.zeros(1)})
    assert file.read_bytes() == later
    assert not store.artifact_file(record().key).exists()
    made = run(toy_table(), "smoke", store=Store(store.root / "other"))
    training = store.training_file(made.plan.trainings[0].key)
    write_atomic(training, later)
    with pytest.raises(ValueError, match=r"written by a later version of repro, and left as it is: update repro"):
        run(toy_table(), "smoke", store=store)
    assert training.read_bytes() == later


def test_the_checksum_of_a_record_is_of_its_contents_and_old_records_do_without(store: Store) -> None:
    store.put(record())
    file = store.record_file("toy/walks", record().key)
    said = json.loads(file.read_text())
    file.write_text(json.dumps(dict(reversed(said.items())), indent=7))
    assert store.records() == [record()]
    del said["checksum"]
    file.write_text(json.dumps(said))
    assert store.records() == [record()]


def test_every_change_of_a_byte_is_seen_or_changes_nothing(store: Store) -> None:
    """Every bit of the file in turn: what is believed all the same, as with another letter in a number's last place
    beyond what floats have, says what it said."""
    contents = written(record())
    seen = 0
    for place in range(len(contents)):
        try:
            found = believed(contents[:place] + bytes([contents[place] ^ 1]) + contents[place + 1 :], Record)
        except NoRecord:
            seen += 1
        else:
            assert found == record(), place
    assert seen > 0.95 * len(contents)


def test_what_is_said_of_a_later_version_is_short_however_late_it_is() -> None:
    with pytest.raises(LaterRecord) as caught:
        believed(b'{"schema_version": ' + b"9" * 4000 + b"}", Record)
    assert len(str(caught.value)) < 100


def test_a_forged_checksum_is_no_key(store: Store) -> None:
    """What a store has written itself is whole where its checksum is; of a bundle the key is looked at too."""
    forged = record().model_copy(update={"key": "0" * 32})
    assert believed(written(forged), Record) == forged
    with pytest.raises(NoRecord, match="its key is not the hash of its parts"):
        check_key(forged)


def test_a_store_that_is_not_there_is_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    nowhere = Store(tmp_path / "file" / "store")
    assert nowhere.get("toy/walks", record().key) is None
    assert nowhere.artifacts(record()) == {}
    assert nowhere.records() == []


def test_every_prefix_of_a_record_is_seen_as_damaged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.put(record())
    file = store.record_file("toy/walks", record().key)
    whole = file.read_bytes().rstrip()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert store.get("toy/walks", record().key) is None, length


def test_a_job_with_a_damaged_record_runs_again(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    run(toy_table(), "smoke", store=store)
    (before,) = store.records()
    file = store.record_file("toy/walks", before.key)
    file.write_bytes(file.read_bytes()[:-20])
    summary = run(toy_table(), "smoke", store=store)
    assert not summary.cached
    (after,) = store.records()
    assert after.measured == before.measured
    assert after.started > before.started


def test_arrays_come_back_and_those_that_differ_from_the_record_are_left_out(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    arrays = {"a": np.arange(5.0), "b": np.ones((2, 3), dtype=np.float32)}
    made = record().model_copy(update={"artifacts": {name: checksum(array) for name, array in arrays.items()}})
    store.put(made, arrays)
    found = store.artifacts(made)
    assert found.keys() == arrays.keys()
    assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    store.put(made, {**arrays, "a": np.zeros(5)})
    assert store.artifacts(made).keys() == {"b"}
    assert "a is not what the record was made with" in caplog.text
    file = store.artifact_file(made.key)
    file.write_bytes(file.read_bytes()[:100])
    assert store.artifacts(made) == {}


def test_the_checksum_of_an_array_knows_its_type_and_shape() -> None:
    zeros = np.zeros((2, 3))
    sums = {checksum(zeros), checksum(zeros.T), checksum(zeros.astype(np.float32)), checksum(np.zeros(6))}
    assert len(sums) == 4
    grid = np.arange(6.0).reshape(2, 3)
    assert checksum(grid.T) == checksum(np.ascontiguousarray(grid.T))


def test_a_write_that_fails_leaves_the_old_contents_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    write_atomic(file, b"old")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("repro.files.os.fsync", full)
    with pytest.raises(OSError, match="no space left"):
        write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_lock_is_seen_from_another_process_and_freed_when_its_holder_is_killed(store: Store) -> None:
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Event()
    holder = spawn.Process(target=_hold, args=(store.root, held))
    holder.start()
    assert held.wait(30)
    assert store.is_locked("k")
    assert not store.is_locked("other")
    holder.kill()
    holder.join()
    assert not store.is_locked("k")


def _hold(root: Path, held: multiprocessing.synchronize.Event) -> None:
    with Store(root).lock("k"):
        held.set()
        multiprocessing.Event().wait()


def test_the_store_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Store().root == tmp_path / ".repro"
    monkeypatch.setenv("REPRO_STORE", str(tmp_path / "elsewhere"))
    assert Store().root == tmp_path / "elsewhere"
