"""What changed from one key to another, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from repro.plan.key import DataUsed, Fingerprint, KeyParts, TrainingParts, WeightsUsed, canonical


def difference(old: KeyParts, new: KeyParts) -> list[str]:
    """What changed from one measurement to another, the most telling first; empty where the keys agree."""
    found = [
        *of_training(old.training, new.training),
        *_roles(old.others, new.others),
        *_scalar("row", old.row, new.row),
        *_mapping("point of the grid, {}", old.point, new.point),
        *_scalar("profile", old.profile, new.profile),
        *_scalar("task", old.task, new.task),
        *_mapping("protocol, {}", old.protocol, new.protocol),
        *_data("data set that is measured on", old.data, new.data),
        *_mapping("measurement of column {}", old.signatures, new.signatures),
        *_mapping("factor to the unit of column {}", old.factors, new.factors),
        *code_difference(old.fingerprint, new.fingerprint),
    ]
    return list(dict.fromkeys(found))


def of_training(old: TrainingParts, new: TrainingParts) -> list[str]:
    """What changed from one training to another, and in what it starts from."""
    roles = sorted({*old.also, *new.also})
    return [
        *_scalar("method", old.method, new.method),
        *_scalar("seed", old.seed, new.seed),
        *_mapping("parameter {}", old.params, new.params),
        *_data("data set", old.data, new.data),
        *(said for role in roles for said in _also(role, old.also.get(role), new.also.get(role))),
        *_scalar("task that the training sees", old.task or "(none)", new.task or "(none)"),
        *_mapping("view, {}", old.view, new.view),
        *_start(old.start, new.start),
        *_scalar("precision", old.precision, new.precision),
        *code_difference(old.fingerprint, new.fingerprint),
    ]


def _start(old: TrainingParts | WeightsUsed | None, new: TrainingParts | WeightsUsed | None) -> list[str]:
    if isinstance(old, TrainingParts) and isinstance(new, TrainingParts):
        return [f"what it starts from: {said}" for said in of_training(old, new)]
    if isinstance(old, WeightsUsed) and isinstance(new, WeightsUsed) and old.weights == new.weights:
        return _scalar(f"weights {new.weights}", old.sha256[:12], new.sha256[:12])
    return _scalar("starts from", _named(old), _named(new))


def _named(start: TrainingParts | WeightsUsed | None) -> str:
    if start is None:
        return "nothing"
    return f"a training of {start.method}" if isinstance(start, TrainingParts) else f"weights {start.weights}"


def _roles(old: Mapping[str, TrainingParts], new: Mapping[str, TrainingParts]) -> Iterator[str]:
    for role in sorted({*old, *new}):
        if role in old and role in new:
            yield from (f"model {role}: {said}" for said in of_training(old[role], new[role]))
        else:
            yield f"model {role}: {'no longer' if role in old else 'newly'} looked at"


def _scalar(name: str, old: object, new: object) -> list[str]:
    return [] if old == new else [f"{name}: {old} -> {new}"]


def _also(role: str, old: DataUsed | None, new: DataUsed | None) -> list[str]:
    if old is not None and new is not None:
        return _data(f"data set {role}", old, new)
    return _scalar(f"data set {role}", old.name if old else "(none)", new.name if new else "(none)")


def _data(what: str, old: DataUsed, new: DataUsed) -> list[str]:
    if old.name != new.name:
        return [f"{what}: {old.name} -> {new.name}"]
    if old.checksum != new.checksum:
        return [f"contents of data set {new.name}: {old.checksum[:12]} -> {new.checksum[:12]}"]
    return []


def _mapping(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Entries that differ; of nested ones only the parts that do, by their dotted path."""
    found = []
    for entry in sorted({*old, *new}):
        before, after = old.get(entry), new.get(entry)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            found += _mapping(name.format(f"{entry}.{{}}"), before, after)
        elif (entry in old) != (entry in new) or canonical(before) != canonical(after):
            said = [str(values[entry]) if entry in values else "(not there)" for values in (old, new)]
            found.append(f"{name.format(entry)}: {said[0]} -> {said[1]}")
    return found


def code_difference(old: Fingerprint, new: Fingerprint) -> list[str]:
    """The definitions that changed; nothing where only names did, which the digest does not see."""
    if old.digest == new.digest:
        return []
    before, after = old.definitions, new.definitions

    def word(name: str) -> str:
        return "no longer used" if name not in after else "newly used" if name not in before else "changed"

    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [f"code of {name} {word(name)}" for name in names] or ["code: the same definitions, used in other places"]
