"""The parts of a row whose columns rest on different trainings, joined into one record a row and seed.

A row has one measurement for each set of columns that share a training: those of Penn Treebank and those of WikiText-2,
say. What looks at a row as a whole, as the gate does, takes them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from repro.plan.key import KeyParts
from repro.store.record import Record


def joined(records: Iterable[Record]) -> list[Record]:
    """One record a row, profile and seed; of several for the same columns the one that was started last counts."""
    groups: dict[tuple[str, str, int], dict[tuple[str, ...], Record]] = {}
    for record in sorted(records, key=lambda record: record.started):
        parts = groups.setdefault((record.row, record.profile, record.seed), {})
        parts[tuple(sorted(record.parts.signatures))] = record
    return [_one([parts[columns] for columns in sorted(parts)]) for parts in groups.values()]


def _one(parts: Sequence[Record]) -> Record:
    first, *others = parts
    if not others:
        return first
    bad = next((record for record in parts if record.status != "ok"), first)
    return first.model_copy(update={
        "parts": _parts(first.parts, [record.parts for record in others]),
        "status": bad.status,
        "message": bad.message,
        "measured": {name: value for record in parts for name, value in record.measured.items()},
        "texts": {name: words for record in parts for name, words in record.texts.items()},
        "artifacts": {f"{i}.{name}": s for i, record in enumerate(parts) for name, s in record.artifacts.items()},
        "curves": {f"{i}.{name}": c for i, record in enumerate(parts) for name, c in record.curves.items()},
        "trainings": tuple({used.key: used for record in parts for used in record.trainings}.values()),
        "seconds": sum(record.seconds for record in parts),
    })  # fmt: skip


def _parts(first: KeyParts, others: Sequence[KeyParts]) -> KeyParts:
    """Those of the first, with the columns and the trainings of all: a configuration is that of the whole row."""
    trainings = {f"part {i}": parts.training for i, parts in enumerate(others, 1)}
    signatures = {name: said for parts in (first, *others) for name, said in parts.signatures.items()}
    return first.model_copy(update={"others": {**first.others, **trainings}, "signatures": signatures})
