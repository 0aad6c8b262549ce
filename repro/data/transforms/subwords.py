"""Subword units, trained once on the training text of a data set and kept in the cache.

Papers: Sennrich et al. (2016), Neural Machine Translation of Rare Words with Subword Units (kind `bpe`);
        Kudo and Richardson (2018), SentencePiece (kind `unigram`, as XLNet uses it)
Departures: sentencepiece marks where words begin, not where pieces go on, so units differ from those of subword-nmt in
        spelling and in some merges; a perplexity per unit is comparable only between models with the same units.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from repro.data.sources.built import built
from repro.data.sources.seen import Seen

Kind = Literal["bpe", "unigram"]
VERSION = 1


@dataclass(frozen=True)
class Subwords:
    """A trained model: text to ids and back. `file` is sentencepiece's own format."""

    file: Path

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the units with their scores, as hex. The file itself also holds where it was made."""
        scores = [round(self._model.get_score(number), 4) for number in range(len(self.vocabulary))]
        return hashlib.sha256(json.dumps([self.vocabulary, scores]).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> tuple[str, ...]:
        """The units in the order of their ids: `<unk>`, `<s>`, `</s>`, then the units proper."""
        return tuple(self._model.id_to_piece(number) for number in range(self._model.get_piece_size()))

    def encode(self, text: str) -> list[int]:
        """The ids of a text's units."""
        ids: list[int] = self._model.encode(text)
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of units: the inverse of `encode` for text without unknown characters, blanks made single."""
        text: str = self._model.decode(list(ids))
        return text

    @cached_property
    def _model(self) -> Any:
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(self.file))


def subwords(name: str, sources: Sequence[Seen], texts: Iterable[str], size: int, kind: Kind = "bpe") -> Subwords:
    """A model of `size` units in all, trained on `texts`, which must be what `sources` hold.

    Trained on one thread, so that the same texts give the same units. Raises ValueError where the texts have too few
    different words for so many units, or too many characters for so few.
    """
    from sentencepiece import SentencePieceTrainer

    def train(folder: Path) -> None:
        try:
            SentencePieceTrainer.train(
                sentence_iterator=iter(texts), model_prefix=str(folder / "units"), vocab_size=size, model_type=kind,
                num_threads=1, character_coverage=1.0, minloglevel=2,
            )  # fmt: skip
        except RuntimeError as error:
            said = str(error).rpartition("] ")[2] or str(error)
            raise ValueError(f"{name}: cannot make {size:,} {kind} units: {said}") from error

    return Subwords(built("subwords", f"{name}-{kind}-{size}", VERSION, sources, train) / "units.model")
