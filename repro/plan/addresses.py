"""Where the code of a training and of a measurement is: what their fingerprints are taken of.

The code that reads a data set is not: its contents are in the key by their checksum, and a task that computes with a
data set imports its type, so that code counts.
"""

from __future__ import annotations

from repro.plan.key import WeightsUsed
from repro.registry import METHODS, METRICS, TASKS, WEIGHTS, Registry
from repro.registry.addresses import said as said
from repro.spec.configuration import Configuration, TrainingSpec, Weights
from repro.spec.signature import has_fit_many, signature, task_signature


def address(registry: Registry, name: str) -> str:
    """`module:attribute` of a name, or `/folder/file.py:attribute` of one that names a file."""
    return registry.address(name)


def sees_task(spec: TrainingSpec) -> bool:
    """Whether a training depends on its task: it sees a view of the data, or asks for numbers while it trains."""
    return bool(spec.task) and (has_view(spec.task) or evaluates(spec.method))


def has_view(task: str) -> bool:
    """Whether a task shows a training a view of its data, and not the data themselves."""
    return "view" in task_signature(task).functions


def evaluates(method: str) -> bool:
    """Whether a method asks its task for numbers while it trains: it says so by `evaluates = True`."""
    return signature(method).constants.get("evaluates") is True


def fits_many(method: str) -> bool:
    """Whether a method can fit many seeds in one pass."""
    return has_fit_many(method)


def of_training(spec: TrainingSpec) -> tuple[str, ...]:
    """The method, the task where the training sees it, and the reader of the released weights that it starts from."""
    task = (address(TASKS, spec.task),) if sees_task(spec) else ()
    reader = (address(WEIGHTS, spec.start.name),) if isinstance(spec.start, Weights) else ()
    return (address(METHODS, spec.method), *task, *reader)


def weights_used(start: Weights) -> WeightsUsed:
    """Released weights as keys have them: by name, and by the checksum of their entry."""
    return WeightsUsed(weights=said(start.name), sha256=WEIGHTS.checksum(start.name))


def of_measurement(found: Configuration) -> tuple[str, ...]:
    """The task and the metrics of its columns."""
    metrics = sorted({column.metric for column in found.columns.values()})
    return tuple(dict.fromkeys([address(TASKS, found.task), *(address(METRICS, name) for name in metrics)]))
