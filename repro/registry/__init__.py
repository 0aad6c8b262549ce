"""The names that specs may use, a file a kind. What they stand for is imported when it is asked for, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from repro.exports import lazily

if TYPE_CHECKING:
    from repro.hints import did_you_mean as did_you_mean
    from repro.registry.data import DATASETS as DATASETS
    from repro.registry.figures import FIGURES as FIGURES
    from repro.registry.loaders import LOADERS as LOADERS
    from repro.registry.methods import METHODS as METHODS
    from repro.registry.metrics import METRICS as METRICS
    from repro.registry.table import Registry as Registry
    from repro.registry.tasks import TASKS as TASKS
    from repro.registry.trackers import TRACKERS as TRACKERS
    from repro.registry.weights import WEIGHTS as WEIGHTS

EXPORTS = {
    "DATASETS": "repro.registry.data",
    "FIGURES": "repro.registry.figures",
    "LOADERS": "repro.registry.loaders",
    "METHODS": "repro.registry.methods",
    "METRICS": "repro.registry.metrics",
    "Registry": "repro.registry.table",
    "TASKS": "repro.registry.tasks",
    "TRACKERS": "repro.registry.trackers",
    "WEIGHTS": "repro.registry.weights",
    "did_you_mean": "repro.hints",
}

__getattr__, __dir__ = lazily(__name__, EXPORTS)
