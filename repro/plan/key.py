"""The key of a job: a hash over canonical JSON (RFC 8785) of everything that its numbers depend on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from repro.record import Fingerprint, KeyParts

KEY_LENGTH = 32


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON: the same bytes for equal data, whatever the order of keys or the spelling of numbers."""
    return rfc8785.dumps(value)


def key_of(parts: KeyParts) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of the parts; a row without a twin has none in its key.

    Of the code only the digest is hashed: what definitions are called moves no number.
    """
    hashed = parts.model_dump(mode="json", exclude=None if parts.twin else {"twin"})
    hashed["fingerprint"] = parts.fingerprint.digest
    return hashlib.sha256(canonical(hashed)).hexdigest()[:KEY_LENGTH]


def training_key(parts: KeyParts, evaluation: frozenset[str], code: Fingerprint) -> str:
    """The key of what a job trains, whatever is measured of it: its parts without task, signatures and table.

    `evaluation` are the parameters that do not reach training, `code` the fingerprint of the method alone.
    """
    params = {name: value for name, value in parts.params.items() if name not in evaluation}
    trained = parts.model_copy(update={"params": params, "task": "", "signatures": {}, "fingerprint": code, "twin": 0})
    return key_of(trained)


def difference(old: KeyParts, new: KeyParts) -> list[str]:
    """What changed from one key to another, in words, the most telling first; empty where the keys agree."""
    return [
        *_scalar("method", old.method, new.method),
        *_scalar("task", old.task, new.task),
        *_scalar("profile", old.profile, new.profile),
        *_scalar("seed", old.seed, new.seed),
        *_mapping("parameter {}", old.params, new.params),
        *_data(old, new),
        *_mapping("measurement of column {}", old.signatures, new.signatures),
        *_code(old.fingerprint, new.fingerprint),
        *_scalar("rows of the same configuration before this one", old.twin, new.twin),
    ]


def _scalar(name: str, old: object, new: object) -> list[str]:
    return [] if old == new else [f"{name}: {old} -> {new}"]


def _data(old: KeyParts, new: KeyParts) -> list[str]:
    if old.data.name != new.data.name:
        return [f"data set: {old.data.name} -> {new.data.name}"]
    if old.data.checksum != new.data.checksum:
        return [f"contents of data set {new.data.name}: {old.data.checksum[:12]} -> {new.data.checksum[:12]}"]
    return []


def _mapping(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    def said(values: Mapping[str, Any], entry: str) -> str:
        return str(values[entry]) if entry in values else "(not there)"

    def spelled(values: Mapping[str, Any], entry: str) -> bytes:
        return canonical(values[entry]) if entry in values else b""

    entries = [entry for entry in sorted({*old, *new}) if spelled(old, entry) != spelled(new, entry)]
    return [f"{name.format(entry)}: {said(old, entry)} -> {said(new, entry)}" for entry in entries]


def _code(old: Fingerprint, new: Fingerprint) -> list[str]:
    """The definitions that changed; nothing where only names did, which the digest does not see."""
    if old.digest == new.digest:
        return []
    before, after = old.definitions, new.definitions

    def word(name: str) -> str:
        return "no longer used" if name not in after else "newly used" if name not in before else "changed"

    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    return [f"code of {name} {word(name)}" for name in names] or ["code: the same definitions, used in other places"]
