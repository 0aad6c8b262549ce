"""Trains: one fit over trainings that differ in nothing but the seed, whose models and records go to the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from repro.contracts import Diverged
from repro.data.sources.released import state_of
from repro.objects import build
from repro.plan.graph import Plan, Training
from repro.plan.key import WeightsUsed
from repro.registry import WEIGHTS
from repro.store.record import Status, TrainingRecord
from repro.tasks.protocol import view_of
from repro.worker.checkpoints import Checkpoints, is_whole, read_state, write_state
from repro.worker.context import RunContext, Stopped
from repro.worker.seeding import for_training
from repro.worker.session import Session, failure
from repro.worker.streams import of_evaluation


@dataclass
class Fit:
    """One fit, and what is needed to write the records of its trainings."""

    plan: Plan
    trainings: list[Training]
    context: RunContext
    session: Session
    started: str

    def put(self, training: Training, ended: Mapping[str, Any]) -> Status:
        """Keeps the record of one training. The time of a fit is shared evenly by its trainings."""
        ran = self.session.ran(self.started, self.context.clock.spent().shared_by(len(self.trainings)))
        about = {"key": training.key, "parts": training.parts, **ran}
        try:
            record = TrainingRecord(**about, curves=self.context.curves(training.seed), **ended)
            self.session.store.put_training(record)
        except ValueError as error:  # names of curves that UTF-8 cannot say
            record = TrainingRecord(**about, **(failure(error) if ended["status"] == "ok" else ended))
            self.session.store.put_training(record)
        return record.status


def train(plan: Plan, trainings: list[Training], session: Session) -> list[Status] | None:
    """How each training ended; None if the worker was asked to stop, and the checkpoint is written."""
    keys = [training.key for training in trainings]
    first = trainings[0]
    context = RunContext(
        seeds=tuple(training.seed for training in trainings),
        device=session.settings.device,
        checkpoints=Checkpoints(session.store.checkpoints(keys)),
        interval_seconds=session.settings.checkpoint_seconds,
        progress_handle=session.progress,
        stop_requested=session.stop,
        precision=first.parts.precision,
        of=tuple(keys),
    )
    fit = Fit(plan, trainings, context, session, session.began())
    try:
        statuses = _fit(fit)
    except Stopped:
        return None
    except (Exception, SystemExit) as error:
        ended = failure(error)
        statuses = [fit.put(training, ended) for training in trainings]
    if all(status == "ok" for status in statuses):
        session.store.forget_checkpoints(keys)
    return statuses


def _fit(fit: Fit) -> list[Status]:
    first, context, session = fit.trainings[0], fit.context, fit.session
    session.check_code(first.addresses, first.parts.fingerprint)
    method = build(first.method_address, first.parts.params)
    session.prepare()
    whole = session.data(first.data_addresses[""], first.parts.data)
    context.also = {role: session.data(first.data_addresses[role], used) for role, used in first.parts.also.items()}
    data = whole
    if first.task_address:
        task = build(first.task_address, first.parts.view)
        data = view_of(task, whole, first.seed)
        if first.evaluates:
            context.evaluator = _evaluator(task, data, first.seed)
    context.start = _start(fit, first)
    for_training(context.seeds)
    models = [method.fit(data, context)] if len(fit.trainings) == 1 else method.fit_many(data, context)
    if first.parts.start is not None and not context.is_start_read:
        raise ValueError(
            f"{first.parts.method} starts from no other model, it never asks for `context.start`: take `from:` out of "
            "the row, or name a method that does"
        )
    if len(models) != len(fit.trainings):
        raise ValueError(f"fit_many gave {len(models)} models for {len(fit.trainings)} seeds")
    return [_keep(fit, training, model) for training, model in zip(fit.trainings, models, strict=True)]


def _keep(fit: Fit, training: Training, model: Any) -> Status:
    """Stores one model, then its record. What goes wrong with one seed of a fit is no matter of the others."""
    try:
        if isinstance(model, Diverged):
            raise model
        write_state(fit.session.store.models.file(training.key), _state(training, model))
    except (Exception, SystemExit) as error:
        return fit.put(training, failure(error))
    return fit.put(training, {"status": "ok"})


def _state(training: Training, model: Any) -> Mapping[str, Any]:
    """What is stored of a model. Raises TypeError, in one line, for a method that does not say."""
    if not hasattr(model, "state"):
        raise TypeError(
            f"the model of {training.parts.method} has no `state()`, which says what is stored of it; the method's "
            "`restore(state, context)` gives the model back"
        )
    state: Mapping[str, Any] = model.state()
    return state


def _start(fit: Fit, training: Training) -> Mapping[str, Any] | None:
    """The state of the model that a training starts from: another training's, or released weights."""
    if training.starts_from is not None:
        return stored_state(fit.session, training.starts_from)
    if isinstance(training.parts.start, WeightsUsed):
        name = training.weights
        state: Mapping[str, Any] = state_of(WEIGHTS.entry(name), WEIGHTS.load(name))
        return state
    return None


def stored_state(session: Session, key: str) -> Mapping[str, Any]:
    """The state of a trained model. Raises RuntimeError where it is not there, or damaged: it is then made again."""
    file = session.store.models.file(key)
    if not file.exists():
        raise RuntimeError(f"the model of training {key} is not there any more: run again to train it")
    if not is_whole(file):
        file.unlink()
        raise RuntimeError(f"the model of training {key} is damaged, and removed: run again to train it")
    session.store.models.touch(key)
    return read_state(file)


def _evaluator(task: Any, view: Any, seed: int) -> Any:
    def evaluate(model: Any) -> Mapping[str, float]:
        numbers: Mapping[str, float] = task.evaluate(model, view, of_evaluation(seed))
        return numbers

    return evaluate
