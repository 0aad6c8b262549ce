"""Arrays of .npy and .npz files. Nothing in them is unpickled, and of an .npz only what is asked for is read."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
from numpy.lib.npyio import NpzFile

from repro.scoring.place import BINARY, Place


def array(place: Place) -> np.ndarray:
    """An array as it is stored."""
    if place.form not in BINARY:
        raise ValueError(f"{place.file}: an .npy or .npz file is expected here")
    with _loaded(place) as loaded:
        if isinstance(loaded, np.ndarray):
            return loaded
        if not loaded.files:
            raise ValueError(f"{place.file}: there is no array in it")
        if place.name is None and len(loaded.files) > 1:
            raise ValueError(f"{place.file}: name the array, one of {', '.join(loaded.files)}: {place.file}:ARRAY")
        name = loaded.files[0] if place.name is None else place.name
        if name not in loaded.files:
            raise ValueError(f"{place.file}: there is no array {name!r}, only {', '.join(loaded.files)}")
        return _array(loaded, name)


def arrays(place: Place) -> dict[str, np.ndarray]:
    """All arrays of an .npz by name."""
    if place.form != "npz":
        raise ValueError(f"{place.file}: an .npz file is expected here")
    if place.name is not None:
        raise ValueError(f"{place}: all arrays of the file are expected, not one")
    with _loaded(place) as loaded:
        if isinstance(loaded, np.ndarray):
            raise ValueError(f"{place.file}: an .npz file is expected here")
        return {name: _array(loaded, name) for name in loaded.files}


def _array(loaded: NpzFile, name: str) -> np.ndarray:
    found: object = loaded[name]
    if not isinstance(found, np.ndarray):
        raise ValueError(f"{name!r} is no array")
    return found


@contextmanager
def _loaded(place: Place) -> Iterator[np.ndarray | NpzFile]:
    """What numpy makes of a file; whatever goes wrong while it is open is said of the file."""
    try:
        with _stream(place) as stream:
            loaded = np.load(stream, allow_pickle=False)
            yield loaded
    except (ValueError, OSError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        said = str(error)
        if said.startswith(str(place.file)):
            raise
        if isinstance(error, OSError) and error.strerror:
            raise ValueError(f"{place.file} cannot be read: {error.strerror}") from None
        why = "it holds Python objects" if "pickle" in said else "it is damaged, or no such file"
        raise ValueError(f"{place.file}: not an array that can be read: {why}") from None


def _stream(place: Place) -> BinaryIO:
    return io.BytesIO(place.contents) if place.is_pipe else place.file.open("rb")
