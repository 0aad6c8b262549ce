"""What every method promises, as checks on one configuration of it: the smoke scale of the first row that names it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor

from repro.contracts import DataSet, Evaluating, Evaluation, Method, State, Task
from repro.objects import build
from repro.registry import DATASETS, METHODS, TASKS
from repro.spec.configuration import Configuration, TrainingSpec, configurations
from repro.spec.load import load
from repro.spec.model import Column, Row, Table
from repro.spec.resolve import method_of
from repro.spec.tables import all_paths
from repro.tasks.protocol import measured, view_of
from repro.worker.checkpoints import Checkpoints, read_state, write_state
from repro.worker.context import RunContext
from repro.worker.seeding import for_training, seed_globals

OWN = ""  # the role of a row's own model
TABLES = Path(__file__).parent / "tables"  # of methods that only take over a model, which no table of ours does


class Killed(BaseException):
    """The training ends here, as if the process were gone."""


class Mortal(RunContext):
    """A context that writes a checkpoint only when it is forced to, and dies after writing the `dies_at`-th offered."""

    def __init__(
        self, folder: Path, *seeds: int, dies_at: int | None = None, start: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(seeds or (3,), "cpu", Checkpoints(folder), interval_seconds=float("inf"))
        self.start = start
        self.offered, self.dies_at = 0, dies_at
        self.shares: list[float] = []

    def save(self, state: State, *, force: bool = False) -> None:
        self.offered += 1
        dies = self.offered == self.dies_at
        super().save(state, force=force or dies)
        if dies:
            raise Killed

    def progress(self, done: int, total: int, **shown: float) -> None:
        self.shares.append(done / total)


@dataclass(frozen=True)
class Case:
    """A method as a row runs it, with its data and its task.

    `role` is that of the method's model in the row: empty for the row's own, else one that stands beside it. `models`
    are the others of the row by role, trained for it.
    """

    table: Table
    row: Row
    method: Method
    data: DataSet
    task: Task
    configuration: Configuration
    start: Mapping[str, Any] | None = None
    role: str = ""
    models: Mapping[str, Any] = field(default_factory=dict)

    @property
    def columns(self) -> Mapping[str, Column]:
        """What is measured."""
        return self.configuration.columns

    @classmethod
    def of(cls, name: str) -> Case:
        """The first row of all tables that names a method."""
        table, row, role = first_row(name)
        found = configurations(table, row, "smoke")[0]
        trainings = {OWN: found.training, **found.others}
        training = trainings.pop(role)
        method = build(METHODS.entries[name], training.params)
        task: Task = build(TASKS.address(found.task), found.protocol)
        data, models = DATASETS.load(found.data)(), {other: fitted(spec) for other, spec in trainings.items()}
        return cls(table, row, method, data, task, found, start_of(training), role, models)

    @property
    def is_timed(self) -> bool:
        """Whether its numbers depend on the hour, so that no two trainings are alike."""
        return all(column.timed for column in self.columns.values())

    def fit(self, context: Mortal) -> Any:
        """One training, from seeds as a worker sets them."""
        return trained(self.method, self.task, self.data, context, self.start)

    def measure(self, model: Any) -> Evaluation:
        """What the task says of a model, from seeds as a worker sets them."""
        seed_globals(3, "measure")
        others = {**self.models, self.role: model}
        own, protocols = others.pop(OWN), self.configuration.column_protocols
        return measured(
            self.task, own, self.data, self.columns, lambda: np.random.default_rng(3), protocols=protocols,
            others=others,
        )  # fmt: skip


def start_of(training: TrainingSpec) -> Mapping[str, Any] | None:
    """The state of the model that a training starts from, trained for it; None where it starts from nothing."""
    if not isinstance(training.start, TrainingSpec):
        assert training.start is None, f"{training.method} starts from released weights, which tests do not have"
        return None
    state: Mapping[str, Any] = fitted(training.start).state()
    return state


def fitted(training: TrainingSpec) -> Any:
    """A model that a row needs beside the method's own, trained for it."""
    method, task = (
        build(METHODS.entries[training.method], training.params),
        build(TASKS.address(training.task), training.view),
    )
    with TemporaryDirectory() as folder:
        return trained(method, task, DATASETS.load(training.data)(), Mortal(Path(folder)), start_of(training))


def trained(method: Method, task: Task, data: Any, context: Mortal, start: Mapping[str, Any] | None) -> Any:
    """One training as a worker makes it: on the task's view, with its numbers where they are asked for."""
    view, context.start = view_of(task, data, context.seeds[0]), start
    if getattr(method, "evaluates", False):
        assert isinstance(task, Evaluating)
        context.evaluator = lambda model: task.evaluate(model, view, np.random.default_rng(3))
    seed_globals(context.seeds[0], "fit")
    return method.fit(view, context)


def first_row(method: str) -> tuple[Table, Row, str]:
    """The first table, and in it the first row, that trains by a method, and the role of its model there.

    Rows that stand alone come first, then those with models beside theirs, then those beside which the model stands.
    """
    found = list(_rows(method))
    if not found:
        raise AssertionError(f"no row of any table trains by method {method!r}: it is never run, and nothing tests it")
    return min(found, key=lambda each: (each[2] != OWN, bool(each[1].beside)))


