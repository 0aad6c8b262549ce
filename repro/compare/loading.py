"""Models from files that somebody handed over: arrays and tensors by name, and nothing that a file could execute.

What reads the predictions of a task, or the checkpoints of a method, stands in `repro.registry.LOADERS`. Pickles are
never run: arrays are read without them, checkpoints by `repro.data.sources.tensors`.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from repro.data.sources.tensors import first_line
from repro.registry import did_you_mean
from repro.spec.model import Column

if TYPE_CHECKING:
    from torch import Tensor

MOST_BYTES = 8 * 1024**3
"""Of all arrays of a file unpacked."""
_NUMBERS = "fiu"
_DESCRIBED = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


@dataclass(frozen=True)
class Loaded:
    """A model as its task asks for it, and of each column that it cannot fill the reason.

    `remarks` say of columns what their numbers are of, where that is not the model as the task knows it: signatures do.
    """

    model: Any
    lacking: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)


class TaskFiles(Protocol):
    """What a task offers for files. Raises ValueError, in one line, for a file that is not in the form.

    A task whose models are released as folders also has `folder(folder, data, columns) -> Loaded`.
    """

    def predictions(self, file: Path, data: Any, columns: Mapping[str, Column]) -> Loaded:
        """A model that gives back what the file holds."""


class ReadsCheckpoint(Protocol):
    """What a family offers for the checkpoints of a method: a trained model of their tensors, as its task asks for it.

    `method` has the parameters of the network, where somebody named them. Raises ValueError, in one line that need not
    name the file.
    """

    def __call__(self, tensors: Mapping[str, Tensor], data: Any, method: Any | None) -> Any:
        """The trained model."""


def sha256(file: Path) -> str:
    """SHA-256 of a file, or over the names and contents of the files of a folder, as hex."""
    digest = hashlib.sha256()
    for part in sorted(file.rglob("*")) if file.is_dir() else [file]:
        if part.is_file():
            digest.update(part.relative_to(file).as_posix().encode() if file.is_dir() else b"")
            with part.open("rb") as contents:
                while block := contents.read(1 << 20):
                    digest.update(block)
    return digest.hexdigest()


def arrays(file: Path, known: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The arrays of an .npz file as float64, all finite; `known` says what each name stands for.

    Raises ValueError for another kind of file, unknown names, arrays that are no numbers, and numbers that are not
    finite. No array is made before its header is seen to promise as many bytes as there are.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            infos = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            for name in infos:
                if name not in known:
                    hint = did_you_mean(name, list(known))
                    raise ValueError(f"unknown array {name!r}{hint} (known: {', '.join(known)})")
            if not infos:
                raise ValueError(f"no array in it (known: {', '.join(known)})")
            if sum(info.file_size for info in infos.values()) > MOST_BYTES:
                raise ValueError(f"its arrays would have more than {MOST_BYTES} bytes")
            return {name: _array(archive, info, name) for name, info in infos.items()}
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(file)!r}") from None
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValueError(f"{file} is no .npz file as numpy.savez writes it: {first_line(error)}") from None
    except ValueError as error:
        raise ValueError(f"{file}: {first_line(error)}") from None


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> np.ndarray:
    with archive.open(info) as contents:
        described = _DESCRIBED.get(np.lib.format.read_magic(contents))
        if described is None:
            raise ValueError(f"array {name!r} is in a form that is not known")
        shape, _, dtype = described(contents)
        if dtype.kind not in _NUMBERS:
            raise ValueError(f"array {name!r} is of {dtype}, not of numbers; objects are never read")
        size = dtype.itemsize
        for length in shape:
            size *= length
        if size != info.file_size - contents.tell():
            raise ValueError(f"array {name!r} says {shape} of {dtype}, and has not as many bytes")
    with archive.open(info) as contents:
        found = np.lib.format.read_array(contents, allow_pickle=False)
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).sum())
        raise ValueError(f"array {name!r} has {bad} of {found.size} numbers that are not finite")
    values: np.ndarray = found.astype(np.float64)
    return values


def shaped(values: np.ndarray, *shapes: tuple[int | None, ...], what: str) -> np.ndarray:
    """The array itself where it has one of the shapes (None: any length), or a ValueError that says which it must."""
    for shape in shapes:
        if values.ndim == len(shape) and all(
            want in (None, have) for want, have in zip(shape, values.shape, strict=True)
        ):
            return values
    wanted = " or ".join(str(shape).replace("None", "N") for shape in shapes)
    raise ValueError(f"{what} must have shape {wanted}, it has {values.shape}")
