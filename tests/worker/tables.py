"""Tables of toy rows, built in code, and the registry lines that they need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from repro.engines.drive import Summary
from repro.registry import DATASETS, METHODS, METRICS, TASKS
from repro.spec.model import Table
from repro.store.record import TrainingRecord
from repro.store.records import Store

ENTRIES = (
    (METHODS, "walk", "tests.worker.toy:Walk"),
    (METHODS, "further", "tests.worker.toy:Further"),
    (TASKS, "toy", "tests.worker.toy:ToyTask"),
    (METRICS, "mean", "tests.worker.toy:ToyTask"),
    (DATASETS, "numbers", "tests.worker.toy:numbers"),
    (DATASETS, "absent", "tests.worker.toy:absent"),
)


@contextmanager
def registered() -> Iterator[None]:
    """Adds the toys to the registries of this process for a while."""
    with ExitStack() as undo:
        for registry, name, address in ENTRIES:
            undo.enter_context(patch.dict(registry.entries, {name: address}))
        yield


def endings(summary: Summary) -> list[str]:
    """How each measurement ended, in the order of the plan."""
    return [summary.outcomes[job.key] for job in summary.plan.jobs]


def trained(summary: Summary, store: Store) -> list[TrainingRecord]:
    """The record of each training, in the order of the plan."""
    records = [store.get_training(training.key) for training in summary.plan.trainings]
    return [record for record in records if record is not None]


def toy_table(*rows: dict[str, Any], seeds: int = 1, limit_minutes: float = 1.0, **more: Any) -> Table:
    """A table of method rows: each is `{label, params...}`, of method `walk` unless it says another."""
    settings = {"seeds": seeds, "limit_minutes": limit_minutes}
    return Table.model_validate(
        {
            "id": "toy/walks",
            "title": "Walks",
            "source": {"document": "seqgen", "table": "9.9", "paper": "a toy"},
            "task": "toy",
            "data": "numbers",
            "columns": {"mean": {"label": "Mean", "metric": "mean", "better": "lower"}},
            "rows": [{"method": "walk", **row} for row in rows or ({"label": "A"},)],
            "profiles": {"smoke": settings, "laptop": settings, "paper": settings},
            **more,
        }
    )