def _rows(method: str) -> Iterator[tuple[Table, Row, str]]:
    paths = (*all_paths(), *sorted(TABLES.glob("*.yaml")))
    for table in (load(path) for path in paths if method in path.read_text()):
        for row in (row for row in table.rows if row.kind == "method"):
            methods = {OWN: row.method, **{role: method_of(table, start) for role, start in row.beside.items()}}
            yield from ((table, row, role) for role, named in methods.items() if named == method)


def same(one: Any, other: Any) -> bool:
    """Whether two states are the same to the bit."""
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return isinstance(other, (list, tuple)) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and np.array_equal(one, other)
    return type(one) is type(other) and bool(one == other)


def same_evaluation(one: Evaluation, other: Evaluation) -> bool:
    """Whether two evaluations are the same to the bit."""
    return one.measured == other.measured and one.texts == other.texts and same(one.artifacts, other.artifacts)


def expect_the_task_to_be_served(case: Case, model: Any) -> Evaluation:
    """The model offers what its task asks for: every column has a finite number, or words."""
    found = case.measure(model)
    assert set(found.measured) | set(found.texts) == set(case.columns)
    assert all(np.isfinite(measurement.value) for measurement in found.measured.values())
    return found


def expect_a_restored_model_to_measure_the_same(case: Case, model: Any, expected: Evaluation, folder: Path) -> None:
    """The state goes through a file that nothing but tensors and plain values may be in, and so does what it makes."""
    state = model.state()
    write_state(folder / "model.pt", state)
    restored = case.method.restore(read_state(folder / "model.pt"), Mortal(folder / "none"))
    assert same(restored.state(), state), "a restored model has another state than the one it was restored from"
    assert same_evaluation(case.measure(restored), expected), "a restored model measures something else"
    assert same(model.state(), state), "the state of a model changes when it is measured"


def expect_a_killed_training_to_end_the_same(case: Case, undisturbed: Any, context: Mortal, folder: Path) -> None:
    """Killed at its first, a middle and its last checkpoint, one training after the other from where that one died."""
    died, curves = 0, context.curves(3)
    moments = sorted({1, (context.offered + 1) // 2, context.offered}) if context.offered else []
    for moment in (*moments, None):
        again = Mortal(folder, dies_at=None if moment is None else moment - died)
        try:
            model = case.fit(again)
        except Killed:
            assert moment is not None
            died = moment
        else:
            assert moment is None, f"the training that goes on has fewer checkpoints than {moment}"
    assert same(model.state(), undisturbed.state()), "a killed training ends with another model"
    assert again.curves(3) == curves, "a killed training has other curves"


def expect_many_seeds_in_one_pass_to_be_as_many_models(case: Case, folder: Path) -> None:
    """A model a seed, in their order, each of which serves the task; the pass ends the same where it is killed."""
    models = many(case, whole := Mortal(folder / "whole", 3, 4))
    first, second = (model.state() for model in models)
    assert not same(first, second), "two seeds of one pass have the same model"
    for model in models:
        expect_the_task_to_be_served(case, model)
    with suppress(Killed):
        many(case, Mortal(folder / "killed", 3, 4, dies_at=(whole.offered + 1) // 2))
    again = many(case, Mortal(folder / "killed", 3, 4))
    assert same([model.state() for model in again], [first, second]), "a killed pass ends with other models"
    (swapped, _) = many(case, Mortal(folder / "swapped", 4, 3))
    to_second, to_first = (np.abs(_flat(swapped.state()) - _flat(state)).mean() for state in (second, first))
    assert to_second < to_first, "the models of a pass are not in the order of its seeds"


def many(case: Case, context: Mortal) -> list[Any]:
    """The models of one pass over the seeds of a context."""
    view = view_of(case.task, case.data, context.seeds[0])
    context.start = case.start
    for_training(context.seeds)
    found: list[Any] = case.method.fit_many(view, context)  # type: ignore[attr-defined]
    assert len(found) == len(context.seeds)
    return found


def _flat(state: Any) -> np.ndarray:
    if isinstance(state, Mapping):
        state = [state[name] for name in sorted(state)]
    if isinstance(state, (list, tuple)):
        return np.concatenate([np.empty(0), *map(_flat, state)])
    return np.atleast_1d(np.asarray(state, dtype=np.float64)).ravel()


def expect_seeds_to_decide(case: Case, folder: Path) -> None:
    """Another seed has another model, unless the row says that it is deterministic: then it has the same."""
    one, other = (first_state(case, seed, folder / str(seed)) for seed in (3, 4))
    assert same(one, other) == case.row.deterministic, "seeds decide nothing, or more than the row says"


def first_state(case: Case, seed: int, folder: Path) -> Mapping[str, Any]:
    """What a training saves first, or its model where it saves nothing."""
    context = Mortal(folder, seed, dies_at=1)
    try:
        model = case.fit(context)
    except Killed:
        saved = context.checkpoints.read()
        assert saved is not None
        state: Mapping[str, Any] = saved["state"]
        return state
    trained: Mapping[str, Any] = model.state()
    return trained
