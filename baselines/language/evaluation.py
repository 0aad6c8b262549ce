"""A trained language model as task language-modeling wants it: numpy in, numpy out.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018); dai2019, sections A.3 and A.6
Code:  zihangdai/mos, main.py (evaluate); read at 9c0c608. It divides the loss by the number of rows instead of that of
       predictions, which lowers a perplexity of 58.11 to 58.08 on ten streams; here the average is exact.
Shapes: N predictions, T time, B streams, V vocabulary
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from baselines.language.awd_lstm import LanguageModel, State, detached
from baselines.language.cache_pointer import Cache, cached_nll
from baselines.language.dynamic_evaluation import Rule, dynamic_nll, gradient_statistics
from baselines.language.regularisation import Dropouts
from baselines.language.streams import batchify, segments
from baselines.training.parts import copied

SEGMENT_TOKENS = 1024  # read at a time, in all streams together: no number depends on it beyond rounding
NO_DROPOUT = Dropouts()


@dataclass(frozen=True)
class Dynamic:
    """Dynamic evaluation: its rule, and the training text (T,) whose gradients scale it, read in `streams` parts."""

    rule: Rule
    text: np.ndarray
    streams: int


class TrainedLanguageModel:
    """Scores texts with the state carried from the first token to the last.

    `how` is what goes beyond fixed parameters: a cache or dynamic evaluation, which change the losses and nothing else.
    The matrix of log-probabilities is always that of the model alone. Dynamic evaluation reads one stream, whatever is
    asked for.
    """

    def __init__(
        self, model: LanguageModel, device: str, how: Cache | Dynamic | None = None, matrix_contexts: int | None = None
    ) -> None:
        self.model, self.device, self.how, self.matrix_contexts = model.eval(), device, how, matrix_contexts

    def state(self) -> dict[str, Any]:
        """The weights, the size of the vocabulary, and the training text where dynamic evaluation reads it."""
        text = self.how.text if isinstance(self.how, Dynamic) else None
        words = self.model.layers.sizes.vocabulary
        return {"vocabulary": words, "weights": copied(self.model.state_dict()), "train_text": text}

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
        if isinstance(self.how, Dynamic):
            found = self._dynamic(tokens, self.how)
        else:
            with torch.inference_mode():
                found = self._fixed(tokens, streams)
        scores: np.ndarray = found.flatten().cpu().numpy()
        return scores

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of targets (n,) int64 and of log-probabilities (n, V) float32 in nats, in the order of reading."""
        with torch.inference_mode():
            for hidden, targets in self._read(tokens, streams):
                log_p = self.model.log_probabilities(hidden.flatten(0, 1))
                yield targets.flatten().cpu().numpy(), log_p.float().cpu().numpy()

    def _fixed(self, tokens: np.ndarray, streams: int) -> Tensor:
        found, memory = [], None
        for hidden, targets in self._read(tokens, streams):
            nll = self.model.nll(hidden, targets)
            if isinstance(self.how, Cache):
                nll, memory = cached_nll(nll, hidden, targets, self.how, memory)
            found.append(nll.flatten())
        return torch.cat(found)

    def _dynamic(self, tokens: np.ndarray, how: Dynamic) -> Tensor:
        model = _Segments(self.model)
        statistics = gradient_statistics(model, batchify(how.text, how.streams, self.device), how.rule)
        return dynamic_nll(model, batchify(tokens, 1, self.device), statistics, how.rule)

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
