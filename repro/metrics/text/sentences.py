"""Sentences as lists of tokens: what the text metrics take, and the one check that all of them make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain, count

import numpy as np

Sentence = Sequence[str]


def check(sentences: Sequence[Sentence], name: str) -> None:
    """Raises ValueError for no sentences, for a text where its tokens should be, and for a token that is no text.

    An empty list of tokens is a sentence: models write those, and every metric here says what it counts for.
    """
    if isinstance(sentences, str) or len(sentences) == 0:
        raise ValueError(f"{name}: a list of sentences is needed, each a list of tokens, it is {sentences!r}")
    for number, sentence in enumerate(sentences):
        if isinstance(sentence, str):
            raise ValueError(f"{name}[{number}] is the text {sentence[:40]!r}, not its tokens: tokenise it first")
        if not all(issubclass(kind, str) for kind in set(map(type, sentence))):
            odd = next(token for token in sentence if not isinstance(token, str))
            raise ValueError(f"{name}[{number}] holds {odd!r}: tokens are texts; write ids as texts")


def check_pairs(hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> None:
    """Raises ValueError unless there is one list of one or more references for each hypothesis."""
    check(hypotheses, "hypotheses")
    if len(references) != len(hypotheses):
        raise ValueError(f"{len(hypotheses)} hypotheses and {len(references)} lists of references: one list for each")
    for number, own in enumerate(references):
        if len(own) == 0:
            raise ValueError(f"references[{number}] is empty: hypothesis {number} has nothing to be compared with")
        check(own, f"references[{number}]")


def numbered(*corpora: Iterable[Sentence]) -> tuple[list[tuple[np.ndarray, np.ndarray]], int]:
    """Each corpus as word numbers (T,) of all its sentences in a row and lengths (N,); and how many words there are.

    Numbers are given in order of appearance, over all corpora together.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    found = []
    for corpus in corpora:
        sentences = list(corpus)
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        words = map(numbers.__getitem__, chain.from_iterable(sentences))
        found.append((np.fromiter(words, dtype=np.int64, count=int(lengths.sum())), lengths))
    return found, len(numbers)
