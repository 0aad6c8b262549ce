"""Sentences as lists of tokens: what the text metrics take, and the one check that all of them make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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


Numbered = tuple[np.ndarray, np.ndarray]
"""Word numbers (T,) of all sentences in a row, and the sentences' lengths (N,)."""
Paragraphs = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The same of the sentences of all paragraphs in a row, and how many sentences each paragraph (N,) has."""


def numbered_pairs(
    hypotheses: Sequence[Sentence], references: Sequence[Sequence[Sentence]]
) -> tuple[Numbered, Numbered, int]:
    """Each hypothesis with each of its references, in their order, numbered as by `numbered`; refuses as `check_pairs`.

    The tokens are looked at once, as they are numbered.
    """
    repeats, theirs = list(map(len, references)), list(chain.from_iterable(references))
    if not len(hypotheses) or len(repeats) != len(hypotheses) or not all(repeats):
        check_pairs(hypotheses, references)
    ours = hypotheses if max(repeats) == 1 else [h for h, r in zip(hypotheses, repeats, strict=True) for _ in range(r)]
    (first, second), words = _numbered_tokens([ours, theirs], lambda: check_pairs(hypotheses, references))
    return first, second, words


def numbered_sentences(sentences: Sequence[Sentence], name: str) -> tuple[Numbered, int]:
    """Sentences numbered as by `numbered`; refuses as `check`, and looks at the tokens once."""
    if not len(sentences):
        check(sentences, name)
    (found,), words = _numbered_tokens([sentences], lambda: check(sentences, name))
    return found, words


def numbered_paragraph_pairs(
    hypotheses: Sequence[Sequence[Sentence]], references: Sequence[Sequence[Sequence[Sentence]]]
) -> tuple[Paragraphs, Paragraphs, int]:
    """As `numbered_pairs`, of paragraphs, which are lists of sentences; none of them makes an empty one."""
    theirs = list(chain.from_iterable(references))
    ours = [paragraph for paragraph, own in zip(hypotheses, references, strict=True) for _ in own]

    def refuse() -> None:
        for name, paragraphs in (("hypotheses", hypotheses), ("references", theirs)):
            for number, paragraph in enumerate(paragraphs):
                if isinstance(paragraph, str) or len(paragraph) > 0:
                    check(paragraph, f"{name}[{number}]")

    if any(isinstance(paragraph, str) for paragraph in chain(hypotheses, theirs)):
        refuse()
    sentences = [list(chain.from_iterable(paragraphs)) for paragraphs in (ours, theirs)]
    numbers, words = _numbered_tokens(sentences, refuse)
    sizes = [np.fromiter(map(len, paragraphs), dtype=np.int64) for paragraphs in (ours, theirs)]
    first, second = ((*found, size) for found, size in zip(numbers, sizes, strict=True))
    return first, second, words


def _numbered_tokens(corpora: Sequence[Sequence[Sentence]], refuse: Callable[[], None]) -> tuple[list[Numbered], int]:
    """`numbered`; where a text stands in the place of tokens, or a token is no text, `refuse` raises."""
    if any(issubclass(kind, str) for corpus in corpora for kind in {type(corpus), *map(type, corpus)}):
        refuse()
    try:
        found, words = _numbered(*corpora)
    except TypeError:  # a token that has no hash
        words = {None: 0}
    if not all(issubclass(kind, str) for kind in set(map(type, words))):
        refuse()
    return found, len(words)


def numbered(*corpora: Iterable[Sentence]) -> tuple[list[Numbered], int]:
    """Each corpus as word numbers (T,) of all its sentences in a row and lengths (N,); and how many words there are.

    Numbers are given in order of appearance, over all corpora together.
    """
    found, words = _numbered(*corpora)
    return found, len(words)


def _numbered(*corpora: Iterable[Sentence]) -> tuple[list[Numbered], Mapping[object, int]]:
    numbers: defaultdict[object, int] = defaultdict(count().__next__)
    found = []
    for corpus in corpora:
        sentences = corpus if isinstance(corpus, list) else list(corpus)
        lengths = np.fromiter(map(len, sentences), dtype=np.int64, count=len(sentences))
        words = map(numbers.__getitem__, chain.from_iterable(sentences))
        found.append((np.fromiter(words, dtype=np.int64, count=int(lengths.sum())), lengths))
    return found, numbers
