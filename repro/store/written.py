"""A record as the bytes of a file, with a checksum of its contents, and back: believed only where everything agrees.

The checksum stands in the file alone, on a line of its own; records of before there was one are believed where their
key is the hash of their parts. It is of the contents as they are written here: whoever lays the JSON out anew changes
nothing, and a file that nobody has touched is checked without being taken apart.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from repro.files import readable_json
from repro.plan.key import key_of, training_key
from repro.store.record import GREATEST, Record, TrainingRecord, is_reckoned_with

Kind = TypeVar("Kind", Record, TrainingRecord)
CHECKSUM = "checksum"
_LINE = re.compile(rb'^  "checksum": "([0-9a-f]{64})",\n', re.MULTILINE)
"""As `written` has it: what lies deeper is indented further, and no text has a line end."""


class NoRecord(ValueError):
    """Why the contents of a file are no record that can be believed, in one line."""


class LaterRecord(NoRecord):
    """It is a record of a later version of repro: somebody's newer work, and no damage."""


def written(record: Record | TrainingRecord) -> bytes:
    """The contents of a record's file."""
    said = record.model_dump(mode="json")
    return readable_json({**said, CHECKSUM: _digest(readable_json(said))})


def believed(contents: bytes, kind: type[Kind]) -> Kind:
    """The record that the contents of a file are. Raises NoRecord, and LaterRecord for one of a later schema."""
    line = _LINE.search(contents)
    plain = contents[: line.start()] + contents[line.end() :] if line else contents
    is_whole = line is not None and _digest(plain) == line[1].decode()
    if not is_whole and CHECKSUM.encode() in contents:
        plain, is_whole = _unsealed(contents, kind)
    try:
        record = kind.model_validate_json(plain)
    except ValidationError as error:
        _check_version(_parsed(plain), kind)
        raise NoRecord(f"{error.error_count()} errors, the first: {error.errors()[0]['msg']}") from None
    if not is_whole:
        check_key(record)
    if isinstance(record, Record):
        _check_result(record)
    return record


def check_key(record: Record | TrainingRecord) -> None:
    """Raises NoRecord where a record's key is not the hash of its parts."""
    try:
        key = key_of(record.parts) if isinstance(record, Record) else training_key(record.parts)
    except ValueError as error:  # a number that no key can be made of
        raise NoRecord(f"it has no key: {error}") from None
    if key != record.key:
        raise NoRecord("its key is not the hash of its parts")


def _unsealed(contents: bytes, kind: type[Kind]) -> tuple[bytes, bool]:
    """The contents of another layout, or of no checksum, without it, and whether there was one."""
    said = _parsed(contents)
    _check_version(said, kind)
    checksum = said.pop(CHECKSUM, None)
    if checksum is None:
        return contents, False
    try:
        plain = readable_json(said)
    except (ValueError, RecursionError):  # a number that JSON has not, half a character, or no end of brackets
        plain = b""
    if checksum != _digest(plain):
        raise NoRecord("its contents have changed since it was written: they do not have its checksum")
    return plain, True


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
        raise LaterRecord(f"it is of schema {str(version)[:20]}, of a later version of repro; this one knows {known}")


def _check_result(record: Record) -> None:
    """Raises NoRecord for a result that has not all that it says it measures, or what nobody can reckon with."""
    columns = record.parts.signatures if record.status == "ok" else ()
    lacking = [name for name in columns if name not in record.measured and name not in record.texts]
    if lacking:
        raise NoRecord(f"it is a result without a number or words for column {lacking[0]}")
    huge = [name for name, number in record.measured.items() if not is_reckoned_with(number.value)]
    if huge:
        raise NoRecord(f"its number for column {huge[0]} is beyond {GREATEST:g}")


def _digest(plain: bytes) -> str:
    return hashlib.sha256(plain).hexdigest()
