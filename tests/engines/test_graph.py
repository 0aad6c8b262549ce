"""Trainings and measurements, really run: who trains, who shares, what a failed parent means, what may be pruned."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repro.engines import Event
from repro.engines.drive import carry_out, planned, run
from repro.engines.local import LocalEngine
from repro.engines.queue import Queue
from repro.spec import configuration as spec
from repro.spec.configuration import Configuration, TrainingSpec
from repro.spec.model import Row, Table
from repro.store.record import total_seconds
from repro.store.records import Store
from tests.worker.driver import lines, start
from tests.worker.tables import endings, toy_table

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


def begun(diary: Path) -> int:
    """How many trainings of method walk began."""
    return sum(line.startswith("begun") for line in lines(diary))


def walks(diary: Path, *labels: str, **more: Any) -> Table:
    params = {"diary": str(diary), **more.pop("params", {})}
    return toy_table(*({"label": label, "params": params} for label in labels), **more)


def test_two_rows_of_one_training_started_together_train_it_once(store: Store, diary: Path) -> None:
    table = walks(diary, "A", "B", params={"steps": 3, "step_seconds": 0.1})
    summary = run(table, "smoke", store=store, engine=LocalEngine(slots=2))
    assert endings(summary) == ["ok", "ok"]
    assert begun(diary) == 1
    first, second = store.records()
    assert (first.trainings, first.measured, first.curves) == (second.trainings, second.measured, second.curves)
    assert total_seconds([first, second]) == first.seconds + second.seconds + first.trainings[0].seconds


def test_two_runs_at_once_of_tables_that_share_a_training_train_it_once(store: Store, diary: Path) -> None:
    rows = [{"label": label, "params": {"diary": str(diary), "steps": 5, "step_seconds": 0.1}} for label in "AB"]
    drivers = [start(store, row, slots=1) for row in rows]
    assert [driver.communicate(timeout=120)[0].splitlines()[-1] for driver in drivers] == ['["ok"]'] * 2
    assert begun(diary) == 1


def test_another_table_of_the_same_training_does_not_train_again_and_another_training_is_not_taken_for_it(
    store: Store, diary: Path
) -> None:
    run(walks(diary, "A"), "smoke", store=store)
    found = planned(walks(diary, "A", id="toy/others"), "smoke", store)
    assert [(state.stored, state.training.name) for state in found.trainings] == [(True, "walk on numbers")]
    assert endings(carry_out(found, store=store)) == ["ok"]
    assert begun(diary) == 1
    run(walks(diary, "A", params={"steps": 4}), "smoke", store=store)
    assert begun(diary) == 2


def test_a_method_of_another_name_with_the_same_class_and_code_shares_nothing(store: Store, diary: Path) -> None:
    """The name is part of what a training is: what a reader sees beside a number is what made it."""
    run(walks(diary, "A"), "smoke", store=store)
    other = toy_table({"label": "A", "method": "tests.worker.toy:Walk", "params": {"diary": str(diary)}}, id="toy/o")
    run(other, "smoke", store=store)
    assert begun(diary) == 2


def test_a_forced_run_trains_anew(store: Store, diary: Path) -> None:
    run(walks(diary, "A"), "smoke", store=store)
    run(walks(diary, "A"), "smoke", store=store, force=True)
    assert begun(diary) == 2


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_model_that_is_damaged_or_gone_is_trained_again_when_it_is_needed(
    store: Store, diary: Path, damage: str
) -> None:
    run(walks(diary, "A"), "smoke", store=store)
    (model,) = store.root.glob("models/*.pt")
    model.write_bytes(model.read_bytes()[:-1]) if damage == "cut" else model.unlink()
    assert endings(run(walks(diary, "A"), "smoke", store=store)) == ["ok"], "its numbers are there already"
    assert begun(diary) == 1
    other = walks(diary, "A", id="toy/others")
    first = endings(run(other, "smoke", store=store))
    assert first == (["failed"] if damage == "cut" else ["ok"])
    assert endings(run(other, "smoke", store=store)) == ["ok"]
    assert begun(diary) == 2


def test_a_measurement_is_started_as_soon_as_its_model_is_there_and_before_further_trainings(store: Store) -> None:
    started: list[tuple[bool, str]] = []

    def watch(event: Event) -> None:
        if event.kind == "started":
            started.append((event.is_training, event.row))

    rows = [{"label": label, "params": {"steps": steps}} for label, steps in (("A", 2), ("B", 3))]
    run(toy_table(*rows), "smoke", store=store, engine=LocalEngine(slots=1), on_event=watch)
    assert started == [(True, "walk on numbers"), (False, "A"), (True, "walk on numbers"), (False, "B")]


def from_parent(monkeypatch: pytest.MonkeyPatch, parent: dict[str, Any], diary: Path) -> Table:
    """A table whose row goes on from a training of method walk."""
    table = toy_table({"label": "A", "method": "further", "params": {"diary": str(diary)}})
    params: dict[str, Any] = {
        "steps": 5,
        "scale": 1.0,
        "sizes": (3, 2),
        "behaviour": "",
        "diary": str(diary),
        "step_seconds": 0.0,
    }
    before = TrainingSpec("walk", {**params, **parent}, "numbers")
    original = spec.configurations

    def configurations(table: Table, row: Row, profile: Any) -> tuple[Configuration, ...]:
        found = original(table, row, profile)
        return tuple(replace(each, training=replace(each.training, start=before)) for each in found)

    monkeypatch.setattr("repro.plan.jobs.configurations", configurations)
    return table


def test_a_row_goes_on_from_the_model_of_another_training(
    store: Store, diary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(walks(diary, "A", id="toy/parents"), "smoke", store=store)
    table = from_parent(monkeypatch, {}, diary)
    assert endings(run(table, "smoke", store=store)) == ["ok"]
    assert begun(diary) == 1, "the parent was there"
    parent, child = sorted(store.records(), key=lambda record: record.table)
    weights = [store.artifacts(record)["weights"] for record in (parent, child)]
    assert (weights[1] == 2 * weights[0]).all()
    assert [used.method for used in child.trainings] == ["further", "walk"]
    assert total_seconds([parent, child]) == pytest.approx(
        parent.seconds + child.seconds + sum(used.seconds for used in child.trainings)
    )


def test_a_parent_that_fails_is_said_once_in_words_by_each_child(
    store: Store, diary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = from_parent(monkeypatch, {"behaviour": "diverges"}, diary)
    summary = run(table, "smoke", store=store)
    assert endings(summary) == ["diverged"]
    (record,) = store.records()
    parent, child = (store.get_training(each.key) for each in summary.plan.trainings)
    assert parent is not None
    assert child is not None
    assert parent.message == "loss is nan at step 3"
    said = "the training that it rests on (walk on numbers, seed 0) ended as diverged: loss is nan at step 3"
    assert child.message == said
    assert record.message == said, "what went wrong, and not every training between"
    assert not any(line.startswith("further") for line in lines(diary))


def test_models_beyond_the_budget_go_after_a_run_the_oldest_first(
    store: Store, diary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []  # in the order of their trainings
    for steps in (2, 3, 4):
        run(walks(diary, "A", params={"steps": steps}), "smoke", store=store)
        made += {model.key for model in store.models.all()} - {*made}
    monkeypatch.setenv("REPRO_MODELS_GIB", str(2.5 * store.models.all()[0].bytes / 2**30))
    run(walks(diary, "A", params={"steps": 4}), "smoke", store=store)
    assert [model.key for model in store.models.all()] == made[1:]


def test_what_a_running_job_needs_is_never_pruned_and_a_dead_run_holds_nothing(store: Store, diary: Path) -> None:
    run(walks(diary, "A"), "smoke", store=store)
    (model,) = store.models.all()
    with store.models.leased([model.key]):
        assert store.models.prune() == []
    code = f"import os; from repro.store.models import Models; from pathlib import Path\n" \
           f"with Models(Path({str(store.root)!r})).leased([{model.key!r}]): os._exit(0)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True)
    assert json.loads(next(store.root.glob("leases/*.json")).read_text()) == [model.key]
    assert store.models.prune(keep=[model.key]) == []
    assert store.models.prune(budget_bytes=model.bytes) == []
    assert store.models.prune() == [model]
    assert not list(store.root.glob("leases/*.json"))
    assert not store.models.has(model.key)


def test_a_queue_lets_a_pass_through_when_all_that_it_needs_has_ended_well() -> None:
    class Plan(dict[str, Any]):
        pass

    class Each:
        def __init__(self, *needs: str) -> None:
            self.needs = needs

    made: Any = Plan(a=Each(), b=Each(), c=Each("a", "b"), d=Each("a"), e=Each("elsewhere"))
    queue = Queue(made, [("c",), ("d",), ("e",), ("a",), ("b",)])
    assert [queue.pop() for _ in range(len(queue))] == [("e",), ("a",), ("b",)]
    assert queue.ended("a", well=True) == []
    assert queue.pop() == ("d",)
    assert queue.ended("b", well=False) == ["c"]
    assert not queue


def test_of_a_pass_only_the_jobs_of_a_failed_training_are_lost() -> None:
    class Each:
        def __init__(self, *needs: str) -> None:
            self.needs = needs

    made: Any = {"a": Each(), "b": Each(), "c": Each("a"), "d": Each("b"), "e": Each("c")}
    queue = Queue(made, [("c", "d"), ("e",), ("a", "b")])
    assert queue.pop() == ("a", "b")
    assert queue.ended("a", well=False) == ["c"]
    assert queue.ended("c", well=False) == ["e"]
    assert queue.ended("b", well=True) == []
    assert queue.pop() == ("d",)
    assert not queue


def test_a_pass_that_needs_many_trainings_waits_for_each_once() -> None:
    """The time of a step must not grow with the number of those before it: by count of what waits."""

    class Each:
        def __init__(self, *needs: str) -> None:
            self.needs = needs

    trainings = tuple(f"training {i}" for i in range(12))
    measurements = tuple(f"measurement {i}" for i in range(12))
    made: Any = {key: Each() for key in trainings}
    made |= {key: Each(need) for key, need in zip(measurements, trainings, strict=True)}
    queue = Queue(made, [measurements, *((training,) for training in trainings)])
    for training in trainings:
        assert queue.pop() == (training,)
        assert queue.ended(training, well=True) == []
        assert sum(len(waiting) for waiting in queue._dependents.values()) <= len(trainings)
    assert queue.pop() == measurements
    assert not queue


def test_planning_grows_linearly_with_the_rows(store: Store) -> None:
    """By count, not by the clock: each row's configuration is read a fixed number of times."""
    counts = []
    for number in (20, 80):
        table = toy_table(*({"label": f"row {i}", "params": {"steps": i}} for i in range(1, number + 1)))
        calls = 0

        def count(frame: Any, event: str, arg: Any) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            planned(table, "smoke", store)
        finally:
            sys.setprofile(None)
        counts.append(calls)
    assert counts[1] < 5 * counts[0]
