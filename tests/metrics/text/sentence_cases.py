"""Sentences that break metrics: empty, one token, all the same word, nothing in common, unicode, very long, ties."""

from __future__ import annotations

import lzma
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from repro.metrics.score import Score

Words = list[str]

HARD: list[tuple[Words, list[Words]]] = [
    ([], [["a", "b"]]),
    ([], [[]]),
    (["a"], [[]]),
    (["a"], [["a"]]),
    (["a"], [["b"]]),
    (["a"], [["a", "b", "c", "d", "e", "f"]]),
    (["a", "b", "c", "d", "e"], [["a"]]),
    (["a"] * 9, [["a"] * 4]),
    (["a"] * 4, [["a"] * 9]),
    (["a", "b", "c"], [["d", "e", "f"], ["g"]]),
    (["a", "b", "c", "d", "e"], [["a", "b", "c", "d", "e"], ["a", "b", "c", "d", "e"]]),
    (["a", "b", "c", "d", "e"], [["e", "d", "c", "b", "a"]]),
    (["a", "b"], [["a", "b", "c"], ["a"]]),  # references equally far in length
    (["naïve", "日本語", "🙂", "ß"], [["naïve", "日本", "🙂", "SS"], ["日本語", "🙂", "ß"]]),
    (["a b", "a", "b", "\u2028"], [["a", "b", "a b", "\u00a0"]]),  # blanks inside tokens
    (["to", "be", "or", "not"] * 300, [["to", "be", "not", "or"] * 280, ["be"] * 1100]),
]
"""Pairs of a hypothesis and its references."""


def generated(number: int, seed: int, *, longest: int = 12, references: int = 3) -> list[tuple[Words, list[Words]]]:
    """`HARD` and `number` random pairs over vocabularies of 1 to 30 words, lengths from 0: few words make many ties."""
    choose = random.Random(seed)

    def sentence(vocabulary: int) -> Words:
        return [f"w{choose.randrange(vocabulary)}" for _ in range(choose.randrange(longest + 1))]

    def pair() -> tuple[Words, list[Words]]:
        vocabulary = choose.choice([1, 2, 3, 5, 10, 30])
        return sentence(vocabulary), [sentence(vocabulary) for _ in range(choose.randrange(references) + 1)]

    return [*HARD, *(pair() for _ in range(number))]


def lines(path: Path) -> list[str]:
    """The lines of a stored text, as UTF-8."""
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return file.read().removesuffix("\n").split("\n")


def assert_items(score: Score, expected: Sequence[float], atol: float) -> None:
    """The items are the expected ones to `atol`, and the value is their mean."""
    assert score.items is not None
    np.testing.assert_allclose(score.items, np.array(expected, dtype=np.float64), rtol=0, atol=atol)
    assert abs(score.value - score.items.mean()) <= 1e-12
