"""Arrays in .npy and .npz files, whoever they are from: nothing is unpickled or run, and no room is made for what is
not there. A header is believed only if it promises as many bytes as follow it, and that is looked at first.

Of what is wrong there is one line, a `Damaged`, whatever zipfile, zlib or numpy raise for it.
"""

from __future__ import annotations

import math
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from repro.files import most_unpacked

MOST_BYTES = 8 * 1024**3
"""Of all arrays of a file unpacked, and less where they are packed beyond what arrays are."""
_AS_NUMPY_PACKS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class Damaged(ValueError):
    """Why a file, or an array in it, cannot be read, in one line."""


class Stream(Protocol):
    """What is read from first byte to last."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""

    def tell(self) -> int:
        """How many were read."""


@dataclass(frozen=True)
class Head:
    """What the header of an array says of it."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def bytes(self) -> int:
        """What the array takes."""
        return self.dtype.itemsize * math.prod(self.shape)


def head_of(stream: Stream, size: int) -> Head:
    """The header that an .npy of `size` bytes begins with. Raises Damaged where other than as many bytes follow."""
    with _in_one_line():
        version = np.lib.format.read_magic(stream)
        if version not in _HEADERS:
            raise Damaged(f"it is in form {version}, which is not known")
        shape, _, dtype = _HEADERS[version](stream)
        head = Head(shape, dtype)
        if not dtype.hasobject and (min(shape, default=0) < 0 or head.bytes != size - stream.tell()):
            raise Damaged(f"it says {shape} of {dtype}, and has not as many bytes")
        return head


def npy(file: BinaryIO) -> np.ndarray:
    """The array of an open .npy file. Raises Damaged."""
    size = file.seek(0, 2)
    file.seek(0)
    _check_plain(head_of(file, size))
    file.seek(0)
    with _in_one_line():
        array: np.ndarray = np.lib.format.read_array(file, allow_pickle=False)
        return array


class Npz:
    """An open .npz: the head of each array by name, and the array itself when it is asked for."""

    def __init__(self, archive: zipfile.ZipFile, most_bytes: int) -> None:
        self._archive = archive
        infos = archive.infolist()
        names = [info.filename.removesuffix(".npy") for info in infos]
        if twice := [name for name, number in Counter(names).items() if number > 1]:
            raise Damaged(f"array {twice[0]!r} is there twice")
        self._infos = dict(zip(names, infos, strict=True))
        most = min(most_bytes, most_unpacked(sum(info.compress_size for info in infos)))
        if (size := sum(info.file_size for info in infos)) > most:
            raise Damaged(f"its arrays would have {size} bytes, the most is {most}")
        if any(info.compress_type not in _AS_NUMPY_PACKS for info in infos):
            raise Damaged("it is packed in another way than numpy packs")

    @property
    def names(self) -> list[str]:
        """The arrays in it, in order."""
        return list(self._infos)

    def head(self, name: str) -> Head:
        """What an array is said to be. Raises Damaged."""
        with _in_one_line(f"array {name!r}: "), self._archive.open(self._infos[name]) as member:
            return head_of(member, self._infos[name].file_size)

    def array(self, name: str) -> np.ndarray:
        """An array. Raises Damaged, for one of Python objects too."""
        with _in_one_line(f"array {name!r}: "):
            _check_plain(self.head(name))
            with self._archive.open(self._infos[name]) as member:
                array: np.ndarray = np.lib.format.read_array(member, allow_pickle=False)
                return array


@contextmanager
def npz(file: Path | BinaryIO, most_bytes: int = MOST_BYTES) -> Iterator[Npz]:
    """The arrays of an .npz file. Raises Damaged, and OSError where the file cannot be opened."""
    with _in_one_line(), zipfile.ZipFile(file) as archive:
        yield Npz(archive, most_bytes)


def _check_plain(head: Head) -> None:
    if head.dtype.hasobject:
        raise Damaged("it holds Python objects, which are never read")


@contextmanager
def _in_one_line(begin: str = "") -> Iterator[None]:
    """Makes a Damaged of whatever is raised but for what the system refuses and what is said in one line already."""
    try:
        yield
    except Damaged as error:
        said = str(error)
        raise Damaged(said if said.startswith(begin) else begin + said) from None
    except OSError as error:
        if error.strerror:
            raise
        raise Damaged(f"{begin}it is damaged ({error})") from None
    except MemoryError:
        raise Damaged(f"{begin}there is no memory for it") from None
    except Exception as error:  # damage is of many kinds: zlib.error, EOFError, TokenError, StopIteration, ...
        raise Damaged(f"{begin}it is damaged, or not as numpy writes it ({type(error).__name__})") from None
