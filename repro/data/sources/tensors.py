"""Tensors by name from a checkpoint that somebody handed over, with nothing of it executed.

A state dict is read with `weights_only`, or as safetensors. Where a project released whole pickled modules, which are
code to torch, `modules` names what they consist of; then their tensors are taken out by `repro.data.sources.pickled`,
and all else of them is left alone.
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

if TYPE_CHECKING:
    from torch import Tensor

INSIDE = ("state_dict", "model_state_dict", "model")
LONGEST_MESSAGE = 1_000
SAFE = "save model.state_dict() instead, or as safetensors"


def tensors(file: Path, modules: Collection[str] = ()) -> dict[str, Tensor]:
    """The tensors of a checkpoint by name, on the CPU: a state dict, or one under `state_dict`, `model_state_dict` or
    `model`.

    Reads .safetensors, and what torch.save wrote; a file with anything else in it than tensors, and modules of the
    kinds that `modules` lists, is refused before anything of it runs. Raises ValueError, in one line.
    """
    if not file.is_file():
        raise ValueError(f"there is no file {str(file)!r}")
    found = _safetensors(file) if file.suffix.lower() == ".safetensors" else _torch(file, modules)
    for name in INSIDE:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    import torch

    if not isinstance(found, Mapping) or not found or not all(isinstance(v, torch.Tensor) for v in found.values()):
        raise ValueError(f"{file} is no state dict: it must map names to tensors, and nothing else")
    for name, tensor in found.items():
        if odd := _odd(tensor):
            raise ValueError(f"{file}: tensor {name!r} is {odd}, not of real numbers one by one")
        if tensor.is_floating_point() and not torch.isfinite(tensor.float()).all():
            raise ValueError(f"{file}: tensor {name!r} is not finite")
    return {str(name): tensor for name, tensor in found.items()}


def _odd(tensor: Tensor) -> str:
    """What a tensor is that no network of ours has; empty where it is none. Floats of 8 bits stand for a scale's."""
    import torch

    if tensor.is_complex():
        return f"complex ({tensor.dtype})"
    if tensor.is_quantized or (tensor.is_floating_point() and tensor.element_size() == 1):
        return f"quantised ({tensor.dtype})"
    return "without contents" if tensor.is_meta else "sparse" if tensor.layout != torch.strided else ""


def _torch(file: Path, modules: Collection[str]) -> Any:
    import torch

    from repro.data.sources.pickled import module_tensors

    try:
        with _short_messages():
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        if modules:
            return module_tensors(file, modules)
        raise ValueError(f"{file} holds more than tensors and is not read, since that could run code: {SAFE}") from None
    except Exception as error:  # the reader raises many kinds for a damaged file
        raise ValueError(f"{file} is no checkpoint that torch can read: {first_line(error)}") from None


class _Short(pickle.UnpicklingError):
    """What the reader says of a file, without the rest of a name that fills a file."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message[:LONGEST_MESSAGE])


@contextmanager
def _short_messages() -> Iterator[None]:
    """In the block torch's reader raises no long message: torch looks through it by a pattern whose time grows with the
    square of a name in it, and the name is the file's.
    """
    from torch import _weights_only_unpickler as reader

    with patch.object(reader, "UnpicklingError", _Short):
        yield


def _safetensors(file: Path) -> Any:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        raise ValueError("a .safetensors file needs the library safetensors: pip install 'repro-tables[hf]'") from None
    try:
        return load_file(file)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{file} is no whole safetensors file: {first_line(error)}") from None


def first_line(error: Exception) -> str:
    """What an error of a library says first, cut to a length that a line can have."""
    return str(error).partition("\n")[0][:200] or type(error).__name__
