"""Whether a name that a spec uses is there: in the registry of its kind, or as the address of a class or function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from repro.registry import DATASETS, FIGURES, METHODS, METRICS, TASKS, Registry
from repro.spec.weights import WEIGHTS

Named = Literal["task", "method", "metric", "data set", "weights", "figure"]
REGISTRIES: Mapping[Named, Registry] = {
    "task": TASKS,
    "method": METHODS,
    "metric": METRICS,
    "data set": DATASETS,
    "weights": WEIGHTS,
    "figure": FIGURES,
}


def is_there(kind: Named, name: str) -> bool:
    """Whether something has the name: `registered`, `package.module:Name` or `file.py:Name`."""
    return ":" in name or name in REGISTRIES[kind].entries
