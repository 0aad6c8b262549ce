"""A Hugging Face causal language model as task language-modeling wants it.

Windows of the model's longest context are read at half their length apart, so that every word but the first ones has
at least half of it before it (the usual strided evaluation). The state that other models carry is here the context.

A model of sub-word pieces scores the same text: its words with a blank between them, `<eos>` as the end of a line. The
loss of a word is that of its pieces, together with the blank before it; a piece over two words is the later one's.
Shapes: N predictions, V vocabulary, T words, M pieces
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from repro.data.sources.tensors import first_line

END = "<eos>"
WINDOW = 1024  # of a model that does not say its longest context


def from_folder(folder: Path, vocabulary: Sequence[str]) -> CausalLanguageModel:
    """The model of a folder with config.json and safetensors; nothing is fetched and no code of it is run.

    One whose vocabulary is not of so many words is of sub-word pieces, and has their fast tokenizer beside it. Raises
    ValueError where it cannot be read, or has none.
    """
    try:
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise ValueError(
            "a Hugging Face folder needs the library transformers: pip install 'repro-tables[hf]'"
        ) from None
    try:
        model, loaded = AutoModelForCausalLM.from_pretrained(
            folder, trust_remote_code=False, use_safetensors=True, local_files_only=True, output_loading_info=True
        )
    except Exception as error:  # the reader raises many kinds for a folder that is not in order
        raise ValueError(f"{folder} is no model with config.json and safetensors: {first_line(error)}") from None
    if lacking := sorted(loaded["missing_keys"]):
        raise ValueError(f"{folder} lacks weights of its model, which would be random: the first is {lacking[0]!r}")
    if model.config.vocab_size == len(vocabulary):
        return CausalLanguageModel(model)
    if not (folder / "tokenizer.json").is_file():  # without it the library makes up an empty one
        raise ValueError(
            f"{folder} has a vocabulary of {model.config.vocab_size}, the data set one of {len(vocabulary)}: token ids "
            "must be those of the data set, or the folder must have the tokenizer.json of its pieces"
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # as above
        raise ValueError(f"{folder}/tokenizer.json cannot be read: {first_line(error)}") from None
    return SubWordLanguageModel(model, tokenizer, vocabulary)


class CausalLanguageModel:
    """Scores texts window by window."""

    def __init__(self, model: Any) -> None:
        self.model = model.eval()
        self.window = int(getattr(model.config, "max_position_embeddings", None) or WINDOW)

    @property
    def parameter_count(self) -> int:
        """Trained numbers; a tied matrix counts once."""
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def embedding_size(self) -> int:
        """Width of the vectors that meet the output embedding."""
        return int(self.model.get_output_embeddings().weight.shape[1])

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of all tokens but the first of each stream: (N,)."""
        blocks = list(self.log_probabilities(tokens, streams))
        return np.concatenate([-log_p[np.arange(len(targets)), targets] for targets, log_p in blocks])

    def log_probabilities(self, tokens: np.ndarray, streams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Blocks of targets (n,) and log-probabilities (n, V) float32 in nats, by time, streams side by side."""
        import torch

        length = len(tokens) // streams
        parts = np.stack([tokens[i * length : (i + 1) * length] for i in range(streams)])
        text = torch.from_numpy(parts.astype(np.int64))  # (streams, length)
        for start, begin, end in windows(length, self.window):
            with torch.inference_mode():
                logits = self.model(input_ids=text[:, start : end - 1], use_cache=False).logits
            log_p = torch.log_softmax(logits[:, begin - 1 - start :].float(), dim=-1)
            targets = text[:, begin:end].T.reshape(-1).numpy()
            yield targets, log_p.transpose(0, 1).reshape(-1, log_p.shape[-1]).numpy()


class SubWordLanguageModel(CausalLanguageModel):
    """Scores the words of a text by the pieces that they are of.

    `tokenizer` gives the ids of the pieces of a text and where each stands in it, as a fast one of Hugging Face does.
    """

    def __init__(self, model: Any, tokenizer: Any, vocabulary: Sequence[str]) -> None:
        super().__init__(model)
        self._tokenizer, self._vocabulary = tokenizer, vocabulary

    def nll(self, tokens: np.ndarray, streams: int) -> np.ndarray:
        """-log p in nats of all words but the first of each stream, each the sum over its pieces: (N,)."""
        length = len(tokens) // streams
        parts = [self._of_stream(tokens[i * length : (i + 1) * length]) for i in range(streams)]
        return np.stack(parts, axis=1).reshape(-1)

    def _of_stream(self, tokens: np.ndarray) -> np.ndarray:
        text, owners = joined([self._vocabulary[token] for token in tokens])
        found = self._tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
        pieces = np.asarray(found["input_ids"], dtype=np.int64)
        ends = np.asarray([end for _, end in found["offset_mapping"]], dtype=np.int64)
        losses = np.zeros(len(tokens))
        np.add.at(losses, owners[np.maximum(ends - 1, 0)][1:], super().nll(pieces, 1))
        return losses[1:]


def joined(words: Sequence[str]) -> tuple[str, np.ndarray]:
    """A text of words, and of which word each of its characters is: (characters,).

    Example:
        >>> text, owners = joined(["a", "bc", "<eos>", "d"])
        >>> text, owners.tolist()
        ('a bc\\nd', [0, 1, 1, 1, 2, 3])
    """
    parts = list[str]()
    for i, word in enumerate(words):
        starts_line = i == 0 or words[i - 1] == END
        parts.append("\n" if word == END else word if starts_line else f" {word}")
    return "".join(parts), np.repeat(np.arange(len(parts)), [len(part) for part in parts])


def windows(length: int, longest: int) -> Iterator[tuple[int, int, int]]:
    """(start, begin, end): tokens [begin, end) are predicted from those from start on; each token but the first once.

    Example:
        >>> list(windows(8, 4))
        [(0, 1, 5), (2, 5, 7), (3, 7, 8)]
    """
    begin, step = 1, max(1, longest // 2)
    while begin < length:
        end = min(length, 1 + longest if begin == 1 else begin + step)
        yield max(0, end - 1 - longest), begin, end
        begin = end
