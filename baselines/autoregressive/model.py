"""What the autoregressive models share: bits, their likelihood, and a training that keeps the best on validation.

Shapes: N examples, D inputs
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from baselines.training.loop import Loop, Validation
from baselines.training.parts import Part, copied, evaluating
from baselines.training.selection import Best
from baselines.training.watch import Watched
from repro.contracts import Context, single

LEAST_MEAN = 1e-3  # of an input: one that is never on would have an infinite logit


class Network(nn.Module, ABC):
    """A product of conditionals of D binary inputs, in an order or in several."""

    @abstractmethod
    def log_probabilities(self, bits: np.ndarray) -> np.ndarray:
        """log p of examples (N, D) uint8, in nats: (N,) float64."""

    @abstractmethod
    def small(self, inputs: int, random: np.random.Generator) -> Network:
        """A network of the same class with few units in float64, all parameters drawn from N(0, 1), not trained."""

    @abstractmethod
    def sizes(self) -> dict[str, Any]:
        """What the constructor was given: whole numbers and lists of them."""


class AutoregressiveModel:
    """A network, as task density-estimation wants it."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:  # noqa: ARG002  (exact)
        """log p of examples (N, D) of zeros and ones, in nats: (N,) float64. Raises ValueError for other numbers."""
        bits = examples.astype(np.uint8)
        if not np.array_equal(bits, examples) or bits.max(initial=0) > 1:
            raise ValueError(
                "a model of binary data has a likelihood of zeros and ones alone; for grey pixels: "
                "`protocol: {binarised: sampled}`"
            )
        with evaluating([self.network]):
            return self.network.log_probabilities(bits)

    def small(self, inputs: int, random: np.random.Generator) -> AutoregressiveModel:
        """An untrained model of the same class, so small that its identities can be checked by enumeration."""
        with torch.random.fork_rng(devices=[]):
            return AutoregressiveModel(self.network.small(inputs, random))

    def state(self) -> dict[str, Any]:
        """The sizes and the weights."""
        return {"sizes": self.network.sizes(), "weights": copied(self.network.state_dict())}


def train(
    network: Network,
    optimiser: torch.optim.Optimizer,
    step: Callable[[int], Watched],
    per_epoch: int,
    epochs: int,
    look_ahead: int,
    context: Context,
) -> AutoregressiveModel:
    """The network at the epoch with the best validation likelihood; `look_ahead` epochs without a better end it.

    Raises Diverged.
    """
    model = AutoregressiveModel(network)
    seen = _Drawing(model, context)
    best = Best({"network": network}, "negative-log-likelihood", patience=look_ahead)
    validation = Validation(lambda: context.evaluate(seen), per_epoch, best)
    parts: dict[str, Part] = {"network": network, "optimiser": optimiser}
    Loop(context, parts, step, until=epochs * per_epoch, validation=validation, kept=("network",)).run()
    return model


class _Drawing:
    """A model as its training's evaluations see it: what is grey is drawn, the same in every epoch."""

    def __init__(self, model: AutoregressiveModel, context: Context) -> None:
        self.model, self.context = model, context

    def log_likelihood(self, examples: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """log p of examples (N, D) in [0, 1], in nats: (N,) float64."""
        own = self.context.generator(single(self.context.seeds), "binarisation", "valid")
        return self.model.log_likelihood(_drawn(examples, 1, own), random)


def bits_of(images: np.ndarray, context: Context) -> np.ndarray:
    """Training images (N, H, W, C) uint8 as bits (N, D) uint8, in the order (H, W, C).

    Those with pixels other than 0 and 255 are drawn once, by pixels as probabilities, from a stream of the seed.
    """
    own = context.generator(single(context.seeds), "binarisation", "train")
    return _drawn(np.array(images).reshape(len(images), -1), 255, own)


def _drawn(pixels: np.ndarray, white: int, random: np.random.Generator) -> np.ndarray:
    if np.isin(pixels, (0, white)).all():
        return np.asarray(pixels == white, dtype=np.uint8)
    return np.asarray(random.random(pixels.shape) < pixels / white, dtype=np.uint8)


def marginal_logits(bits: np.ndarray) -> np.ndarray:
    """The logits of the inputs' means over examples (N, D), which are held off 0 and 1: (D,) float64."""
    means = np.clip(bits.mean(axis=0), LEAST_MEAN, 1 - LEAST_MEAN)
    logits: np.ndarray = np.log(means) - np.log1p(-means)
    return logits


def bernoulli_losses(logits: Tensor, bits: Tensor) -> Tensor:
    """-log p of bits (N, D) under independent bits with these logits (N, D), in nats: (N,), added up in float64."""
    return F.binary_cross_entropy_with_logits(logits, bits, reduction="none").sum(dim=1, dtype=torch.float64)


def randomised(network: nn.Module, random: np.random.Generator) -> None:
    """All parameters become draws from N(0, 1)."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.from_numpy(random.standard_normal(tuple(parameter.shape))))
