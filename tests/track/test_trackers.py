"""What trackers are told, by TensorBoard's own reader and by modules that note every call."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from repro.engines import Event
from repro.engines.drive import planned, run
from repro.store.record import Curve, Record
from repro.store.records import Store
from repro.track.sink import Sink, followed, open_tracker
from tests.verdict.build import record_of
from tests.worker.tables import toy_table


def record(**more: Any) -> Record:
    made = record_of("Row", 3, measured={"loss": 0.25}, **more)
    training = made.parts.training.model_copy(update={"params": {"rate": 0.1, "sizes": (2, 3), "kind": None}})
    parts = made.parts.model_copy(update={"training": training})
    curves = {"mean": Curve(step=(0, 5), value=(1.0, 0.5)), "loss": Curve(step=(5,), value=(2.0,))}
    return made.model_copy(update={"parts": parts, "curves": curves})


class Calls:
    """Notes every call of every attribute, and gives itself back."""

    def __init__(self) -> None:
        self.made: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any, **named: Any) -> Any:
            self.made.append((name, arguments, named))
            return None if name == "get_experiment_by_name" else SimpleNamespace(info=SimpleNamespace(run_id="run 1"))

        return call

    def of(self, name: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        return [(arguments, named) for called, arguments, named in self.made if called == name]


def test_tensorboard_reads_back_what_was_told(tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tracker = open_tracker("tensorboard", tmp_path)
    tracker.log(record())
    tracker.close()
    (file,) = (tmp_path / "tensorboard" / "test-table").glob("row--seed-3--*/events*")
    events = EventAccumulator(str(file.parent))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("curve/mean")] == [(0, 1.0), (5, 0.5)]
    assert [event.value for event in events.Scalars("measured/loss")] == [0.25]
    settings = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    assert b"rate" in settings
    assert b"(2, 3)" in settings


def test_mlflow_is_told_of_parameters_metrics_and_how_the_job_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls, uris = Calls(), []
    module, entities = ModuleType("mlflow"), ModuleType("mlflow.entities")

    def client(tracking_uri: str) -> Calls:
        uris.append(tracking_uri)
        return calls

    module.MlflowClient = client  # type: ignore[attr-defined]
    for name in ("Metric", "Param", "RunTag"):
        setattr(entities, name, lambda *values: values)
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    monkeypatch.delitem(sys.modules, "repro.track.mlflow", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    open_tracker("mlflow", tmp_path).log(record(status="failed"))
    monkeypatch.delitem(sys.modules, "repro.track.mlflow")
    assert uris == [f"sqlite:///{tmp_path / 'mlflow.db'}"]
    batches = [named for _, named in calls.of("log_batch")]
    params = [param for batch in batches for param in batch.get("params", ())]
    metrics = [metric for batch in batches for metric in batch.get("metrics", ())]
    assert params == [("rate", "0.1"), ("sizes", "(2, 3)"), ("kind", "None")]
    assert [(name, value, step) for name, value, _, step in metrics] == [
        ("curve/mean", 1.0, 0), ("curve/mean", 0.5, 5), ("curve/loss", 2.0, 5), ("measured/loss", 0.25, 0),
    ]  # fmt: skip
    assert calls.of("set_terminated") == [(("run 1", "FAILED"), {})]


@dataclass
class WandbRun:
    logged: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    summary: dict[str, float] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)

    def log(self, values: dict[str, float], step: int) -> None:
        self.logged.append((step, values))

    def finish(self, exit_code: int) -> None:
        self.ended.append(exit_code)


def test_wandb_is_told_offline_and_in_the_order_of_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, module, asked = WandbRun(), ModuleType("wandb"), dict[str, Any]()

    def init(**named: Any) -> WandbRun:
        asked.update(named)
        return made

    module.init, module.Settings = init, lambda **named: named  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "wandb", module)
    monkeypatch.delitem(sys.modules, "repro.track.wandb", raising=False)
    monkeypatch.delenv("WANDB_MODE", raising=False)
    open_tracker("wandb", tmp_path).log(record())
    monkeypatch.delitem(sys.modules, "repro.track.wandb")
    assert asked["mode"] == "offline"
    assert asked["config"]["rate"] == 0.1
    assert made.logged == [(0, {"curve/mean": 1.0}), (5, {"curve/mean": 0.5, "curve/loss": 2.0})]
    assert (made.summary, made.ended) == ({"measured/loss": 0.25}, [0])


def test_a_missing_library_is_one_line_that_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wandb", None)
    monkeypatch.delitem(sys.modules, "repro.track.wandb", raising=False)
    with pytest.raises(ValueError, match=r"--track wandb needs a library .*pip install 'repro-tables\[track\]'"):
        open_tracker("wandb", tmp_path)
    with pytest.raises(ValueError, match="unknown tracker 'tensorbaord'; did you mean 'tensorboard'"):
        open_tracker("tensorbaord", tmp_path)


@dataclass
class Told:
    """A tracker that notes, or breaks."""

    breaks: bool = False
    rows: list[str] = field(default_factory=list)

    def log(self, record: Record) -> None:
        if self.breaks:
            raise ConnectionError("no route\nto the server")
        self.rows.append(f"{record.row} {record.seed} {record.status}")

    def close(self) -> None:
        self.rows.append("closed")


def events_of(table: Any, store: Store, tracker: Told) -> list[str]:
    """Runs a table under a tracker, and gives what was warned of."""
    warned: list[str] = []
    jobs = [state.job for state in planned(table, "smoke", store).jobs]
    with followed(tracker, jobs, store, lambda event: None, warned.append) as on_event:
        summary = run(table, "smoke", store=store, on_event=on_event)
    assert all(outcome in ("ok", "failed") for outcome in summary.outcomes.values())
    return warned


def test_each_job_is_told_once_when_it_has_ended_and_earlier_ones_are_not(toys: None, tmp_path: Path) -> None:
    store, first, second = Store(tmp_path), Told(), Told()
    table = toy_table({"label": "A"}, {"label": "B", "params": {"behaviour": "raises"}}, seeds=2)
    assert events_of(table, store, first) == []
    assert sorted(first.rows) == ["A 0 ok", "A 1 ok", "B 0 failed", "B 1 failed", "closed"]
    assert events_of(table, store, second) == []
    assert sorted(second.rows) == ["B 0 failed", "B 1 failed", "closed"]  # those of A were at hand


def test_a_tracker_that_breaks_is_said_once_and_fails_no_run(toys: None, tmp_path: Path) -> None:
    warned = events_of(toy_table({"label": "A"}, seeds=2), Store(tmp_path), Told(breaks=True))
    assert warned == ["the tracker failed, the run does not: ConnectionError: no route"]


def test_a_job_without_a_record_is_not_told(tmp_path: Path) -> None:
    told = Told()
    sink = Sink(told, (), Store(tmp_path), lambda text: None)
    sink.hear(Event("ended", "toy/walks", "A", (0,), outcome="interrupted"))
    assert told.rows == []
