"""A model as a task of discrete things sees it: its log-probabilities are held against 0 as they are asked for.

The harness puts it between every model and every task that has a column of a `discrete` metric, so that one rule holds
for trained models, for checkpoints and predictions that were handed over, and for tasks of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from repro.metrics.language.likelihood import Nll
from repro.metrics.probabilities import ROUNDING, of_discrete
from repro.registry import METRICS
from repro.spec.model import Column


def watched(model: Any, columns: Iterable[Column]) -> Any:
    """The model, looked at where any of the columns is of discrete things."""
    known = METRICS.own_declared
    is_discrete = any(column.metric in known and known[column.metric].discrete for column in columns)
    return OfDiscrete(model) if is_discrete else model


class OfDiscrete:
    """Offers what the model offers. Raises ValueError when a log-probability is above 0 by more than rounding."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        look = _LOOKS.get(name)
        return found if look is None else lambda *given, **options: look(name, found(*given, **options))


def _losses(name: str, given: Any) -> Any:
    of_discrete(-np.asarray(given), f"-{name} of the model")
    return given


def _log_p(name: str, given: Any) -> Any:
    of_discrete(given, f"{name} of the model")
    return given


def _blocks(name: str, given: Iterable[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for targets, log_p in given:
        yield targets, _log_p(name, log_p)


def _sum(name: str, given: Nll) -> Nll:
    if given.nats < -ROUNDING * given.tokens:
        raise ValueError(f"{name} of the model is {given.nats:.3g} nats, and no probability is above 1")
    return given


_LOOKS: Mapping[str, Callable[[str, Any], Any]] = {
    "nll": _losses, "cached_nll": _losses, "dynamic_nll": _losses, "training_nll": _sum,
    "log_probability": _log_p, "next_token": _log_p, "log_probabilities": _blocks,
}  # fmt: skip
"""What tasks ask models for: see `repro.tasks.language_model` and `repro.tasks.sequence_generation`."""
