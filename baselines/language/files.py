"""Checkpoints of a language model: the state dict of the network that the method and its parameters describe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from baselines.language.evaluation import TrainedLanguageModel
from repro.data.kinds.corpus import Corpus


def read_network(tensors: Mapping[str, Tensor], data: Corpus, method: Any) -> TrainedLanguageModel:
    """The trained model of a checkpoint. Raises ValueError for other tensors than those of the method's network."""
    if not hasattr(method, "network"):
        raise ValueError("this checkpoint needs the method and params of its network: "
                         "--method awd-lstm --params output=softmax ...")  # fmt: skip
    network = method.network(len(data.vocabulary))
    own = network.state_dict()
    for key in sorted(own.keys() | tensors.keys()):
        if key not in tensors or key not in own:
            raise ValueError(f"tensor {key!r} is {'missing' if key in own else 'not one of the network'}")
        if tensors[key].shape != own[key].shape:
            raise ValueError(f"{key} must have shape {tuple(own[key].shape)}, it has {tuple(tensors[key].shape)}")
    network.load_state_dict(dict(tensors))
    return TrainedLanguageModel(network, "cpu")
