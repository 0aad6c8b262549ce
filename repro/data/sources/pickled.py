"""The tensors of a pickled torch module, taken out without making the module.

`torch.save(model)` writes the names of the classes that the module and its parts are of, and their attributes; loading
it imports those classes, and whatever else the file names. Here no name is looked up but those that tensors are made
of: each of the kinds that the caller lists becomes an empty shell, which keeps what it is given and does nothing, and
any other name ends the reading. So a file can make shells and tensors, and call nothing else.

Read are files of PyTorch 0.4 and later, in both formats. Those of 0.3 and before, whose variables are pickled in
another way, are not: load them there and save `state_dict()`.
"""

from __future__ import annotations

import pickle
import warnings
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch._utils import _rebuild_parameter, _rebuild_tensor_v2

from repro.data.sources.tensors import SAFE, first_line

KNOWN: Mapping[str, Any] = {
    "builtins.set": set,
    "collections.OrderedDict": OrderedDict,
    "torch.Size": torch.Size,
    "torch._utils._rebuild_tensor_v2": _rebuild_tensor_v2,
    "torch._utils._rebuild_parameter": _rebuild_parameter,
}
"""What tensors and modules are made of in a pickle, beside the names of storages, which torch itself looks after."""


class Shell:
    """In the place of an object whose class is not imported: whatever it is made with and told, it does nothing."""

    dump_patches = False

    def __new__(cls, *_: Any, **__: Any) -> Shell:
        """An empty one."""
        return super().__new__(cls)

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if isinstance(state, dict) else {})

    def append(self, _: Any) -> None:
        """As a list is filled."""

    def extend(self, _: Any) -> None:
        """As a list is filled."""

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def __hash__(self) -> int:
        return id(self)


def module_tensors(file: Path, kinds: Collection[str]) -> dict[str, Tensor]:
    """The parameters and buffers of the module in a file by their names in its `state_dict()`, on the CPU.

    In a list, as training scripts save it with its optimiser, the first module counts. `kinds` are full names of
    classes and functions, or modules that end in a dot: `("model.RNNModel", "torch.nn.")`. Raises ValueError, in one
    line, for a file that names anything else, or has no module.
    """

    class Unpickler(pickle.Unpickler):
        """Gives tensors and shells."""

        def find_class(self, module: str, name: str) -> Any:
            """What a name in the file stands for."""
            full = f"{module.replace('__builtin__', 'builtins')}.{name}"
            if full in KNOWN:
                return partial(KNOWN[full])  # the file may put attributes on what it names: on this, not on torch's own
            if any(full.startswith(kind) if kind.endswith(".") else full == kind for kind in kinds):
                return type(name, (Shell,), {})
            raise _Refused(full)

    reading = SimpleNamespace(
        __name__=__name__, Unpickler=Unpickler, load=lambda opened, **how: Unpickler(opened, **how).load()
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the source of a shell cannot be found
            found = torch.load(file, map_location="cpu", pickle_module=reading, weights_only=False)
    except _Refused as refused:
        raise ValueError(
            f"{file} holds {refused}, which is no part of a model that is read here, and could be any code; nothing of "
            f"it was run: {SAFE}"
        ) from None
    except Exception as error:  # the reader raises many kinds for a damaged file
        raise ValueError(f"{file} is no checkpoint that torch can read: {first_line(error)}") from None
    module = next((each for each in (found if isinstance(found, list | tuple) else [found]) if _is_module(each)), None)
    if module is None:
        raise ValueError(f"{file} holds no module: a whole model is expected, or its state_dict()")
    return dict(_named(module))


class _Refused(Exception):
    """A name in a file that stands for nothing here."""


def _is_module(found: Any) -> bool:
    return isinstance(found, Shell) and isinstance(found.__dict__.get("_modules"), Mapping)


def _named(module: Any, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    """The tensors of a module and of all inside it, as `state_dict()` names them."""
    given: Iterable[tuple[str, Any]] = [*module._parameters.items(), *module._buffers.items()]
    yield from ((f"{prefix}{name}", tensor.detach()) for name, tensor in given if isinstance(tensor, Tensor))
    for name, inner in module._modules.items():
        if _is_module(inner):
            yield from _named(inner, f"{prefix}{name}.")
