"""What `repro models` does: which models there are, which accepted results rest on them, and which may go."""

from __future__ import annotations

from dataclasses import dataclass

from repro.places import results_directory
from repro.store.accepted import all_results
from repro.store.models import GIB, Model
from repro.store.records import Store


@dataclass(frozen=True)
class Listed:
    """A stored model, what was trained, and whether an accepted result rests on it."""

    model: Model
    name: str
    accepted: bool


def listed() -> list[Listed]:
    """Every model of the store, the one that was used last at the end."""
    return _described(Store(), Store().models.all())


def pruned(budget_gib: float, *, everything: bool) -> list[Listed]:
    """Removes models until the others take no more than a budget, and gives those that are gone."""
    store = Store()
    described = {each.model.key: each for each in listed()}
    gone = store.models.prune(() if everything else _accepted(), int(budget_gib * GIB))
    return [described[model.key] for model in gone if model.key in described]


def _described(store: Store, models: list[Model]) -> list[Listed]:
    needed = _accepted()
    found = []
    for model in models:
        record = store.get_training(model.key)
        parts = record.parts if record is not None else None
        name = f"{parts.method} on {parts.data.name}, seed {parts.seed}" if parts is not None else "unknown"
        found.append(Listed(model, name, model.key in needed))
    return found


def _accepted() -> frozenset[str]:
    """The trainings that accepted results rest on."""
    return frozenset(used.key for record in all_results(results_directory()) for used in record.trainings)
