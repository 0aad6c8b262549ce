"""Measures: a trained model is restored, its task measures the columns of a row, and the record goes to the store."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from repro.contracts import Evaluation
from repro.objects import build
from repro.plan.graph import Job, Plan, Training
from repro.spec.model import Column
from repro.store.record import (
    GREATEST,
    Curve,
    Record,
    Status,
    TrainingRecord,
    TrainingUsed,
    is_reckoned_with,
)
from repro.store.records import checksum
from repro.tasks.protocol import measured
from repro.worker.checkpoints import Checkpoints
from repro.worker.clock import Clock
from repro.worker.context import RunContext
from repro.worker.seeding import for_measurement
from repro.worker.session import Session, failure
from repro.worker.train import stored_state
from repro.worker.units import in_units

MOST_CHARACTERS = 100_000
"""Of the measured words of one column: more are no cell of a table."""


def measure(plan: Plan, job: Job, session: Session) -> Status:
    """Measures and records one job; gives how it ended."""
    started, clock = session.began(), Clock()
    arrays: dict[str, np.ndarray] = {}
    try:
        found = _measured(plan, job, session)
        arrays = found.artifacts
        sums = {name: checksum(array) for name, array in arrays.items()}
        ended: dict[str, Any] = {"status": "ok", "measured": found.measured, "texts": found.texts, "artifacts": sums}
    except (Exception, SystemExit) as error:
        ended = failure(error)
    about = {**record_of(plan, job, session), **session.ran(started, clock.spent())}
    try:
        record = Record(**about, **ended)
        session.store.put(record, arrays if record.status == "ok" else None)
    except ValueError as error:  # words or names that UTF-8 cannot say
        record = Record(**{**about, "curves": {}}, **(failure(error) if ended["status"] == "ok" else ended))
        session.store.put(record)
    return record.status


def record_of(plan: Plan, job: Job, session: Session) -> dict[str, Any]:
    """What a record of a job says whatever came out: the job, and the trainings that it rests on."""
    store = session.store
    trained = {each.key: store.get_training(each.key) for each in plan.trainings_of(job)}
    main = trained.get(job.training)
    curves: Mapping[str, Curve] = main.curves if main is not None else {}
    return {
        "key": job.key,
        "table": job.table,
        "row": job.row,
        "parts": job.parts,
        "trainings": tuple(_used(record) for record in trained.values() if record is not None),
        "curves": curves,
        "redo": job.redo,
        "beside": job.beside,
    }


def _used(record: TrainingRecord) -> TrainingUsed:
    return TrainingUsed(
        key=record.key,
        method=record.parts.method,
        data=record.parts.data.name,
        seed=record.parts.seed,
        started=record.started,
        seconds=record.seconds,
        cpu_seconds=record.cpu_seconds,
        peak_memory_bytes=record.peak_memory_bytes,
        commit=record.commit,
        environment=record.environment,
    )


def _measured(plan: Plan, job: Job, session: Session) -> Evaluation:
    session.check_code(job.addresses, job.parts.fingerprint)
    session.prepare()
    data = session.data(job.data_address, job.parts.data)
    model = _model(plan.training(job.training), session)
    others = {role: _model(plan.training(key), session) for role, key in job.others.items()}
    session.prepare()  # a method may have been the first to import the framework
    task = build(job.task_address, job.parts.protocol)
    draws = partial(for_measurement, job.seed)
    found = measured(task, model, data, job.columns, draws, protocols=job.column_protocols, others=others)
    _check(job.columns, found)
    return replace(found, measured=in_units(found.measured, job.parts.factors))


def _model(training: Training, session: Session) -> Any:
    session.check_code(training.addresses, training.parts.fingerprint)
    method = build(training.method_address, training.parts.params)
    context = RunContext(
        seeds=(training.seed,), device=session.settings.device,
        checkpoints=Checkpoints(session.store.checkpoints([training.key])), precision=training.parts.precision,
    )  # fmt: skip
    return method.restore(stored_state(session, training.key), context)


def _check(columns: Mapping[str, Column], found: Evaluation) -> None:
    for kind, given in (("number", found.measured.keys()), ("words", found.texts.keys())):
        missing = [n for n, column in columns.items() if column.is_words == (kind == "words") and n not in given]
        if missing:
            raise ValueError(f"the task gave no {kind} for column {', '.join(missing)}")
    wrong = {name: number.value for name, number in found.measured.items() if not is_reckoned_with(number.value)}
    if infinite := [name for name, value in wrong.items() if not math.isfinite(value)]:
        raise ValueError(f"column {', '.join(infinite)} is not a finite number")
    if wrong:
        raise ValueError(f"column {', '.join(wrong)} is beyond {GREATEST:g}, which no statistics can be made of")
    for name, text in found.texts.items():
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"column {name} has {len(text)} characters, the most is {MOST_CHARACTERS}")
