"""What a method, a task, a data set and the harness promise each other. All import this; it imports none of them.

The signatures use arrays of numpy at the borders: a task never sees the framework that a method is written in.
"""

from repro.contracts.data import DataSet, MissingData
from repro.contracts.method import (
    Context,
    Diverged,
    Method,
    MissingDevice,
    Precision,
    State,
    TrainedModel,
    single,
)
from repro.contracts.task import Arrays, Comparing, Evaluating, Evaluation, Measurement, Task, Viewing

__all__ = [
    "Arrays",
    "Comparing",
    "Context",
    "DataSet",
    "Diverged",
    "Evaluating",
    "Evaluation",
    "Measurement",
    "Method",
    "MissingData",
    "MissingDevice",
    "Precision",
    "State",
    "Task",
    "TrainedModel",
    "Viewing",
    "single",
]
