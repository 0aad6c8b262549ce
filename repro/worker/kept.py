"""Trained models that are kept, so that another table or another evaluation of the same training need not repeat it.

A method says so with two class attributes: `keeps_model = True`, and `evaluation_parameters`, the names of its
parameters that training does not depend on. Its last checkpoint, forced when it is done, is the model. A later job
whose training has the same key is lent that checkpoint, finds itself at the end, and goes on to measure.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from repro.files import write_atomic
from repro.plan.fingerprint import Fingerprinter
from repro.plan.jobs import Job
from repro.plan.key import training_key
from repro.store.records import Store


@dataclass(frozen=True)
class KeptModel:
    """The place of one trained model in the store."""

    file: Path

    def lend(self, checkpoints: Path) -> None:
        """Gives the model, where there is one, to a job that has no checkpoint of its own."""
        if self.file.exists() and not any(checkpoints.glob("*.pt")):
            checkpoints.mkdir(parents=True, exist_ok=True)
            write_atomic(checkpoints / "00000000.pt", self.file.read_bytes())

    def take(self, checkpoints: Path) -> None:
        """Keeps the last checkpoint of a job that is done training."""
        files = sorted(checkpoints.glob("*.pt"))
        if files and not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
            waiting = self.file.with_suffix(f".{files[-1].parent.name}")
            shutil.copyfile(files[-1], waiting)
            waiting.replace(self.file)


def kept_model(job: Job, method: Any, store: Store) -> KeptModel | None:
    """The place of the model of a job; None for a method that does not keep it."""
    if not getattr(method, "keeps_model", False):
        return None
    evaluation: frozenset[str] = getattr(method, "evaluation_parameters", frozenset())
    return KeptModel(store.model_file(training_key(job.parts, evaluation, Fingerprinter().of([job.method_address]))))
