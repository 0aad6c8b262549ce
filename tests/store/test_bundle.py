"""Bundles: what goes in comes out, equal records are equal bytes, and nothing that was tampered with is taken."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from repro import files
from repro.files import readable_json
from repro.plan.key import key_of
from repro.store import bundle as module
from repro.store.bundle import Bundle, Manifest, pack, spec_problem, unpack
from repro.store.record import Record
from repro.store.records import checksum, packed
from repro.store.written import written
from tests.cli import toys
from tests.verdict.build import record_of

ARRAYS = {"weights": np.arange(5.0), "steps": np.array([[1, 2, 3]])}
Members = dict[str, bytes]


def record(seed: int) -> Record:
    """A record of the toy table that can be believed; the first seed has arrays."""
    artifacts = {name: checksum(array) for name, array in ARRAYS.items()} if seed == 0 else {}
    made = record_of("Good", seed, "smoke", table="toy/walks", measured={"mean": seed + 0.5}, artifacts=artifacts)
    return made.model_copy(update={"key": key_of(made.parts)})


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    records = (record(0), record(1))
    spec = toys.write(tmp_path, name="original.yaml").read_text()
    return Bundle("toy/walks", "smoke", spec, records, {records[0].key: ARRAYS})


@pytest.fixture
def file(bundle: Bundle, tmp_path: Path) -> Path:
    path = tmp_path / "walks.zip"
    path.write_bytes(pack(bundle))
    return path


def members(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(file: Path, contents: Members, *, signed: bool = True) -> None:
    """Writes members anew; `signed` with a manifest that agrees with them, as one who means harm would."""
    if signed:
        manifest = json.loads(contents["manifest.json"])
        manifest["members"] = {
            name: hashlib.sha256(data).hexdigest() for name, data in contents.items() if name != "manifest.json"
        }
        contents = {**contents, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def unsigned(contents: bytes) -> bytes:
    """A record's file without its checksum, as it was before there was one."""
    return re.sub(rb'\n  "checksum": "\w+",', b"", contents)


def name_of(contents: Members, folder: str) -> str:
    return next(name for name in contents if name.startswith(folder))


def attempt(file: Path) -> tuple[str, Bundle | None]:
    """What is wrong with a bundle, or the bundle."""
    try:
        return "", unpack(file)
    except ValueError as error:
        return str(error), None


def test_what_goes_in_comes_out(bundle: Bundle, file: Path) -> None:
    found = unpack(file)
    assert found.records == tuple(sorted(bundle.records, key=lambda record: record.key))
    assert (found.table, found.profile, found.spec) == (bundle.table, bundle.profile, bundle.spec)
    (arrays,) = found.artifacts.values()
    assert {name: array.tolist() for name, array in arrays.items()} == {n: a.tolist() for n, a in ARRAYS.items()}
    assert spec_problem(found) is None


def test_equal_records_are_equal_bytes_whatever_their_order(bundle: Bundle) -> None:
    turned = Bundle(bundle.table, bundle.profile, bundle.spec, bundle.records[::-1], bundle.artifacts)
    assert pack(turned) == pack(bundle)


def test_there_is_no_code_and_no_pickle_inside(file: Path) -> None:
    assert {name.rpartition(".")[2] for name in members(file)} == {"json", "yaml", "npz"}


def test_every_flipped_byte_is_noticed_or_moves_nothing(bundle: Bundle, file: Path) -> None:
    """Every 7th byte in turn: a zip archive has a few bytes that mean nothing, such as dates."""
    whole, before = file.read_bytes(), unpack(file)
    unnoticed = 0
    for place in range(0, len(whole), 7):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        problem, found = attempt(file)
        if found is None:
            assert "\n" not in problem
            continue
        unnoticed += 1
        assert (found.records, found.spec) == (before.records, before.spec)
    assert unnoticed < len(whole) / 7 / 2


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_file_is_none(file: Path, share: float) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ValueError, match=r"walks.zip is no whole zip archive .*: fetch it again$"):
        unpack(file)


def _other_value(contents: Members) -> None:
    name = name_of(contents, "records/")
    contents[name] = unsigned(contents[name]).replace(b'"seed": ', b'"seed": 9')


def _forged_key(contents: Members) -> None:
    forged = record(1).model_copy(update={"key": "0" * 32})
    contents[f"records/{forged.key}.json"] = written(forged)


def _other_number(contents: Members) -> None:
    name = name_of(contents, "records/")
    contents[name] = contents[name].replace(b'"seconds": 1', b'"seconds": 2')


def _other_table(contents: Members) -> None:
    contents["manifest.json"] = contents["manifest.json"].replace(b"toy/walks", b"toy/talks")


def _no_record(contents: Members) -> None:
    del contents[name_of(contents, "artifacts/")]
    contents[f"artifacts/{'0' * 32}.npz"] = packed(ARRAYS)


def _other_array(contents: Members) -> None:
    contents[name_of(contents, "artifacts/")] = packed({**ARRAYS, "weights": np.arange(5.0) + 1})


