"""Corpora of the language-modelling tables as streams of ids, in the preprocessing that their numbers rest on.

Code: salesforce/awd-lstm-lm and zihangdai/mos, data.py (words of PTB and WikiText-2: ids in order of first appearance
      over train, then valid, then test; a line is its words and one `<eos>`, an empty line too)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from repro.data.corpus import Corpus
from repro.data.entries import entry
from repro.data.source.find import find
from repro.data.source.packed import lines
from repro.data.tokens import Vocabulary, corpus

END = "<eos>"
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


def _by_lines(name: str, rule: Rule) -> Corpus:
    about = entry(name)
    found = find(about)
    found.require()
    sources = {file.split: found.contents(file.path) for file in about.files}

    def streams(vocabulary: Vocabulary) -> Mapping[str, Iterable[np.ndarray]]:
        return {split: encoded(rule(lines(Path(seen.path))), vocabulary) for split, seen in sources.items()}

    return corpus(about, list(sources.values()), streams, end=END)
