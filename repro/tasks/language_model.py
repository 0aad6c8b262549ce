"""What the tasks of language models ask of a trained one. All but the first protocol are asked for where they are used.

A text is read as `streams` parallel parts of equal length, each from its first token on with a state of its own, and
no part's first token is predicted. Scores come in the order of time, streams side by side.
Shapes: T tokens, N predictions, n predictions of a block, V vocabulary
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from repro.metrics.language.likelihood import Nll


class LanguageModel(Protocol):
    """A language model with fixed parameters."""

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of tokens (T,) but the first of each stream: (N,)."""

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same predictions in blocks: targets (n,) and log-probabilities (n, V) in nats."""


class CachedModel(Protocol):
    """A model that can be given a continuous cache of what it has read."""

    def cached_nll(self, tokens: np.ndarray, streams: int, *, weight: float, flatness: float, size: int) -> np.ndarray:
        """As `nll`, of the mixture of the model and a cache of the last `size` hidden states: (N,)."""


class DynamicModel(Protocol):
    """A model whose parameters can follow a text."""

    def dynamic_nll(
        self,
        tokens: np.ndarray,
        *,
        learning_rate: float,
        epsilon: float,
        decay: float,
        statistics_text: np.ndarray,
        statistics_streams: int,
    ) -> np.ndarray:
        """As `nll` in one stream, a step after each segment (T - 1,). Afterwards the parameters are as before.

        The text of the statistics (S,) is that whose gradients scale the steps, read in parts.
        """


class WatchedModel(Protocol):
    """A model with the losses of its last updates in training."""

    def training_nll(self, updates: int) -> Nll:
        """The loss of the last updates, each before it was made. Raises ValueError where fewer are kept."""


class StepModel(Protocol):
    """A model that is asked for a single step of a text."""

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        """log p in nats of every word after tokens (T,), which are read from the first on: (V,)."""

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of tokens (T,) but the first of each stream: (N,)."""


def offers(model: object, name: str, needs: str) -> Any:
    """The model itself. Raises ValueError where it does not offer what a protocol needs."""
    if not hasattr(model, name):
        raise ValueError(
            f"`{needs}` asks the model for `{name}`, which a {type(model).__name__} does not offer: "
            "measure it without, or give the model that method"
        )
    return model
