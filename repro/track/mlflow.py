"""MLflow: an experiment a table, a run a job. Runs go where MLFLOW_TRACKING_URI says, else to a database in the store.

mlflow ui --backend-store-uri sqlite:///.repro/track/mlflow.db
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from repro.store.record import Record
from repro.track.sink import facts, run_name

T = TypeVar("T")
MOST_METRICS, MOST_PARAMS = 1000, 100
"""Of one `log_batch`."""


class MlflowTracker:
    """Curves are metrics `curve/NAME` by step, numbers metrics `measured/COLUMN`. No global state of MLflow is used."""

    def __init__(self, folder: Path) -> None:
        uri = os.environ.get("MLFLOW_TRACKING_URI")
        if not uri:
            folder.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{folder / 'mlflow.db'}"  # the file store is rejected since 3.13
        self._client = MlflowClient(tracking_uri=uri)

    def log(self, record: Record) -> None:
        """Adds a run, ended as the job did."""
        run = self._client.create_run(self._experiment(record.table), run_name=run_name(record)).info.run_id
        params = [Param(name, str(value)) for name, value in record.parts.params.items()]
        for part in _parts(params, MOST_PARAMS):
            self._client.log_batch(run, params=part)
        for part in _parts(list(_metrics(record)), MOST_METRICS):
            self._client.log_batch(run, metrics=part)
        self._client.log_batch(run, tags=[RunTag(name, value) for name, value in facts(record).items()])
        self._client.set_terminated(run, "FINISHED" if record.status == "ok" else "FAILED")

    def close(self) -> None:
        """Every run is ended already."""

    def _experiment(self, name: str) -> Any:
        found = self._client.get_experiment_by_name(name)
        return self._client.create_experiment(name) if found is None else found.experiment_id


def _metrics(record: Record) -> Iterator[Any]:
    now = round(time.time() * 1000)
    for name, curve in record.curves.items():
        for step, value in zip(curve.step, curve.value, strict=True):
            yield Metric(f"curve/{name}", value, now, step)
    for name, found in record.measured.items():
        yield Metric(f"measured/{name}", found.value, now, 0)


def _parts(items: Sequence[T], most: int) -> Iterator[list[T]]:
    return (list(items[start : start + most]) for start in range(0, len(items), most))
