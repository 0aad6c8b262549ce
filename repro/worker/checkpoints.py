"""States of a training as files: tensors and plain values, written a tensor at a time, whole or not at all.

A state is a tree of dictionaries, lists and tuples over tensors, arrays, numbers, words and None. A file is what
`torch.save` writes of it, followed by the SHA-256 of that, so that damage is seen.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from repro.files import replaced

KEPT = 2
DIGEST_BYTES = 32
BLOCK_BYTES = 1 << 20
ARRAY = "an array of numpy"  # the key of a dictionary that stands for an array: torch reads none back by itself


class Checkpoints:
    """The last two checkpoints of a pass."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, state: Mapping[str, Any]) -> None:
        """Adds a checkpoint and removes all but the last two."""
        number = int(self._files()[-1].stem) + 1 if self._files() else 0
        write_state(self.folder / f"{number:08d}.pt", state)
        for old in self._files()[:-KEPT]:
            old.unlink()

    def read(self, is_ours: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any] | None:
        """The newest checkpoint that is whole, with its tensors on the CPU.

        One that torch cannot read, or that is not ours, is set aside, which is said in the log.
        """
        for file in reversed(self._files()):
            if not is_whole(file):
                continue
            try:
                found = read_state(file)
            except Exception as error:  # torch raises many kinds for what it did not write
                _set_aside(file, f"cannot be read ({type(error).__name__})")
                continue
            if is_ours(found):
                return found
            _set_aside(file, "is of another training")
        return None

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.pt"))


def write_state(file: Path, state: Mapping[str, Any]) -> None:
    """Replaces a file by a state, atomically. Raises TypeError for what cannot be part of one."""
    import torch

    plain = encoded(state)
    with replaced(file) as handle:
        hashing = _Hashing(handle)
        torch.save(plain, cast(IO[bytes], hashing))  # it writes from the first byte to the last
        handle.write(hashing.digest.digest())


def read_state(file: Path) -> dict[str, Any]:
    """The state in a file, with its tensors on the CPU. Nothing in it is run."""
    import torch

    state: dict[str, Any] = decoded(torch.load(file, map_location="cpu", weights_only=True))
    return state


def is_whole(file: Path) -> bool:
    """Whether a file ends with the hash of what stands before it."""
    left = file.stat().st_size - DIGEST_BYTES
    digest = hashlib.sha256()
    with file.open("rb") as handle:
        while left > 0:
            block = handle.read(min(left, BLOCK_BYTES))
            digest.update(block)
            left -= len(block)
        return handle.read() == digest.digest()


def encoded(value: Any, at: str = "the state") -> Any:
    """A state as torch can read it back safely; tensors are not copied.

    Raises TypeError for anything but tensors, arrays of numbers, numbers, words, None, and dictionaries, lists and
    tuples of these: it says where it is.
    """
    import numpy as np
    import torch

    if isinstance(value, Mapping):
        return {name: encoded(each, f"{at}[{name!r}]") for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        items = [encoded(each, f"{at}[{place}]") for place, each in enumerate(value)]
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return {ARRAY: torch.from_numpy(value if value.flags.writeable else value.copy())}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (torch.Tensor, bool, int, float, str)):
        return value
    raise TypeError(
        f"{at} is a {type(value).__name__}: a state is made of tensors, arrays of numbers, numbers, words and None, in "
        "dictionaries and lists"
    )


def decoded(value: Any) -> Any:
    """The inverse of `encoded`."""
    if isinstance(value, dict):
        if value.keys() == {ARRAY}:
            return value[ARRAY].numpy()
        return {name: decoded(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        items = [decoded(each) for each in value]
        return items if isinstance(value, list) else tuple(items)
    return value


def _set_aside(file: Path, problem: str) -> None:
    aside = file.with_suffix(".aside")
    file.replace(aside)
    print(f"the checkpoint {file.name} {problem}: set aside as {aside.name}", file=sys.stderr, flush=True)


class _Hashing:
    """A file that knows the hash of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return self._file.write(block)

    def flush(self) -> None:
        self._file.flush()
