"""Arrays of .npy and .npz files, read as `repro.arrays` says: of an .npz only what is asked for."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np

from repro.arrays import Damaged, npy, npz
from repro.scoring.place import BINARY, Place


def array(place: Place) -> np.ndarray:
    """An array as it is stored."""
    if place.form not in BINARY:
        raise ValueError(f"{place.file}: an .npy or .npz file is expected here")
    with _stream(place) as stream:
        if place.form == "npy":
            return npy(stream)
        with npz(stream) as found:
            return found.array(_meant(place, found.names))


def arrays(place: Place) -> dict[str, np.ndarray]:
    """All arrays of an .npz by name."""
    if place.form != "npz":
        raise ValueError(f"{place.file}: an .npz file is expected here")
    if place.name is not None:
        raise ValueError(f"{place}: all arrays of the file are expected, not one")
    with _stream(place) as stream, npz(stream) as found:
        return {name: found.array(name) for name in found.names}


def _meant(place: Place, names: list[str]) -> str:
    if not names:
        raise Damaged("there is no array in it")
    if place.name is None and len(names) > 1:
        raise Damaged(f"name the array, one of {', '.join(names)}: {place.file}:ARRAY")
    name = names[0] if place.name is None else place.name
    if name not in names:
        raise Damaged(f"there is no array {name!r}, only {', '.join(names)}")
    return name


@contextmanager
def _stream(place: Place) -> Iterator[BinaryIO]:
    """The bytes of a place; whatever goes wrong while it is open is said of the file."""
    try:
        with io.BytesIO(place.contents) if place.is_pipe else place.file.open("rb") as stream:
            yield stream
    except Damaged as error:
        raise ValueError(f"{place.file}: {error}") from None
    except OSError as error:
        raise ValueError(f"{place.file} cannot be read: {error.strerror or error}") from None
