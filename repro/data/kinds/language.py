"""Corpora of the language-modelling tables as streams of ids, in the preprocessing that their numbers rest on.

Code: salesforce/awd-lstm-lm and zihangdai/mos, data.py (words of PTB and WikiText-2: ids in order of first appearance
      over train, then valid, then test; a line is its words and one `<eos>`, an empty line too)
      kimiyoung/transformer-xl, vocabulary.py and data_utils.py (WikiText-103: `<eos>` is 0, then by frequency in train)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from repro.data.kinds.corpus import Corpus
from repro.data.sources.entries import entry
from repro.data.sources.find import find
from repro.data.sources.packed import chunks, lines
from repro.data.sources.seen import Seen
from repro.data.transforms.tokens import Vocabulary, corpus

END, UNKNOWN = "<eos>", "<unk>"
PIECE_LINES = 10_000
Rule = Callable[[Iterable[str]], Iterator[list[str]]]


def ptb() -> Corpus:
    """Penn Treebank words: V = 10,000 with `<unk>`, `N` and `<eos>`; 929,589 / 73,760 / 82,430 tokens."""
    return _by_lines("ptb", words)


def ptb_characters() -> Corpus:
    """Penn Treebank characters: 5,017,482 / 393,042 / 442,423, a blank as `_` and a line's end as `<eos>`."""
    return _by_lines("ptb-characters", characters)


def wikitext_2() -> Corpus:
    """WikiText-2 words: V = 33,278 with `<unk>` and `<eos>`; 2,088,628 / 217,646 / 245,569 tokens."""
    return _by_lines("wikitext-2", words)


def wikitext_103() -> Corpus:
    """WikiText-103 words: V = 267,735, `<eos>` first, then by frequency in train; 103,227,021 / 217,646 / 245,569."""
    paths = {split: _source("wikitext-103", split) for split in ("train", "valid", "test")}
    return _by_lines("wikitext-103", words, lambda: by_frequency(words(_text(paths["train"])), first=(END,)))


def one_billion_word() -> Corpus:
    """One Billion Word as in the mixture-of-softmaxes papers: lower case, the 100,000 most frequent types of train.

    `<unk>` and `<eos>` are two of the 100,000; the papers do not say whether they are (their effect on a perplexity is
    that of the two rarest types).
    """
    train = _source("one-billion-word", "train")
    return _by_lines(
        "one-billion-word", lower_words,
        lambda: by_frequency(lower_words(_text(train)), first=(END, UNKNOWN), most=100_000, unknown=UNKNOWN),
    )  # fmt: skip


def enwik8() -> Corpus:
    """The first 10^8 bytes of a Wikipedia dump: 90M / 5M / 5M bytes, V = 205. A token is the byte as Latin-1."""
    return _by_bytes("enwik8")


def enwik8_without_newlines() -> Corpus:
    """enwik8 as Transformer-XL's preparation leaves it: the line ends go after the split, V = 204."""
    return _by_bytes("enwik8-without-newlines", leave_out=b"\n")


def text8() -> Corpus:
    """10^8 letters and blanks: 90M / 5M / 5M characters, V = 27, a blank as `_`."""
    return _by_bytes("text8", blank="_")


def words(text: Iterable[str]) -> Iterator[list[str]]:
    """The words of every line, then `<eos>`."""
    for line in text:
        yield [*line.split(), END]


def characters(text: Iterable[str]) -> Iterator[list[str]]:
    """The characters of every line without blanks at its ends, a blank inside as `_`, then `<eos>`."""
    for line in text:
        yield [*line.strip().replace(" ", "_"), END]


def encoded(tokens: Iterable[list[str]], vocabulary: Vocabulary) -> Iterator[np.ndarray]:
    """Token lists as pieces of ids, some thousand lists at a time."""
    tokens = iter(tokens)
    while piece := [token for some in islice(tokens, PIECE_LINES) for token in some]:
        yield vocabulary.encode(piece)


def lower_words(text: Iterable[str]) -> Iterator[list[str]]:
    """The words of every line in lower case, then `<eos>`."""
    for line in text:
        yield [*line.lower().split(), END]


def by_frequency(
    tokens: Iterable[list[str]], *, first: tuple[str, ...] = (), most: int | None = None, unknown: str | None = None
) -> Vocabulary:
    """A closed vocabulary: the tokens named `first`, then the others by falling count, those of one count in order of
    first appearance, `most` in all."""
    counts: Counter[str] = Counter()
    for some in tokens:
        counts.update(some)
    others = [token for token, _ in counts.most_common() if token not in first]
    return Vocabulary.of([*first, *others][:most], unknown)


def byte_pieces(pieces: Iterable[bytes], vocabulary: Vocabulary, blank: str = " ") -> Iterator[np.ndarray]:
    """Bytes as ids, each byte a token: its Latin-1 character, a blank as `blank`."""
    ids = np.full(256, -1, dtype=np.int32)
    for piece in pieces:
        values = np.frombuffer(piece, dtype=np.uint8)
        found, places = np.unique(values, return_index=True)
        new = [value for value in found[np.argsort(places)] if ids[value] < 0]
        ids[new] = vocabulary.encode([blank if value == ord(" ") else chr(value) for value in new])
        yield ids[values]


def byte_ranges(path: Path, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` to `stop` of a file's contents, in pieces."""
    at = 0
    for chunk in chunks(path):
        yield chunk[max(start - at, 0) : max(stop - at, 0)]
        at += len(chunk)
        if at >= stop:
            return


def without(pieces: Iterable[bytes], byte: bytes) -> Iterator[bytes]:
    """Pieces without one byte value; as they are where none is named."""
    for piece in pieces:
        yield piece.replace(byte, b"") if byte else piece


def _by_lines(name: str, rule: Rule, vocabulary: Callable[[], Vocabulary] = Vocabulary) -> Corpus:
    about = entry(name)
    sources = {split: _source(name, split) for split in about.splits}

    def streams(made: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
        return {split: encoded(rule(_text(seen)), made) for split, seen in sources.items()}

    everything = [seen for part in sources.values() for seen in part]
    return corpus(about, everything, streams, vocabulary=vocabulary, end=END)


def _by_bytes(name: str, *, blank: str = " ", leave_out: bytes = b"") -> Corpus:
    about = entry(name)
    (seen,) = _source(name, "train")
    starts = {"train": (0, 90_000_000), "valid": (90_000_000, 95_000_000), "test": (95_000_000, 100_000_000)}

    def streams(vocabulary: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
        ranges = {split: byte_ranges(Path(seen.path), *ends) for split, ends in starts.items()}
        kept = {split: without(pieces, leave_out) for split, pieces in ranges.items()}
        return {split: byte_pieces(pieces, vocabulary, blank) for split, pieces in kept.items()}

    return corpus(about, [seen], streams)


def _source(name: str, split: str) -> list[Seen]:
    """The files of a split with the hashes of their contents. Every split must be at hand, whichever is asked for."""
    about = entry(name)
    found = find(about)
    found.require()
    return [found.contents(file.path) for file in about.needed_by(split)]


def _text(sources: Iterable[Seen]) -> Iterator[str]:
    for seen in sources:
        yield from lines(Path(seen.path))
