"""Task language-modeling from files.

Predictions: an .npz file with any of these, for the splits `valid` and `test`. A split of T tokens is read as B
parallel streams (10 for valid, 1 for test) of L = T // B tokens, contiguous parts of the text; the first token of a
stream is not predicted, which leaves N = (L - 1) B predictions. Their order is that of time, streams side by side.

    log_p_test        (N,)    log-probability of each next token, in nats
    piece_log_p_test  (M,)    of a sub-word model: those of all pieces of the predicted tokens, in any order
    logits_test       (N, V)  unnormalised log-probabilities of all words; everything is computed from these
    parameter_count   ()      trained numbers of the model, a tied matrix once
    embedding_size    ()      width of the vectors that meet the output embedding

Without logits, columns of the matrix of log-probabilities are left out.

A sub-word model's loss is that of the same text over the text's own tokens: minus the sum of the log-probabilities of
all pieces, over N. So its perplexity is that of words, and compares with those of the other rows; its signature says
that it is of pieces. The text is the tokens with a space between them, `<eos>` as the end of a line.

A checkpoint may be the folder of a Hugging Face causal language model. Where its token ids are not those of the data
set's vocabulary, the folder has the fast tokenizer of its pieces. Such a model sees at least half of its longest
context before each token, and no code of the folder is run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from repro.compare.loading import Loaded, arrays
from repro.data.kinds.corpus import Corpus
from repro.metrics.probabilities import of_discrete
from repro.spec.model import Column
from repro.tasks.language_modeling import LanguageModeling

SPLITS = ("valid", "test")
KNOWN = {
    **{f"log_p_{split}": "log-probabilities of the next tokens" for split in SPLITS},
    **{f"piece_log_p_{split}": "log-probabilities of the sub-word pieces of these" for split in SPLITS},
    **{f"logits_{split}": "logits of all words" for split in SPLITS},
    "parameter_count": "trained numbers",
    "embedding_size": "width of the output embedding",
}
OF_LOSSES = ("perplexity", "bits-per-character")
SUB_WORDS = "the likelihood of sub-word pieces over the tokens of the text"
"""What a signature says of the number of a sub-word model. Its value compares: the text and what it is divided by are
those of all rows."""


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
        self._pieces = [split for split in SPLITS if f"piece_log_p_{split}" in found]
        for split in self._pieces:
            tokens = predictions_of(len(corpus.splits[split]), task.streams(split))
            self._losses[split] = np.full(tokens, -found[f"piece_log_p_{split}"].sum() / tokens)
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

    def remark(self, column: Column) -> str:
        """What a signature must say of a column's number; empty for one of the tokens' own probabilities."""
        return SUB_WORDS if column.metric in OF_LOSSES and column.split in self._pieces else ""

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
    """Predictions of task language-modeling, and the folders of its models, for the protocol of `task`."""

    task: LanguageModeling = field(default_factory=LanguageModeling)

    def predictions(self, file: Path, data: Corpus, columns: Mapping[str, Column]) -> Loaded:
        """Log-probabilities or logits from a file, in the form above."""
        found = arrays(file, KNOWN, self._shapes(data))
        for name, values in found.items():
            kind, _, split = name.rpartition("_")
            if kind not in ("log_p", "logits", "piece_log_p"):
                if values < 1 or values != int(values):
                    raise ValueError(f"{file}: {name} must be one whole number above 0")
                continue
            if kind == "piece_log_p":
                of_discrete(values, f"{file}: {name}")
                if twice := [other for other in (f"log_p_{split}", f"logits_{split}") if other in found]:
                    raise ValueError(f"{file} has both {name} and {twice[0]}: which one counts?")
                continue
            if kind == "log_p":
                of_discrete(values, f"{file}: {name}")
            if kind == "log_p" and f"logits_{split}" in found:
                raise ValueError(f"{file} has both {name} and logits_{split}: which one counts?")
        model = Predicted(data, found, self.task)
        return Loaded(
            model,
            {name: why for name, column in columns.items() if (why := model.lacking(column))},
            {name: said for name, column in columns.items() if (said := model.remark(column))},
        )

    def _shapes(self, data: Corpus) -> dict[str, list[tuple[int | None, ...]]]:
        """Which shape each array has."""
        found: dict[str, list[tuple[int | None, ...]]] = {"parameter_count": [()], "embedding_size": [()]}
        for split in SPLITS:
            predicted = predictions_of(len(data.splits[split]), self.task.streams(split))
            found |= {f"log_p_{split}": [(predicted,)], f"piece_log_p_{split}": [(None,)],
                      f"logits_{split}": [(predicted, len(data.vocabulary))]}  # fmt: skip
        return found

    def folder(self, folder: Path, data: Corpus, columns: Mapping[str, Column]) -> Loaded:
        """A Hugging Face model from its folder."""
        from repro.compare.causal import SubWordLanguageModel, from_folder

        model = from_folder(folder, data.vocabulary)
        if not isinstance(model, SubWordLanguageModel):
            return Loaded(model)
        of_losses = {name: column.metric in (*OF_LOSSES, "parameters") for name, column in columns.items()}
        return Loaded(
            model,
            {name: "a sub-word model has no matrix over words" for name, known in of_losses.items() if not known},
            {name: SUB_WORDS for name, column in columns.items() if column.metric in OF_LOSSES},
        )


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
