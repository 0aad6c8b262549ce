"""The records of a table as one file, to be sent and taken in elsewhere: plain data, checksummed, no code, no pickle.

A bundle is a zip archive:

    manifest.json            format, table, profile, and the SHA-256 of every other member
    table.yaml               the spec that the records belong to, as text
    records/<key>.json       one record a job
    artifacts/<key>.npz      its arrays, where they are at hand

Equal records make equal bytes. Reading believes nothing: all members are checked before anything is written.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, ValidationError

from repro.arrays import Damaged, npz
from repro.data.sources.tensors import first_line
from repro.files import most_unpacked, readable_json
from repro.spec.base import Profile, Strict
from repro.store.record import Record
from repro.store.records import checksum, packed
from repro.store.written import NoRecord, believed, check_key, written

MOST_MEMBERS = 100_000
MOST_BYTES = 2 * 1024**3
"""Of all members unpacked, and of all arrays of one record unpacked: a bundle that needs more is none of ours."""
MANIFEST, SPEC = "manifest.json", "table.yaml"
_DATE = (1980, 1, 1, 0, 0, 0)

Arrays = Mapping[str, np.ndarray]


class Manifest(Strict):
    """What a bundle says of itself."""

    format: Literal["repro bundle"] = "repro bundle"
    version: Literal[1] = 1
    table: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9.-]*$")
    profile: Profile
    members: dict[str, str]


@dataclass(frozen=True)
class Bundle:
    """A table's spec as text, its records, and the arrays of those that have any at hand, by key."""

    table: str
    profile: Profile
    spec: str
    records: tuple[Record, ...]
    artifacts: Mapping[str, Arrays]


def pack(bundle: Bundle) -> bytes:
    """The bundle as the bytes of a file."""
    members = {SPEC: bundle.spec.encode()}
    for record in bundle.records:
        plain = record.model_copy(update={"imported": None})  # whoever takes it says so anew
        members[f"records/{record.key}.json"] = written(plain)
        if arrays := bundle.artifacts.get(record.key):
            members[f"artifacts/{record.key}.npz"] = packed(arrays)
    hashes = {name: hashlib.sha256(contents).hexdigest() for name, contents in members.items()}
    manifest = Manifest(table=bundle.table, profile=bundle.profile, members=hashes)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, contents in [(MANIFEST, readable_json(manifest.model_dump(mode="json"))), *sorted(members.items())]:
            info = zipfile.ZipInfo(name, _DATE)
            info.external_attr = 0o644 << 16
            archive.writestr(info, contents, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def unpack(file: Path) -> Bundle:
    """The bundle in a file. Raises ValueError, in one line, where any part of it cannot be believed."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(_members(archive, file.stat().st_size))
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(file)!r}") from None
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{file}: {where}: {first['msg']}: it is no bundle, or one of a later version") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}; nothing of it is taken") from None
    except Exception as error:  # damage is of many kinds: BadZipFile, zlib.error, EOFError, RuntimeError, ...
        raise ValueError(f"{file} is no whole zip archive ({first_line(error)}): fetch it again") from None


def _members(archive: zipfile.ZipFile, packed_bytes: int) -> dict[str, bytes]:
    """All members by name, read only after their names and sizes are known to be in order."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) > MOST_MEMBERS:
        raise ValueError(f"it has {len(names)} members, the most is {MOST_MEMBERS}")
    if twice := [name for name, number in Counter(names).items() if number > 1]:
        raise ValueError(f"member {twice[0]!r} is there twice")
    if strange := [name for name in names if not _is_ours(name)]:
        raise ValueError(f"member {strange[0]!r} has no place in a bundle")
    size = sum(info.file_size for info in infos)
    most = min(MOST_BYTES, most_unpacked(packed_bytes))
    if size > most:
        raise ValueError(f"unpacked it would have {size} bytes, the most is {most}")
    if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
        raise ValueError("it is packed in another way than bundles are")
    return {info.filename: archive.read(info) for info in infos}


def _is_ours(name: str) -> bool:
    if name in (MANIFEST, SPEC):
        return True
    folder, _, file = name.partition("/")
    key, _, suffix = file.partition(".")
    kinds = {"records": "json", "artifacts": "npz"}
    return kinds.get(folder) == suffix and len(key) == 32 and set(key) <= set("0123456789abcdef")


def _read(members: dict[str, bytes]) -> Bundle:
    if MANIFEST not in members:
        raise ValueError(f"it has no {MANIFEST}: it is no bundle")
    manifest = Manifest.model_validate_json(members.pop(MANIFEST))
    if lacking := sorted({*manifest.members, SPEC} - set(members)):
        raise ValueError(f"member {lacking[0]} is missing")
    for name, contents in sorted(members.items()):
        if manifest.members.get(name) != hashlib.sha256(contents).hexdigest():
            raise ValueError(f"member {name} is not what the manifest has the SHA-256 of")
    records = [_record(name, members[name], manifest) for name in sorted(members) if name.startswith("records/")]
    by_key = {record.key: record for record in records}
    artifacts = {
        key: _arrays(name, members[name], by_key)
        for name in sorted(members)
        if name.startswith("artifacts/") and (key := Path(name).stem)
    }
    return Bundle(manifest.table, manifest.profile, members[SPEC].decode(), tuple(records), artifacts)


def _record(name: str, contents: bytes, manifest: Manifest) -> Record:
    try:
        record = believed(contents, Record)
        check_key(record)  # whoever makes a bundle makes its checksums
    except NoRecord as problem:
        raise ValueError(f"{name} is no valid record: {problem}") from None
    if name != f"records/{record.key}.json":
        raise ValueError(f"{name} is the record of another job, {record.key}")
    if (record.table, record.profile) != (manifest.table, manifest.profile):
        raise ValueError(f"{name} is a record of {record.table} at {record.profile} scale, not of {manifest.table}")
    if record.status != "ok":
        raise ValueError(f"{name} is the record of a run that {record.status}; only results travel")
    return record


def _arrays(name: str, contents: bytes, records: Mapping[str, Record]) -> dict[str, np.ndarray]:
    """The arrays of one record: each as its record describes it, no more and no fewer, and no object among them."""
    record = records.get(Path(name).stem)
    if record is None:
        raise ValueError(f"{name} belongs to no record of the bundle")
    try:
        with npz(io.BytesIO(contents), MOST_BYTES) as found:
            if sorted(found.names) != sorted(record.artifacts):
                raise Damaged("it has other arrays than its record names")
            arrays = {array: found.array(array) for array in found.names}
    except Damaged as error:
        raise ValueError(f"{name}: {error}") from None
    for array, values in arrays.items():
        if checksum(values) != record.artifacts[array]:
            raise ValueError(f"{name}: array {array} is not the one that the record was made with")
    return arrays


def spec_problem(bundle: Bundle) -> str | None:
    """What is wrong with the spec of a bundle: its shape, or that it is another table's. None where nothing is."""
    from repro.spec.load import shape
    from repro.spec.problems import SpecError

    try:
        table, _ = shape(bundle.spec, SPEC)
    except SpecError as error:
        return str(error).partition("\n")[0]
    return None if table.id == bundle.table else f"{SPEC} is the spec of {table.id}, not of {bundle.table}"


def names_of(records: Sequence[Record]) -> str:
    """How many rows and seeds the records are of, in words."""
    rows, seeds = {record.row for record in records}, {record.seed for record in records}
    return f"{len(records)} records, {len(rows)} rows, {len(seeds)} seeds"
