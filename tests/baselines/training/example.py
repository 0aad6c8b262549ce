"""A method on the loop, as short as one can be: what `CONTRIBUTING.md` shows, and the contract test runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.training.batches import Batches
from baselines.training.loop import Loop
from baselines.training.parts import copied
from baselines.training.schedules import cosine, set_rate, warm_up
from baselines.training.seeding import seeded
from repro.contracts import Context


@dataclass(frozen=True)
class Classifier:
    """A perceptron with dropout, trained by Adam at a rate that rises over a tenth of the steps and then falls."""

    hidden: int = 64
    steps: int = 1000
    learning_rate: float = 1e-3

    def fit(self, data: Any, context: Context) -> Trained:
        """Trains one seed on images (N, D) and labels (N,). Raises Diverged."""
        x, y = (torch.as_tensor(array, device=context.device) for array in (data.images, data.labels))
        batches, rate = Batches(context, len(x), size=100), warm_up(self.steps // 10, cosine(self.steps))
        sizes = x.shape[1], int(y.max()) + 1
        with seeded(context, "weights", 0):
            network = self.network(*sizes).to(context.device)
        adam = torch.optim.Adam(network.parameters(), self.learning_rate)

        def step(number: int) -> dict[str, Tensor]:
            chosen = batches[number]
            loss = nn.functional.cross_entropy(network(x[chosen]), y[chosen])
            adam.zero_grad()
            torch.autograd.backward(loss)
            set_rate(adam, rate(number))
            adam.step()
            return {"loss": loss}

        Loop(context, {"network": network, "adam": adam}, step, self.steps).run()
        return Trained(network.eval(), sizes)

    def restore(self, state: Mapping[str, Any], context: Context) -> Trained:
        """The trained model whose `state()` this is."""
        network = self.network(*state["sizes"]).to(context.device)
        network.load_state_dict(state["network"])
        return Trained(network.eval(), state["sizes"])

    def network(self, inputs: int, classes: int) -> nn.Module:
        """The untrained network."""
        return nn.Sequential(
            nn.Linear(inputs, self.hidden), nn.ReLU(), nn.Dropout(0.5), nn.Linear(self.hidden, classes)
        )


@dataclass(frozen=True)
class Trained:
    """A trained network, as a task of classification may ask for it."""

    network: nn.Module
    sizes: tuple[int, int]

    def state(self) -> Mapping[str, Any]:
        """The weights and the sizes."""
        return {"sizes": self.sizes, "network": copied(self.network.state_dict())}

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Logits (N, K) of images (N, D)."""
        with torch.no_grad():
            logits: np.ndarray = self.network(torch.as_tensor(images)).numpy()
        return logits
