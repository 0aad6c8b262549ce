"""Corpora as memory-mapped arrays: tokenised once into the cache, under a lock, whole or not at all.

A corpus is found again under the hashes of its source files and the version of its preprocessing. Building holds the
vocabulary and a piece of a split in memory, never a split.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from repro.data.kinds.corpus import Corpus
from repro.data.sources.built import built
from repro.data.sources.entry import Entry
from repro.data.sources.seen import Seen
from repro.files import write_atomic

KIND = "corpora"
DTYPE = np.dtype("<i4")


@dataclass
class Vocabulary:
    """Tokens in the order of their ids. An open vocabulary gives every new token the next id, in order of appearance.

    A closed one has the tokens that it was made with; any other is `unknown`, or an error where there is none.
    """

    ids: dict[str, int] = field(default_factory=dict)
    closed: bool = False
    unknown: str | None = None

    @classmethod
    def of(cls, tokens: Iterable[str], unknown: str | None = None) -> Vocabulary:
        """A closed vocabulary. Raises ValueError where a token occurs twice or `unknown` is none of them."""
        listed = list(tokens)
        ids = {token: number for number, token in enumerate(listed)}
        if len(ids) != len(listed):
            raise ValueError(f"a vocabulary must name every token once, it names {len(listed) - len(ids)} twice")
        if unknown is not None and unknown not in ids:
            raise ValueError(f"the token for unknown words, {unknown!r}, must be in the vocabulary")
        return cls(ids, closed=True, unknown=unknown)

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """The ids of tokens (T,), as int32."""
        ids = self.ids
        if not self.closed:
            return np.fromiter((ids.setdefault(token, len(ids)) for token in tokens), DTYPE, len(tokens))
        if self.unknown is not None:
            other = ids[self.unknown]
            return np.fromiter((ids.get(token, other) for token in tokens), DTYPE, len(tokens))
        try:
            return np.fromiter((ids[token] for token in tokens), DTYPE, len(tokens))
        except KeyError as error:
            raise ValueError(f"token {error} is not in the vocabulary, which has no token for unknown words") from error


Streams = Callable[[Vocabulary], Mapping[str, Iterable[np.ndarray]]]
"""Gives, for a vocabulary, every split as pieces of ids; the pieces are asked for split by split, in order."""


def corpus(
    entry: Entry, sources: Sequence[Seen], streams: Streams, *, vocabulary: Callable[[], Vocabulary] = Vocabulary,
    end: str | None = None,
) -> Corpus:  # fmt: skip
    """The corpus of an entry from its source files, out of the cache where it was built before.

    `end` is the token that ends a line. Raises ValueError where a split has not the number of tokens of the entry.
    """

    def build(folder: Path) -> None:
        _build(folder, entry, streams, vocabulary(), end)

    return _opened(built(KIND, entry.name, entry.version, sources, build), entry.name)


def _opened(folder: Path, name: str) -> Corpus:
    about = json.loads((folder / "corpus.json").read_bytes())
    return Corpus(
        name=name,
        vocabulary=tuple(about["vocabulary"]),
        splits={split: np.load(folder / f"{split}.npy", mmap_mode="r") for split in about["splits"]},
        checksum=about["checksum"],
        end=about["end"],
    )


def _build(folder: Path, entry: Entry, streams: Streams, vocabulary: Vocabulary, end: str | None) -> None:
    splits = {}
    for split, pieces in streams(vocabulary).items():
        count, digest = _write_stream(folder / f"{split}.npy", pieces)
        expected = entry.splits.get(split, entry.stand_ins.get(split))
        if expected is not None and count != expected:
            raise ValueError(f"{entry.name}: split {split} must hold {expected:,} {entry.unit}, found {count:,}")
        splits[split] = {"tokens": count, "sha256": digest}
    about = {"vocabulary": list(vocabulary.ids), "splits": splits}
    checksum = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
    ending = None if end is None else vocabulary.ids[end]
    write_atomic(folder / "corpus.json", json.dumps({**about, "checksum": checksum, "end": ending}).encode())


def _write_stream(path: Path, pieces: Iterable[np.ndarray]) -> tuple[int, str]:
    """Writes an array of unknown length piece by piece: numpy leaves room in the header for any length."""
    count, digest = 0, hashlib.sha256()
    with path.open("wb") as file:
        start = _write_header(file, 0)
        for piece in pieces:
            contents = np.ascontiguousarray(piece, dtype=DTYPE).tobytes()
            digest.update(contents)
            file.write(contents)
            count += len(piece)
        file.seek(0)
        assert _write_header(file, count) == start
        file.flush()
        os.fsync(file.fileno())
    return count, digest.hexdigest()


def _write_header(file: BinaryIO, count: int) -> int:
    np.lib.format.write_array_header_1_0(file, {"descr": DTYPE.str, "fortran_order": False, "shape": (count,)})
    return file.tell()
