"""A trained language model as the tasks want it: numpy in, numpy out.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018); dai2019, sections A.3 and A.6
Code:  zihangdai/mos, main.py (evaluate); read at 9c0c608. It divides the loss by the number of rows instead of that of
       predictions, which lowers a perplexity of 58.11 to 58.08 on ten streams; here the average is exact.
Shapes: N predictions, n predictions of a block, T time, B streams, H hidden width, V vocabulary
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.language.awd_lstm import LanguageModel, State, detached
from baselines.language.cache_pointer import Cache, cached_nll
from baselines.language.dynamic_evaluation import Rule, dynamic_nll, gradient_statistics
from baselines.language.regularisation import Dropouts
from baselines.language.running_loss import LastLosses
from baselines.language.streams import batchify, segments
from baselines.training.parts import copied
from repro.metrics.language.likelihood import Nll

SEGMENT_TOKENS = 1024  # read at a time, in all streams together: no number depends on it beyond rounding
NO_DROPOUT = Dropouts()


class TrainedLanguageModel:
    """Scores texts with the state carried from the first token to the last.

    Losses are those of the model alone, with a cache beside it, or with parameters that follow the text; the matrix of
    log-probabilities is always that of the model alone. `last_losses` are of the last updates of its training.
    """

    def __init__(self, model: LanguageModel, device: str, last_losses: LastLosses | None = None) -> None:
        self.model, self.device = model.eval(), device
        self.last_losses = LastLosses(0) if last_losses is None else last_losses

    def state(self) -> dict[str, Any]:
        """The weights, the size of the vocabulary, and the losses of the last updates."""
        words = self.model.layers.sizes.vocabulary
        weights = copied(self.model.state_dict())
        return {"vocabulary": words, "weights": weights, "last_losses": self.last_losses.state_dict()}

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""
        return self.model.parameter_count

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""
        return self.model.output.weight.shape[1]

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of every token but the first of each stream: (N,) float32, in the order of reading."""
        with torch.inference_mode():
            read = self._read(tokens, streams)
            return _array(torch.cat([self.model.nll(hidden, targets).flatten() for hidden, targets in read]))

    def cached_nll(self, tokens: np.ndarray, streams: int, *, weight: float, flatness: float, size: int) -> np.ndarray:
        """The same with a continuous cache of each stream's last `size` hidden states."""
        cache, found, memory = Cache(weight, flatness, size), [], None
        with torch.inference_mode():
            for hidden, targets in self._read(tokens, streams):
                nll, memory = cached_nll(self.model.nll(hidden, targets), hidden, targets, cache, memory)
                found.append(nll.flatten())
            return _array(torch.cat(found))

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
        """The same in one stream (T - 1,), with parameters that follow the text; they are as before afterwards."""
        model, rule = _Segments(self.model), Rule(learning_rate, epsilon, decay)
        statistics = gradient_statistics(model, batchify(statistics_text, statistics_streams, self.device), rule)
        return _array(dynamic_nll(model, batchify(tokens, 1, self.device), statistics, rule).flatten())

    def training_nll(self, updates: int) -> Nll:
        """The loss of the last updates: each was taken before its update, with the dropout of training where there is
        any, and without penalties. Raises ValueError where fewer are kept.
        """
        return self.last_losses.total(updates)

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of targets (n,) int64 and of log-probabilities (n, V) float32 in nats, in the order of reading."""
        with torch.inference_mode():
            for hidden, targets in self._read(tokens, streams):
                log_p = self.model.log_probabilities(hidden.flatten(0, 1))
                yield _array(targets.flatten()), _array(log_p.float())

    def next_token(self, tokens: np.ndarray) -> np.ndarray:
        """log p in nats of every word after tokens (T,), which are read from the first on: (V,) float32."""
        text = torch.from_numpy(tokens.astype(np.int64)).to(self.device).unsqueeze(1)
        state = self.model.layers.start(1)
        with torch.inference_mode():
            for start in range(0, len(text), SEGMENT_TOKENS):
                hidden = self.model.layers(text[start : start + SEGMENT_TOKENS], state, NO_DROPOUT)
                state = hidden.state
            return _array(self.model.log_probabilities(hidden.plain[-1])[0].float())

    def _read(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Hidden states (T, B, H) of consecutive segments, with their targets (T, B)."""
        text = batchify(tokens, streams, self.device)
        state = self.model.layers.start(streams)
        for start, end in segments(len(text), max(1, SEGMENT_TOKENS // streams)):
            hidden = self.model.layers(text[start:end], state, NO_DROPOUT)
            state = hidden.state
            yield hidden.plain, text[start + 1 : end + 1]


class _Segments:
    """A model as dynamic evaluation reads it."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model

    def start(self, streams: int) -> State:
        return self.model.layers.start(streams)

    def segment_nll(self, tokens: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
        hidden = self.model.layers(tokens, state, NO_DROPOUT)
        return self.model.nll(hidden.plain, targets), detached(hidden.state)

    def named_parameters(self) -> Iterator[tuple[str, nn.Parameter]]:
        return self.model.named_parameters()


def _array(values: Tensor) -> np.ndarray:
    found: np.ndarray = values.cpu().numpy()
    return found