def _more_arrays(contents: Members) -> None:
    contents[name_of(contents, "artifacts/")] = packed({**ARRAYS, "more": np.arange(3)})


def _pickled(contents: Members) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, weights=np.array([print], dtype=object), steps=ARRAYS["steps"])
    contents[name_of(contents, "artifacts/")] = buffer.getvalue()


def _huge_promise(contents: Members) -> None:
    """A header that promises 8 TB in a file of a few bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**12,)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("weights.npy", header.getvalue() + b"12345678")
        archive.writestr("steps.npy", header.getvalue())
    contents[name_of(contents, "artifacts/")] = buffer.getvalue()


def _failed_run(contents: Members) -> None:
    name = name_of(contents, "records/")
    contents[name] = unsigned(contents[name]).replace(b'"status": "ok"', b'"status": "failed"')


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_other_value, "its key is not the hash of its parts"),
        (_forged_key, "its key is not the hash of its parts"),
        (_other_number, "its contents have changed since it was written"),
        (_other_table, "is a record of toy/walks at smoke scale, not of toy/talks"),
        (_no_record, "belongs to no record of the bundle"),
        (_other_array, "array weights is not the one that the record was made with"),
        (_more_arrays, "has other arrays than its record names"),
        (_pickled, "array 'weights': it holds Python objects"),
        (_huge_promise, "array '(weights|steps)': it says .1000000000000,. of float64, and has not as many bytes"),
        (_failed_run, "only results travel"),
    ],
)
def test_a_bundle_whose_manifest_agrees_is_still_looked_through(
    file: Path, change: Callable[[Members], None], said: str
) -> None:
    contents = members(file)
    change(contents)
    rewrite(file, contents)
    with pytest.raises(ValueError, match=f"{said}.*; nothing of it is taken$"):
        unpack(file)


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "/etc/evil.json", "records/../../evil.json", "records/evil.json", "evil.py", "records\\evil.json",
     f"records/{'0' * 32}.py", f"records/{'0' * 32}.json.npz", f"artifacts/{'0' * 32}.json"],
)  # fmt: skip
def test_members_have_no_other_names_than_ours(file: Path, name: str) -> None:
    rewrite(file, {**members(file), name: b"{}"})
    with pytest.raises(ValueError, match="has no place in a bundle; nothing of it is taken"):
        unpack(file)


def test_a_member_that_is_there_twice_is_refused(file: Path) -> None:
    contents = members(file)
    name = name_of(contents, "records/")
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(name, contents[name])
    with pytest.raises(ValueError, match=r"is there twice; nothing of it is taken"):
        unpack(file)


def test_a_bomb_is_refused_before_it_is_unpacked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(file, {**members(file), "table.yaml": b" " * 10_000_000})
    monkeypatch.setattr(module, "MOST_BYTES", 1_000_000)
    with pytest.raises(ValueError, match=r"unpacked it would have 100\d+ bytes, the most is 1000000"):
        unpack(file)


def test_a_bundle_that_is_packed_beyond_what_records_are_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = members(file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**contents, "table.yaml": b" " * 10_000_000}.items():
            archive.writestr(name, data)
    monkeypatch.setattr(files, "ALWAYS_BYTES", 1000)
    with pytest.raises(ValueError, match=rf"the most is {100 * file.stat().st_size}; nothing of it is taken"):
        unpack(file)


def test_what_the_manifest_does_not_have_or_has_too_much_is_refused(file: Path) -> None:
    contents = members(file)
    extra = {**contents, f"records/{'0' * 32}.json": b"{}"}
    rewrite(file, extra, signed=False)
    with pytest.raises(ValueError, match="is not what the manifest has the SHA-256 of"):
        unpack(file)
    fewer = {name: data for name, data in contents.items() if not name.startswith("artifacts/")}
    rewrite(file, fewer, signed=False)
    with pytest.raises(ValueError, match=r"member artifacts/\w+.npz is missing"):
        unpack(file)


def test_another_archive_or_a_later_version_is_none(file: Path) -> None:
    contents = members(file)
    rewrite(file, {"table.yaml": b""}, signed=False)
    with pytest.raises(ValueError, match=r"it has no manifest.json: it is no bundle"):
        unpack(file)
    manifest = Manifest.model_validate_json(contents["manifest.json"]).model_dump(mode="json")
    rewrite(file, {**contents, "manifest.json": readable_json({**manifest, "version": 2})}, signed=False)
    with pytest.raises(ValueError, match="version: Input should be 1: it is no bundle, or one of a later version"):
        unpack(file)


def test_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no file"):
        unpack(tmp_path / "nowhere.zip")
    with pytest.raises(ValueError, match="cannot be read"):
        unpack(tmp_path)


def test_a_spec_of_another_table_or_none_is_a_problem(bundle: Bundle) -> None:
    other = Bundle("toy/talks", "smoke", bundle.spec, (), {})
    assert spec_problem(other) == "table.yaml is the spec of toy/walks, not of toy/talks"
    none = Bundle("toy/walks", "smoke", "rows: no", (), {})
    assert str(spec_problem(none)).startswith("table.yaml:1:")
