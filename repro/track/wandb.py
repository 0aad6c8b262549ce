"""Weights & Biases: a project of all tables, a group a table and row, a run a job.

Runs are kept in the store and nothing is sent, unless WANDB_MODE says otherwise; `wandb sync` sends them later.
"""

from __future__ import annotations

import os
from pathlib import Path

import wandb

from repro.store.record import Record
from repro.track.sink import facts, run_name

PROJECT = "repro"


class WandbTracker:
    """Curves are logged as `curve/NAME` by step, numbers as the summary's `measured/COLUMN`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def log(self, record: Record) -> None:
        """Adds a run, ended as the job did."""
        run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            dir=self._folder,
            mode=os.environ.get("WANDB_MODE", "offline"),
            name=run_name(record),
            group=f"{record.table} {record.row}",
            job_type=record.profile,
            config={**record.parts.params, **facts(record)},
            reinit="create_new",
            settings=wandb.Settings(silent=True, console="off"),
        )
        for step, values in sorted(_by_step(record).items()):
            run.log(values, step=step)
        for name, found in record.measured.items():
            run.summary[f"measured/{name}"] = found.value
        run.finish(exit_code=0 if record.status == "ok" else 1)

    def close(self) -> None:
        """Every run is ended already."""


def _by_step(record: Record) -> dict[int, dict[str, float]]:
    """All curves together: steps must not go back."""
    found: dict[int, dict[str, float]] = {}
    for name, curve in record.curves.items():
        for step, value in zip(curve.step, curve.value, strict=True):
            found.setdefault(step, {})[f"curve/{name}"] = value
    return found
