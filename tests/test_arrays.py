"""Arrays from anybody's files: those that numpy writes come back, and of everything else there is one line."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import numpy as np
import pytest

from repro import files
from repro.arrays import Damaged, npy, npz

ARRAYS: dict[str, np.ndarray] = {
    "a": np.arange(6, dtype=np.int16).reshape(2, 3),
    "b": np.array(0.5, np.float32),
    "none": np.zeros((0, 3)),
    "w": np.array(["x"]),
}


def saved(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def header(shape: object, descr: str = "<f8") -> bytes:
    """The head of an .npy that promises what it likes."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": descr, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


def every_array(contents: bytes) -> None:
    """Reads an .npy, or an .npz and all arrays in it."""
    if not contents.startswith(b"PK"):
        npy(io.BytesIO(contents))
        return
    with npz(io.BytesIO(contents)) as found:
        for name in found.names:
            found.array(name)


def refused(contents: bytes) -> str:
    """What is said of one that cannot be read."""
    with pytest.raises(Damaged) as caught:
        every_array(contents)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def packed(contents: bytes, how: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as archive:
        archive.writestr("a.npy", contents)
    return buffer.getvalue()


def test_what_numpy_writes_comes_back() -> None:
    with npz(io.BytesIO(saved(**ARRAYS))) as found:
        assert found.names == list(ARRAYS)
        for name, array in ARRAYS.items():
            assert (found.head(name).shape, found.head(name).dtype) == (array.shape, array.dtype)
            np.testing.assert_array_equal(found.array(name), array)
    for array in (*ARRAYS.values(), np.asfortranarray(np.arange(6.0).reshape(2, 3))):
        buffer = io.BytesIO()
        np.save(buffer, array)
        np.testing.assert_array_equal(npy(buffer), array)


@pytest.mark.parametrize("shape", [(2**50,), (10**12, 10**12), (2**62, 4), (3,), (-2,), (-2, -1)])
def test_no_room_is_made_for_what_a_header_promises_and_the_file_has_not(shape: tuple[int, ...]) -> None:
    """2**50 numbers are 8 PiB; the file has 16 bytes of them."""
    for contents in (header(shape) + bytes(16), packed(header(shape) + bytes(16))):
        assert "and has not as many bytes" in refused(contents)


def test_objects_are_never_read() -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([print], dtype=object), allow_pickle=True)
    for contents in (buffer.getvalue(), packed(buffer.getvalue()), header((3,), "|O")):
        assert "it holds Python objects, which are never read" in refused(contents)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_numpy_never_packs_with_is_not_unpacked(how: int) -> None:
    assert refused(packed(header((2,)) + bytes(16), how)) == "it is packed in another way than numpy packs"


def test_names_that_come_twice_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", b"")
        archive.writestr("a", b"")
    assert refused(buffer.getvalue()) == "array 'a' is there twice"


def test_more_than_the_limit_is_refused_by_what_the_archive_says() -> None:
    contents = saved(a=np.zeros(1000))
    with npz(io.BytesIO(contents), 8128) as found:
        assert found.array("a").shape == (1000,)
    with (
        pytest.raises(Damaged, match="its arrays would have 8128 bytes, the most is 8127"),
        npz(io.BytesIO(contents), 8127),
    ):
        pass


def test_what_is_packed_beyond_what_arrays_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zeros pack some 1000 to 1; as many numbers that differ do not."""
    monkeypatch.setattr(files, "ALWAYS_BYTES", 1000)
    assert "its arrays would have 800128 bytes, the most is" in refused(saved(a=np.zeros(100_000)))
    with npz(io.BytesIO(saved(a=np.arange(100_000.0)))) as found:
        assert found.array("a")[-1] == 99_999


def test_a_file_that_cannot_be_opened_is_the_systems_to_say(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), npz(tmp_path / "none.npz"):
        pass


def test_every_damage_of_one_byte_is_an_array_or_one_line() -> None:
    random_ = random.Random(0)
    whole = saved(**ARRAYS)
    bare = io.BytesIO()
    np.save(bare, ARRAYS["a"])
    refusals = 0
    for _ in range(400):
        contents = bytearray(random_.choice([whole, bare.getvalue()]))
        contents[random_.randrange(len(contents))] = random_.randrange(256)
        try:
            every_array(bytes(contents))
        except Damaged as error:
            refusals += "\n" not in str(error)
    assert 50 < refusals < 400
