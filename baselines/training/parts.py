"""What a training is made of: anything with a state that can be taken out and put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn


class Part(Protocol):
    """A module, an optimiser, a schedule of torch's, an average: whatever a checkpoint has to hold."""

    def state_dict(self) -> Mapping[str, Any]:
        """The state, whose tensors may be the live ones."""

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Puts back what `state_dict` gave, from tensors on the CPU."""


def modules(parts: Iterable[Part]) -> list[nn.Module]:
    """Those parts that are modules."""
    return [part for part in parts if isinstance(part, nn.Module)]


def copied(state: Any) -> Any:
    """A state with its tensors copied to the CPU; tensors that are one, as tied weights are, stay one."""
    return _copied(state, {})


def _copied(value: Any, known: dict[Any, Tensor]) -> Any:
    if isinstance(value, Tensor):
        place = (value.device, value.data_ptr(), value.shape, value.stride(), value.dtype)
        if place not in known:
            known[place] = value.detach().to("cpu", copy=True)
        return known[place]
    if isinstance(value, Mapping):
        return {name: _copied(each, known) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(each, known) for each in value]
    return value


@contextmanager
def evaluating(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Inside the block networks are in evaluation mode and nothing has gradients; then each is in its mode again."""
    before = [(module, module.training) for network in networks for module in network.modules()]
    for module, _ in before:
        module.training = False
    try:
        with torch.no_grad():
            yield
    finally:
        for module, mode in before:
            module.training = mode
