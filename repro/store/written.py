"""A record as the bytes of a file, with a checksum of its contents, and back: believed only where everything agrees.

The checksum stands in the file alone, beside what the record says; records of before it was written have none, and are
believed without. It is of the contents, not of the bytes: whoever lays the JSON out anew changes nothing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from repro.files import readable_json
from repro.plan.key import key_of, training_key
from repro.store.record import GREATEST, Record, TrainingRecord, is_reckoned_with

Kind = TypeVar("Kind", Record, TrainingRecord)
CHECKSUM = "checksum"


class NoRecord(ValueError):
    """Why the contents of a file are no record that can be believed, in one line."""


class LaterRecord(NoRecord):
    """It is a record of a later version of repro: somebody's newer work, and no damage."""


def written(record: Record | TrainingRecord) -> bytes:
    """The contents of a record's file."""
    said = record.model_dump(mode="json")
    return readable_json({**said, CHECKSUM: _digest(_plain(said))})


def believed(contents: bytes, kind: type[Kind]) -> Kind:
    """The record that the contents of a file are. Raises NoRecord, and LaterRecord for one of a later schema."""
    said = _parsed(contents)
    _check_version(said, kind)
    checksum = said.pop(CHECKSUM, None)
    plain = _plain(said)
    if checksum is not None and checksum != _digest(plain):
        raise NoRecord("its contents have changed since it was written: they do not have its checksum")
    try:
        record = kind.model_validate_json(plain)
    except ValidationError as error:
        raise NoRecord(f"{error.error_count()} errors, the first: {error.errors()[0]['msg']}") from None
    try:
        key = key_of(record.parts) if isinstance(record, Record) else training_key(record.parts)
    except ValueError as error:  # a number that no key can be made of
        raise NoRecord(f"it has no key: {error}") from None
    if key != record.key:
        raise NoRecord("its key is not the hash of its parts")
    if isinstance(record, Record) and (lacking := _lacking(record)):
        raise NoRecord(f"it is a result without a number or words for column {lacking[0]}")
    if isinstance(record, Record) and (
        huge := [n for n, m in record.measured.items() if not is_reckoned_with(m.value)]
    ):
        raise NoRecord(f"its number for column {huge[0]} is beyond {GREATEST:g}")
    return record


def _parsed(contents: bytes) -> dict[str, Any]:
    try:
        said = json.loads(contents)
    except (ValueError, RecursionError):
        raise NoRecord("it is no whole JSON document") from None
    if not isinstance(said, dict):
        raise NoRecord("it is no JSON object")
    return said


def _check_version(said: dict[str, Any], kind: type[Kind]) -> None:
    version, (known,) = said.get("schema_version"), get_args(kind.model_fields["schema_version"].annotation)
    if isinstance(version, int) and version > known:
        raise LaterRecord(f"it is of schema {version}, of a later version of repro; this one knows {known}")


def _plain(said: dict[str, Any]) -> bytes:
    """The contents in one spelling, whatever their layout."""
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _digest(plain: bytes) -> str:
    return hashlib.sha256(plain).hexdigest()


def _lacking(record: Record) -> list[str]:
    """The columns that a result says it measures and has nothing of."""
    if record.status != "ok":
        return []
    return [name for name in record.parts.signatures if name not in record.measured and name not in record.texts]
