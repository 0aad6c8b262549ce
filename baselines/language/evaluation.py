"""A trained language model as task language-modeling wants it: numpy in, numpy out.

Paper: Regularizing and Optimizing LSTM Language Models (Merity et al., 2018); dai2019, sections A.3 and A.6
Code:  zihangdai/mos, main.py (evaluate); read at 9c0c608. It divides the loss by the number of rows instead of that of
       predictions, which lowers a perplexity of 58.11 to 58.08 on ten streams; here the average is exact.
Shapes: N predictions, T time, B streams, V vocabulary
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from baselines.language.awd_lstm import LanguageModel
from baselines.language.regularisation import Dropouts
from baselines.language.streams import batchify, segments

SEGMENT_TOKENS = 1024  # read at a time, in all streams together: no number depends on it beyond rounding
NO_DROPOUT = Dropouts()


class TrainedLanguageModel:
    """Scores texts with the state carried from the first token to the last, parameters fixed."""

    def __init__(self, model: LanguageModel, device: str, matrix_contexts: int | None = None) -> None:
        self.model, self.device, self.matrix_contexts = model.eval(), device, matrix_contexts

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""
        return self.model.parameter_count

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""
        return self.model.layers.sizes.embedding

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of every token but the first of each stream: (N,) float32, in the order of reading."""
        with torch.inference_mode():
            found = [self.model.nll(hidden, targets).flatten() for hidden, targets in self._read(tokens, streams)]
            scores: np.ndarray = torch.cat(found).cpu().numpy()
        return scores

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of targets (n,) int64 and of log-probabilities (n, V) float32 in nats, in the order of reading."""
        with torch.inference_mode():
            for hidden, targets in self._read(tokens, streams):
                log_p = self.model.log_probabilities(hidden.flatten(0, 1))
                yield targets.flatten().cpu().numpy(), log_p.float().cpu().numpy()

    def _read(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Hidden states (T, B, H) of consecutive segments, with their targets (T, B)."""
        text = batchify(tokens, streams, self.device)
        state = self.model.layers.start(streams)
        for start, end in segments(len(text), max(1, SEGMENT_TOKENS // streams)):
            hidden = self.model.layers(text[start:end], state, NO_DROPOUT)
            state = hidden.state
            yield hidden.plain, text[start + 1 : end + 1]
