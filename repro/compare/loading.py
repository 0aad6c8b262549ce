"""Models from files that somebody handed over: arrays and tensors by name, and nothing that a file could execute.

What reads the predictions of a task, or the checkpoints of a method, stands in `repro.registry.LOADERS`. Pickles are
never run: arrays are read without them, checkpoints by `repro.data.sources.tensors`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from repro.arrays import Damaged, Head, npz
from repro.data.sources.tensors import first_line
from repro.registry import did_you_mean
from repro.spec.model import Column

if TYPE_CHECKING:
    from torch import Tensor

MOST_FREE_BYTES = 256 * 1024**2
"""Of an array whose length the data set does not fix."""
Shape = tuple[int | None, ...]
_NUMBERS = "fiu"


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


def arrays(file: Path, known: Mapping[str, str], shapes: Mapping[str, Sequence[Shape]]) -> dict[str, np.ndarray]:
    """The arrays of an .npz file as float64, all finite; `known` says what each name stands for, `shapes` which it may
    have.

    Raises ValueError for another kind of file, unknown names, arrays that are no numbers or of other shapes, and
    numbers that are not finite. No array is read before the heads of all are seen to be in order.
    """
    try:
        with npz(file) as found:
            for name in found.names:
                if name not in known:
                    hint = did_you_mean(name, list(known))
                    raise Damaged(f"unknown array {name!r}{hint} (known: {', '.join(known)})")
            if not found.names:
                raise Damaged(f"no array in it (known: {', '.join(known)})")
            for name in found.names:
                _check_head(found.head(name), name, shapes.get(name, ()))
            return {name: _finite(found.array(name), name) for name in found.names}
    except FileNotFoundError:
        raise ValueError(f"there is no file {str(file)!r}") from None
    except (Damaged, OSError) as error:
        raise ValueError(f"{file}: {first_line(error)}") from None


def _check_head(head: Head, name: str, shapes: Sequence[Shape]) -> None:
    if head.dtype.kind not in _NUMBERS:
        raise Damaged(f"array {name!r} is of {head.dtype}, not of numbers; objects are never read")
    if shapes:
        check_shape(head.shape, *shapes, what=name)
    if any(None in shape for shape in shapes) and head.bytes > MOST_FREE_BYTES:
        raise Damaged(f"array {name!r} has {head.bytes} bytes, the most is {MOST_FREE_BYTES}")


def _finite(found: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).sum())
        raise Damaged(f"array {name!r} has {bad} of {found.size} numbers that are not finite")
    return found.astype(np.float64)


def check_shape(have: tuple[int, ...], *shapes: Shape, what: str) -> None:
    """Raises ValueError for a shape that is none of these (None: any length), and says which it must be."""
    for shape in shapes:
        if len(have) == len(shape) and all(want in (None, n) for want, n in zip(shape, have, strict=True)):
            return
    wanted = " or ".join(str(shape).replace("None", "N") for shape in shapes)
    raise Damaged(f"{what} must have shape {wanted}, it has {have}")
