"""Task language-modeling from files.

Predictions: an .npz file with any of these, for the splits `valid` and `test`. A split of T tokens is read as B
parallel streams (10 for valid, 1 for test) of L = T // B tokens, contiguous parts of the text; the first token of a
stream is not predicted, which leaves N = (L - 1) B predictions. Their order is that of time, streams side by side.

    log_p_test        (N,)    log-probability of each next token, in nats
    logits_test       (N, V)  unnormalised log-probabilities of all words; everything is computed from these
    parameter_count   ()      trained numbers of the model, a tied matrix once
    embedding_size    ()      width of the vectors that meet the output embedding

Without logits, columns of the matrix of log-probabilities are left out.

Checkpoints: the state dict of the network that --method and --params describe (`awd-lstm`, `zaremba-lstm`), or the
folder of a Hugging Face causal language model whose token ids are those of the data set's vocabulary. Such a model
sees at least half of its longest context before each word, and no code of the folder is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from repro.compare.loading import Loaded, arrays, shaped, tensors
from repro.data.kinds.corpus import Corpus
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling

SPLITS = ("valid", "test")
KNOWN = {
    **{f"log_p_{split}": "log-probabilities of the next tokens" for split in SPLITS},
    **{f"logits_{split}": "logits of all words" for split in SPLITS},
    "parameter_count": "trained numbers",
    "embedding_size": "width of the output embedding",
}
OF_LOSSES = ("perplexity", "bits-per-character")


def predictions_of(length: int, streams: int) -> int:
    """How many tokens of a split are predicted."""
    return (length // streams - 1) * streams


class Predicted:
    """What a file holds, as a model. `losses` (N,) and `log_p` (N, V) are by split, `numbers` by name."""

    def __init__(self, corpus: Corpus, found: Mapping[str, np.ndarray], task: LanguageModeling) -> None:
        self._splits = {split: corpus.splits[split] for split in SPLITS}
        self._log_p = {s: _log_softmax(found[f"logits_{s}"]) for s in SPLITS if f"logits_{s}" in found}
        self._losses = {s: -found[f"log_p_{s}"] for s in SPLITS if f"log_p_{s}" in found}
        for split, log_p in self._log_p.items():
            targets = _targets(corpus.splits[split], task.streams(split))
            self._losses[split] = -log_p[np.arange(len(targets)), targets]
        self._numbers = {name: int(found[name]) for name in ("parameter_count", "embedding_size") if name in found}

    @property
    def parameter_count(self) -> int:
        """Trained numbers."""
        return self._numbers["parameter_count"]

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""
        return self._numbers["embedding_size"]

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:  # noqa: ARG002  (those of the split)
        """-log p in nats (N,)."""
        return self._losses[self._split(tokens)]

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Targets and log-probabilities in one block."""
        yield _targets(tokens, streams), self._log_p[self._split(tokens)].astype(np.float32)

    def _split(self, tokens: np.ndarray) -> str:
        return next(split for split, text in self._splits.items() if text is tokens or np.array_equal(text, tokens))

    def lacking(self, column: Column) -> str:
        """Why the file does not say enough for a column; empty where it does."""
        if column.metric == "parameters":
            return "" if "parameter_count" in self._numbers else "the file has no parameter_count"
        if column.metric in OF_LOSSES and column.split not in self._losses:
            return f"the file has neither log_p_{column.split} nor logits_{column.split}"
        if column.metric not in OF_LOSSES and column.split not in self._log_p:
            return f"the file has no logits_{column.split}"
        if column.metric == "rank-excess" and "embedding_size" not in self._numbers:
            return "the file has no embedding_size"
        return ""


@dataclass(frozen=True)
class LanguageModelingFiles:
    """Predictions and checkpoints of task language-modeling, for the protocol of `task`."""

    task: LanguageModeling = field(default_factory=LanguageModeling)

    def predictions(self, file: Path, data: Corpus, columns: Mapping[str, Column]) -> Loaded:
        """Log-probabilities or logits from a file, in the form above."""
        found, words = arrays(file, KNOWN), len(data.vocabulary)
        for name, values in found.items():
            kind, _, split = name.rpartition("_")
            if kind not in ("log_p", "logits"):
                if values.shape or values < 1 or values != int(values):
                    raise ValueError(f"{file}: {name} must be one whole number above 0")
                continue
            predicted = predictions_of(len(data.splits[split]), self.task.streams(split))
            shaped(values, (predicted,) if kind == "log_p" else (predicted, words), what=f"{file}: {name}")
            if kind == "log_p" and values.max() > 0:
                raise ValueError(f"{file}: {name} has log-probabilities above 0, up to {values.max():.3g}")
            if kind == "log_p" and f"logits_{split}" in found:
                raise ValueError(f"{file} has both {name} and logits_{split}: which one counts?")
        model = Predicted(data, found, self.task)
        return Loaded(model, {name: why for name, column in columns.items() if (why := model.lacking(column))})

    def checkpoint(self, file: Path, data: Corpus, method: Any | None) -> Loaded:
        """A network of the method with the file's weights, or a Hugging Face model from its folder."""
        if file.is_dir():
            from repro.compare.causal import from_folder

            return Loaded(from_folder(file, len(data.vocabulary)))
        if not hasattr(method, "network"):
            raise ValueError("a checkpoint of task language-modeling needs the method and params of its network: "
                             "--method awd-lstm --params output=softmax ...")  # fmt: skip
        return Loaded(_network(tensors(file), data, method, str(file)))


def _network(state: Mapping[str, Any], data: Corpus, method: Any, name: str) -> Any:
    from baselines.language.evaluation import TrainedLanguageModel

    network = method.network(len(data.vocabulary))
    own = network.state_dict()
    for key in sorted(own.keys() | state.keys()):
        if key not in state or key not in own:
            raise ValueError(f"{name}: tensor {key!r} is {'missing' if key in own else 'not one of the network'}")
        if state[key].shape != own[key].shape:
            raise ValueError(f"{name}: {key} must have shape {tuple(own[key].shape)}, it has {tuple(state[key].shape)}")
    network.load_state_dict(dict(state))
    return TrainedLanguageModel(network, "cpu")


def _targets(tokens: np.ndarray, streams: int) -> np.ndarray:
    """The predicted tokens (N,), by time, streams side by side."""
    length = len(tokens) // streams
    parts = np.stack([tokens[i * length : (i + 1) * length] for i in range(streams)], axis=1)
    targets: np.ndarray = parts[1:].reshape(-1).astype(np.int64)
    return targets


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    from scipy.special import log_softmax

    found: np.ndarray = log_softmax(logits, axis=1)
    return found
