"""Checkpoints of the networks of a pair: tensors by name and shape, one seed, H hidden units, Z dimensions of noise.

discriminator.W1 (2, H)  .b1 (1, H)  .W2 (H, H)  .b2 (1, H)  .W3 (H, 1)  .b3 (1, 1)
generator.W1 (Z, H)  .scale1 .shift1 (1, H)  .W2 (H, H)  .scale2 .shift2 (1, H)  .W3 (H, 2)  .b3 (1, 2)
generator.running_mean (2, H)  generator.running_variance (2, H)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from baselines.cegan.networks import Generator, ReluNet
from baselines.cegan.training import TrainedPair
from repro.data.sources.fitted import without_prefix


def read_pair(tensors: Mapping[str, Tensor], data: Any, method: Any) -> TrainedPair:  # noqa: ARG001  (sizes are inside)
    """The trained pair of a checkpoint. Raises ValueError unless all names and shapes are those above."""
    tensors = without_prefix(tensors, ("discriminator.W1", "generator.W1"))
    hidden, noise = (_size(tensors, f"{net}.W1", side) for net, side in (("discriminator", 1), ("generator", 0)))
    discriminator, generator = ReluNet((2, hidden, 1), 1, "cpu"), Generator((noise, hidden, 2), 1, "cpu")
    places = {f"discriminator.{key}": view[0] for key, view in discriminator.parameters.value.items()}
    places |= {f"generator.{key}": view[0] for key, view in generator.parameters.value.items()}
    places |= {
        "generator.running_mean": generator.running_mean[0],
        "generator.running_variance": generator.running_variance[0],
    }
    for key in sorted(places.keys() | tensors.keys()):
        if key not in tensors or key not in places:
            raise ValueError(f"tensor {key!r} is {'missing' if key in places else 'not one of the networks'}")
        if tensors[key].shape != places[key].shape:
            raise ValueError(f"{key} must have shape {tuple(places[key].shape)}, it has {tuple(tensors[key].shape)}")
        if not tensors[key].is_floating_point():
            raise ValueError(f"{key} must be of real numbers, it is of {tensors[key].dtype}")
        places[key].copy_(tensors[key])
    return TrainedPair(generator, discriminator, 0, noise)


def _size(tensors: Mapping[str, Tensor], key: str, side: int) -> int:
    if key not in tensors or tensors[key].ndim != 2:
        raise ValueError(f"there is no matrix {key!r} in it")
    return int(tensors[key].shape[side])
