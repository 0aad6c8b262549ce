"""What an autoencoder is as a network, and as task representation wants it trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.training.parts import copied

EXAMPLES = 1_000  # at a time


class Coder(nn.Module):
    """A network that gives reconstructions (N, D) of examples (N, D) by way of a code."""

    def encode(self, examples: Tensor) -> Tensor:
        """The codes (N, K) of examples (N, D)."""
        raise NotImplementedError


class TrainedAutoencoder:
    """A network that offers what the task asks for."""

    def __init__(self, network: Coder) -> None:
        self.network = network

    def encode(self, examples: np.ndarray) -> np.ndarray:
        """The codes (N, K) of examples (N, D)."""
        return self._through(self.network.encode, examples)

    def reconstruct(self, examples: np.ndarray) -> np.ndarray:
        """What is left of examples (N, D)."""
        return self._through(self.network, examples)

    def state(self) -> dict[str, Any]:
        """The weights."""
        return {"weights": copied(self.network.state_dict())}

    def _through(self, function: Callable[[Tensor], Tensor], examples: np.ndarray) -> np.ndarray:
        weights = next(self.network.parameters())
        with torch.no_grad():
            blocks = [
                function(torch.from_numpy(examples[start : start + EXAMPLES]).to(weights)).cpu()
                for start in range(0, len(examples), EXAMPLES)
            ]
        found: np.ndarray = torch.cat(blocks).numpy()
        return found
