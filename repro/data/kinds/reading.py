"""Files of a data set in a folder, packed or not, and what numpy reads of them without pickles."""

from __future__ import annotations

import io
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from repro.contracts import MissingData
from repro.data.sources.packed import SUFFIXES, opened


def path_of(folder: Path, *names: str) -> Path:
    """The first of a file's names that lies in a folder, packed or not. Raises MissingData."""
    for name in names:
        for suffix in SUFFIXES:
            path = folder / f"{name}{suffix}"
            if path.is_file():
                return path
    raise MissingData(f"{names[0]} is not in {folder}: put the files of the data set there")


def is_there(folder: Path, name: str) -> bool:
    """Whether a file lies in a folder, packed or not."""
    return any((folder / f"{name}{suffix}").is_file() for suffix in SUFFIXES)


def contents(path: Path) -> bytes:
    """What a file holds, unpacked. Raises ValueError for a damaged one."""
    with opened(path) as file:
        return file.read()


def array(path: Path) -> np.ndarray:
    """The array of an `.npy` file. Raises ValueError for other contents."""
    try:
        loaded: np.ndarray = np.load(io.BytesIO(contents(path)), allow_pickle=False)
    except (EOFError, ValueError) as error:
        raise ValueError(f"{path} is no numpy array: {error}; replace it") from error
    return loaded


def arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Named arrays of an `.npz` file. Raises ValueError for other contents or a missing name."""
    try:
        with np.load(io.BytesIO(contents(path)), allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise ValueError(f"{path} is no numpy archive with {', '.join(names)}: {error}; replace it") from error
