"""Tensors of a file as a network wants them: without a wrapper's prefix, every name filled, and of the kind it has.

Wrappers write their own name before all others. safetensors leaves out the further names of a tensor that a network has
under several (tied weights), and a plain state dict may have two tensors where the network has one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from repro.hints import did_you_mean

if TYPE_CHECKING:
    from torch import Tensor, nn

PREFIXES = ("module.", "_orig_mod.", "model.", "network.", "net.")
"""Of DataParallel, of `torch.compile`, and of the attribute that a trainer's own module most often has."""

COUNTERS = ("n_averaged",)
"""What wrappers add of their own: the steps of `torch.optim.swa_utils.AveragedModel`."""


def fitted(found: Mapping[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The state dict of a network from the tensors of a file.

    Raises ValueError, in one line, for a tensor that is missing, unknown, of another shape or of another kind (integers
    where the network has real numbers), and for tied weights that the file has as different ones.
    """
    own = network.state_dict()
    given = without_prefix(found, own)
    for names in _tied(network):
        there = [name for name in names if name in given]
        for name in there[1:]:
            if given[name].shape != given[there[0]].shape or not bool((given[name] == given[there[0]]).all()):
                raise ValueError(f"the network ties {there[0]!r} and {name!r}, and the file has them as different ones")
        given |= {name: given[there[0]] for name in names if there}
    for name in sorted(own.keys() | given.keys()):
        if name not in given or name not in own:
            near = did_you_mean(name, given.keys() - own.keys()) if name in own else ""
            raise ValueError(f"tensor {name!r} is {f'missing{near}' if name in own else 'not one of the network'}")
        if given[name].shape != own[name].shape:
            raise ValueError(f"{name} must have shape {tuple(own[name].shape)}, it has {tuple(given[name].shape)}")
        if given[name].is_floating_point() != own[name].is_floating_point():
            raise ValueError(f"{name} must be of {own[name].dtype}, it is of {given[name].dtype}: quantised weights, "
                             "and those that were cast to integers, are not read")  # fmt: skip
    return given


def without_prefix(found: Mapping[str, Tensor], own: Collection[str]) -> dict[str, Tensor]:
    """The tensors without what a wrapper put before each name, unless some name is one of `own` as it is."""
    given = {name: tensor for name, tensor in found.items() if name in own or name not in COUNTERS}
    while given and not set(own) & given.keys():
        prefix = next((each for each in PREFIXES if all(name.startswith(each) for name in given)), None)
        if prefix is None:
            break
        given = {name.removeprefix(prefix): tensor for name, tensor in given.items()}
    return given


def _tied(network: nn.Module) -> list[list[str]]:
    """The names of each parameter that a network has under several."""
    names: dict[int, list[str]] = {}
    for name, parameter in network.named_parameters(remove_duplicate=False):
        names.setdefault(id(parameter), []).append(name)
    return [group for group in names.values() if len(group) > 1]
